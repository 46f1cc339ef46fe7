use std::str::FromStr as _;

use anyhow::Context as _;
use db::Db;
use db::embedded::Embedded;
use platform::Config;
use sqlx::postgres::PgConnectOptions;

/// The database a command works on: the one of the connection string, or the private one in the data folder, which
/// runs as long as this value lives and [`Database::close`] was not called.
pub struct Database {
    pub db: Db,
    embedded: Option<Embedded>,
}

impl Database {
    /// Opens it, with its schema up to date.
    pub async fn open(config: &Config) -> anyhow::Result<Database> {
        let (options, embedded) = reach(config).await?;
        migrations::run(&options).await.context("the schema can't be brought up to date")?;
        let db =
            Db::connect(&options, db::PoolSizes::default()).await.context("the database can't be reached")?;
        Ok(Database { db, embedded })
    }

    /// Whether it is the private one.
    pub fn socket(&self) -> Option<&std::path::Path> {
        self.embedded.as_ref().map(Embedded::socket)
    }

    /// Ends all connections, and the private server.
    pub async fn close(self) {
        self.db.close().await;
        if let Some(server) = self.embedded {
            server.stop().await;
        }
    }
}

async fn reach(config: &Config) -> anyhow::Result<(PgConnectOptions, Option<Embedded>)> {
    match &config.connection_strings.default_connection {
        // The string holds a password: it is never part of an error.
        Some(url) => {
            let options = PgConnectOptions::from_str(url).map_err(|_| {
                anyhow::anyhow!("ConnectionStrings__DefaultConnection is not a PostgreSQL URL (postgres://user:password@host/database)")
            })?;
            Ok((options, None))
        }
        None => {
            let server =
                Embedded::start(&config.data_dir).await.context("the private database can't be started")?;
            Ok((server.options(), Some(server)))
        }
    }
}
