use chrono::{DateTime, NaiveDate, Utc};
use domain::{DistributorId, UserId};
use platform::App;
use sqlx::PgConnection;
use uuid::Uuid;

use super::marker;
use crate::outlets::Outlet;

/// What a distributor's year is made of.
#[derive(Debug)]
pub struct Year {
    /// The distributor's place among all.
    pub place: i32,
    pub distributor: DistributorId,
    /// Who does the office's work.
    pub office: UserId,
    /// Who approves orders.
    pub supervisor: UserId,
    pub warehouses: i32,
    pub first_day: NaiveDate,
    /// The year ends on the day before.
    pub today: NaiveDate,
    /// When master data was made.
    pub set_up: DateTime<Utc>,
    pub orders: i64,
}

/// Whether the distributor's year is there.
pub async fn year_is_lived(c: &mut PgConnection, distributor: DistributorId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from customers where distributor_id = $1) as "lived!""#,
        distributor.uuid()
    )
    .fetch_one(c)
    .await
}

/// Makes warehouses, outlets and the year.
pub async fn insert_year(c: &mut PgConnection, year: &Year, outlets: &[Outlet]) -> Result<(), sqlx::Error> {
    // A year is a lot of work for one transaction, and it is made anew when the machine stops: neither the limit of a
    // statement nor the disk is waited for. The snapshots of stock are built when all years are there.
    sqlx::raw_sql(
        "set local statement_timeout = 0; set local synchronous_commit = off; set local app.fills_history = 'on';
         set local work_mem = '128MB';",
    )
    .execute(&mut *c)
    .await?;
    insert_warehouses(c, year).await?;
    insert_outlets(c, year, outlets).await?;
    sqlx::raw_sql(
        "create temp table plan (nth integer, distributor uuid, office uuid, supervisor uuid, first_day date, today date,
           began timestamptz, orders bigint, salt bigint) on commit drop",
    )
    .execute(&mut *c)
    .await?;
    sqlx::query("insert into plan values ($1, $2, $3, $4, $5, $6, $7, $8, $1::bigint * 1000)")
        .bind(year.place)
        .bind(year.distributor.uuid())
        .bind(year.office.uuid())
        .bind(year.supervisor.uuid())
        .bind(year.first_day)
        .bind(year.today)
        .bind(year.set_up)
        .bind(year.orders)
        .execute(&mut *c)
        .await?;
    // Many statements over tables of the moment: they can't be checked against a database beforehand.
    sqlx::raw_sql(include_str!("../company_scale/history.sql")).execute(c).await?;
    Ok(())
}

/// The distributor's warehouses, and a van for its last rep, which nobody has loaded yet.
async fn insert_warehouses(c: &mut PgConnection, year: &Year) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into warehouses (distributor_id, id, code, name, kind, rep_id, created_at)
         select $1::uuid, md5('warehouse/' || $2::int || '/' || n)::uuid, 'KHO' || lpad(n::text, 2, '0'),
           case n when 1 then 'Kho chính' else 'Kho ' || n end, 'main', null::uuid, $4::timestamptz
         from generate_series(1, $3::int) n
         union all
         (select $1::uuid, md5('warehouse/' || $2::int || '/van')::uuid, 'XE01', 'Xe bán hàng ' || full_name, 'van', id, $4::timestamptz
          from users where distributor_id = $1 and role = 'sales_rep' order by username desc limit 1)",
        year.distributor.uuid(),
        year.place,
        year.warehouses,
        year.set_up,
    )
    .execute(c)
    .await?;
    Ok(())
}

async fn insert_outlets(c: &mut PgConnection, year: &Year, outlets: &[Outlet]) -> Result<(), sqlx::Error> {
    let text = |of: fn(&Outlet) -> String| -> Vec<String> { outlets.iter().map(of).collect() };
    let ids: Vec<Uuid> = outlets.iter().map(|o| o.id.uuid()).collect();
    let latitude: Vec<Option<f64>> = outlets.iter().map(|o| o.data.latitude).collect();
    let longitude: Vec<Option<f64>> = outlets.iter().map(|o| o.data.longitude).collect();
    let limit: Vec<Option<i64>> = outlets.iter().map(|o| o.data.credit_limit).collect();
    let term: Vec<i32> = outlets.iter().map(|o| o.data.payment_term_days).collect();
    sqlx::query!(
        "insert into customers (distributor_id, id, code, name, search_key, phone, contact_person, contact_title, customer_group,
           customer_type, channel, address, ward, district, province, area, latitude, longitude, credit_limit, payment_term_days,
           status, created_at, updated_at)
         select $1, t.*, $2, $2 from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
           $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[],
           $18::float8[], $19::float8[], $20::bigint[], $21::integer[], $22::text[]) t",
        year.distributor.uuid(),
        year.set_up,
        &ids,
        &text(|o| o.data.customer_code.clone()),
        &text(|o| o.data.name.clone()),
        &text(|o| o.data.search_key()),
        &text(|o| o.data.phone.clone()),
        &text(|o| o.data.contact_person.clone()),
        &text(|o| o.data.contact_title.clone()),
        &text(|o| o.data.customer_group.clone()),
        &text(|o| o.data.customer_type.clone()),
        &text(|o| o.data.channel.clone()),
        &text(|o| o.data.address.clone()),
        &text(|o| o.data.ward.clone()),
        &text(|o| o.data.district.clone()),
        &text(|o| o.data.province.clone()),
        &text(|o| o.data.area.clone()),
        &latitude as &[Option<f64>],
        &longitude as &[Option<f64>],
        &limit as &[Option<i64>],
        &term,
        &text(|o| o.data.status.as_str().to_owned()),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// [`marker::analyze`] in a transaction of its own, for as long as it takes.
pub async fn analyze_in(app: &App) -> Result<(), sqlx::Error> {
    let mut tx = app.db.begin(&db::Context::system("demo")).await?;
    sqlx::query("set local statement_timeout = 0").execute(&mut *tx).await?;
    marker::analyze(&mut tx).await?;
    tx.commit().await
}
