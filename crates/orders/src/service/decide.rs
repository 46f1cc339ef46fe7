use customers::store::find_for_sale;
use domain::order::ShortagePolicy;
use domain::permission::{InvoicesManage, OrdersApprove};
use domain::{OrderId, OrderStatus, ProductId, Quantity};
use inventory::stock::Life;
use platform::{ApiError, App, Caller, Once, transaction_once};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

use super::given_back::release;
use super::split::{Shipped, reserve_or_split};
use super::view::view;
use super::{Said, credit, lock, step};
use crate::error::{self, OrderError};
use crate::model::OrderView;
use crate::store::{self, LockedOrder};

/// How to approve.
#[derive(Debug, Clone, Copy, Default)]
pub struct Approve {
    /// The version the caller has seen; any when absent.
    pub version: Option<i64>,
    /// Approve although the customer's credit doesn't carry it: for those who answer for its debts.
    pub override_credit: bool,
    /// Approve although the phone told the customer other totals.
    pub accept_differences: bool,
    /// What to do when only a part is in stock; the distributor's policy when absent.
    pub on_shortage: Option<ShortagePolicy>,
}

/// Approves a pending order: the customer's credit must carry it and its stock is reserved. Of an order that is in
/// stock only in part, that part may be approved; the rest becomes a pending order of its own.
///
/// # Errors
/// 404, 409 when it isn't pending, 412 when it was changed meanwhile, 422 for totals that differ from the phone's, for
/// credit and for short stock, told line by line.
pub async fn approve(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: OrderId,
    how: Approve,
) -> Result<OrderView, ApiError> {
    let approved = transaction_once!(app, caller.context(), once, "orders.approve", |tx| {
        let order = lock(tx, caller, id, how.version).await?;
        let to = order.status.approve().map_err(OrderError::from)?;
        if order.needs_review && !how.accept_differences {
            let differences = view(tx, caller, id).await?.differences;
            return Err(OrderError::NeedsReview(differences).into());
        }
        let customer = find_for_sale(tx, order.customer_id).await?.ok_or_else(ApiError::not_found)?;
        let life = Life { today: app.today(), good_from: customer.good_from(app.today()) };
        let held = credit::hold(tx, order.distributor_id, order.customer_id).await?;
        let may_override = how.override_credit && caller.may::<InvoicesManage>();
        let (passed, shipped) = match how.on_shortage.unwrap_or(held.credit.shortage) {
            ShortagePolicy::Block => {
                let passed = held.judge(tx, app.today(), order.total, may_override).await?;
                reserve(tx, &order, life).await?;
                (passed, Shipped::Whole)
            }
            ShortagePolicy::Split => {
                let shipped = reserve_or_split(app, tx, caller, &order, life).await?;
                let amount = shipped.total(&order);
                (held.judge(tx, app.today(), amount, may_override).await?, shipped)
            }
        };
        let mut detail = Map::new();
        if !passed.warnings.is_empty() {
            detail.insert("warnings".into(), json!(passed.warnings));
        }
        if passed.overridden {
            detail.insert("overridden".into(), Value::Bool(true));
        }
        if order.needs_review {
            detail.insert("accepted".into(), Value::Bool(true));
        }
        if let Shipped::Part { rest, before, .. } = &shipped {
            detail.insert("splitInto".into(), json!(rest));
            detail.insert("before".into(), before.clone());
        }
        let said = Said {
            detail: (!detail.is_empty()).then_some(Value::Object(detail)),
            reserved: Some(true),
            reviewed: true,
            ..Said::default()
        };
        step(app, tx, caller, &order, to, "orders.approve", said).await?;
        view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(approved)
}

/// Reserves all of the order, or nothing.
async fn reserve(c: &mut db::PgConnection, order: &LockedOrder, life: Life) -> Result<(), ApiError> {
    let lines = store::list_line_stock(c, order.distributor_id, order.id).await?;
    let wanted: Vec<(ProductId, Quantity)> = lines.iter().map(|l| (l.product_id, l.pieces)).collect();
    match inventory::stock::reserve(c, order.distributor_id, order.warehouse_id, &wanted, Some(life)).await {
        Ok(()) => Ok(()),
        Err(e) => {
            let products: Vec<ProductId> = wanted.iter().map(|(p, _)| *p).collect();
            let names = catalog::store::find_products(c, &products).await?;
            Err(error::stock(e, &names))
        }
    }
}

/// Rejects a pending order, with the reason the rep is told.
///
/// # Errors
/// 404, 409 when it isn't pending.
pub async fn reject(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: OrderId,
    reason: &str,
) -> Result<OrderView, ApiError> {
    let rejected = transaction_once!(app, caller.context(), once, "orders.reject", |tx| {
        let order = lock(tx, caller, id, None).await?;
        let to = order.status.reject().map_err(OrderError::from)?;
        release(app, tx, caller, &order, &[]).await?;
        step(app, tx, caller, &order, to, "orders.reject", Said { reason, ..Said::default() }).await?;
        view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(rejected)
}

/// Withdraws an order that is not invoiced yet; its reserved stock is free again. Who may approve may withdraw
/// approved orders too, a rep their own until they are decided upon.
///
/// # Errors
/// 403 for a rep's own approved order, 404, 409 when it is too late.
pub async fn cancel(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: OrderId,
    reason: &str,
) -> Result<OrderView, ApiError> {
    let cancelled = transaction_once!(app, caller.context(), once, "orders.cancel", |tx| {
        let order = lock(tx, caller, id, None).await?;
        let to = order.status.cancel().map_err(OrderError::from)?;
        if order.status == OrderStatus::Approved && !caller.may::<OrdersApprove>() {
            return Err(OrderError::NotYours.into());
        }
        release(app, tx, caller, &order, &[]).await?;
        let mut said = Said { reason, ..Said::default() };
        if order.status == OrderStatus::Approved {
            let reserved: Vec<(ProductId, Quantity)> =
                store::list_line_stock(tx, order.distributor_id, order.id)
                    .await?
                    .iter()
                    .map(|l| (l.product_id, l.reserved))
                    .collect();
            inventory::stock::release(tx, order.distributor_id, order.warehouse_id, &reserved).await?;
            said.reserved = Some(false);
        }
        step(app, tx, caller, &order, to, "orders.cancel", said).await?;
        view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(cancelled)
}

/// Accepts that the phone told the customer other totals; the order stays as the server has it.
///
/// # Errors
/// 404 when there is none the caller may see.
pub async fn review(
    app: &App,
    caller: &Caller,
    once: &Once,
    id: OrderId,
    reason: &str,
) -> Result<OrderView, ApiError> {
    let reviewed = transaction_once!(app, caller.context(), once, "orders.review", |tx| {
        accept_differences(tx, app, caller, id, reason).await?;
        view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(reviewed)
}

/// Like [`review`], in the transaction of whoever decides more than that.
///
/// # Errors
/// 404 when there is none the caller may see.
pub async fn accept_differences(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: OrderId,
    reason: &str,
) -> Result<(), ApiError> {
    let order = lock(c, caller, id, None).await?;
    if order.needs_review {
        let detail = Some(json!({"accepted": true}));
        let said = Said { reason, detail, reviewed: true, ..Said::default() };
        step(app, c, caller, &order, order.status, "orders.review", said).await?;
    }
    Ok(())
}
