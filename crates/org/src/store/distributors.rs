//! Distributors.

use chrono::{DateTime, Utc};
use db::PgConnection;
use domain::{DistributorId, search_key};
use platform::Page;
use uuid::Uuid;

use super::word;
use crate::model::{Distributor, DistributorData, DistributorStatus};

struct Row {
    id: DistributorId,
    status: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    code: String,
    name: String,
    tax_code: String,
    invoice_name: String,
    invoice_address: String,
    kind: String,
    distributor_group: String,
    channel: String,
    area: String,
    province: String,
    delivery_place: String,
    delivery_address: String,
    contact_person: String,
    legal_representative: String,
    office_address: String,
    warehouse_address: String,
    email: String,
    phone: String,
    bank_name: String,
    bank_account: String,
    licence_number: String,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl TryFrom<Row> for Distributor {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        Ok(Distributor {
            id: row.id,
            status: word(&row.status)?,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            data: DistributorData {
                code: row.code,
                name: row.name,
                tax_code: row.tax_code,
                invoice_name: row.invoice_name,
                invoice_address: row.invoice_address,
                kind: row.kind,
                distributor_group: row.distributor_group,
                channel: row.channel,
                area: row.area,
                province: row.province,
                delivery_place: row.delivery_place,
                delivery_address: row.delivery_address,
                contact_person: row.contact_person,
                legal_representative: row.legal_representative,
                office_address: row.office_address,
                warehouse_address: row.warehouse_address,
                email: row.email,
                phone: row.phone,
                bank_name: row.bank_name,
                bank_account: row.bank_account,
                licence_number: row.licence_number,
                latitude: row.latitude,
                longitude: row.longitude,
            },
        })
    }
}

/// A page of the distributors that the transaction's caller may see, by code, and how many there are.
pub async fn list(
    c: &mut PgConnection,
    status: Option<DistributorStatus>,
    page: &Page,
) -> Result<(Vec<Distributor>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select id, code from distributors
             where deleted_at is null and ($1::text is null or status = $1) and ($2::text is null or search_key like $2)
           )
           select (select count(*) from hits) as "total!",
                  array(select id from hits order by code, id limit $3 offset $4) as "ids!""#,
        status.map(DistributorStatus::as_str),
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((fetch(c, &hits.ids).await?, hits.total))
}

/// These distributors, in this order.
async fn fetch(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Distributor>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: DistributorId", status, version, created_at, updated_at, code, name, tax_code, invoice_name,
                  invoice_address, kind, distributor_group, channel, area, province, delivery_place, delivery_address,
                  contact_person, legal_representative, office_address, warehouse_address, email, phone, bank_name,
                  bank_account, licence_number, latitude, longitude
           from distributors where id = any ($1) and deleted_at is null
           order by array_position($1, id)"#,
        ids,
    )
    .fetch_all(c)
    .await?;
    rows.into_iter().map(Distributor::try_from).collect()
}

/// The distributor.
pub async fn find(c: &mut PgConnection, id: DistributorId) -> Result<Option<Distributor>, sqlx::Error> {
    Ok(fetch(c, &[id.uuid()]).await?.pop())
}

/// The distributor with this code.
pub async fn find_by_code(c: &mut PgConnection, code: &str) -> Result<Option<Distributor>, sqlx::Error> {
    let id = sqlx::query_scalar!("select id from distributors where code = $1 and deleted_at is null", code)
        .fetch_optional(&mut *c)
        .await?;
    match id {
        Some(id) => Ok(fetch(c, &[id]).await?.pop()),
        None => Ok(None),
    }
}

/// The distributor; changes of it now wait for this transaction.
pub async fn lock(c: &mut PgConnection, id: DistributorId) -> Result<Option<Distributor>, sqlx::Error> {
    sqlx::query!("select id from distributors where id = $1 for update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find(c, id).await
}

/// A code nobody has: NPP and the number after the highest. Others who ask wait until this transaction ends.
pub async fn next_code(c: &mut PgConnection) -> Result<String, sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(7240963)").execute(&mut *c).await?;
    let number = sqlx::query_scalar!(
        r#"select coalesce(max(substr(code, 4)::bigint), 0) + 1 as "next!" from distributors where code ~ '^NPP[0-9]{1,9}$'"#,
    )
    .fetch_one(c)
    .await?;
    Ok(format!("NPP{number:05}"))
}

fn distributor_search_key(data: &DistributorData) -> String {
    search_key(&format!("{} {} {} {}", data.name, data.code, data.tax_code, data.phone))
}

/// Adds a distributor.
pub async fn insert(
    c: &mut PgConnection,
    id: DistributorId,
    status: DistributorStatus,
    data: &DistributorData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into distributors (id, status, created_at, updated_at, search_key, code, name, tax_code, invoice_name,
           invoice_address, kind, distributor_group, channel, area, province, delivery_place, delivery_address,
           contact_person, legal_representative, office_address, warehouse_address, email, phone, bank_name,
           bank_account, licence_number, latitude, longitude)
         values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
           $22, $23, $24, $25, $26, $27)",
        id.uuid(),
        status.as_str(),
        at,
        distributor_search_key(data),
        data.code,
        data.name,
        data.tax_code,
        data.invoice_name,
        data.invoice_address,
        data.kind,
        data.distributor_group,
        data.channel,
        data.area,
        data.province,
        data.delivery_place,
        data.delivery_address,
        data.contact_person,
        data.legal_representative,
        data.office_address,
        data.warehouse_address,
        data.email,
        data.phone,
        data.bank_name,
        data.bank_account,
        data.licence_number,
        data.latitude,
        data.longitude,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Changes a distributor.
pub async fn update(
    c: &mut PgConnection,
    id: DistributorId,
    status: DistributorStatus,
    data: &DistributorData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update distributors set status = $2, version = version + 1, updated_at = $3, search_key = $4, code = $5,
           name = $6, tax_code = $7, invoice_name = $8, invoice_address = $9, kind = $10, distributor_group = $11,
           channel = $12, area = $13, province = $14, delivery_place = $15, delivery_address = $16,
           contact_person = $17, legal_representative = $18, office_address = $19, warehouse_address = $20,
           email = $21, phone = $22, bank_name = $23, bank_account = $24, licence_number = $25, latitude = $26,
           longitude = $27
         where id = $1",
        id.uuid(),
        status.as_str(),
        at,
        distributor_search_key(data),
        data.code,
        data.name,
        data.tax_code,
        data.invoice_name,
        data.invoice_address,
        data.kind,
        data.distributor_group,
        data.channel,
        data.area,
        data.province,
        data.delivery_place,
        data.delivery_address,
        data.contact_person,
        data.legal_representative,
        data.office_address,
        data.warehouse_address,
        data.email,
        data.phone,
        data.bank_name,
        data.bank_account,
        data.licence_number,
        data.latitude,
        data.longitude,
    )
    .execute(c)
    .await?;
    Ok(())
}
