use domain::order::{CreditCheck, CreditPolicy, CreditVerdict};
use domain::permission::InvoicesManage;
use domain::{OrderId, OrderStatus, ProductId, Quantity};
use platform::{ApiError, App, Caller, transaction};

use super::step;
use super::view::view;
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
}

/// Locks the order if the caller may see it.
async fn lock(c: &mut db::PgConnection, caller: &Caller, id: OrderId) -> Result<LockedOrder, ApiError> {
    let order = store::lock_orders(c, &[id]).await?.pop().ok_or_else(ApiError::not_found)?;
    if !caller.scope().includes(order.rep_id, order.unit_id) {
        return Err(ApiError::not_found());
    }
    Ok(order)
}

/// Approves a pending order: the customer's credit must carry it and its stock is reserved.
///
/// # Errors
/// 404, 409 when it isn't pending, 412 when it was changed meanwhile, 422 for credit and short stock, told line by line.
pub async fn approve(app: &App, caller: &Caller, id: OrderId, how: Approve) -> Result<OrderView, ApiError> {
    let approved = transaction!(app.db, caller.context(), "orders.approve", |tx| {
        let order = lock(tx, caller, id).await?;
        if how.version.is_some_and(|v| v != order.version) {
            return Err(OrderError::Stale.into());
        }
        let to = order.status.approve().map_err(OrderError::from)?;
        let customer =
            customers::store::find_for_sale(tx, order.customer_id).await?.ok_or_else(ApiError::not_found)?;
        // The balance's lock makes approvals of one customer wait for each other: two orders that fit only one at a
        // time can't both pass.
        let balance = receivables::ledger::lock_balance(tx, order.distributor_id, order.customer_id).await?;
        let credit = CreditCheck {
            balance,
            approved_not_invoiced: store::sum_committed(tx, order.distributor_id, order.customer_id).await?,
            order: order.total,
            limit: customer.credit_limit,
            overdue_days: 0,
            overdue_days_allowed: None,
        };
        let may_override = how.override_credit && caller.may::<InvoicesManage>();
        if let CreditVerdict::Blocked(problems) =
            credit.judge(CreditPolicy::Block).map_err(OrderError::from)?
            && !may_override
        {
            return Err(OrderError::Credit(problems).into());
        }
        let lines = store::list_line_stock(tx, &order).await?;
        let wanted: Vec<(ProductId, Quantity)> = lines.iter().map(|l| (l.product_id, l.pieces)).collect();
        if let Err(e) = inventory::stock::reserve(tx, order.distributor_id, order.warehouse_id, &wanted).await
        {
            let products: Vec<ProductId> = wanted.iter().map(|(p, _)| *p).collect();
            let names = catalog::store::find_products(tx, &products).await?;
            return Err(error::stock(e, &names));
        }
        store::update_reserved(tx, &order, true).await?;
        step(app, tx, caller, &order, to, "", "orders.approve").await?;
        view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(approved)
}

/// Rejects a pending order, with the reason the rep is told.
///
/// # Errors
/// 404, 409 when it isn't pending.
pub async fn reject(app: &App, caller: &Caller, id: OrderId, reason: &str) -> Result<OrderView, ApiError> {
    let rejected = transaction!(app.db, caller.context(), "orders.reject", |tx| {
        let order = lock(tx, caller, id).await?;
        let to = order.status.reject().map_err(OrderError::from)?;
        step(app, tx, caller, &order, to, reason, "orders.reject").await?;
        view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(rejected)
}

/// Withdraws an order that is not invoiced yet; its reserved stock is free again.
///
/// # Errors
/// 404, 409 when it is too late.
pub async fn cancel(app: &App, caller: &Caller, id: OrderId, reason: &str) -> Result<OrderView, ApiError> {
    let cancelled = transaction!(app.db, caller.context(), "orders.cancel", |tx| {
        let order = lock(tx, caller, id).await?;
        let to = order.status.cancel().map_err(OrderError::from)?;
        if order.status == OrderStatus::Approved {
            let reserved: Vec<(ProductId, Quantity)> = store::list_line_stock(tx, &order)
                .await?
                .iter()
                .map(|l| (l.product_id, l.reserved))
                .collect();
            inventory::stock::release(tx, order.distributor_id, order.warehouse_id, &reserved).await?;
            store::update_reserved(tx, &order, false).await?;
        }
        step(app, tx, caller, &order, to, reason, "orders.cancel").await?;
        view(tx, caller, id).await
    })?;
    app.wake.now();
    Ok(cancelled)
}
