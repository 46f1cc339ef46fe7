//! Settings: a file, then the environment with `__` between levels, then the command line. A wrong value stops the
//! start with a message that names it.

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};

/// Where the system runs; picks the defaults of the other settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A developer's machine, or one laptop.
    #[default]
    Development,
    /// The rehearsal.
    Staging,
    /// The real thing.
    Production,
}

impl Environment {
    /// As settings and traces write it.
    pub fn name(self) -> &'static str {
        match self {
            Environment::Development => "development",
            Environment::Staging => "staging",
            Environment::Production => "production",
        }
    }
}

/// `ConnectionStrings__…`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectionStrings {
    /// A PostgreSQL URL; without it `dms serve` runs a private server in its data folder.
    #[serde(rename = "defaultconnection")]
    pub default_connection: Option<String>,
}

/// `Jwt__…`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jwt {
    /// The key that signs access tokens, at least 32 characters; without it one is made in the data folder.
    #[serde(rename = "signingkey")]
    pub signing_key: Option<String>,
}

/// `Azure__Storage__…`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AzureStorage {
    /// The storage account that holds the files; without it they lie in the data folder.
    #[serde(rename = "connectionstring")]
    pub connection_string: Option<String>,
    /// Its container, which must exist.
    pub container: String,
}

impl Default for AzureStorage {
    fn default() -> Self {
        AzureStorage { connection_string: None, container: "dms-files".to_owned() }
    }
}

/// `Redis__…`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    /// What several servers share (limits, live positions, cached answers); without it each has its own. As Azure
    /// writes it (`name:6380,password=…,ssl=True`) or as an address (`redis://…`, `rediss://…`).
    #[serde(rename = "connectionstring")]
    pub connection_string: Option<String>,
}

/// `Fcm__…`: push messages by Firebase Cloud Messaging.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fcm {
    /// The key file of a service account; without it (and without `Credentials`) nothing is pushed.
    #[serde(rename = "credentialsfile")]
    pub credentials_file: Option<PathBuf>,
    /// The same, as its content.
    pub credentials: Option<String>,
    /// Another address than Google's: a proxy, a rehearsal.
    pub endpoint: Option<String>,
}

/// What a provider of SMS speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsProvider {
    /// eSMS.vn.
    Esms,
    /// Twilio, and those that copy it.
    Twilio,
}

/// `Sms__…`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    /// Without it no SMS are sent.
    pub provider: Option<SmsProvider>,
    /// The account: eSMS's `ApiKey`, Twilio's account SID.
    pub account: Option<String>,
    /// Its secret: eSMS's `SecretKey`, Twilio's auth token.
    pub secret: Option<String>,
    /// Who it is from: a brand name or a number.
    pub sender: Option<String>,
    /// Another address than the provider's.
    pub endpoint: Option<String>,
}

/// `ServiceBus__…`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceBus {
    /// The bus between the outbox and those who act on events; without it the database does that too. As Azure writes it
    /// (`Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…`), or a RabbitMQ (`amqp://user:password@host:5672`,
    /// `amqps://…`).
    #[serde(rename = "connectionstring")]
    pub connection_string: Option<String>,
}

/// `ApplicationInsights__…`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApplicationInsights {
    /// Where traces go in Azure (`InstrumentationKey=…;IngestionEndpoint=https://…`), also taken from
    /// `APPLICATIONINSIGHTS_CONNECTION_STRING`; without it they don't go there. A collector is named by OpenTelemetry's own
    /// variables.
    #[serde(rename = "connectionstring")]
    pub connection_string: Option<String>,
}

/// `Azure__…`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Azure {
    /// Where files are kept.
    pub storage: AzureStorage,
}

/// All settings.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Where the system runs (`DMS_ENVIRONMENT` or `ASPNETCORE_ENVIRONMENT`).
    pub environment: Environment,
    /// `ConnectionStrings__DefaultConnection`.
    #[serde(rename = "connectionstrings")]
    pub connection_strings: ConnectionStrings,
    /// `Jwt__SigningKey`.
    pub jwt: Jwt,
    /// `Azure__Storage__ConnectionString`, `Azure__Storage__Container`.
    pub azure: Azure,
    /// `Redis__ConnectionString`.
    pub redis: Redis,
    /// `ServiceBus__ConnectionString`.
    #[serde(rename = "servicebus")]
    pub service_bus: ServiceBus,
    /// `ApplicationInsights__ConnectionString`.
    #[serde(rename = "applicationinsights")]
    pub application_insights: ApplicationInsights,
    /// `Fcm__CredentialsFile` and so on.
    pub fcm: Fcm,
    /// `Sms__Provider` and so on.
    pub sms: Sms,
    /// Requests a minute of one user, or of one address without a valid token (`RateLimitPerMinute`); 0 = no limit.
    #[serde(rename = "ratelimitperminute")]
    pub rate_limit_per_minute: Option<u32>,
    /// How many proxies of ours stand before us and add to `X-Forwarded-For` (`TrustedProxies`): so many entries from
    /// its end the client's address is found. 0: the connection's own.
    #[serde(rename = "trustedproxies")]
    pub trusted_proxies: u8,
    /// The folder of the embedded database, the files and the keys (`DataDir`).
    #[serde(rename = "datadir")]
    pub data_dir: PathBuf,
    /// The folder of the built web apps (`WebDir`).
    #[serde(rename = "webdir")]
    pub web_dir: PathBuf,
    /// The port of everything (`Port`).
    pub port: u16,
    /// The port of `/metrics` and health (`MetricsPort`).
    #[serde(rename = "metricsport")]
    pub metrics_port: u16,
    /// `Debug`, `Information`, `Warning`, `Error`, or a filter of the tracing library (`LogLevel`).
    #[serde(rename = "loglevel")]
    pub log_level: Option<String>,
    /// Whether `/swagger` is served (`EnableSwagger`); on but for production.
    #[serde(rename = "enableswagger")]
    pub enable_swagger: Option<bool>,
    /// Whether errors of the server tell their cause to the caller (`EnableDetailedErrors`); in development only.
    #[serde(rename = "enabledetailederrors")]
    pub enable_detailed_errors: Option<bool>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            environment: Environment::Development,
            connection_strings: ConnectionStrings::default(),
            jwt: Jwt::default(),
            azure: Azure::default(),
            redis: Redis::default(),
            service_bus: ServiceBus::default(),
            application_insights: ApplicationInsights::default(),
            fcm: Fcm::default(),
            sms: Sms::default(),
            rate_limit_per_minute: None,
            trusted_proxies: 0,
            data_dir: PathBuf::from("data"),
            web_dir: PathBuf::from("web/dist/diligo-dms"),
            port: 8080,
            metrics_port: 9090,
            log_level: None,
            enable_swagger: None,
            enable_detailed_errors: None,
        }
    }
}

/// Names of the environment that are settings; others are none of our business.
const NAMES: &[&str] = &[
    "connectionstrings__defaultconnection",
    "jwt__signingkey",
    "azure__storage__connectionstring",
    "azure__storage__container",
    "redis__connectionstring",
    "servicebus__connectionstring",
    "applicationinsights__connectionstring",
    "fcm__credentialsfile",
    "fcm__credentials",
    "fcm__endpoint",
    "sms__provider",
    "sms__account",
    "sms__secret",
    "sms__sender",
    "sms__endpoint",
    "ratelimitperminute",
    "trustedproxies",
    "datadir",
    "webdir",
    "port",
    "metricsport",
    "loglevel",
    "enableswagger",
    "enabledetailederrors",
    "environment",
];

/// A setting is wrong; the message names it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value of the wrong kind.
    #[error("configuration: {0}")]
    Value(Box<figment::Error>),
    /// A value that is not allowed.
    #[error("configuration: {name}: {reason}")]
    NotAllowed {
        /// The setting.
        name: &'static str,
        /// Why.
        reason: &'static str,
    },
}

impl Config {
    /// Reads the file (if there is one) and the environment.
    ///
    /// # Errors
    /// When a value is wrong.
    pub fn load(file: Option<&Path>) -> Result<Config, Error> {
        let mut figment = Figment::from(Serialized::defaults(Config::default()));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        let environment =
            std::env::var("DMS_ENVIRONMENT").or_else(|_| std::env::var("ASPNETCORE_ENVIRONMENT")).ok();
        if let Some(environment) = environment {
            figment = figment.merge(Serialized::default("environment", environment.to_lowercase()));
        }
        // As Azure's own libraries name it.
        if let Ok(connection) = std::env::var("APPLICATIONINSIGHTS_CONNECTION_STRING") {
            figment = figment.merge(Serialized::default("applicationinsights.connectionstring", connection));
        }
        figment = figment.merge(Env::raw().filter(|k| NAMES.iter().any(|n| k == *n)).split("__"));
        let config: Config = figment.extract().map_err(|e| Error::Value(Box::new(e)))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Error> {
        if self.jwt.signing_key.as_ref().is_some_and(|k| k.len() < 32) {
            return Err(Error::NotAllowed {
                name: "Jwt__SigningKey",
                reason: "must have at least 32 characters",
            });
        }
        if self.environment == Environment::Production
            && self.connection_strings.default_connection.is_some()
            && self.jwt.signing_key.is_none()
        {
            return Err(Error::NotAllowed {
                name: "Jwt__SigningKey",
                reason: "is required in production: all instances must sign with the same key",
            });
        }
        Ok(())
    }

    /// Whether `/swagger` is served.
    pub fn swagger(&self) -> bool {
        self.enable_swagger.unwrap_or(self.environment != Environment::Production)
    }

    /// Requests a minute of one user, or of one address without a valid token; none when nothing is limited.
    pub fn rate_limit(&self) -> Option<u32> {
        let limit = self.rate_limit_per_minute.unwrap_or(match self.environment {
            Environment::Development => 10_000,
            Environment::Staging => 5_000,
            Environment::Production => 1_000,
        });
        (limit > 0).then_some(limit)
    }

    /// Whether errors of the server tell their cause to the caller.
    pub fn detailed_errors(&self) -> bool {
        self.enable_detailed_errors.unwrap_or(self.environment == Environment::Development)
    }

    /// The filter for the log.
    pub fn log_filter(&self) -> String {
        let level = self.log_level.clone().unwrap_or_else(|| {
            match self.environment {
                Environment::Development => "Debug",
                Environment::Staging => "Information",
                Environment::Production => "Warning",
            }
            .to_owned()
        });
        match level.to_ascii_lowercase().as_str() {
            "trace" => "trace".to_owned(),
            "debug" => "debug,sqlx=info,hyper=info".to_owned(),
            "information" | "info" => "info,sqlx=warn".to_owned(),
            "warning" | "warn" => "warn".to_owned(),
            "error" | "critical" => "error".to_owned(),
            _ => level,
        }
    }
}

impl std::fmt::Debug for Config {
    /// Without secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("environment", &self.environment)
            .field("data_dir", &self.data_dir)
            .field("port", &self.port)
            .field("metrics_port", &self.metrics_port)
            .finish_non_exhaustive()
    }
}
