use chrono::{DateTime, NaiveDate, Utc};
use domain::{DistributorId, HolidayId, UserId};
use sqlx::PgConnection;

use crate::model::Holiday;

/// The holidays of a span, by day.
pub(crate) async fn list_holidays(
    c: &mut PgConnection,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<Holiday>, sqlx::Error> {
    sqlx::query_as!(
        Holiday,
        r#"select id as "holiday_id: HolidayId", day, name, province, distributor_id as "distributor_id: DistributorId"
           from holidays where day between $1 and $2 order by day, province, name, id"#,
        first,
        last,
    )
    .fetch_all(c)
    .await
}

/// The name of the holiday that a distributor has on the day.
pub(crate) async fn find_holiday_name(
    c: &mut PgConnection,
    distributor: DistributorId,
    day: NaiveDate,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select h.name from holidays h join distributors d on d.id = $1
         where h.day = $2 and (h.distributor_id is null or h.distributor_id = d.id)
           and (h.province = '' or lower(h.province) = lower(d.province))
         order by h.province, h.id limit 1",
        distributor.uuid(),
        day,
    )
    .fetch_optional(c)
    .await
}

/// One holiday.
pub(crate) async fn find_holiday(
    c: &mut PgConnection,
    id: HolidayId,
) -> Result<Option<Holiday>, sqlx::Error> {
    sqlx::query_as!(
        Holiday,
        r#"select id as "holiday_id: HolidayId", day, name, province, distributor_id as "distributor_id: DistributorId"
           from holidays where id = $1"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// The province as the distributors write it, if one of them is there.
pub(crate) async fn list_provinces(c: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select distinct province from distributors where province <> '' and deleted_at is null order by province"
    )
    .fetch_all(c)
    .await
}

/// Adds a holiday.
pub(crate) async fn insert_holiday(
    c: &mut PgConnection,
    holiday: &Holiday,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into holidays (id, distributor_id, province, day, name, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        holiday.holiday_id.uuid(),
        holiday.distributor_id.map(DistributorId::uuid),
        holiday.province,
        holiday.day,
        holiday.name,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Takes a holiday away.
pub(crate) async fn delete_holiday(c: &mut PgConnection, id: HolidayId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from holidays where id = $1", id.uuid()).execute(c).await?;
    Ok(())
}
