//! Looking into and preparing the database as its owner.

use platform::{Caller, Identity};
use sqlx::{AssertSqlSafe, Executor as _};
use test_kit::{TestApp, world};

/// Runs statements.
pub async fn sql(t: &TestApp, statements: impl Into<String>) {
    t.database.owner().await.execute(AssertSqlSafe(statements.into())).await.expect("the statements run");
}

/// The number that a query gives.
pub async fn count(t: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(&mut t.database.owner().await)
        .await
        .expect("the query gives a number")
}

/// A user of the world as the one who calls, to call functions directly.
pub fn caller(t: &TestApp, username: &str) -> Caller {
    let person = world::PEOPLE.iter().find(|p| p.username == username).expect("a user of the world");
    let identity = Identity {
        user_id: person.id,
        session_id: uuid::Uuid::nil().into(),
        username: person.username.to_owned(),
        full_name: person.full_name.to_owned(),
        role: person.role,
        distributor_id: person.distributor,
        distributor_name: None,
        tenants: t.context(username).tenants,
        primary_unit: person.units.first().copied(),
        unit_path: person.units.first().map(|unit| world::path_to(*unit)).unwrap_or_default(),
        units: person.units.to_vec(),
        must_change_password: false,
    };
    Caller::new(identity.into(), None, None)
}
