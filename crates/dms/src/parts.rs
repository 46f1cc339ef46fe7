use std::sync::Arc;

use adapters::blob::{AzureSettings, AzureStore, BlobStore, FolderStore};
use anyhow::Context as _;
use platform::{App, AppParts, Config, SystemClock, Wake};

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
        wake: Wake::default(),
        config,
    }))
}

/// Where files are kept: in the storage account, which all servers share, else in the data folder.
fn blobs(config: &Config) -> anyhow::Result<Arc<dyn BlobStore>> {
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
