use std::sync::Arc;

use adapters::blob::FolderStore;
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
        blobs: Arc::new(FolderStore::new(config.data_dir.join("files"))),
        wake: Wake::default(),
        config,
    }))
}
