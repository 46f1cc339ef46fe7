use platform::Config;

use crate::database::Database;

pub async fn run(config: &Config) -> anyhow::Result<()> {
    Database::open(config).await?.close().await;
    println!("the schema is up to date");
    Ok(())
}
