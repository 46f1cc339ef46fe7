use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

use anyhow::Context as _;
use platform::Config;
use uuid::Uuid;

/// The key that signs access tokens: the setting's, else one made once and kept in the data folder.
pub fn signing_key(config: &Config) -> anyhow::Result<String> {
    if let Some(key) = &config.jwt.signing_key {
        return Ok(key.clone());
    }
    fs::create_dir_all(&config.data_dir).context("the data folder can't be made")?;
    let path = config.data_dir.join("signing.key");
    match fs::read_to_string(&path) {
        Ok(key) if key.trim().len() >= 32 => return Ok(key.trim().to_owned()),
        Ok(_) => anyhow::bail!("{} is damaged; remove it, then everybody signs in again", path.display()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(e).with_context(|| format!("can't read {}", path.display())),
    }
    let key = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    // Written beside and renamed, so that a crash leaves no half key.
    let fresh = config.data_dir.join("signing.key.new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)
        .with_context(|| format!("can't write {}", fresh.display()))?;
    file.write_all(key.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, &path).with_context(|| format!("can't write {}", path.display()))?;
    Ok(key)
}
