use std::sync::Arc;

use adapters::blob::{AzureSettings, AzureStore, BlobStore, FolderStore};
use adapters::bus::{AmqpBus, Bus, BusSettings, Place};
use adapters::push::{Fcm, Push};
use adapters::redis::Shared;
use adapters::sms::{Esms, Sms, SmsAccount, Twilio};
use anyhow::Context as _;
use jobs::{Consumer, Events};
use notifications::Teller;
use notifications::sender::{Bell, Providers};
use platform::config::SmsProvider;
use platform::{App, AppParts, Config, SystemClock, Wake};
use uuid::Uuid;

use crate::database::Database;
use crate::keys;

/// Puts the application together around an open database.
pub fn app(config: Config, database: &Database) -> anyhow::Result<App> {
    let clock = Arc::new(SystemClock);
    let key = identity::SigningKey::new(keys::signing_key(&config)?)?;
    Ok(App::new(AppParts {
        auth: Arc::new(identity::Sessions::new(database.db.clone(), key, clock.clone())),
        db: database.db.clone(),
        clock,
        blobs: blobs(&config)?,
        shared: shared(&config)?,
        wake: Wake::default(),
        config,
    }))
}

/// Where files are kept: in the storage account, which all servers share, else in the data folder.
pub fn blobs(config: &Config) -> anyhow::Result<Arc<dyn BlobStore>> {
    let storage = &config.azure.storage;
    Ok(match &storage.connection_string {
        // The string holds a secret: it is never part of an error.
        Some(connection) => {
            let settings =
                AzureSettings::parse(connection).context("Azure__Storage__ConnectionString is not valid")?;
            Arc::new(
                AzureStore::new(&settings, &storage.container)
                    .context("Azure__Storage__Container is not valid")?,
            )
        }
        None => Arc::new(FolderStore::new(config.data_dir.join("files"))),
    })
}

/// What all processes share: by the Redis, if there is one.
fn shared(config: &Config) -> anyhow::Result<Shared> {
    let Some(connection) = &config.redis.connection_string else { return Ok(Shared::in_process()) };
    // The string holds a secret: it is never part of an error.
    let client = adapters::redis::client(connection).context("Redis__ConnectionString is not valid")?;
    Shared::by(client).context("the Redis can't be used")
}

/// The live hub; in a process without connections, the way to those that hold them.
pub fn hub(app: &App) -> anyhow::Result<hub::Server> {
    let redis = match &app.config.redis.connection_string {
        // The string holds a secret: it is never part of an error.
        Some(connection) => {
            Some(adapters::redis::client(connection).context("Redis__ConnectionString is not valid")?)
        }
        None => None,
    };
    Ok(hub::server(app.auth.clone(), redis)?)
}

/// Who acts on events. Messages that are to go out ring the bell.
pub fn consumers(app: &App, bell: &Bell) -> Vec<Arc<dyn Consumer>> {
    vec![Arc::new(Teller::new(app.clone(), bell.clone()))]
}

/// The ways of messages out of the house, as far as they are set up.
pub fn providers(config: &Config) -> anyhow::Result<Providers> {
    Ok(Providers { push: push(&config.fcm)?, sms: sms(&config.sms)? })
}

fn push(config: &platform::config::Fcm) -> anyhow::Result<Option<Arc<dyn Push>>> {
    let content = match (&config.credentials, &config.credentials_file) {
        (Some(content), _) => content.clone(),
        (None, Some(file)) => std::fs::read_to_string(file)
            .with_context(|| format!("Fcm__CredentialsFile: {} can't be read", file.display()))?,
        (None, None) => return Ok(None),
    };
    let fcm = Fcm::new(&content, config.endpoint.as_deref()).context("Fcm__Credentials is not valid")?;
    Ok(Some(Arc::new(fcm)))
}

fn sms(config: &platform::config::Sms) -> anyhow::Result<Option<Arc<dyn Sms>>> {
    let Some(provider) = config.provider else { return Ok(None) };
    let needed = |value: &Option<String>, name: &str| {
        value
            .clone()
            .filter(|v| !v.is_empty())
            .with_context(|| format!("{name} is required with Sms__Provider"))
    };
    let account = SmsAccount {
        account: needed(&config.account, "Sms__Account")?,
        secret: needed(&config.secret, "Sms__Secret")?,
        sender: needed(&config.sender, "Sms__Sender")?,
        endpoint: config.endpoint.clone(),
    };
    Ok(Some(match provider {
        SmsProvider::Esms => Arc::new(Esms::new(account)?),
        SmsProvider::Twilio => Arc::new(Twilio::new(account)?),
    }))
}

/// The way of events from the outbox to those who hear and act.
pub async fn events(app: &App, hub: &hub::Server, bell: &Bell) -> anyhow::Result<Events> {
    let consumers = consumers(app, bell);
    let bus = bus(&app.config)?;
    if let Some(bus) = &bus {
        let mut places = vec![Place::Topic(jobs::TOPIC)];
        places.extend(consumers.iter().map(|consumer| Place::Queue(consumer.name())));
        match bus.check(&places).await {
            Ok(()) => {}
            // One that is away will come back, and events wait for it.
            Err(error @ (adapters::bus::Error::Broken { .. } | adapters::bus::Error::Silent(_))) => {
                tracing::warn!(%error, "the bus can't be asked whether everything is there");
            }
            Err(error @ adapters::bus::Error::NoSuchPlace(_)) => return Err(error.into()),
        }
    }
    Ok(Events {
        db: app.db.clone(),
        clock: app.clock.clone(),
        wake: app.wake.clone(),
        listeners: vec![Arc::new(hub::Broadcast(hub.clone()))],
        consumers,
        bus,
    })
}

/// The bus between the outbox and those who act; none: the database does its work.
pub fn bus(config: &Config) -> anyhow::Result<Option<Arc<dyn Bus>>> {
    let Some(connection) = &config.service_bus.connection_string else { return Ok(None) };
    // The string holds a secret: it is never part of an error.
    let settings = BusSettings::parse(connection).context("ServiceBus__ConnectionString is not valid")?;
    let name = format!("dms-{}", Uuid::now_v7().simple());
    Ok(Some(Arc::new(AmqpBus::new(settings, &name))))
}
