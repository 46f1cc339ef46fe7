use db::Db;
use platform::{Clock as _, Config, SystemClock};

use crate::database::Database;

#[derive(clap::Args)]
pub struct Snapshots {
    /// Build also the months that are there, from the first on.
    #[arg(long)]
    again: bool,
}

impl Snapshots {
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let database = Database::open(config).await?;
        let built = self.build(&database.db).await;
        database.close().await;
        match built? {
            0 => println!("every month that is over was built already"),
            months => println!("{months} months built"),
        }
        Ok(())
    }

    async fn build(&self, db: &Db) -> anyhow::Result<u32> {
        let mut months = 0;
        reports::build_snapshots(db, SystemClock.now(), self.again, |month, rows| {
            println!("{}: {rows} rows", month.format("%Y-%m"));
            months += 1;
        })
        .await?;
        Ok(months)
    }
}
