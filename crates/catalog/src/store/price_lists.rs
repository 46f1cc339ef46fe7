//! Price lists.

use chrono::{DateTime, NaiveDate, Utc};
use domain::price::PriceScope;
use domain::{CustomerId, DistributorId, PriceListId, ProductId};
use platform::Page;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{CatalogStatus, PriceListData, PriceListItem, PriceListRecord};

struct Row {
    id: PriceListId,
    code: String,
    name: String,
    scope: String,
    scope_value: String,
    distributor_id: Option<DistributorId>,
    priority: i32,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    status: CatalogStatus,
    version: i64,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn record(self, items: Vec<PriceListItem>) -> Result<PriceListRecord, sqlx::Error> {
        let broken = || sqlx::Error::Decode(format!("price list {} has a broken scope", self.id).into());
        let scope = match self.scope.as_str() {
            "customer" => PriceScope::Customer {
                customer_id: self.scope_value.parse::<CustomerId>().map_err(|_| broken())?,
            },
            "customer_group" => PriceScope::CustomerGroup { customer_group: self.scope_value },
            "channel" => PriceScope::Channel { channel: self.scope_value },
            "distributor" => {
                PriceScope::Distributor { distributor_id: self.distributor_id.ok_or_else(broken)? }
            }
            _ => PriceScope::Company,
        };
        Ok(PriceListRecord {
            id: self.id,
            data: PriceListData {
                code: self.code,
                name: self.name,
                scope,
                priority: self.priority,
                valid_from: self.valid_from,
                valid_to: self.valid_to,
                status: self.status,
                items,
            },
            version: self.version,
            updated_at: self.updated_at,
        })
    }
}

/// A page of the price lists that the caller may see, by code, without their items but with how many items each has,
/// and how many lists there are.
///
/// # Errors
/// When the database refuses.
pub async fn list_price_lists(
    c: &mut PgConnection,
    status: Option<CatalogStatus>,
    search: Option<&str>,
    page: &Page,
) -> Result<(Vec<(PriceListRecord, i64)>, i64), sqlx::Error> {
    // A company has few lists, and their names have no search key: all are read, and the page is cut here.
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: PriceListId", code, name, scope, scope_value, distributor_id as "distributor_id: DistributorId",
             priority, valid_from, valid_to, status as "status: CatalogStatus", version, updated_at
           from price_lists where ($1::text is null or status = $1) order by code"#,
        status.map(CatalogStatus::as_str),
    )
    .fetch_all(&mut *c)
    .await?;
    let wanted = search.map(domain::search_key);
    let found = |row: &Row| {
        let key = domain::search_key(&format!("{} {}", row.code, row.name));
        wanted.as_ref().is_none_or(|wanted| key.contains(wanted.as_str()))
    };
    let rows: Vec<Row> = rows.into_iter().filter(found).collect();
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let skip = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let take = usize::try_from(page.limit()).unwrap_or_default();
    let rows: Vec<Row> = rows.into_iter().skip(skip).take(take).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let counts = sqlx::query!(
        r#"select price_list_id, count(*) as "items!" from price_list_items where price_list_id = any ($1) group by 1"#,
        &ids,
    )
    .fetch_all(c)
    .await?;
    let mut lists = Vec::with_capacity(rows.len());
    for row in rows {
        let items =
            counts.iter().find(|count| count.price_list_id == row.id.uuid()).map_or(0, |count| count.items);
        lists.push((row.record(Vec::new())?, items));
    }
    Ok((lists, total))
}

/// The price list with its items, if the caller may see it.
///
/// # Errors
/// When the database refuses.
pub async fn find_price_list(
    c: &mut PgConnection,
    id: PriceListId,
) -> Result<Option<PriceListRecord>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: PriceListId", code, name, scope, scope_value, distributor_id as "distributor_id: DistributorId",
             priority, valid_from, valid_to, status as "status: CatalogStatus", version, updated_at
           from price_lists where id = $1"#,
        id.uuid(),
    )
    .fetch_optional(&mut *c)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let items = sqlx::query_as!(
        PriceListItem,
        r#"select product_id as "product_id: ProductId", price, price_sub from price_list_items where price_list_id = $1
           order by product_id"#,
        id.uuid(),
    )
    .fetch_all(c)
    .await?;
    row.record(items).map(Some)
}

/// Like [`find_price_list`], and keeps others from changing it until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock_price_list(
    c: &mut PgConnection,
    id: PriceListId,
) -> Result<Option<PriceListRecord>, sqlx::Error> {
    sqlx::query!("select id from price_lists where id = $1 for no key update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find_price_list(c, id).await
}

/// The distributor whose rows a list with this scope belongs to (none for the company's); nothing when the customer
/// or distributor doesn't exist.
///
/// # Errors
/// When the database refuses.
pub async fn owner_of(
    c: &mut PgConnection,
    scope: &PriceScope,
) -> Result<Option<Option<DistributorId>>, sqlx::Error> {
    match scope {
        PriceScope::Company | PriceScope::Channel { .. } | PriceScope::CustomerGroup { .. } => Ok(Some(None)),
        PriceScope::Distributor { distributor_id } => {
            let known = sqlx::query_scalar!(
                r#"select id as "id: DistributorId" from distributors where id = $1 and deleted_at is null"#,
                distributor_id.uuid(),
            )
            .fetch_optional(c)
            .await?;
            Ok(known.map(Some))
        }
        PriceScope::Customer { customer_id } => {
            let known = sqlx::query_scalar!(
                r#"select distributor_id as "id: DistributorId" from customers where id = $1 and deleted_at is null"#,
                customer_id.uuid(),
            )
            .fetch_optional(c)
            .await?;
            Ok(known.map(Some))
        }
    }
}

/// Adds the list with its items, version 1.
///
/// # Errors
/// When the database refuses; `price_lists_code_uniq` when the code is taken.
pub async fn insert_price_list(
    c: &mut PgConnection,
    id: PriceListId,
    owner: Option<DistributorId>,
    data: &PriceListData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (scope, value) = words(&data.scope);
    sqlx::query!(
        "insert into price_lists (id, code, name, scope, scope_value, distributor_id, priority, valid_from, valid_to, status,
           created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        id.uuid(),
        data.code,
        data.name,
        scope,
        value,
        owner.map(|d| d.uuid()),
        data.priority,
        data.valid_from,
        data.valid_to,
        data.status.as_str(),
        at,
    )
    .execute(&mut *c)
    .await?;
    insert_items(c, id, &data.items).await
}

/// Writes the list, replaces its items and raises its version.
///
/// # Errors
/// When the database refuses; `price_lists_code_uniq` when the code is taken.
pub async fn update_price_list(
    c: &mut PgConnection,
    id: PriceListId,
    owner: Option<DistributorId>,
    data: &PriceListData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (scope, value) = words(&data.scope);
    sqlx::query!(
        "update price_lists set code = $2, name = $3, scope = $4, scope_value = $5, distributor_id = $6, priority = $7,
           valid_from = $8, valid_to = $9, status = $10, updated_at = $11, version = version + 1
         where id = $1",
        id.uuid(),
        data.code,
        data.name,
        scope,
        value,
        owner.map(|d| d.uuid()),
        data.priority,
        data.valid_from,
        data.valid_to,
        data.status.as_str(),
        at,
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!("delete from price_list_items where price_list_id = $1", id.uuid()).execute(&mut *c).await?;
    insert_items(c, id, &data.items).await
}

async fn insert_items(
    c: &mut PgConnection,
    id: PriceListId,
    items: &[PriceListItem],
) -> Result<(), sqlx::Error> {
    let products: Vec<Uuid> = items.iter().map(|item| item.product_id.uuid()).collect();
    let prices: Vec<i64> = items.iter().map(|item| item.price).collect();
    let prices_sub: Vec<i64> = items.iter().map(|item| item.price_sub).collect();
    sqlx::query!(
        "insert into price_list_items (price_list_id, product_id, price, price_sub)
         select $1, * from unnest($2::uuid[], $3::bigint[], $4::bigint[])",
        id.uuid(),
        &products,
        &prices,
        &prices_sub,
    )
    .execute(c)
    .await?;
    Ok(())
}

fn words(scope: &PriceScope) -> (&'static str, String) {
    match scope {
        PriceScope::Company => ("company", String::new()),
        PriceScope::Distributor { .. } => ("distributor", String::new()),
        PriceScope::Channel { channel } => ("channel", channel.clone()),
        PriceScope::CustomerGroup { customer_group } => ("customer_group", customer_group.clone()),
        PriceScope::Customer { customer_id } => ("customer", customer_id.to_string()),
    }
}
