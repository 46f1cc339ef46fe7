//! The schema: one list of migrations, one order, forward only.
//!
//! They run as the role `dms_owner`, which owns every object; the roles that serve requests (`dms_app`,
//! `dms_system`) own nothing, so that row-level security binds them. A file that has been released is never edited.

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor};

/// All migrations, embedded in the binary.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Creating the roles or bringing the schema up to date failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server could not be reached, or refused a statement.
    #[error("the database refused a step of the migration")]
    Database(#[from] sqlx::Error),
    /// A migration failed, or the database holds migrations this program doesn't know.
    #[error("a migration failed")]
    Migrate(#[from] MigrateError),
}

/// Brings the database behind `options` up to date; safe to run twice and from several places at once.
///
/// The login needs the right to create roles, or the three roles must exist and be granted to it.
pub async fn run(options: &PgConnectOptions) -> Result<(), Error> {
    let mut login = PgConnection::connect_with(options).await?;
    login.execute(include_str!("../roles.sql")).await?;
    login.close().await?;
    let mut owner = PgConnection::connect_with(&options.clone().options([("role", "dms_owner")])).await?;
    MIGRATOR.run(&mut owner).await?;
    make_partitions(&mut owner).await?;
    owner.close().await?;
    Ok(())
}

/// Makes the monthly partitions of the heavy tables from a year ago to three months ahead. Rows outside of them are
/// kept too, in a default partition.
async fn make_partitions(owner: &mut PgConnection) -> Result<(), Error> {
    // Positions may lie in the default partition already, and move.
    sqlx::query(
        "call ensure_gps_partitions((current_date - interval '13 months')::date, (current_date + interval '3 months')::date)",
    )
    .execute(&mut *owner)
    .await?;
    for table in ["audit_log", "stock_movements"] {
        sqlx::query(
            "call ensure_month_partitions($1, (current_date - interval '13 months')::date, (current_date + interval '3 months')::date)",
        )
        .bind(table)
        .execute(&mut *owner)
        .await?;
    }
    Ok(())
}

/// The versions that are in the program but not yet in the database.
pub async fn pending(options: &PgConnectOptions) -> Result<Vec<i64>, Error> {
    let mut owner = PgConnection::connect_with(&options.clone().options([("role", "dms_owner")])).await?;
    owner.ensure_migrations_table("_sqlx_migrations").await?;
    let applied = owner.list_applied_migrations("_sqlx_migrations").await?;
    owner.close().await?;
    Ok(MIGRATOR
        .iter()
        .map(|m| m.version)
        .filter(|version| !applied.iter().any(|a| a.version == *version))
        .collect())
}
