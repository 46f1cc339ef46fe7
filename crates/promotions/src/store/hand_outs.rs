//! Goods of settlements: what is owed, and what was handed out.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, DistributorId, DocumentId, ProductId, PromotionId, Quantity, Unit, UserId};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{HandOut, OwedGoods};

/// Which goods to list; what is not set doesn't limit.
pub(crate) struct OwedFilter<'a> {
    pub scope: Scope<'a>,
    pub today: NaiveDate,
    pub distributor: Option<DistributorId>,
    pub promotion: Option<PromotionId>,
    pub customer: Option<CustomerId>,
    /// Only those of which something is left, or only those of which nothing is.
    pub open: Option<bool>,
}

/// A page of the goods that settlements gave, the latest first, and how many there are in all.
pub(crate) async fn list_owed(
    c: &mut PgConnection,
    filter: &OwedFilter<'_>,
    page: &Page,
) -> Result<(Vec<OwedGoods>, i64), sqlx::Error> {
    let units = filter.scope.units();
    let hits = sqlx::query!(
        r#"with hits as (
             select s.id, s.at
             from promotion_settlements s
             join customers k on k.distributor_id = s.distributor_id and k.id = s.customer_id
             join promotions p on p.id = s.promotion_id
             where s.product_id is not null
               and ($1::uuid is null and $2::uuid[] is null
                    or s.customer_id in (select x from customers_in_scope($1, $2, $3) x))
               and ($4::uuid is null or s.distributor_id = $4)
               and ($5::uuid is null or s.promotion_id = $5)
               and ($6::uuid is null or s.customer_id = $6)
               and ($7::boolean is null or $7 = (s.quantity > (
                 select coalesce(sum(h.quantity), 0) from promotion_hand_outs h
                 where h.distributor_id = s.distributor_id and h.settlement_id = s.id)))
               and ($8::text is null or k.search_key like $8 or p.search_key like $8)
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by at desc, id limit $9 offset $10) as "ids!""#,
        filter.scope.user(),
        units.as_deref(),
        filter.today,
        filter.distributor.map(|d| d.uuid()),
        filter.promotion.map(|p| p.uuid()),
        filter.customer.map(|k| k.uuid()),
        filter.open,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load_owed(c, &hits.ids).await?, hits.total))
}

/// Goods of a settlement, if it is one of the tenant's and gave goods.
pub(crate) async fn find_owed(
    c: &mut PgConnection,
    settlement: DocumentId,
) -> Result<Option<OwedGoods>, sqlx::Error> {
    Ok(load_owed(c, &[settlement.uuid()]).await?.pop())
}

async fn load_owed(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<OwedGoods>, sqlx::Error> {
    let mut made = list_hand_outs(c, ids).await?;
    let rows = sqlx::query!(
        r#"select s.id as "id: DocumentId", s.distributor_id as "distributor_id: DistributorId", d.code as distributor_code,
             s.promotion_id as "promotion_id: PromotionId", p.code as promotion_code, p.name as promotion_name,
             s.customer_id as "customer_id: CustomerId", k.code as customer_code, k.name as customer_name, s.month,
             s.business_date, g.id as "product_id: ProductId", g.code as product_code, g.name as product_name,
             s.quantity as "quantity!", s.unit as "unit!: Unit",
             case s.unit when 'whole' then g.unit_name else g.sub_unit_name end as "unit_name!",
             s.quantity - h.quantity as "left!", h.quantity as "handed_out!"
           from promotion_settlements s
           join distributors d on d.id = s.distributor_id
           join promotions p on p.id = s.promotion_id
           join customers k on k.distributor_id = s.distributor_id and k.id = s.customer_id
           join products g on g.id = s.product_id
           cross join lateral (
             select coalesce(sum(h.quantity), 0)::bigint as quantity from promotion_hand_outs h
             where h.distributor_id = s.distributor_id and h.settlement_id = s.id) h
           where s.id = any ($1)
           order by s.at desc, s.id"#,
        ids,
    )
    .fetch_all(c)
    .await?;
    let owed = rows.into_iter().map(|r| OwedGoods {
        settlement_id: r.id,
        distributor_id: r.distributor_id,
        distributor_code: r.distributor_code,
        promotion_id: r.promotion_id,
        promotion_code: r.promotion_code,
        promotion_name: r.promotion_name,
        customer_id: r.customer_id,
        customer_code: r.customer_code,
        customer_name: r.customer_name,
        month: r.month,
        settled_on: r.business_date,
        product_id: r.product_id,
        product_code: r.product_code,
        product_name: r.product_name,
        quantity: r.quantity,
        unit: r.unit,
        unit_name: r.unit_name,
        handed_out: r.handed_out,
        left: r.left,
        hand_outs: made.remove(&r.id).unwrap_or_default(),
    });
    Ok(owed.collect())
}

async fn list_hand_outs(
    c: &mut PgConnection,
    settlements: &[Uuid],
) -> Result<BTreeMap<DocumentId, Vec<HandOut>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select h.settlement_id as "settlement: DocumentId", h.id as "id: DocumentId", a.number, w.name as warehouse_name,
             h.quantity, h.business_date, coalesce(u.full_name, '') as "by!"
           from promotion_hand_outs h
           join stock_adjustments a on a.distributor_id = h.distributor_id and a.id = h.id
           join warehouses w on w.distributor_id = a.distributor_id and w.id = a.warehouse_id
           left join users u on u.id = h.actor_id
           where (h.distributor_id, h.settlement_id) in (
             select distributor_id, id from promotion_settlements where id = any ($1))
           order by h.at, h.id"#,
        settlements,
    )
    .fetch_all(c)
    .await?;
    let mut made: BTreeMap<DocumentId, Vec<HandOut>> = BTreeMap::new();
    for r in rows {
        made.entry(r.settlement).or_default().push(HandOut {
            adjustment_id: r.id,
            number: r.number,
            warehouse_name: r.warehouse_name,
            quantity: r.quantity,
            business_date: r.business_date,
            handed_out_by_name: r.by,
        });
    }
    Ok(made)
}

/// Until the transaction ends nobody else hands out goods of the settlement. Its row can't be locked: it never changes.
pub(crate) async fn lock_settlement(c: &mut PgConnection, settlement: DocumentId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('promotions.settlement ' || $1::uuid, 0))",
        settlement.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The first day on which goods may expire that the customer gets on a day.
pub(crate) async fn find_good_from(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    day: NaiveDate,
) -> Result<NaiveDate, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select $3::date + min_life_days as "day!" from customers where distributor_id = $1 and id = $2"#,
        distributor.uuid(),
        customer.uuid(),
        day,
    )
    .fetch_one(c)
    .await
}

/// A hand-out to write.
pub(crate) struct NewHandOut {
    pub distributor: DistributorId,
    /// The adjustment of stock.
    pub id: DocumentId,
    pub settlement: DocumentId,
    /// In the settlement's unit.
    pub quantity: i64,
    pub pieces: Quantity,
    pub business_date: NaiveDate,
    pub at: DateTime<Utc>,
    pub actor: UserId,
}

/// Writes down that goods were handed out.
pub(crate) async fn insert_hand_out(c: &mut PgConnection, new: &NewHandOut) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into promotion_hand_outs (distributor_id, id, settlement_id, quantity, pieces, business_date, at, actor_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.distributor.uuid(),
        new.id.uuid(),
        new.settlement.uuid(),
        new.quantity,
        new.pieces.pieces(),
        new.business_date,
        new.at,
        new.actor.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}
