//! Accounts as log-in sees them: passwords, failures, locks. Only for the system's role.

use chrono::{DateTime, Utc};
use db::PgConnection;
use domain::{DistributorId, Role, UserId};

use crate::lockout::{LOCK, MAX_FAILURES};
use crate::password::{HashedPassword, REMEMBERED};

/// Who logs in.
pub struct Account {
    pub user_id: UserId,
    pub username: String,
    pub full_name: String,
    pub role: Role,
    pub distributor_id: Option<DistributorId>,
    pub distributor_name: Option<String>,
    pub active: bool,
    pub password: Option<HashedPassword>,
    pub must_change: bool,
}

/// The account by its name or its id, whichever is given.
async fn find(
    c: &mut PgConnection,
    username: Option<&str>,
    user: Option<UserId>,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select u.id as "id: UserId", u.username, u.full_name, u.role as "role: Role", u.status = 'active' as "active!",
                  u.distributor_id as "distributor_id: DistributorId", d.name as "distributor_name?",
                  c.password_hash as "password_hash?", c.must_change as "must_change?"
           from users u
           left join distributors d on d.id = u.distributor_id
           left join credentials c on c.user_id = u.id
           where (u.username = $1 or u.id = $2) and u.deleted_at is null"#,
        username,
        user.map(|u| u.uuid()),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|row| Account {
        user_id: row.id,
        username: row.username,
        full_name: row.full_name,
        role: row.role,
        distributor_id: row.distributor_id,
        distributor_name: row.distributor_name,
        active: row.active,
        password: row.password_hash.map(HashedPassword::stored),
        must_change: row.must_change.unwrap_or_default(),
    }))
}

/// The account with this log-in name (lower case).
pub async fn find_by_name(c: &mut PgConnection, username: &str) -> Result<Option<Account>, sqlx::Error> {
    find(c, Some(username), None).await
}

/// The account of this user.
pub async fn find_by_id(c: &mut PgConnection, user: UserId) -> Result<Option<Account>, sqlx::Error> {
    find(c, None, Some(user)).await
}

/// Whether the user is still active and the password still the one that was verified; holds both until the
/// transaction ends.
pub async fn lock_if_unchanged(
    c: &mut PgConnection,
    user: UserId,
    password: &HashedPassword,
) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        r#"select true as "found!" from users u join credentials c on c.user_id = u.id
           where u.id = $1 and u.status = 'active' and c.password_hash = $2 for share"#,
        user.uuid(),
        password.as_str(),
    )
    .fetch_optional(c)
    .await?;
    Ok(found.is_some())
}

/// Until when the name is locked, if it is.
pub async fn find_lock(
    c: &mut PgConnection,
    username: &str,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let until = sqlx::query_scalar!(
        "select locked_until from login_failures where username = $1 and locked_until > $2",
        username,
        now,
    )
    .fetch_optional(c)
    .await?;
    Ok(until.flatten())
}

/// Counts a wrong password; says until when the name is locked, if it now is. Forgets some old failures of others on
/// the way, so that made-up names don't pile up.
pub async fn add_failure(
    c: &mut PgConnection,
    username: &str,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query!(
        "delete from login_failures where username in
           (select username from login_failures where last_at < $1 and username <> $2 order by last_at limit 20
            for update skip locked)",
        now - LOCK,
        username,
    )
    .execute(&mut *c)
    .await?;
    // A failure that was under way when the name was locked leaves the lock as it is.
    let count = sqlx::query!(
        "insert into login_failures as f (username, failures, last_at) values ($1, 1, $2)
         on conflict (username) do update set
           failures = case when f.locked_until > $2 then f.failures
                           when f.locked_until is null and f.last_at > $3 then f.failures + 1
                           else 1 end,
           last_at = $2,
           locked_until = case when f.locked_until > $2 then f.locked_until end
         returning failures, locked_until",
        username,
        now,
        now - LOCK,
    )
    .fetch_one(&mut *c)
    .await?;
    if count.locked_until.is_some() || count.failures < MAX_FAILURES {
        return Ok(count.locked_until);
    }
    let until = now + LOCK;
    sqlx::query!("update login_failures set locked_until = $2 where username = $1", username, until)
        .execute(c)
        .await?;
    Ok(Some(until))
}

/// The right password, or a new one: failures are forgotten.
pub async fn delete_failures(c: &mut PgConnection, username: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from login_failures where username = $1", username).execute(c).await?;
    Ok(())
}

/// The last passwords, the present one first.
pub async fn list_last_passwords(
    c: &mut PgConnection,
    user: UserId,
) -> Result<Vec<HashedPassword>, sqlx::Error> {
    let hashes = sqlx::query_scalar!(
        "select password_hash from password_history where user_id = $1 order by changed_at desc limit $2",
        user.uuid(),
        REMEMBERED as i64,
    )
    .fetch_all(c)
    .await?;
    Ok(hashes.into_iter().map(HashedPassword::stored).collect())
}

/// Sets the password and remembers it among the last.
pub async fn set_password(
    c: &mut PgConnection,
    user: UserId,
    password: &HashedPassword,
    must_change: bool,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into credentials (user_id, password_hash, must_change, changed_at) values ($1, $2, $3, $4)
         on conflict (user_id) do update set password_hash = $2, must_change = $3, changed_at = $4",
        user.uuid(),
        password.as_str(),
        must_change,
        at,
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "insert into password_history (user_id, changed_at, password_hash) values ($1, $2, $3)
         on conflict (user_id, changed_at) do update set password_hash = $3",
        user.uuid(),
        at,
        password.as_str(),
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "delete from password_history where user_id = $1 and changed_at not in
           (select changed_at from password_history where user_id = $1 order by changed_at desc limit $2)",
        user.uuid(),
        REMEMBERED as i64,
    )
    .execute(c)
    .await?;
    Ok(())
}
