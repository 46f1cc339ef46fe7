use chrono::{DateTime, NaiveDate, Utc};
use db::{Context, outbox};
use domain::order::{CreditPolicy, ShortagePolicy};
use domain::{
    CustomerId, DistributorId, EventId, Money, OrderId, OrderStatus, OrderType, OrgUnitId, ProductId,
    Quantity, UserId, WarehouseId,
};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// What a decision needs of an order; its row stays locked until the transaction ends.
pub struct LockedOrder {
    pub distributor_id: DistributorId,
    pub id: OrderId,
    pub number: String,
    pub status: OrderStatus,
    pub order_type: OrderType,
    pub customer_id: CustomerId,
    pub customer_name: String,
    pub rep_id: UserId,
    pub rep_name: String,
    pub unit_id: Option<OrgUnitId>,
    pub warehouse_id: WarehouseId,
    pub ordered_at: DateTime<Utc>,
    pub business_date: NaiveDate,
    pub total: Money,
    pub needs_review: bool,
    pub version: i64,
}

/// Locks the orders, in the order of their ids, so that two commands never wait for each other in a circle.
pub async fn lock_orders(c: &mut PgConnection, ids: &[OrderId]) -> Result<Vec<LockedOrder>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query_as!(
        LockedOrder,
        r#"select o.distributor_id as "distributor_id: DistributorId", o.id as "id: OrderId", o.number,
             o.status as "status: OrderStatus", o.order_type as "order_type: OrderType",
             o.customer_id as "customer_id: CustomerId", cu.name as customer_name, o.rep_id as "rep_id: UserId",
             coalesce(u.full_name, '') as "rep_name!", o.unit_id as "unit_id: OrgUnitId",
             o.warehouse_id as "warehouse_id: WarehouseId", o.ordered_at, o.business_date, o.total as "total: Money",
             o.needs_review, o.version
           from orders o
           join customers cu on cu.distributor_id = o.distributor_id and cu.id = o.customer_id
           left join users u on u.id = o.rep_id
           where o.id = any ($1) order by o.id for update of o"#,
        &ids,
    )
    .fetch_all(c)
    .await
}

/// A step of an order: where it leads, who took it, and what is written down.
pub struct Step<'a> {
    pub to: OrderStatus,
    /// Why, for its history; for an order that is turned down or withdrawn also for its head.
    pub reason: &'a str,
    pub detail: Option<&'a Value>,
    /// As the audit log calls it.
    pub action: &'static str,
    pub before: &'a Value,
    pub after: &'a Value,
    /// All pieces of its lines are reserved from now on, or none any more; none leaves that.
    pub reserved: Option<bool>,
    /// Somebody has looked at what differed from the phone's totals.
    pub reviewed: bool,
    /// The event's name and content.
    pub event: (&'static str, &'a Value),
    pub actor: UserId,
    pub at: DateTime<Utc>,
}

/// Moves a locked order on and writes its history, the audit row and the event, in one statement.
pub async fn move_on(
    c: &mut PgConnection,
    cx: &Context,
    order: &LockedOrder,
    step: &Step<'_>,
) -> Result<(), sqlx::Error> {
    let (kind, payload) = step.event;
    sqlx::query!(
        "with moved as (
           update orders set status = $3, needs_review = needs_review and not $4, updated_at = $5, version = version + 1,
             reason = case when status = $3 or $6 = '' then reason else $6 end,
             decided_by = case when status = $3 then decided_by else $7 end,
             decided_at = case when status = $3 then decided_at else $5 end
           where distributor_id = $1 and id = $2
         ), lines as (
           update order_lines set reserved = case when $8::bool then pieces else 0 end
           where $8::bool is not null and distributor_id = $1 and order_id = $2
         ), history as (
           insert into order_history (distributor_id, id, order_id, at, actor_id, from_status, to_status, note, detail)
           values ($1, $9, $2, $5, $7, $10, $3, $6, $11)
         ), audit as (
           insert into audit_log (at, distributor_id, actor_id, actor_name, action, entity, entity_id, before, after, address, trace_id)
           values ($5, $1, $7, $12, $13, 'order', $2, $14, $15, $16, $17)
         )
         insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
         values ($18, $1, $19, $2, event_audience($1, $20, $21), $22, $23, $5)",
        order.distributor_id.uuid(),
        order.id.uuid(),
        step.to.as_str(),
        step.reviewed,
        step.at,
        step.reason,
        step.actor.uuid(),
        step.reserved as Option<bool>,
        Uuid::now_v7(),
        order.status.as_str(),
        step.detail,
        cx.name,
        step.action,
        step.before,
        step.after,
        cx.address,
        cx.trace_id,
        EventId::new(Uuid::now_v7()).uuid(),
        kind,
        order.unit_id.map(|u| u.uuid()),
        order.rep_id.uuid(),
        payload,
        outbox::trace(cx),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What the customer may owe, what counts against that, and by which policy.
pub struct Credit {
    pub limit: Option<Money>,
    pub balance: Money,
    /// Orders approved and not invoiced.
    pub approved: Money,
    /// Invoices whose goods are still here.
    pub invoiced: Money,
    pub policy: CreditPolicy,
    pub overdue_days_allowed: Option<i32>,
    pub shortage: ShortagePolicy,
}

/// Read it after the balance is locked, in a statement of its own: one that had to wait for the lock would still see
/// what was there before.
pub async fn find_credit(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
) -> Result<Credit, sqlx::Error> {
    sqlx::query_as!(
        Credit,
        r#"select cu.credit_limit as "limit: Money", coalesce(e.balance, 0) as "balance!: Money",
             coalesce(e.approved, 0) as "approved!: Money", coalesce(e.invoiced, 0) as "invoiced!: Money",
             p.credit as "policy!: CreditPolicy", p.overdue_days as "overdue_days_allowed?",
             p.shortage as "shortage!: ShortagePolicy"
           from customers cu
           left join lateral (select * from customer_exposures e where e.distributor_id = $1 and e.customer_id = $2) e on true
           cross join lateral (select * from order_policies p where p.distributor_id = $1 or p.distributor_id is null
             order by p.distributor_id nulls last limit 1) p
           where cu.distributor_id = $1 and cu.id = $2"#,
        distributor.uuid(),
        customer.uuid(),
    )
    .fetch_one(c)
    .await
}

/// What of a line is to be reserved or given back.
pub struct LineStock {
    pub product_id: ProductId,
    pub pieces: Quantity,
    pub reserved: Quantity,
}

pub async fn list_line_stock(
    c: &mut PgConnection,
    distributor: DistributorId,
    order: OrderId,
) -> Result<Vec<LineStock>, sqlx::Error> {
    sqlx::query_as!(
        LineStock,
        r#"select product_id as "product_id: ProductId", pieces as "pieces: Quantity", reserved as "reserved: Quantity"
           from order_lines where distributor_id = $1 and order_id = $2 order by line_no"#,
        distributor.uuid(),
        order.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Locks the counter that numbers orders of the day without taking a number: for who may need one only after stock
/// is locked, which comes later in the order of locks.
pub async fn lock_counter(
    c: &mut PgConnection,
    distributor: DistributorId,
    day: NaiveDate,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into document_counters as dc (distributor_id, kind, day, last_number) values ($1, 'DH', $2, 0)
         on conflict (distributor_id, kind, day) do update set last_number = dc.last_number",
        distributor.uuid(),
        day,
    )
    .execute(c)
    .await?;
    Ok(())
}
