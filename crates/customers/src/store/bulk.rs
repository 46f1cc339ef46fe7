//! Many outlets in few statements: the rows travel as arrays, one a column.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, DistributorId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{CustomerData, CustomerStatus};

/// So many rows a statement.
const PART: usize = 5_000;

/// Outlets as arrays.
#[derive(Default)]
struct Columns {
    id: Vec<Uuid>,
    code: Vec<String>,
    name: Vec<String>,
    search_key: Vec<String>,
    phone: Vec<String>,
    contact_person: Vec<String>,
    contact_title: Vec<String>,
    customer_group: Vec<String>,
    customer_type: Vec<String>,
    channel: Vec<String>,
    address: Vec<String>,
    ward: Vec<String>,
    district: Vec<String>,
    province: Vec<String>,
    area: Vec<String>,
    latitude: Vec<Option<f64>>,
    longitude: Vec<Option<f64>>,
    birthday: Vec<Option<NaiveDate>>,
    email: Vec<String>,
    credit_limit: Vec<Option<i64>>,
    payment_term_days: Vec<i32>,
    min_life_days: Vec<i16>,
    location_locked: Vec<bool>,
    record_locked: Vec<bool>,
    status: Vec<String>,
}

impl Columns {
    fn of(part: &[(CustomerId, CustomerData)]) -> Self {
        let mut columns = Columns::default();
        for (id, data) in part {
            columns.id.push(id.uuid());
            columns.code.push(data.customer_code.clone());
            columns.name.push(data.name.clone());
            columns.search_key.push(data.search_key());
            columns.phone.push(data.phone.clone());
            columns.contact_person.push(data.contact_person.clone());
            columns.contact_title.push(data.contact_title.clone());
            columns.customer_group.push(data.customer_group.clone());
            columns.customer_type.push(data.customer_type.clone());
            columns.channel.push(data.channel.clone());
            columns.address.push(data.address.clone());
            columns.ward.push(data.ward.clone());
            columns.district.push(data.district.clone());
            columns.province.push(data.province.clone());
            columns.area.push(data.area.clone());
            columns.latitude.push(data.latitude);
            columns.longitude.push(data.longitude);
            columns.birthday.push(data.birthday);
            columns.email.push(data.email.clone());
            columns.credit_limit.push(data.credit_limit);
            columns.payment_term_days.push(data.payment_term_days);
            columns.min_life_days.push(data.min_life_days);
            columns.location_locked.push(data.location_locked);
            columns.record_locked.push(data.record_locked);
            columns.status.push(data.status.as_str().to_owned());
        }
        columns
    }
}

/// The distributor's outlets with one of these codes or names, by code; nobody else changes them until the
/// transaction ends.
pub(crate) async fn lock(
    c: &mut PgConnection,
    distributor: DistributorId,
    codes: &[String],
    names: &[String],
) -> Result<Vec<(CustomerId, CustomerData)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: CustomerId", code, name, phone, contact_person, contact_title, customer_group, customer_type,
             channel, address, ward, district, province, area, latitude, longitude, birthday, email, credit_limit,
             payment_term_days, min_life_days, location_locked, record_locked, status as "status: CustomerStatus"
           from customers where distributor_id = $1 and (code = any ($2) or name = any ($3))
           order by code for no key update"#,
        distributor.uuid(),
        codes,
        names,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let data = CustomerData {
                customer_code: r.code,
                name: r.name,
                phone: r.phone,
                contact_person: r.contact_person,
                contact_title: r.contact_title,
                customer_group: r.customer_group,
                customer_type: r.customer_type,
                channel: r.channel,
                address: r.address,
                ward: r.ward,
                district: r.district,
                province: r.province,
                area: r.area,
                latitude: r.latitude,
                longitude: r.longitude,
                birthday: r.birthday,
                email: r.email,
                credit_limit: r.credit_limit,
                payment_term_days: r.payment_term_days,
                min_life_days: r.min_life_days,
                location_locked: r.location_locked,
                record_locked: r.record_locked,
                status: r.status,
            };
            (r.id, data)
        })
        .collect())
}

/// Adds the outlets, version 1.
pub(crate) async fn insert(
    c: &mut PgConnection,
    distributor: DistributorId,
    customers: &[(CustomerId, CustomerData)],
    created_by: Option<UserId>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for part in customers.chunks(PART) {
        let columns = Columns::of(part);
        sqlx::query!(
            "insert into customers (distributor_id, created_by, created_at, updated_at, id, code, name,
               search_key, phone, contact_person, contact_title, customer_group, customer_type, channel,
               address, ward, district, province, area, latitude, longitude, birthday, email, credit_limit,
               payment_term_days, location_locked, record_locked, status, min_life_days)
             select $1, $2, $3, $3, t.* from unnest($4::uuid[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
                $15::text[], $16::text[], $17::text[], $18::text[], $19::float8[], $20::float8[], $21::date[],
                $22::text[], $23::bigint[], $24::integer[], $25::boolean[], $26::boolean[], $27::text[],
                $28::smallint[]) as t",
            distributor.uuid(),
            created_by.map(|user| user.uuid()),
            at,
            &columns.id,
            &columns.code,
            &columns.name,
            &columns.search_key,
            &columns.phone,
            &columns.contact_person,
            &columns.contact_title,
            &columns.customer_group,
            &columns.customer_type,
            &columns.channel,
            &columns.address,
            &columns.ward,
            &columns.district,
            &columns.province,
            &columns.area,
            &columns.latitude as &[Option<f64>],
            &columns.longitude as &[Option<f64>],
            &columns.birthday as &[Option<NaiveDate>],
            &columns.email,
            &columns.credit_limit as &[Option<i64>],
            &columns.payment_term_days,
            &columns.location_locked,
            &columns.record_locked,
            &columns.status,
            &columns.min_life_days,
        )
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}

/// Writes the outlets' data and raises their versions. One that was deleted is there again.
pub(crate) async fn update(
    c: &mut PgConnection,
    distributor: DistributorId,
    customers: &[(CustomerId, CustomerData)],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for part in customers.chunks(PART) {
        let columns = Columns::of(part);
        sqlx::query!(
            "update customers c set code = t.code, name = t.name, search_key = t.search_key, phone =
               t.phone, contact_person = t.contact_person, contact_title = t.contact_title, customer_group =
               t.customer_group, customer_type = t.customer_type, channel = t.channel, address = t.address,
               ward = t.ward, district = t.district, province = t.province, area = t.area, latitude =
               t.latitude, longitude = t.longitude, birthday = t.birthday, email = t.email, credit_limit =
               t.credit_limit, payment_term_days = t.payment_term_days, location_locked = t.location_locked,
               record_locked = t.record_locked, status = t.status, min_life_days = t.min_life_days,
               updated_at = $2, version = c.version + 1, deleted_at = null
             from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
                $17::text[], $18::float8[], $19::float8[], $20::date[], $21::text[], $22::bigint[],
                $23::integer[], $24::boolean[], $25::boolean[], $26::text[], $27::smallint[])
               as t (id, code, name, search_key, phone, contact_person, contact_title, customer_group,
                  customer_type, channel, address, ward, district, province, area, latitude, longitude,
                  birthday, email, credit_limit, payment_term_days, location_locked, record_locked, status,
                  min_life_days)
             where c.distributor_id = $1 and c.id = t.id",
            distributor.uuid(),
            at,
            &columns.id,
            &columns.code,
            &columns.name,
            &columns.search_key,
            &columns.phone,
            &columns.contact_person,
            &columns.contact_title,
            &columns.customer_group,
            &columns.customer_type,
            &columns.channel,
            &columns.address,
            &columns.ward,
            &columns.district,
            &columns.province,
            &columns.area,
            &columns.latitude as &[Option<f64>],
            &columns.longitude as &[Option<f64>],
            &columns.birthday as &[Option<NaiveDate>],
            &columns.email,
            &columns.credit_limit as &[Option<i64>],
            &columns.payment_term_days,
            &columns.location_locked,
            &columns.record_locked,
            &columns.status,
            &columns.min_life_days,
        )
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}
