//! The SQL of promotions.

mod bought;
mod hand_outs;
mod history;
mod settle;
mod usage;
mod verify;

pub(crate) use bought::{CustomerBought, list_bought};
pub(crate) use hand_outs::{
    NewHandOut, OwedFilter, find_good_from, find_owed, insert_hand_out, list_owed, lock_settlement,
};
pub(crate) use history::{KeptOrder, list_orders, list_rules};
pub(crate) use settle::{NewSettlement, insert_settlement, list_settled, list_shown, lock_customers};
pub(crate) use usage::{
    begin_budget, book, end_budget, find_budget, give_back, list_totals, list_used, lock_totals, move_usage,
    release,
};
pub(crate) use verify::list_findings;

use chrono::{DateTime, NaiveDate, Utc};
use domain::pricing::{PriceBook, ProductPrice, Promotion, Sellers};
use domain::{Conversion, DistributorId, Money, Percent, ProductId, PromotionId, UnitPrices};
use platform::Page;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{Definition, KeptPromotion, PromotionData, PromotionStatus};

struct Row {
    id: PromotionId,
    code: String,
    name: String,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    status: PromotionStatus,
    ended_on: Option<NaiveDate>,
    priority: i32,
    definition: Json<Definition>,
    version: i64,
    updated_at: DateTime<Utc>,
}

impl From<Row> for KeptPromotion {
    fn from(r: Row) -> Self {
        KeptPromotion {
            id: r.id,
            data: PromotionData {
                code: r.code,
                name: r.name,
                valid_from: r.valid_from,
                valid_to: r.valid_to,
                priority: r.priority,
                definition: r.definition.0,
            },
            status: r.status,
            ended_on: r.ended_on,
            version: r.version,
            updated_at: r.updated_at,
        }
    }
}

/// The promotions that are switched on and hold on the day, for whomever they are meant.
///
/// # Errors
/// When the database refuses.
pub async fn active(c: &mut PgConnection, day: NaiveDate) -> Result<Vec<Promotion>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: PromotionId", code, name, valid_from, valid_to, status as "status: PromotionStatus",
             ended_on, priority, definition as "definition: Json<Definition>", version, updated_at
           from promotions where status = 'active' and valid_from <= $1 and valid_to >= $1 order by code"#,
        day,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| KeptPromotion::from(row).into_rule()).collect())
}

/// Which promotions a list shows; what is not set doesn't limit.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only where they stand so today.
    pub status: Option<PromotionStatus>,
    /// Today.
    pub today: NaiveDate,
    /// Only those that are switched on and hold on this day.
    pub active_on: Option<NaiveDate>,
    /// Also drafts.
    pub drafts: bool,
}

/// A page of the promotions, the latest start first, and how many there are in all.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    c: &mut PgConnection,
    filter: &Filter,
    page: &Page,
) -> Result<(Vec<KeptPromotion>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select id, valid_from, code from promotions
             where ($1::text is null or search_key like $1)
               and ($2::text is null or $2 = case
                 when status in ('active', 'paused') and valid_to < $7 then 'ended' else status end)
               and ($3::date is null or (status = 'active' and valid_from <= $3 and valid_to >= $3))
               and ($4 or status <> 'draft'))
           select (select count(*) from hits) as "total!",
             array(select id from hits order by valid_from desc, code limit $5 offset $6) as "ids!""#,
        page.search,
        filter.status.map(PromotionStatus::as_str),
        filter.active_on,
        filter.drafts,
        page.limit(),
        page.offset(),
        filter.today,
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load(c, &hits.ids).await?, hits.total))
}

/// The promotion.
///
/// # Errors
/// When the database refuses.
pub async fn find(c: &mut PgConnection, id: PromotionId) -> Result<Option<KeptPromotion>, sqlx::Error> {
    Ok(load(c, &[id.uuid()]).await?.pop())
}

/// Keeps others from changing any promotion until the transaction ends, so that what is checked against the others that
/// are active stays so. Comes before a promotion's own lock; documents that use promotions don't wait for it.
///
/// # Errors
/// When the database refuses.
pub async fn lock_writing(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select version from master_versions where name = 'promotions' for no key update")
        .fetch_one(c)
        .await?;
    Ok(())
}

/// Like [`find`], and keeps others from changing it until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(c: &mut PgConnection, id: PromotionId) -> Result<Option<KeptPromotion>, sqlx::Error> {
    sqlx::query!("select id from promotions where id = $1 for no key update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find(c, id).await
}

/// Like [`lock`], and waits for documents that are just using it, and makes others wait.
///
/// # Errors
/// When the database refuses.
pub async fn lock_against_use(
    c: &mut PgConnection,
    id: PromotionId,
) -> Result<Option<KeptPromotion>, sqlx::Error> {
    sqlx::query!("select id from promotions where id = $1 for update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find(c, id).await
}

/// The catalogue's prices of these products; also of those that are no longer sold.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn price_book(c: &mut PgConnection, products: &[Uuid]) -> Result<PriceBook, sqlx::Error> {
    prices_of(c, products, false).await
}

/// The catalogue's prices of those of these products that are sold.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn sold_prices(c: &mut PgConnection, products: &[Uuid]) -> Result<PriceBook, sqlx::Error> {
    prices_of(c, products, true).await
}

async fn prices_of(
    c: &mut PgConnection,
    products: &[Uuid],
    only_sold: bool,
) -> Result<PriceBook, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: ProductId", selling_price as "whole: Money", selling_price_sub as "retail: Money",
             vat_percent, conversion_rate as "conversion: Conversion"
           from products where id = any ($1) and deleted_at is null and (status = 'active' or not $2)"#,
        products,
        only_sold,
    )
    .fetch_all(c)
    .await?;
    let mut book = PriceBook::default();
    for r in rows {
        let vat = Percent::whole(i32::from(r.vat_percent)).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
        let prices = UnitPrices { whole: r.whole, retail: r.retail };
        book.0.insert(r.id, ProductPrice { prices, vat, conversion: r.conversion });
    }
    Ok(book)
}

/// Who may sell these products, where not everybody may: those whom the product names, else its category.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn find_sellers(c: &mut PgConnection, products: &[Uuid]) -> Result<Sellers, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select p.id as "id!: ProductId", coalesce(p.distributors, k.distributors) as "distributors!"
           from products p left join categories k on k.id = p.category_id
           where p.id = any ($1) and coalesce(p.distributors, k.distributors) is not null"#,
        products,
    )
    .fetch_all(c)
    .await?;
    let named = |ids: Vec<Uuid>| ids.into_iter().map(DistributorId::new).collect();
    Ok(Sellers(rows.into_iter().map(|row| (row.id, named(row.distributors))).collect()))
}

async fn load(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<KeptPromotion>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: PromotionId", code, name, valid_from, valid_to, status as "status: PromotionStatus",
             ended_on, priority, definition as "definition: Json<Definition>", version, updated_at
           from promotions where id = any ($1) order by valid_from desc, code"#,
        ids,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(KeptPromotion::from).collect())
}

/// Adds the promotion as a draft, version 1.
///
/// # Errors
/// When the database refuses; `promotions_code_uniq` when the code is taken.
pub async fn insert(
    c: &mut PgConnection,
    id: PromotionId,
    data: &PromotionData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into promotions (id, code, name, search_key, valid_from, valid_to, status, priority, definition, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, 'draft', $7, $8, $9, $9)",
        id.uuid(),
        data.code,
        data.name,
        data.search_key(),
        data.valid_from,
        data.valid_to,
        data.priority,
        Json(&data.definition) as _,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Writes the promotion and raises its version.
///
/// # Errors
/// When the database refuses; `promotions_code_uniq` when the code is taken.
pub async fn update(
    c: &mut PgConnection,
    id: PromotionId,
    data: &PromotionData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update promotions set code = $2, name = $3, search_key = $4, valid_from = $5, valid_to = $6, priority = $7,
           definition = $8, updated_at = $9, version = version + 1
         where id = $1",
        id.uuid(),
        data.code,
        data.name,
        data.search_key(),
        data.valid_from,
        data.valid_to,
        data.priority,
        Json(&data.definition) as _,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Writes what was done with the promotion, and if that ended it on which day, and raises its version.
///
/// # Errors
/// When the database refuses.
pub async fn update_status(
    c: &mut PgConnection,
    id: PromotionId,
    status: PromotionStatus,
    ended_on: Option<NaiveDate>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update promotions set status = $2, ended_on = $3, updated_at = $4, version = version + 1 where id = $1",
        id.uuid(),
        status.as_str(),
        ended_on,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// How many of these products exist.
///
/// # Errors
/// When the database refuses.
pub async fn count_products(c: &mut PgConnection, products: &[Uuid]) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from products where id = any ($1) and deleted_at is null"#,
        products
    )
    .fetch_one(c)
    .await
}
