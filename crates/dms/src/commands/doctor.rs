//! `dms doctor`: is everything set as it should be, and does everything answer that this process needs?

use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use adapters::blob::{Key, Passing};
use platform::Config;
use platform::config::Environment;
use serde_json::json;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::parts;

/// Each thing that is asked gets so long.
const LIMIT: Duration = Duration::from_secs(8);
/// What the pools of one process may hold at most, and a person beside them.
const CONNECTIONS_OF_A_PROCESS: i32 = 20;

/// Exit code 1 when something is wrong.
#[derive(clap::Args)]
pub struct Doctor {
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    /// It works, and may not be what was meant.
    Odd,
    Wrong,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::Good => "ok",
            Verdict::Odd => "odd",
            Verdict::Wrong => "WRONG",
        }
    }
}

struct Finding {
    verdict: Verdict,
    what: &'static str,
    says: String,
    /// What to do.
    advice: Option<&'static str>,
}

fn good(what: &'static str, says: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Good, what, says: says.into(), advice: None }
}

fn odd(what: &'static str, says: impl Into<String>, advice: &'static str) -> Finding {
    Finding { verdict: Verdict::Odd, what, says: says.into(), advice: Some(advice) }
}

fn wrong(what: &'static str, says: impl Into<String>, advice: &'static str) -> Finding {
    Finding { verdict: Verdict::Wrong, what, says: says.into(), advice: Some(advice) }
}

impl Doctor {
    pub async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let mut found = settings(config);
        found.extend(within("database", database(config)).await);
        found.extend(within("files", files(config)).await);
        found.extend(within("Redis", redis(config)).await);
        found.extend(within("bus", bus(config)).await);
        found.extend(within("traces", traces(config)).await);
        found.extend(folders(config));
        let ill = found.iter().any(|f| f.verdict == Verdict::Wrong);
        if self.json {
            let list: Vec<_> = found
                .iter()
                .map(|f| json!({"verdict": f.verdict.word(), "what": f.what, "says": f.says, "advice": f.advice}))
                .collect();
            println!("{}", serde_json::to_string_pretty(&list)?);
        } else {
            for f in &found {
                println!("{:<5} {:<10} {}", f.verdict.word(), f.what, f.says);
                if let Some(advice) = f.advice {
                    println!("{:<16} → {advice}", "");
                }
            }
            let odd = found.iter().filter(|f| f.verdict == Verdict::Odd).count();
            let bad = found.iter().filter(|f| f.verdict == Verdict::Wrong).count();
            println!("{} checked, {odd} odd, {bad} wrong", found.len());
        }
        Ok(if ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

async fn within(what: &'static str, check: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    match tokio::time::timeout(LIMIT, check).await {
        Ok(found) => found,
        Err(_) => vec![wrong(
            what,
            format!("no answer within {} s", LIMIT.as_secs()),
            "is the address right, and does a firewall or network policy let this machine through?",
        )],
    }
}

fn settings(config: &Config) -> Vec<Finding> {
    let name = config.environment.name();
    let limit = config.rate_limit().map_or("no rate limit".to_owned(), |n| format!("{n} requests a minute"));
    let mut found = vec![good(
        "settings",
        format!(
            "{name}; log {}; swagger {}; {limit}; {} trusted proxies",
            config.log_filter(),
            if config.swagger() { "on" } else { "off" },
            config.trusted_proxies
        ),
    )];
    if config.environment != Environment::Production {
        return found;
    }
    if config.swagger() {
        found.push(odd("settings", "the API's description is public", "EnableSwagger=false in production"));
    }
    if config.detailed_errors() {
        found.push(odd(
            "settings",
            "errors tell their causes to callers",
            "EnableDetailedErrors=false in production",
        ));
    }
    if config.rate_limit().is_none() {
        found.push(odd(
            "settings",
            "nobody is limited",
            "RateLimitPerMinute=1000 is the default in production",
        ));
    }
    if config.trusted_proxies == 0 {
        found.push(odd(
            "settings",
            "every request seems to come from the proxy before us",
            "TrustedProxies: how many proxies of yours add to X-Forwarded-For (1 behind the ingress of k8s/)",
        ));
    }
    if config.connection_strings.default_connection.is_none() {
        found.push(odd(
            "settings",
            "the database is a private one in the data folder",
            "ConnectionStrings__DefaultConnection names a server that has a standby and backups",
        ));
    }
    found
}

async fn database(config: &Config) -> Vec<Finding> {
    let advice = "is the server up, and do name, password, host and database of ConnectionStrings__DefaultConnection agree with it?";
    let options = match &config.connection_strings.default_connection {
        Some(url) => match PgConnectOptions::from_str(url) {
            Ok(options) => options,
            // The string holds a password: it is not shown.
            Err(_) => {
                return vec![wrong(
                    "database",
                    "ConnectionStrings__DefaultConnection is no PostgreSQL URL",
                    "postgres://user:password@host:5432/dms?sslmode=verify-full; signs like @ or / in the password as %40, %2F",
                )];
            }
        },
        None => {
            let socket = config.data_dir.join("postgres/run");
            if !socket.exists() {
                return vec![good("database", "a private one, made at the first start")];
            }
            PgConnectOptions::new_without_pgpass().socket(socket).username("dms").database("dms")
        }
    };
    let began = Instant::now();
    let mut connection = match PgConnection::connect_with(&options).await {
        Ok(connection) => connection,
        Err(error) if config.connection_strings.default_connection.is_none() => {
            return vec![odd(
                "database",
                format!("the private one doesn't run now ({error})"),
                "`dms serve` starts it; ask again while it runs",
            )];
        }
        Err(error) => return vec![wrong("database", error.to_string(), advice)],
    };
    let took = began.elapsed();
    let mut found = match about(&mut connection).await {
        Ok(about) => judge(&about, took, options.get_host()),
        Err(error) => vec![wrong("database", error.to_string(), advice)],
    };
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "the connection ended in disorder");
    }
    found.extend(schema(&options).await);
    found
}

#[derive(sqlx::FromRow)]
struct About {
    version: i32,
    version_text: String,
    standby: bool,
    max_connections: i32,
    encrypted: Option<bool>,
    fsync: String,
    synchronous_commit: String,
    now: f64,
    may_own: bool,
}

async fn about(connection: &mut PgConnection) -> Result<About, sqlx::Error> {
    sqlx::query_as(
        "select current_setting('server_version_num')::int as version, current_setting('server_version') as version_text,
                pg_is_in_recovery() as standby, current_setting('max_connections')::int as max_connections,
                (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted,
                current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
                extract(epoch from clock_timestamp())::float8 as now,
                coalesce((select rolcreaterole or rolsuper from pg_roles where rolname = current_user), false)
                  or (select count(*) = 3 from pg_roles r where r.rolname in ('dms_owner', 'dms_app', 'dms_system')
                        and pg_has_role(current_user, r.oid, 'member')) as may_own",
    )
    .fetch_one(connection)
    .await
}

fn judge(about: &About, took: Duration, host: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    if about.version < 150_000 {
        found.push(wrong(
            "database",
            format!("PostgreSQL {}", about.version_text),
            "version 15 or newer is needed",
        ));
    } else if about.standby {
        found.push(wrong(
            "database",
            "this server is a standby: it can only be read",
            "name the primary, or all of them with target_session_attrs; after a failover: has the standby been promoted?",
        ));
    } else {
        found.push(good(
            "database",
            format!("PostgreSQL {}, answered in {:.0} ms", about.version_text, took.as_secs_f64() * 1000.0),
        ));
    }
    if !about.may_own {
        found.push(wrong(
            "database",
            "the login may neither create roles nor act as dms_owner, dms_app and dms_system",
            "as an administrator: create the three roles, and grant them to the login",
        ));
    }
    let local = host.starts_with('/') || host == "localhost" || host.starts_with("127.");
    if !local && about.encrypted != Some(true) {
        found.push(odd(
            "database",
            "the connection to it is not encrypted",
            "add ?sslmode=verify-full to the connection string",
        ));
    }
    if about.fsync == "off" || about.synchronous_commit == "off" {
        found.push(wrong(
            "database",
            "it says that work is kept before it is: a power cut loses what was acknowledged",
            "fsync=on and synchronous_commit=on",
        ));
    }
    if about.max_connections < CONNECTIONS_OF_A_PROCESS * 2 {
        found.push(odd(
            "database",
            format!("it takes {} connections; one process of ours may hold 18", about.max_connections),
            "raise max_connections, or put a pooler before it",
        ));
    }
    let ours = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |elapsed| elapsed.as_secs_f64());
    let apart = (ours - about.now).abs();
    if apart > 5.0 {
        found.push(wrong(
            "clock",
            format!("this machine's clock and the database's are {apart:.0} s apart"),
            "let both follow a time server (NTP)",
        ));
    }
    found
}

async fn schema(options: &PgConnectOptions) -> Vec<Finding> {
    match migrations::pending(options).await {
        Ok(pending) if pending.is_empty() => vec![good("schema", "up to date")],
        Ok(pending) => vec![odd(
            "schema",
            format!("{} migrations are to come", pending.len()),
            "`dms migrate`; every start does it too",
        )],
        Err(error) => {
            tracing::debug!(%error, "the migrations can't be read");
            vec![odd("schema", "there is none yet, or it can't be read", "`dms migrate` makes it")]
        }
    }
}

async fn files(config: &Config) -> Vec<Finding> {
    let azure = config.azure.storage.connection_string.is_some();
    let advice = if azure {
        "is Azure__Storage__ConnectionString the account's, does the container of Azure__Storage__Container exist, and is this machine let through?"
    } else {
        "the data folder (DataDir) must be there, writable, and on a disk with room"
    };
    let store = match parts::blobs(config) {
        Ok(store) => store,
        Err(error) => return vec![wrong("files", format!("{error:#}"), advice)],
    };
    // Written, read and removed again, as a photo is.
    let key = Key::passing(Passing::Part, Uuid::now_v7());
    let began = Instant::now();
    let tried = async {
        store.write(&key, "dms doctor".into()).await?;
        let read = store.read(&key).await?;
        store.remove(&key).await?;
        Ok::<bool, adapters::blob::Error>(read.is_some_and(|bytes| bytes == "dms doctor"))
    };
    match tried.await {
        Ok(true) => {
            let place = if azure { "in Azure" } else { "in the data folder" };
            let ms = began.elapsed().as_secs_f64() * 1000.0;
            vec![good("files", format!("{place}; written, read and removed one in {ms:.0} ms"))]
        }
        Ok(false) => vec![wrong("files", "what was written is not what was read", advice)],
        Err(error) => vec![wrong("files", format!("{:#}", anyhow::Error::from(error)), advice)],
    }
}

async fn redis(config: &Config) -> Vec<Finding> {
    let Some(connection) = &config.redis.connection_string else {
        return match config.environment {
            Environment::Development => Vec::new(),
            _ => vec![odd(
                "Redis",
                "none: each process has limits and live connections of its own",
                "Redis__ConnectionString, where more than one process runs",
            )],
        };
    };
    let advice = "is it up, and do host, port and password of Redis__ConnectionString agree with it? Without it the system works, slower";
    let Some((host, port, encrypted)) = redis_place(connection) else {
        return vec![wrong("Redis", "Redis__ConnectionString names no host and port", advice)];
    };
    let began = Instant::now();
    let tried = async {
        let mut stream = TcpStream::connect((host.as_str(), port)).await?;
        if encrypted {
            return Ok::<_, std::io::Error>(true);
        }
        stream.write_all(b"PING\r\n").await?;
        let mut answer = [0_u8; 7];
        stream.read_exact(&mut answer).await?;
        // Who asks for a password first is a Redis, too.
        Ok(answer.starts_with(b"+PONG") || answer.starts_with(b"-NOAUTH"))
    };
    match tried.await {
        Ok(true) => {
            let ms = began.elapsed().as_secs_f64() * 1000.0;
            vec![good("Redis", format!("{host}:{port} answered in {ms:.0} ms"))]
        }
        Ok(false) => vec![wrong("Redis", format!("what answers at {host}:{port} is no Redis"), advice)],
        Err(error) => vec![wrong("Redis", format!("{host}:{port}: {error}"), advice)],
    }
}

/// Host, port, and whether it is encrypted; of both ways of writing it.
fn redis_place(connection: &str) -> Option<(String, u16, bool)> {
    let (place, default, encrypted) = if let Some(rest) = connection.strip_prefix("redis://") {
        (rest, 6379, false)
    } else if let Some(rest) = connection.strip_prefix("rediss://") {
        (rest, 6380, true)
    } else {
        let encrypted =
            connection.split(',').any(|part| part.trim().to_ascii_lowercase().replace(' ', "") == "ssl=true");
        (connection.split(',').next()?, if encrypted { 6380 } else { 6379 }, encrypted)
    };
    let place = place.rsplit('@').next()?.split(['/', '?']).next()?.trim();
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (place, default),
    };
    (!host.is_empty()).then(|| (host.to_owned(), port, encrypted))
}

async fn bus(config: &Config) -> Vec<Finding> {
    let advice = "is ServiceBus__ConnectionString the namespace's, and do queues and topic exist (infra/modules/servicebus.bicep)? Until it answers events wait in the database";
    let bus = match parts::bus(config) {
        Ok(Some(bus)) => bus,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![wrong("bus", format!("{error:#}"), advice)],
    };
    match bus.check(&[adapters::bus::Place::Topic(jobs::TOPIC)]).await {
        Ok(()) => vec![good("bus", "answers, and has our topic")],
        Err(error) => vec![wrong("bus", format!("{:#}", anyhow::Error::from(error)), advice)],
    }
}

/// Whoever takes traces is asked to take none.
async fn traces(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    let away = |error: reqwest::Error, advice| {
        odd("traces", anyhow::Error::from(error.without_url()).root_cause().to_string(), advice)
    };
    if let Some(collector) = telemetry::collector() {
        let answer = reqwest::Client::new()
            .post(&collector)
            .header("content-type", "application/x-protobuf")
            .send()
            .await;
        let advice = "is the collector up, does it take OTLP by HTTP (port 4318, not 4317), is the address of OTEL_EXPORTER_OTLP_ENDPOINT right? Without it traces are lost, nothing else";
        found.push(match answer {
            Ok(answer) if answer.status().is_success() => good("traces", "the collector takes them"),
            Ok(answer) => odd("traces", format!("the collector answers {}", answer.status()), advice),
            Err(error) => away(error, advice),
        });
    }
    if let Some(connection) = &config.application_insights.connection_string {
        let advice = "ApplicationInsights__ConnectionString as the portal shows it; is the way out open? Without it traces are lost, nothing else";
        let endpoint =
            telemetry::ingestion_endpoint(connection).unwrap_or("https://dc.services.visualstudio.com");
        // Any answer will do: it takes nothing without telemetry.
        found.push(match reqwest::Client::new().get(endpoint).send().await {
            Ok(_) => good("traces", "Application Insights answers"),
            Err(error) => away(error, advice),
        });
    }
    found
}

fn folders(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    if config.web_dir.join("index.html").is_file() {
        found.push(good("web apps", config.web_dir.display().to_string()));
    } else {
        found.push(odd(
            "web apps",
            format!("there are none in {}", config.web_dir.display()),
            "`make web` builds them; WebDir says where they are; the hub and the worker need none",
        ));
    }
    if config.jwt.signing_key.is_none() {
        let key = config.data_dir.join("signing.key");
        found.push(match readable_by_others(&key) {
            Some(true) => wrong("key", format!("others may read {}", key.display()), "chmod 600"),
            _ => good("key", "tokens are signed with the data folder's key"),
        });
    } else {
        found.push(good("key", "tokens are signed with Jwt__SigningKey"));
    }
    found
}

/// None when there is no such file.
fn readable_by_others(path: &Path) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = std::fs::metadata(path).ok()?.permissions();
    Some(permissions.mode() & 0o077 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_naming_a_redis_are_understood() {
        let place = |text: &str| redis_place(text).map(|(host, port, tls)| format!("{host} {port} {tls}"));
        assert_eq!(
            place("dms.redis.cache.windows.net:6380,password=a=b,ssl=True,abortConnect=False").unwrap(),
            "dms.redis.cache.windows.net 6380 true"
        );
        assert_eq!(place("localhost").unwrap(), "localhost 6379 false");
        assert_eq!(place("redis://:secret@127.0.0.1:7000/1?protocol=resp3").unwrap(), "127.0.0.1 7000 false");
        assert_eq!(place("rediss://cache").unwrap(), "cache 6380 true");
        assert_eq!(place("redis://"), None);
        assert_eq!(place("host:port"), None);
    }
}
