use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use db::PgConnection;
use domain::business_day::business_date;
use domain::order::{CreditProblem, StatedTotals};
use domain::pricing::OrderTotals;
use domain::{OrderId, OrderStatus, OrderType, ProductId, Unit, WarehouseId};
use platform::{ApiError, App, Caller, Once, transaction};
use serde::Serialize;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::price::{Cart, Priced, book, check, may_sell, price_sale, sale_of, still_first};
use super::van;
use super::view::view;
use crate::error::OrderError;
use crate::model::{CreateOrder, CreateOrderItem, OrderEvent, OrderHead, OrderItem, OrderView, free_goods};
use crate::store::{self, Kept, NewOrder, Sale};

/// `OrderCreated`, as the hub sends it; the number is added when it is known.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created<'a> {
    pub order_id: OrderId,
    pub customer_id: domain::CustomerId,
    pub customer_name: &'a str,
    pub rep_id: domain::UserId,
    pub rep_name: &'a str,
    pub total_amount: domain::Money,
    pub status: OrderStatus,
    pub ordered_at: DateTime<Utc>,
}

/// Places an order: prices it, numbers it, and leaves it pending for approval, or as a draft. A van sale is delivered
/// at once. A repeat gets the first answer; one that is known by the order's id only, under another key or after the
/// order came by sync, gets the order as it is now.
///
/// # Errors
/// 400 for malformed fields, 404 for a customer the caller may not see, 409 when the id is another order's, 422 as
/// [`OrderError`] says.
pub async fn place(
    app: &App,
    caller: &Caller,
    once: &Once,
    body: &CreateOrder,
) -> Result<OrderView, ApiError> {
    match place_new(app, caller, once, body).await {
        Err(refusal) if Once::may_be_known(&refusal) => match known(app, caller, body).await? {
            Some(order) => Ok(order),
            None => Err(refusal),
        },
        placed => placed,
    }
}

/// The order that is there already under the client's id, if it is the caller's and was placed with the same content.
async fn known(app: &App, caller: &Caller, body: &CreateOrder) -> Result<Option<OrderView>, ApiError> {
    let Some(id) = body.id else { return Ok(None) };
    let mut tx = app.db.lookup(caller.context()).await?;
    if !store::is_order_of(&mut tx, id, caller.user_id).await? {
        return Ok(None);
    }
    let order = view(&mut tx, caller, id).await?;
    let same = (order.head.customer_id, order.head.order_type) == (body.customer_id, body.order_type)
        && bought(&placed_items(&order)?) == asked(&body.items);
    Ok(same.then_some(order))
}

/// What the order was placed with: the first edit or split keeps what was before it.
fn placed_items(order: &OrderView) -> Result<Vec<OrderItem>, ApiError> {
    let before = order.history.iter().find_map(|event| event.detail.as_ref()?.get("before")?.get("items"));
    match before {
        Some(items) => serde_json::from_value(items.clone()).map_err(ApiError::internal),
        None => Ok(order.items.clone()),
    }
}

fn bought(items: &[OrderItem]) -> BTreeMap<(ProductId, Unit), i64> {
    per_unit(items.iter().filter(|i| !i.is_free).map(|i| (i.product_id, i.unit, i.quantity)))
}

fn asked(items: &[CreateOrderItem]) -> BTreeMap<(ProductId, Unit), i64> {
    per_unit(items.iter().map(|i| (i.product_id, i.unit, i.quantity)))
}

fn per_unit(items: impl Iterator<Item = (ProductId, Unit, i64)>) -> BTreeMap<(ProductId, Unit), i64> {
    let mut sums = BTreeMap::new();
    for (product, unit, quantity) in items {
        let sum: &mut i64 = sums.entry((product, unit)).or_default();
        *sum = sum.saturating_add(quantity);
    }
    sums
}

async fn place_new(
    app: &App,
    caller: &Caller,
    once: &Once,
    body: &CreateOrder,
) -> Result<OrderView, ApiError> {
    check(&body.items, &body.promotion_ids, &body.notes, body.client_totals.as_ref())?;
    let ordered_at = taken_at(body.at, app.now())?;
    if body.order_type == OrderType::VanSales {
        return van::sell(app, caller, once, body, ordered_at).await;
    }
    if body.amount_paid.is_some_and(|paid| !paid.is_zero()) {
        return Err(ApiError::invalid_field(
            "amountPaid",
            "Chỉ bán hàng theo xe mới thu tiền ngay",
            "Only a van sale is paid at once",
        ));
    }
    let placed = match attempt(app, caller, once, body, ordered_at).await {
        // A repeat at the same moment was first; what it answered is there now.
        Err(e) if matches!(e.constraint(), Some("idempotency_keys_pkey" | "orders_pkey")) => {
            attempt(app, caller, once, body, ordered_at).await
        }
        done => done,
    }
    .map_err(id_taken)?;
    app.wake.now();
    Ok(placed)
}

const OPERATION: &str = "orders.create";

/// One transaction of four round trips: begin, read, write, commit; one more each to see whose outlet it is where no visit
/// says so, what is left of promotions with limits, and to book what promotions gave.
async fn attempt(
    app: &App,
    caller: &Caller,
    once: &Once,
    body: &CreateOrder,
    ordered_at: DateTime<Utc>,
) -> Result<OrderView, ApiError> {
    transaction!(app.db, caller.context(), "orders.create", |tx| {
        place_on(app, tx, caller, Some(once), body, ordered_at).await
    })
}

async fn place_on(
    app: &App,
    tx: &mut PgConnection,
    caller: &Caller,
    once: Option<&Once>,
    body: &CreateOrder,
    ordered_at: DateTime<Utc>,
) -> Result<OrderView, ApiError> {
    let status = if body.draft { OrderStatus::Draft } else { OrderStatus::Pending };
    let of = sale_of(caller, body);
    let key = once.and_then(Once::key).map(|(key, _)| key);
    let mut sale = store::find_sale(tx, &of, key).await?.ok_or_else(ApiError::not_found)?;
    if let (Some(once), Some(first)) = (once, sale.first_answer.take()) {
        return once.repeat(OPERATION, first);
    }
    let cart = cart_of(caller, body, ordered_at);
    let mut priced = prepare(app, tx, caller, &cart, sale).await?;
    let id = body.id.unwrap_or_else(|| OrderId::new(Uuid::now_v7()));
    if status == OrderStatus::Pending {
        priced = still_first(app, tx, &cart, priced).await?;
        priced = book(app, tx, caller, &cart, id, priced).await?;
    }
    let new = New { id, ordered_at, status, warnings: Vec::new(), once };
    insert(app, tx, caller, body, priced, new).await
}

/// Places an order that was taken in the field at `ordered_at`, however long ago, in the transaction of whoever keeps its
/// answer. One that is there already is given as it is.
///
/// # Errors
/// As [`place`]; what refuses it is for a person to settle.
pub async fn place_late(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    body: &CreateOrder,
    ordered_at: DateTime<Utc>,
) -> Result<OrderView, ApiError> {
    check(&body.items, &body.promotion_ids, &body.notes, body.client_totals.as_ref())?;
    if let Some(id) = body.id
        && store::is_order_of(c, id, caller.user_id).await?
    {
        return view(c, caller, id).await;
    }
    let placed = match body.order_type {
        OrderType::VanSales => van::sell_on(app, c, caller, body, ordered_at).await,
        OrderType::PreSales => place_on(app, c, caller, None, body, ordered_at).await,
    };
    placed.map_err(id_taken)
}

/// What was asked for.
pub(super) fn cart_of<'a>(caller: &Caller, body: &'a CreateOrder, ordered_at: DateTime<Utc>) -> Cart<'a> {
    Cart {
        of: sale_of(caller, body),
        day: business_date(ordered_at),
        items: &body.items,
        picked: &body.promotion_ids,
        choices: &body.gift_choices,
        hints: false,
    }
}

/// Prices what was asked for, and checks that it can be sold from there in that visit, or to that customer at all.
pub(super) async fn prepare(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    cart: &Cart<'_>,
    sale: Sale,
) -> Result<Priced, ApiError> {
    if !sale.visit_fits {
        return Err(OrderError::WrongVisit.into());
    }
    may_sell(c, caller, cart, &sale).await?;
    price_sale(app, c, cart, sale).await
}

/// Where the goods come from.
pub(super) fn warehouse_of(sale: &Sale, order_type: OrderType) -> Result<WarehouseId, OrderError> {
    sale.warehouse_id.ok_or(match order_type {
        OrderType::PreSales => OrderError::NoWarehouse,
        OrderType::VanSales => OrderError::NoVan,
    })
}

/// What a new order has beside its content.
pub(super) struct New<'a> {
    pub id: OrderId,
    pub ordered_at: DateTime<Utc>,
    pub status: OrderStatus,
    /// What the credit check warned of.
    pub warnings: Vec<CreditProblem>,
    /// Keep the answer for repeats, in the statement that writes the order; none when somebody else does.
    pub once: Option<&'a Once>,
}

/// Writes the order and gives it as it then is.
pub(super) async fn insert(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    body: &CreateOrder,
    priced: Priced,
    new: New<'_>,
) -> Result<OrderView, ApiError> {
    let Priced { sale, order, items, pinned, .. } = priced;
    let (id, warehouse) = (new.id, warehouse_of(&sale, body.order_type)?);
    let (totals, now) = (&order.totals, app.now());
    let server = stated(totals, &items)?;
    let stated = body.client_totals.as_ref();
    let differences = stated.map(|client| client.differences(&server)).unwrap_or_default();
    let client_totals = stated.filter(|_| !differences.is_empty());
    let mut detail = Map::new();
    if !differences.is_empty() {
        detail.insert("differences".into(), json!(differences));
    }
    if !new.warnings.is_empty() {
        detail.insert("warnings".into(), json!(new.warnings));
    }
    let detail = (!detail.is_empty()).then_some(Value::Object(detail));
    let created = Created {
        order_id: id,
        customer_id: sale.customer.id,
        customer_name: &sale.customer.name,
        rep_id: caller.user_id,
        rep_name: &caller.full_name,
        total_amount: totals.total,
        status: new.status,
        ordered_at: new.ordered_at,
    };
    let event = match new.status {
        OrderStatus::Draft => None,
        _ => Some(serde_json::to_value(created).map_err(ApiError::internal)?),
    };
    let business_date = business_date(new.ordered_at);
    let mut view = OrderView {
        head: OrderHead {
            order_id: id,
            order_number: String::new(),
            status: new.status,
            order_type: body.order_type,
            distributor_id: sale.customer.distributor_id,
            distributor_code: sale.distributor_code,
            distributor_name: sale.distributor_name,
            customer_id: sale.customer.id,
            customer_code: sale.customer.code,
            customer_name: sale.customer.name,
            rep_id: caller.user_id,
            rep_name: caller.full_name.clone(),
            visit_id: body.visit_id,
            warehouse_id: warehouse,
            ordered_at: new.ordered_at,
            business_date,
            total_amount: totals.total,
            needs_review: client_totals.is_some(),
            notes: body.notes.trim().to_owned(),
            reason: String::new(),
            version: 1,
        },
        items,
        sub_total: server.sub_total,
        discount_amount: server.discount_amount,
        tax_amount: server.tax_amount,
        explanations: order.explanations,
        promotion_ids: pinned.picked.clone(),
        gift_choices: pinned.choices.clone(),
        promotions: pinned.promotions.clone(),
        client_totals: client_totals.cloned(),
        differences,
        warnings: new.warnings,
        split_from: None,
        split_into: Vec::new(),
        invoices: Vec::new(),
        receipt: None,
        history: vec![begun(caller, now, new.status, detail)],
    };
    let answer = match new.once.and_then(Once::key) {
        Some((key, fingerprint)) => {
            let answer = to_raw_value(&view).map_err(ApiError::internal)?;
            Some(Kept { key, fingerprint, operation: OPERATION, answer })
        }
        None => None,
    };
    let row = NewOrder {
        distributor_id: sale.customer.distributor_id,
        id,
        order_type: body.order_type,
        status: new.status,
        customer_id: sale.customer.id,
        rep_id: caller.user_id,
        unit_id: caller.primary_unit,
        visit_id: body.visit_id,
        warehouse_id: warehouse,
        ordered_at: new.ordered_at,
        business_date,
        totals,
        notes: &view.head.notes,
        explanations: &view.explanations,
        pinned: &pinned,
        client_totals,
        split_from: None,
        note: "",
        detail: view.history.first().and_then(|event| event.detail.as_ref()),
        event,
        audience: Some(caller.audience(sale.customer.distributor_id)),
        answer,
        actor: caller.user_id,
        at: now,
    };
    let number = store::insert_order(c, caller.context(), &row, &view.items).await?;
    view.head.order_number = number;
    Ok(view)
}

fn begun(caller: &Caller, at: DateTime<Utc>, status: OrderStatus, detail: Option<Value>) -> OrderEvent {
    OrderEvent {
        at,
        actor_id: caller.user_id,
        actor_name: Some(caller.full_name.clone()),
        from_status: None,
        to_status: status,
        note: String::new(),
        detail,
    }
}

/// What the server reckons, as the phone states its own.
pub(super) fn stated(totals: &OrderTotals, items: &[OrderItem]) -> Result<StatedTotals, ApiError> {
    let free_goods = free_goods(items).map_err(OrderError::from)?;
    StatedTotals::of(totals, free_goods).ok_or_else(|| OrderError::Overflow(domain::Overflow).into())
}

pub(super) fn id_taken(error: ApiError) -> ApiError {
    let taken = || {
        ApiError::conflict(
            "orders.duplicate_id",
            "Mã đơn hàng này đã dùng cho đơn khác.",
            "This order id is in use.",
        )
    };
    error.on_constraint("orders_pkey", taken).on_constraint("orders_id_uniq", taken)
}

/// When the order was taken. The phone's clock is believed within a week back and a few minutes ahead.
fn taken_at(phone: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>, ApiError> {
    match phone {
        None => Ok(now),
        Some(at) if at > now + Duration::minutes(5) => Err(ApiError::unprocessable(
            "clock_ahead",
            "Đồng hồ điện thoại chạy nhanh hơn giờ hệ thống. Hãy chỉnh lại giờ điện thoại.",
            "The phone's clock is ahead of the system's. Set the phone's clock.",
        )),
        Some(at) if at < now - Duration::days(7) => Err(ApiError::unprocessable(
            "too_old",
            "Đơn hàng cũ hơn 7 ngày nên không nhận được nữa.",
            "The order is more than 7 days old and can't be taken any more.",
        )),
        Some(at) => Ok(at),
    }
}
