//! Sessions and their refresh tokens. Only for the system's role.

use chrono::{DateTime, Utc};
use db::{PgConnection, Tenants};
use domain::{DistributorId, OrgUnitId, Role, SessionId, UserId};
use platform::Identity;

/// A session that a refresh token belongs to.
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    pub device_id: String,
    pub seen_at: DateTime<Utc>,
    pub revoked: bool,
}

/// A refresh token.
pub struct Token {
    pub generation: i32,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub void: bool,
    /// Whether one of its successors came back.
    pub successor_used: bool,
}

/// The user behind a live session, their units and distributors; notes that the session was seen, not more often than
/// needed. A session of a browser that was not seen since `idle_since` is dead.
pub async fn find_identity(
    c: &mut PgConnection,
    session: SessionId,
    user: UserId,
    now: DateTime<Utc>,
    idle_since: DateTime<Utc>,
    noted_before: DateTime<Utc>,
) -> Result<Option<Identity>, sqlx::Error> {
    let row = sqlx::query!(
        r#"with me as (
             select s.id as session_id, u.id as user_id, u.username, u.full_name, u.role, u.distributor_id,
                    d.name as distributor_name,
                    array(select x.unit_id from user_units x where x.user_id = u.id) as own_units,
                    (select x.unit_id from user_units x where x.user_id = u.id and x.is_primary) as primary_unit,
                    coalesce(k.must_change, false) as must_change
             from sessions s
             join users u on u.id = s.user_id
             left join distributors d on d.id = u.distributor_id
             left join credentials k on k.user_id = u.id
             where s.id = $1 and s.user_id = $2 and s.revoked_at is null
               and (s.seen_at > $4 or starts_with(s.device_id, 'field-'))
               and u.status = 'active' and u.deleted_at is null
           ), seen as (
             update sessions s set seen_at = $3 from me where s.id = me.session_id and s.seen_at < $5
           )
           select me.user_id as "user_id!: UserId", me.username as "username!", me.full_name as "full_name!",
                  me.role as "role!: Role", me.distributor_id as "distributor_id: DistributorId",
                  me.distributor_name as "distributor_name?", me.primary_unit as "primary_unit: OrgUnitId",
                  coalesce((select o.ancestors from org_units o where o.id = me.primary_unit), '{}')
                    as "unit_path!: Vec<OrgUnitId>",
                  array(select o.id from org_units o
                        where o.ancestors && me.own_units and o.deleted_at is null
                        order by string_to_array(o.index_path, '.')::int[]) as "units!: Vec<OrgUnitId>",
                  array(select distinct o.distributor_id from org_units o
                        where me.distributor_id is null and o.distributor_id is not null and o.deleted_at is null
                          and (o.ancestors && me.own_units
                               or o.id in (select unnest(mine.ancestors) from org_units mine
                                           where mine.id = any (me.own_units)))
                        order by 1) as "distributors!: Vec<DistributorId>",
                  me.must_change as "must_change!"
           from me"#,
        session.uuid(),
        user.uuid(),
        now,
        idle_since,
        noted_before,
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|row| {
        let tenants = match (row.role, row.distributor_id) {
            (Role::CompanyAdmin, _) => Tenants::Company,
            (_, Some(own)) => Tenants::Distributors(vec![own]),
            (_, None) => Tenants::Distributors(row.distributors),
        };
        Identity {
            user_id: row.user_id,
            session_id: session,
            username: row.username,
            full_name: row.full_name,
            role: row.role,
            distributor_id: row.distributor_id,
            distributor_name: row.distributor_name,
            tenants,
            primary_unit: row.primary_unit,
            unit_path: row.unit_path,
            units: row.units,
            must_change_password: row.must_change,
        }
    }))
}

/// Opens a session.
pub async fn insert(
    c: &mut PgConnection,
    session: SessionId,
    user: UserId,
    device: &str,
    address: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into sessions (id, user_id, device_id, address, created_at, seen_at) values ($1, $2, $3, $4, $5, $5)",
        session.uuid(),
        user.uuid(),
        device,
        address,
        now,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The session that a refresh token belongs to; what happens to its family now waits for this transaction.
pub async fn lock_by_token(c: &mut PgConnection, token_hash: &[u8]) -> Result<Option<Session>, sqlx::Error> {
    sqlx::query_as!(
        Session,
        r#"select id as "id: SessionId", user_id as "user_id: UserId", device_id, seen_at,
                  revoked_at is not null as "revoked!"
           from sessions where id = (select session_id from refresh_tokens where token_hash = $1) for update"#,
        token_hash,
    )
    .fetch_optional(c)
    .await
}

/// The refresh token; read it after the session was locked.
pub async fn find_token(c: &mut PgConnection, token_hash: &[u8]) -> Result<Option<Token>, sqlx::Error> {
    sqlx::query_as!(
        Token,
        r#"select t.generation, t.expires_at, t.used_at, t.void,
                  exists (select from refresh_tokens n where n.session_id = t.session_id
                          and n.generation > t.generation and n.used_at is not null) as "successor_used!"
           from refresh_tokens t where t.token_hash = $1"#,
        token_hash,
    )
    .fetch_optional(c)
    .await
}

/// Gives the session its next refresh token.
pub async fn insert_token(
    c: &mut PgConnection,
    session: SessionId,
    token_hash: &[u8],
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into refresh_tokens (token_hash, session_id, generation, created_at, expires_at)
         select $1, $2, coalesce(max(generation), 0) + 1, $3, $4 from refresh_tokens where session_id = $2",
        token_hash,
        session.uuid(),
        now,
        expires_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The token came back for the first time.
pub async fn update_token_used(
    c: &mut PgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update refresh_tokens set used_at = $2 where token_hash = $1", token_hash, now)
        .execute(c)
        .await?;
    Ok(())
}

/// What was given out after this generation and never came back never arrived.
pub async fn update_tokens_void(
    c: &mut PgConnection,
    session: SessionId,
    after_generation: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update refresh_tokens set void = true where session_id = $1 and generation > $2 and used_at is null",
        session.uuid(),
        after_generation,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The session was seen.
pub async fn update_seen(
    c: &mut PgConnection,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update sessions set seen_at = $2 where id = $1", session.uuid(), now).execute(c).await?;
    Ok(())
}

/// Ends a session; false when it was over already.
pub async fn revoke(
    c: &mut PgConnection,
    session: SessionId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update sessions set revoked_at = $3, revoked_why = $2 where id = $1 and revoked_at is null",
        session.uuid(),
        why,
        now,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the user's sessions, but for the one to keep.
pub async fn revoke_all(
    c: &mut PgConnection,
    user: UserId,
    keep: Option<SessionId>,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update sessions set revoked_at = $4, revoked_why = $3
         where user_id = $1 and revoked_at is null and id is distinct from $2",
        user.uuid(),
        keep.map(|s| s.uuid()),
        why,
        now,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Forgets the user's tokens that can't be used any more, and sessions that have none left.
pub async fn delete_expired(
    c: &mut PgConnection,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from refresh_tokens t using sessions s
         where s.id = t.session_id and s.user_id = $1 and t.expires_at <= $2",
        user.uuid(),
        now,
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "delete from sessions s
         where s.user_id = $1 and not exists (select from refresh_tokens t where t.session_id = s.id)",
        user.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Remembers the device; true when the user never logged in from it before.
pub async fn insert_device(
    c: &mut PgConnection,
    user: UserId,
    device: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let new = sqlx::query!(
        "insert into known_devices (user_id, device_id, first_seen) values ($1, $2, $3) on conflict do nothing",
        user.uuid(),
        device,
        now,
    )
    .execute(c)
    .await?;
    Ok(new.rows_affected() == 1)
}
