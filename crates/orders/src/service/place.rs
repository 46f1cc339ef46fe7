use chrono::{DateTime, Duration, Utc};
use db::{audit, numbers, outbox};
use domain::business_day::business_date;
use domain::{DocumentKind, EventId, OrderId, OrderStatus, OrderType};
use platform::{ApiError, App, Caller, Once, transaction_once};
use serde::Serialize;
use uuid::Uuid;

use super::price::{check, price};
use super::view::view;
use crate::error::OrderError;
use crate::model::{CreateOrder, OrderView};
use crate::store::{self, Decision, NewOrder};

/// `OrderCreated`, as the hub sends it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created<'a> {
    order_id: OrderId,
    order_number: &'a str,
    customer_id: domain::CustomerId,
    customer_name: &'a str,
    rep_id: domain::UserId,
    rep_name: &'a str,
    total_amount: domain::Money,
    status: OrderStatus,
    ordered_at: DateTime<Utc>,
}

/// Places an order: prices it, numbers it, and leaves it pending for approval. A repeat gets the first answer.
///
/// # Errors
/// 400 for malformed fields, 404 for a customer the caller may not see, 422 as [`OrderError`] says.
pub async fn place(
    app: &App,
    caller: &Caller,
    once: &Once,
    body: &CreateOrder,
) -> Result<OrderView, ApiError> {
    check(body)?;
    if body.order_type == OrderType::VanSales {
        return Err(OrderError::VanSales.into());
    }
    let now = app.now();
    let ordered_at = taken_at(body.at, now)?;
    let placed = transaction_once!(app, caller.context(), once, "orders.create", |tx| {
        let day = business_date(ordered_at);
        let priced = price(tx, body, day).await?;
        let customer = &priced.customer;
        let distributor = customer.distributor_id;
        if let Some(visit) = body.visit_id
            && !store::is_visit_of(tx, distributor, visit, customer.id, caller.user_id).await?
        {
            return Err(OrderError::WrongVisit.into());
        }
        let warehouse = match body.warehouse_id {
            Some(id) if store::is_open_warehouse(tx, distributor, id).await? => id,
            Some(_) => return Err(OrderError::NoWarehouse.into()),
            None => {
                inventory::store::main_warehouse(tx, distributor).await?.ok_or(OrderError::NoWarehouse)?
            }
        };
        let id = body.id.unwrap_or_else(|| OrderId::new(Uuid::now_v7()));
        let number = numbers::next(tx, distributor, DocumentKind::Order, day).await?;
        let totals = &priced.order.totals;
        let order = NewOrder {
            distributor_id: distributor,
            id,
            number: &number,
            order_type: body.order_type,
            status: OrderStatus::Pending,
            customer_id: customer.id,
            rep_id: caller.user_id,
            unit_id: caller.primary_unit,
            visit_id: body.visit_id,
            warehouse_id: warehouse,
            ordered_at,
            business_date: day,
            gross: totals.gross,
            product_discount: totals.product_discount,
            order_discount: totals.order_discount,
            vat: totals.vat,
            total: totals.total,
            notes: body.notes.trim(),
            explanations: &priced.order.explanations,
            at: now,
        };
        store::insert_order(tx, &order, &priced.items).await.map_err(|e| {
            ApiError::from(e).on_constraint("orders_pkey", || {
                ApiError::conflict(
                    "orders.duplicate_id",
                    "Mã đơn hàng này đã dùng cho đơn khác.",
                    "This order id is in use.",
                )
            })
        })?;
        let pending = Decision { status: OrderStatus::Pending, reason: "", actor: caller.user_id, at: now };
        store::insert_history(tx, distributor, id, None, &pending).await?;
        audit::record(
            tx,
            caller.context(),
            now,
            audit::Entry::<(), _> {
                action: "orders.create",
                entity: "order",
                entity_id: Some(id.uuid()),
                distributor: Some(distributor),
                before: None,
                after: Some(&serde_json::json!({"number": number, "status": OrderStatus::Pending, "total": totals.total})),
            },
        )
        .await?;
        outbox::push(
            tx,
            caller.context(),
            now,
            outbox::Event {
                id: EventId::new(Uuid::now_v7()),
                kind: "OrderCreated",
                aggregate: id.uuid(),
                distributor: Some(distributor),
                unit: caller.primary_unit,
                user: Some(caller.user_id),
                payload: &Created {
                    order_id: id,
                    order_number: &number,
                    customer_id: customer.id,
                    customer_name: &customer.name,
                    rep_id: caller.user_id,
                    rep_name: &caller.full_name,
                    total_amount: totals.total,
                    status: OrderStatus::Pending,
                    ordered_at,
                },
            },
        )
        .await?;
        view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(placed)
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
