use std::process::ExitCode;

use db::Context;
use platform::Config;

use crate::database::Database;

#[derive(clap::Args)]
pub struct Verify {}

impl Verify {
    /// Exit code 0: everything agrees; 1: it doesn't, and each wrong row was named.
    pub async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let database = Database::open(config).await?;
        let found = check(&database).await;
        database.close().await;
        let found = found?;
        for line in &found {
            println!("{line}");
        }
        if found.is_empty() {
            println!("all ledgers, balances, documents and numbers agree");
            return Ok(ExitCode::SUCCESS);
        }
        println!("{} rows are wrong", found.len());
        Ok(ExitCode::FAILURE)
    }
}

/// All checks on one picture of the database, so that work going on meanwhile is not taken for an error.
async fn check(database: &Database) -> anyhow::Result<Vec<String>> {
    let mut tx = database.db.long_snapshot(&Context::system("verify")).await?;
    let mut found = Vec::new();
    found.extend(inventory::verify(&mut tx).await?.iter().map(ToString::to_string));
    found.extend(receivables::verify(&mut tx).await?.iter().map(ToString::to_string));
    found.extend(reports::verify(&mut tx).await?.iter().map(ToString::to_string));
    found.extend(reports::verify_references(&mut tx).await?.iter().map(ToString::to_string));
    found.extend(orders::verify(&mut tx).await?.iter().map(ToString::to_string));
    found.extend(promotions::verify(&mut tx).await?.iter().map(ToString::to_string));
    found.extend(routes::verify(&mut tx).await?.iter().map(ToString::to_string));
    found.extend(attendance::verify(&mut tx).await?.iter().map(ToString::to_string));
    found.extend(visits::verify(&mut tx).await?.iter().map(ToString::to_string));
    found.extend(kpi::verify(&mut tx).await?.iter().map(ToString::to_string));
    Ok(found)
}
