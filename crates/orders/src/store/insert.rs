use chrono::{DateTime, NaiveDate, Utc};
use db::{Context, outbox};
use domain::order::StatedTotals;
use domain::pricing::{Explanation, GiftChoice, OrderTotals};
use domain::{
    CustomerId, DistributorId, EventId, OrderId, OrderStatus, OrderType, OrgUnitId, PromotionId, UserId,
    VisitId, WarehouseId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{OrderItem, PinnedPromotion};

/// What an order was priced with, beside the sources of its lines' prices.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Pinned {
    /// The promotions that were picked.
    pub picked: Vec<PromotionId>,
    /// What was chosen among free goods.
    #[serde(default)]
    pub choices: Vec<GiftChoice>,
    /// Those that took effect.
    pub promotions: Vec<PinnedPromotion>,
}

/// An order to insert.
pub struct NewOrder<'a> {
    pub distributor_id: DistributorId,
    pub id: OrderId,
    pub order_type: OrderType,
    pub status: OrderStatus,
    pub customer_id: CustomerId,
    pub rep_id: UserId,
    pub unit_id: Option<OrgUnitId>,
    pub visit_id: Option<VisitId>,
    pub warehouse_id: WarehouseId,
    pub ordered_at: DateTime<Utc>,
    pub business_date: NaiveDate,
    pub totals: &'a OrderTotals,
    pub notes: &'a str,
    pub explanations: &'a [Explanation],
    pub pinned: &'a Pinned,
    /// The phone's totals, when they differ: the order then needs a review.
    pub client_totals: Option<&'a StatedTotals>,
    pub split_from: Option<OrderId>,
    /// What its history says of its beginning.
    pub note: &'a str,
    pub detail: Option<&'a Value>,
    /// `OrderCreated` without the number; none tells nobody.
    pub event: Option<Value>,
    /// The hub groups that hear of it; none when the rep's unit is still to be asked who they are.
    pub audience: Option<Vec<String>>,
    /// The answer to keep for repeats; the number is added to it.
    pub answer: Option<Kept<'a>>,
    pub actor: UserId,
    pub at: DateTime<Utc>,
}

/// What is kept of a request for its repeats.
pub struct Kept<'a> {
    pub key: &'a str,
    pub fingerprint: &'a [u8],
    pub operation: &'static str,
    pub answer: Box<RawValue>,
}

/// Inserts the order under its next number, with its lines, history, audit row and event, in one statement; gives the
/// number. With `answer`, a repeat at the same moment breaks `idempotency_keys_pkey`. The number's counter stays locked until the transaction ends.
pub async fn insert_order(
    c: &mut PgConnection,
    cx: &Context,
    o: &NewOrder<'_>,
    items: &[OrderItem],
) -> Result<String, sqlx::Error> {
    let lines = Columns::of(items);
    let audited = serde_json::json!({"status": o.status, "total": o.totals.total});
    sqlx::query_scalar!(
        r#"with counter as (
             insert into document_counters as dc (distributor_id, kind, day, last_number) values ($1, 'DH', $11, 1)
             on conflict (distributor_id, kind, day) do update set last_number = dc.last_number + 1
             returning last_number
           ), placed as (
             insert into orders (distributor_id, id, number, order_type, status, customer_id, rep_id, unit_id, visit_id,
               warehouse_id, ordered_at, business_date, gross, product_discount, order_discount, vat, total, notes,
               explanation, pricing, client_totals, needs_review, split_from, created_by, created_at, updated_at)
             select $1, $2, 'DH-' || to_char($11::date, 'YYYYMMDD') || '-'
                 || lpad(last_number::text, greatest(4, length(last_number::text)), '0'),
               $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20::jsonb, $20 is not null, $21,
               $22, $23, $23
             from counter returning number
           ), lines as (
             insert into order_lines (distributor_id, order_id, line_no, product_id, unit, quantity, pieces, unit_price,
               gross, product_discount, order_discount, vat_percent, vat, total, is_free, promotion_id, price_list_id,
               price_version, vat_carry, promotion_tier)
             select $1, $2, * from unnest($24::int[], $25::uuid[], $26::text[], $27::bigint[], $28::bigint[], $29::bigint[],
               $30::bigint[], $31::bigint[], $32::bigint[], $33::smallint[], $34::bigint[], $35::bigint[], $36::bool[],
               $37::uuid[], $38::uuid[], $39::bigint[], $40::bigint[], $54::int[])
           ), history as (
             insert into order_history (distributor_id, id, order_id, at, actor_id, from_status, to_status, note, detail)
             values ($1, $41, $2, $23, $22, null, $4, $42, $43)
           ), audit as (
             insert into audit_log (at, distributor_id, actor_id, actor_name, action, entity, entity_id, after, address, trace_id)
             select $23, $1, $22, $44, 'orders.create', 'order', $2, $45::jsonb || jsonb_build_object('number', number), $46, $47
             from placed
           ), event as (
             insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
             select $48, $1, 'OrderCreated', $2, coalesce($56::text[], event_audience($1, $7, $6)),
               $49::jsonb || jsonb_build_object('orderNumber', number), $55, $23
             from placed where $49::jsonb is not null
           ), kept as (
             insert into idempotency_keys (user_id, key, operation, fingerprint, answer, created_at)
             select $22, $50, $51, $52, $53::jsonb || jsonb_build_object('orderNumber', number), $23
             from placed where $50::text is not null
           )
           select number from placed"#,
        o.distributor_id.uuid(),
        o.id.uuid(),
        o.order_type.as_str(),
        o.status.as_str(),
        o.customer_id.uuid(),
        o.rep_id.uuid(),
        o.unit_id.map(|u| u.uuid()),
        o.visit_id.map(|v| v.uuid()),
        o.warehouse_id.uuid(),
        o.ordered_at,
        o.business_date,
        o.totals.gross.dong(),
        o.totals.product_discount.dong(),
        o.totals.order_discount.dong(),
        o.totals.vat.dong(),
        o.totals.total.dong(),
        o.notes,
        Json(o.explanations) as _,
        Json(o.pinned) as _,
        o.client_totals.map(Json) as _,
        o.split_from.map(|id| id.uuid()),
        o.actor.uuid(),
        o.at,
        &lines.line_no,
        &lines.product,
        &lines.unit,
        &lines.quantity,
        &lines.pieces,
        &lines.unit_price,
        &lines.gross,
        &lines.product_discount,
        &lines.order_discount,
        &lines.vat_percent,
        &lines.vat,
        &lines.total,
        &lines.free,
        &lines.promotion as &[Option<Uuid>],
        &lines.price_list as &[Option<Uuid>],
        &lines.price_version,
        &lines.vat_carry,
        Uuid::now_v7(),
        o.note,
        o.detail,
        cx.name,
        audited,
        cx.address,
        cx.trace_id,
        EventId::new(Uuid::now_v7()).uuid(),
        o.event,
        o.answer.as_ref().map(|kept| kept.key),
        o.answer.as_ref().map(|kept| kept.operation),
        o.answer.as_ref().map(|kept| kept.fingerprint),
        o.answer.as_ref().map(|kept| Json(&kept.answer)) as _,
        &lines.promotion_tier as &[Option<i32>],
        outbox::trace(cx),
        o.audience.as_deref(),
    )
    .fetch_one(c)
    .await
}

/// The lines as columns, for `unnest`.
#[derive(Default)]
struct Columns {
    line_no: Vec<i32>,
    product: Vec<Uuid>,
    unit: Vec<String>,
    quantity: Vec<i64>,
    pieces: Vec<i64>,
    unit_price: Vec<i64>,
    gross: Vec<i64>,
    product_discount: Vec<i64>,
    order_discount: Vec<i64>,
    vat_percent: Vec<i16>,
    vat: Vec<i64>,
    total: Vec<i64>,
    free: Vec<bool>,
    promotion: Vec<Option<Uuid>>,
    price_list: Vec<Option<Uuid>>,
    price_version: Vec<i64>,
    vat_carry: Vec<i64>,
    promotion_tier: Vec<Option<i32>>,
}

impl Columns {
    fn of(items: &[OrderItem]) -> Self {
        let mut columns = Columns::default();
        for i in items {
            columns.line_no.push(i.line_no);
            columns.product.push(i.product_id.uuid());
            columns.unit.push(i.unit.as_str().to_owned());
            columns.quantity.push(i.quantity);
            columns.pieces.push(i.pieces);
            columns.unit_price.push(i.unit_price.dong());
            columns.gross.push(i.gross.dong());
            columns.product_discount.push(i.product_discount.dong());
            columns.order_discount.push(i.order_discount.dong());
            columns.vat_percent.push(i.vat);
            columns.vat.push(i.tax_amount.dong());
            columns.total.push(i.line_total.dong());
            columns.free.push(i.is_free);
            columns.promotion.push(i.promotion_id.map(|p| p.uuid()));
            columns.price_list.push(i.price_list_id.map(|l| l.uuid()));
            columns.price_version.push(i.price_version);
            columns.vat_carry.push(i.vat_carry.dong());
            columns.promotion_tier.push(i.promotion_tier);
        }
        columns
    }
}

/// What an edit, a submission or a split makes of an order.
pub struct NewContent<'a> {
    pub warehouse_id: WarehouseId,
    pub totals: &'a OrderTotals,
    pub notes: &'a str,
    pub explanations: &'a [Explanation],
    pub pinned: &'a Pinned,
    pub client_totals: Option<&'a StatedTotals>,
    pub needs_review: bool,
}

/// Replaces the content of a locked order, whose lines nothing refers to yet.
pub async fn replace_content(
    c: &mut PgConnection,
    distributor: DistributorId,
    order: OrderId,
    new: &NewContent<'_>,
    items: &[OrderItem],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with old as (delete from order_lines where distributor_id = $1 and order_id = $2)
         update orders set warehouse_id = $3, gross = $4, product_discount = $5, order_discount = $6, vat = $7, total = $8,
           notes = $9, explanation = $10, pricing = $11, client_totals = $12, needs_review = $13
         where distributor_id = $1 and id = $2",
        distributor.uuid(),
        order.uuid(),
        new.warehouse_id.uuid(),
        new.totals.gross.dong(),
        new.totals.product_discount.dong(),
        new.totals.order_discount.dong(),
        new.totals.vat.dong(),
        new.totals.total.dong(),
        new.notes,
        Json(new.explanations) as _,
        Json(new.pinned) as _,
        new.client_totals.map(Json) as _,
        new.needs_review,
    )
    .execute(&mut *c)
    .await?;
    let lines = Columns::of(items);
    sqlx::query!(
        "insert into order_lines (distributor_id, order_id, line_no, product_id, unit, quantity, pieces, unit_price,
           gross, product_discount, order_discount, vat_percent, vat, total, is_free, promotion_id, price_list_id,
           price_version, vat_carry, promotion_tier)
         select $1, $2, * from unnest($3::int[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
           $9::bigint[], $10::bigint[], $11::bigint[], $12::smallint[], $13::bigint[], $14::bigint[], $15::bool[],
           $16::uuid[], $17::uuid[], $18::bigint[], $19::bigint[], $20::int[])",
        distributor.uuid(),
        order.uuid(),
        &lines.line_no,
        &lines.product,
        &lines.unit,
        &lines.quantity,
        &lines.pieces,
        &lines.unit_price,
        &lines.gross,
        &lines.product_discount,
        &lines.order_discount,
        &lines.vat_percent,
        &lines.vat,
        &lines.total,
        &lines.free,
        &lines.promotion as &[Option<Uuid>],
        &lines.price_list as &[Option<Uuid>],
        &lines.price_version,
        &lines.vat_carry,
        &lines.promotion_tier as &[Option<i32>],
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The receipt of what a van sale was paid with.
pub async fn update_receipt(
    c: &mut PgConnection,
    distributor: DistributorId,
    order: OrderId,
    receipt: domain::ReceiptId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update orders set receipt_id = $3 where distributor_id = $1 and id = $2",
        distributor.uuid(),
        order.uuid(),
        receipt.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}
