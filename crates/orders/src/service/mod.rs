//! What is decided about orders; each public function is one transaction.

mod decide;
mod invoice;
mod issue;
mod place;
mod price;
mod view;

pub use decide::{Approve, approve, cancel, reject};
pub use invoice::create_invoice;
pub use issue::issue;
pub use place::place;
pub use price::quote;
pub use view::{find_invoice, find_order};

use chrono::{DateTime, Utc};
use db::{PgConnection, outbox};
use domain::{EventId, OrderStatus};
use platform::{ApiError, App, Caller};
use serde::Serialize;
use uuid::Uuid;

use crate::store::LockedOrder;

/// `OrderStatusChanged`, as the hub sends it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusChanged<'a> {
    order_id: domain::OrderId,
    order_number: &'a str,
    customer_name: &'a str,
    rep_id: domain::UserId,
    status: OrderStatus,
    reason: &'a str,
}

/// Writes the event, the audit row and the history of a step, and moves the locked order on.
async fn step(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    order: &LockedOrder,
    to: OrderStatus,
    reason: &str,
    action: &'static str,
) -> Result<(), ApiError> {
    let at: DateTime<Utc> = app.now();
    crate::store::update_status(
        c,
        order,
        &crate::store::Decision { status: to, reason, actor: caller.user_id, at },
    )
    .await?;
    db::audit::record(
        c,
        caller.context(),
        at,
        db::audit::Entry {
            action,
            entity: "order",
            entity_id: Some(order.id.uuid()),
            distributor: Some(order.distributor_id),
            before: Some(&serde_json::json!({"status": order.status})),
            after: Some(&serde_json::json!({"status": to, "reason": reason})),
        },
    )
    .await?;
    let customer_name =
        customers::store::find_for_sale(c, order.customer_id).await?.map(|cu| cu.name).unwrap_or_default();
    outbox::push(
        c,
        caller.context(),
        at,
        outbox::Event {
            id: EventId::new(Uuid::now_v7()),
            kind: "OrderStatusChanged",
            aggregate: order.id.uuid(),
            distributor: Some(order.distributor_id),
            unit: order.unit_id,
            user: Some(order.rep_id),
            payload: &StatusChanged {
                order_id: order.id,
                order_number: &order.number,
                customer_name: &customer_name,
                rep_id: order.rep_id,
                status: to,
                reason,
            },
        },
    )
    .await?;
    Ok(())
}
