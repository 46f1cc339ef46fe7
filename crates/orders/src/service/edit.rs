use db::PgConnection;
use domain::order::StatedTotals;
use domain::pricing::GiftChoice;
use domain::{EventId, OrderId, OrderStatus, PromotionId};
use platform::{ApiError, App, Caller, Once, Scope, transaction, transaction_once};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::given_back::release;
use super::place::{Created, stated};
use super::price::{Cart, book, check, price, still_first};
use super::view::view;
use super::{Said, lock, step};
use crate::error::OrderError;
use crate::model::{CreateOrderItem, EditOrder, OrderView};
use crate::store::{self, LockedOrder, NewContent, SaleOf};

/// Replaces the content of an order that nobody has decided upon, and prices it anew from a clean cart with the prices
/// and promotions of its business day. Its history keeps what it was. A rep edits their own orders, the office any.
///
/// # Errors
/// 400 for malformed fields, 403 for somebody else's order, 404, 409 when it was decided upon, 412 when it was changed
/// meanwhile, 422 as [`OrderError`] says.
pub async fn edit(
    app: &App,
    caller: &Caller,
    id: OrderId,
    version: i64,
    body: &EditOrder,
) -> Result<OrderView, ApiError> {
    let notes = body.notes.as_deref().unwrap_or_default();
    check(&body.items, &body.promotion_ids, notes, body.client_totals.as_ref())?;
    let reason = body.reason.trim();
    if reason.chars().count() > 500 {
        return Err(ApiError::invalid_field("reason", "Tối đa 500 ký tự", "At most 500 characters"));
    }
    let edited = transaction!(app.db, caller.context(), "orders.edit", |tx| {
        let order = lock(tx, caller, id, Some(version)).await?;
        own(caller, &order)?;
        let to = order.status.edit().map_err(OrderError::from)?;
        let old = view(tx, caller, id).await?;
        let content = Content {
            to,
            items: &body.items,
            picked: &body.promotion_ids,
            choices: &body.gift_choices,
            warehouse: body.warehouse_id,
            notes: body.notes.as_deref().map_or(old.head.notes.as_str(), str::trim),
            expected: body.client_totals.as_ref(),
        };
        let mut detail = revise(app, tx, caller, &order, &content).await?;
        let before = json!({
            "items": old.items, "promotionIds": old.promotion_ids, "giftChoices": old.gift_choices, "notes": old.head.notes,
            "warehouseId": old.head.warehouse_id, "subTotal": old.sub_total, "discountAmount": old.discount_amount,
            "taxAmount": old.tax_amount, "totalAmount": old.head.total_amount,
        });
        detail.insert("before".into(), before);
        let said = Said { reason, detail: Some(Value::Object(detail)), ..Said::default() };
        step(app, tx, caller, &order, to, "orders.edit", said).await?;
        view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(edited)
}

/// Sends a draft for approval. It is priced anew; when that differs from what the draft said, it needs a review.
///
/// # Errors
/// As [`edit`].
pub async fn submit(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: OrderId,
    version: Option<i64>,
) -> Result<OrderView, ApiError> {
    let submitted = transaction_once!(app, caller.context(), once, "orders.submit", |tx| {
        let order = lock(tx, caller, id, version).await?;
        own(caller, &order)?;
        let to = order.status.submit().map_err(OrderError::from)?;
        let old = view(tx, caller, id).await?;
        let items: Vec<CreateOrderItem> = old
            .items
            .iter()
            .filter(|i| !i.is_free)
            .map(|i| CreateOrderItem { product_id: i.product_id, quantity: i.quantity, unit: i.unit })
            .collect();
        let shown = old.totals().map_err(OrderError::from)?;
        let expected = old.client_totals.clone().unwrap_or(shown);
        let content = Content {
            to,
            items: &items,
            picked: &old.promotion_ids,
            choices: &old.gift_choices,
            warehouse: None,
            notes: &old.head.notes,
            expected: Some(&expected),
        };
        let detail = revise(app, tx, caller, &order, &content).await?;
        let said = Said { detail: (!detail.is_empty()).then_some(Value::Object(detail)), ..Said::default() };
        step(app, tx, caller, &order, to, "orders.submit", said).await?;
        let placed = view(tx, caller, id).await?;
        announce(app, tx, caller, &order, &placed).await?;
        Ok(placed)
    })?;
    app.wake.now();
    Ok(submitted)
}

/// Who took the order may change it, and who sees all of the distributor's.
fn own(caller: &Caller, order: &LockedOrder) -> Result<(), ApiError> {
    if order.rep_id == caller.user_id || caller.scope() == Scope::All {
        return Ok(());
    }
    Err(OrderError::NotYours.into())
}

struct Content<'a> {
    /// Where the order goes: only a pending one uses promotions.
    to: OrderStatus,
    items: &'a [CreateOrderItem],
    picked: &'a [PromotionId],
    choices: &'a [GiftChoice],
    warehouse: Option<domain::WarehouseId>,
    notes: &'a str,
    /// The totals somebody else reckoned or saw.
    expected: Option<&'a StatedTotals>,
}

/// Prices the content and writes it; gives what its history should say of it.
async fn revise(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    order: &LockedOrder,
    content: &Content<'_>,
) -> Result<Map<String, Value>, ApiError> {
    let cart = Cart {
        of: SaleOf {
            customer: order.customer_id,
            order_type: order.order_type,
            visit: None,
            warehouse: Some(content.warehouse.unwrap_or(order.warehouse_id)),
            user: order.rep_id,
            order: Some(order.id),
        },
        day: order.business_date,
        items: content.items,
        picked: content.picked,
        choices: content.choices,
        hints: false,
    };
    let mut priced = price(app, c, &cart).await?;
    if order.status == OrderStatus::Pending {
        release(app, c, caller, order, &priced.order.uses).await?;
    }
    if content.to == OrderStatus::Pending {
        if order.status == OrderStatus::Draft {
            priced = still_first(app, c, &cart, priced).await?;
        }
        priced = book(app, c, caller, &cart, order.id, priced).await?;
    }
    let totals = &priced.order.totals;
    let server = stated(totals, &priced.items)?;
    let differences = content.expected.map(|client| client.differences(&server)).unwrap_or_default();
    let new = NewContent {
        warehouse_id: priced.sale.warehouse_id.ok_or(OrderError::NoWarehouse)?,
        totals,
        notes: content.notes,
        explanations: &priced.order.explanations,
        pinned: &priced.pinned,
        client_totals: content.expected.filter(|_| !differences.is_empty()),
        needs_review: !differences.is_empty(),
    };
    store::replace_content(c, order.distributor_id, order.id, &new, &priced.items).await?;
    let mut detail = Map::new();
    if !differences.is_empty() {
        detail.insert("differences".into(), json!(differences));
    }
    Ok(detail)
}

/// `OrderCreated`: nobody has heard of a draft.
async fn announce(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    order: &LockedOrder,
    placed: &OrderView,
) -> Result<(), ApiError> {
    let created = Created {
        order_id: order.id,
        customer_id: order.customer_id,
        customer_name: &order.customer_name,
        rep_id: order.rep_id,
        rep_name: &order.rep_name,
        total_amount: placed.head.total_amount,
        status: OrderStatus::Pending,
        ordered_at: order.ordered_at,
    };
    let mut payload = serde_json::to_value(created).map_err(ApiError::internal)?;
    payload["orderNumber"] = json!(order.number);
    let event = db::outbox::Event {
        id: EventId::new(Uuid::now_v7()),
        kind: "OrderCreated",
        aggregate: order.id.uuid(),
        distributor: Some(order.distributor_id),
        unit: order.unit_id,
        user: Some(order.rep_id),
        payload: &payload,
    };
    Ok(db::outbox::push(c, caller.context(), app.now(), event).await?)
}
