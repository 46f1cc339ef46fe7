use std::fs::{File, Permissions};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const START_LIMIT: Duration = Duration::from_secs(120);

/// A RabbitMQ of its own, with durable queues and a topic; it ends with this value.
pub struct Rabbit {
    folder: TempDir,
    port: u16,
    distribution: u16,
    registry_port: u16,
    /// Erlang's name server.
    registry: Option<Child>,
    process: Option<Child>,
}

impl Rabbit {
    /// With these queues, and the topic `events`.
    ///
    /// # Panics
    /// When it can't be started; with what it wrote, or what to install.
    pub fn start(queues: &[&str]) -> Rabbit {
        assert!(
            Path::new(SERVER).exists(),
            "RabbitMQ is not installed: run `scripts/setup test` (Debian's rabbitmq-server)"
        );
        let folder = TempDir::with_prefix("dms-rabbit-").expect("a temporary folder");
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("our own folder");
        let port = free_port();
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).expect("our own folder")
        };
        let queue = |name: &&str| {
            format!(
                r#"{{"name":"{name}","vhost":"/","durable":true,"auto_delete":false,"arguments":{{"x-queue-type":"classic"}}}}"#
            )
        };
        let queues: Vec<String> = queues.iter().map(queue).collect();
        write(
            "definitions.json",
            format!(
                r#"{{"users":[{{"name":"dms","password":"s3cret@","tags":""}}],"vhosts":[{{"name":"/"}}],
                "permissions":[{{"user":"dms","vhost":"/","configure":"","write":".*","read":".*"}}],
                "queues":[{}],
                "exchanges":[{{"name":"events","vhost":"/","type":"topic","durable":true,"auto_delete":false,"internal":false,"arguments":{{}}}}],
                "bindings":[]}}"#,
                queues.join(",")
            ),
        );
        let definitions = folder.path().join("definitions.json");
        write(
            "rabbitmq.conf",
            format!(
                "listeners.tcp.1 = 127.0.0.1:{port}\nload_definitions = {}\nlog.console = true\nlog.console.level = warning\nlog.file = false\n",
                definitions.display()
            ),
        );
        write("enabled_plugins", "[rabbitmq_amqp1_0].\n".to_owned());
        let mut rabbit = Rabbit {
            folder,
            port,
            distribution: free_port(),
            registry_port: free_port(),
            registry: None,
            process: None,
        };
        rabbit.go_up();
        rabbit
    }

    /// How clients find it.
    pub fn connection_string(&self) -> String {
        format!("amqp://dms:s3cret%40@127.0.0.1:{}", self.port)
    }

    /// Starts it again on what it kept, and waits until it listens.
    ///
    /// # Panics
    /// When it doesn't come up; with what it wrote.
    pub fn go_up(&mut self) {
        let at = |name: &str| -> PathBuf { self.folder.path().join(name) };
        if self.registry.is_none() {
            let registry = Command::new("epmd")
                .args(["-address", "127.0.0.1", "-port", &self.registry_port.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            self.registry = Some(registry.expect("Erlang's epmd, which comes with RabbitMQ"));
        }
        let log = File::options().create(true).append(true).open(at("log")).expect("a log file");
        let process = Command::new(SERVER)
            .env("HOME", self.folder.path())
            .env("ERL_EPMD_PORT", self.registry_port.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODENAME", format!("dms{}@localhost", self.port))
            .env("RABBITMQ_DIST_PORT", self.distribution.to_string())
            .env("RABBITMQ_MNESIA_BASE", at("mnesia"))
            .env("RABBITMQ_LOG_BASE", at("logs"))
            .env("RABBITMQ_PID_FILE", at("pid"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", at("enabled_plugins"))
            .env("RABBITMQ_CONFIG_FILE", at("rabbitmq.conf"))
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .env(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none",
            )
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log file"))
            .stderr(log)
            .spawn();
        self.process = Some(process.expect("RabbitMQ's server"));
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.process.as_mut().and_then(|p| p.try_wait().expect("our own process"));
            if ended.is_some() || began.elapsed() > START_LIMIT {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                panic!("RabbitMQ did not come up: {log}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        self.signal("KILL");
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Lets it hang: its connections stay open, and nothing comes.
    pub fn hang(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    /// The virtual machine, which the script started or became.
    fn signal(&self, signal: &str) {
        if let Ok(pid) = std::fs::read_to_string(self.folder.path().join("pid")) {
            let _ = Command::new("kill").args([&format!("-{signal}"), pid.trim()]).status();
        }
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        self.go_on();
        self.kill();
        if let Some(mut registry) = self.registry.take() {
            let _ = registry.kill();
            let _ = registry.wait();
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
