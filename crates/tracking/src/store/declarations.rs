use chrono::{DateTime, NaiveDate, Utc};
use domain::{DistributorId, LocationDeclarationId, OrgUnitId, UserId};
use platform::{Flag, Page, Scope};
use serde_json::Value;
use sqlx::PgConnection;

use super::Owner;
use crate::model::Declaration;
use crate::service::Declare;

/// Writes a declaration; gives false when its id is known.
pub(crate) async fn insert_declaration(
    c: &mut PgConnection,
    owner: Owner,
    declare: &Declare,
    at: DateTime<Utc>,
    day: NaiveDate,
    flags: &[Flag],
    received_at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into location_declarations (distributor_id, id, user_id, unit_id, business_date, at, reason, note,
                                            photo_sha256, latitude, longitude, accuracy, flags, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict (distributor_id, id) do nothing",
        owner.distributor.uuid(),
        declare.id.uuid(),
        owner.user.uuid(),
        owner.unit.map(OrgUnitId::uuid),
        day,
        at,
        declare.reason,
        declare.note,
        declare.photo.as_ref().map(|photo| photo.as_str()),
        declare.place.latitude(),
        declare.place.longitude(),
        declare.accuracy,
        serde_json::to_value(flags).map_err(|e| sqlx::Error::Encode(Box::new(e)))?,
        received_at,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The declaration.
pub(crate) async fn find_declaration(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: LocationDeclarationId,
) -> Result<Option<Declaration>, sqlx::Error> {
    let row = sqlx::query_as!(
        DeclarationRow,
        r#"select d.id as "id: LocationDeclarationId", d.user_id as "user_id: UserId", u.full_name,
                  d.unit_id as "unit_id: OrgUnitId", d.at, d.reason, d.note, d.photo_sha256, d.latitude, d.longitude,
                  d.accuracy, d.flags, d.received_at, 1::bigint as "total!"
           from location_declarations d join users u on u.id = d.user_id
           where d.distributor_id = $1 and d.id = $2"#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_optional(c)
    .await?;
    row.map(DeclarationRow::read).transpose()
}

/// The declarations of the days in the scope, newest first, and how many there are.
pub(crate) async fn list_declarations(
    c: &mut PgConnection,
    scope: Scope<'_>,
    days: std::ops::RangeInclusive<NaiveDate>,
    user: Option<UserId>,
    page: &Page,
) -> Result<(Vec<Declaration>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query_as!(
        DeclarationRow,
        r#"select d.id as "id: LocationDeclarationId", d.user_id as "user_id: UserId", u.full_name,
                  d.unit_id as "unit_id: OrgUnitId", d.at, d.reason, d.note, d.photo_sha256, d.latitude, d.longitude,
                  d.accuracy, d.flags, d.received_at, count(*) over () as "total!"
           from location_declarations d join users u on u.id = d.user_id
           where d.business_date between $1 and $2
             and ($3::uuid is null or d.user_id = $3) and ($4::uuid[] is null or d.unit_id = any ($4))
             and ($5::uuid is null or d.user_id = $5)
           order by d.at desc, d.id
           limit $6 offset $7"#,
        days.start(),
        days.end(),
        scope.user(),
        units.as_deref(),
        user.map(UserId::uuid),
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok((rows.into_iter().map(DeclarationRow::read).collect::<Result<_, _>>()?, total))
}

struct DeclarationRow {
    id: LocationDeclarationId,
    user_id: UserId,
    full_name: String,
    unit_id: Option<OrgUnitId>,
    at: DateTime<Utc>,
    reason: String,
    note: String,
    photo_sha256: Option<String>,
    latitude: f64,
    longitude: f64,
    accuracy: Option<f64>,
    flags: Value,
    received_at: DateTime<Utc>,
    total: i64,
}

impl DeclarationRow {
    fn read(self) -> Result<Declaration, sqlx::Error> {
        Ok(Declaration {
            id: self.id,
            user_id: self.user_id,
            full_name: self.full_name,
            unit_id: self.unit_id,
            at: self.at,
            reason: self.reason,
            note: self.note,
            photo_sha256: self.photo_sha256,
            latitude: self.latitude,
            longitude: self.longitude,
            accuracy: self.accuracy,
            flags: serde_json::from_value(self.flags).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
            received_at: self.received_at,
        })
    }
}
