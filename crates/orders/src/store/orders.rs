use chrono::{DateTime, NaiveDate, Utc};
use domain::pricing::Explanation;
use domain::{
    CustomerId, DistributorId, Money, OrderId, OrderStatus, OrderType, OrgUnitId, ProductId, Quantity,
    UserId, VisitId, WarehouseId,
};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{OrderEvent, OrderHead, OrderItem};

/// An order to insert.
pub struct NewOrder<'a> {
    pub distributor_id: DistributorId,
    pub id: OrderId,
    pub number: &'a str,
    pub order_type: OrderType,
    pub status: OrderStatus,
    pub customer_id: CustomerId,
    pub rep_id: UserId,
    pub unit_id: Option<OrgUnitId>,
    pub visit_id: Option<VisitId>,
    pub warehouse_id: WarehouseId,
    pub ordered_at: DateTime<Utc>,
    pub business_date: NaiveDate,
    pub gross: Money,
    pub product_discount: Money,
    pub order_discount: Money,
    pub vat: Money,
    pub total: Money,
    pub notes: &'a str,
    pub explanations: &'a [Explanation],
    pub at: DateTime<Utc>,
}

pub async fn insert_order(
    c: &mut PgConnection,
    o: &NewOrder<'_>,
    items: &[OrderItem],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into orders (distributor_id, id, number, order_type, status, customer_id, rep_id, unit_id, visit_id,
           warehouse_id, ordered_at, business_date, gross, product_discount, order_discount, vat, total, notes,
           explanation, created_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $7, $20, $20)",
        o.distributor_id.uuid(),
        o.id.uuid(),
        o.number,
        o.order_type.as_str(),
        o.status.as_str(),
        o.customer_id.uuid(),
        o.rep_id.uuid(),
        o.unit_id.map(|u| u.uuid()),
        o.visit_id.map(|v| v.uuid()),
        o.warehouse_id.uuid(),
        o.ordered_at,
        o.business_date,
        o.gross.dong(),
        o.product_discount.dong(),
        o.order_discount.dong(),
        o.vat.dong(),
        o.total.dong(),
        o.notes,
        Json(o.explanations) as _,
        o.at,
    )
    .execute(&mut *c)
    .await?;
    let line_no: Vec<i32> = items.iter().map(|i| i.line_no).collect();
    let product: Vec<Uuid> = items.iter().map(|i| i.product_id.uuid()).collect();
    let unit: Vec<String> = items.iter().map(|i| i.unit.as_str().to_owned()).collect();
    let quantity: Vec<i64> = items.iter().map(|i| i.quantity).collect();
    let pieces: Vec<i64> = items.iter().map(|i| i.pieces).collect();
    let money = |f: fn(&OrderItem) -> Money| items.iter().map(|i| f(i).dong()).collect::<Vec<i64>>();
    let vat_percent: Vec<i16> = items.iter().map(|i| i.vat).collect();
    let free: Vec<bool> = items.iter().map(|i| i.is_free).collect();
    let promotion: Vec<Option<Uuid>> = items.iter().map(|i| i.promotion_id.map(|p| p.uuid())).collect();
    sqlx::query!(
        "insert into order_lines (distributor_id, order_id, line_no, product_id, unit, quantity, pieces, unit_price,
           gross, product_discount, order_discount, vat_percent, vat, total, is_free, promotion_id)
         select $1, $2, * from unnest($3::int[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
           $9::bigint[], $10::bigint[], $11::bigint[], $12::smallint[], $13::bigint[], $14::bigint[], $15::bool[], $16::uuid[])",
        o.distributor_id.uuid(),
        o.id.uuid(),
        &line_no,
        &product,
        &unit,
        &quantity,
        &pieces,
        &money(|i| i.unit_price),
        &money(|i| i.gross),
        &money(|i| i.product_discount),
        &money(|i| i.order_discount),
        &vat_percent,
        &money(|i| i.tax_amount),
        &money(|i| i.line_total),
        &free,
        &promotion as &[Option<Uuid>],
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What a decision needs of an order; its row stays locked until the transaction ends.
pub struct LockedOrder {
    pub distributor_id: DistributorId,
    pub id: OrderId,
    pub number: String,
    pub status: OrderStatus,
    pub customer_id: CustomerId,
    pub rep_id: UserId,
    pub unit_id: Option<OrgUnitId>,
    pub warehouse_id: WarehouseId,
    pub total: Money,
    pub version: i64,
}

/// Locks the orders, in the order of their ids, so that two commands never wait for each other in a circle.
pub async fn lock_orders(c: &mut PgConnection, ids: &[OrderId]) -> Result<Vec<LockedOrder>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query_as!(
        LockedOrder,
        r#"select distributor_id as "distributor_id: DistributorId", id as "id: OrderId", number,
             status as "status: OrderStatus", customer_id as "customer_id: CustomerId", rep_id as "rep_id: UserId",
             unit_id as "unit_id: OrgUnitId", warehouse_id as "warehouse_id: WarehouseId", total as "total: Money", version
           from orders where id = any ($1) order by id for update"#,
        &ids,
    )
    .fetch_all(c)
    .await
}

/// Who decided, and how.
pub struct Decision<'a> {
    pub status: OrderStatus,
    pub reason: &'a str,
    pub actor: UserId,
    pub at: DateTime<Utc>,
}

/// Moves a locked order on and writes its history.
pub async fn update_status(
    c: &mut PgConnection,
    order: &LockedOrder,
    d: &Decision<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update orders set status = $3, reason = case when $4 = '' then reason else $4 end, decided_by = $5,
           decided_at = $6, updated_at = $6, version = version + 1 where distributor_id = $1 and id = $2",
        order.distributor_id.uuid(),
        order.id.uuid(),
        d.status.as_str(),
        d.reason,
        d.actor.uuid(),
        d.at,
    )
    .execute(&mut *c)
    .await?;
    insert_history(c, order.distributor_id, order.id, Some(order.status), d).await
}

pub async fn insert_history(
    c: &mut PgConnection,
    distributor: DistributorId,
    order: OrderId,
    from: Option<OrderStatus>,
    d: &Decision<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into order_history (distributor_id, id, order_id, at, actor_id, from_status, to_status, note)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        distributor.uuid(),
        Uuid::now_v7(),
        order.uuid(),
        d.at,
        d.actor.uuid(),
        from.map(OrderStatus::as_str),
        d.status.as_str(),
        d.reason,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What of a line is to be reserved or given back.
pub struct LineStock {
    pub product_id: ProductId,
    pub pieces: Quantity,
    pub reserved: Quantity,
}

pub async fn list_line_stock(
    c: &mut PgConnection,
    order: &LockedOrder,
) -> Result<Vec<LineStock>, sqlx::Error> {
    sqlx::query_as!(
        LineStock,
        r#"select product_id as "product_id: ProductId", pieces as "pieces: Quantity", reserved as "reserved: Quantity"
           from order_lines where distributor_id = $1 and order_id = $2 order by line_no"#,
        order.distributor_id.uuid(),
        order.id.uuid(),
    )
    .fetch_all(c)
    .await
}

/// All pieces of all lines are reserved, or none any more.
pub async fn update_reserved(
    c: &mut PgConnection,
    order: &LockedOrder,
    all: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update order_lines set reserved = case when $3 then pieces else 0 end where distributor_id = $1 and order_id = $2",
        order.distributor_id.uuid(),
        order.id.uuid(),
        all,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The value of the customer's orders that are approved and not yet issued: what it will owe beside its balance.
pub async fn sum_committed(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
) -> Result<Money, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(total), 0)::bigint as "sum!: Money" from orders
           where distributor_id = $1 and customer_id = $2 and status in ('Approved', 'Invoiced')"#,
        distributor.uuid(),
        customer.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Whether this is a visit of this user to this customer.
pub async fn is_visit_of(
    c: &mut PgConnection,
    distributor: DistributorId,
    visit: VisitId,
    customer: CustomerId,
    user: UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from visits where distributor_id = $1 and id = $2 and customer_id = $3 and user_id = $4) as "yes!""#,
        distributor.uuid(),
        visit.uuid(),
        customer.uuid(),
        user.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Whether goods may be ordered from this warehouse.
pub async fn is_open_warehouse(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from warehouses where distributor_id = $1 and id = $2 and kind = 'main' and status = 'active') as "yes!""#,
        distributor.uuid(),
        warehouse.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Head, sums and explanations of an order.
pub struct OrderRow {
    pub distributor_id: DistributorId,
    pub unit_id: Option<OrgUnitId>,
    pub head: OrderHead,
    pub gross: Money,
    pub discount: Money,
    pub vat: Money,
    pub explanations: Vec<Explanation>,
}

pub async fn find_order(c: &mut PgConnection, id: OrderId) -> Result<Option<OrderRow>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select o.distributor_id as "distributor_id: DistributorId", o.unit_id as "unit_id: OrgUnitId", o.number,
             o.status as "status: OrderStatus", o.order_type as "order_type: OrderType",
             o.customer_id as "customer_id: CustomerId", cu.code as customer_code, cu.name as customer_name,
             o.rep_id as "rep_id: UserId", coalesce(u.full_name, '') as "rep_name!", o.visit_id as "visit_id: VisitId",
             o.warehouse_id as "warehouse_id: WarehouseId", o.ordered_at, o.business_date, o.total as "total: Money",
             o.notes, o.reason, o.version, o.gross as "gross: Money",
             o.product_discount + o.order_discount as "discount!: Money", o.vat as "vat: Money",
             o.explanation as "explanation: Json<Vec<Explanation>>"
           from orders o
           join customers cu on cu.distributor_id = o.distributor_id and cu.id = o.customer_id
           left join users u on u.id = o.rep_id
           where o.id = $1"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| OrderRow {
        distributor_id: r.distributor_id,
        unit_id: r.unit_id,
        head: OrderHead {
            order_id: id,
            order_number: r.number,
            status: r.status,
            order_type: r.order_type,
            customer_id: r.customer_id,
            customer_code: r.customer_code,
            customer_name: r.customer_name,
            rep_id: r.rep_id,
            rep_name: r.rep_name,
            visit_id: r.visit_id,
            warehouse_id: r.warehouse_id,
            ordered_at: r.ordered_at,
            business_date: r.business_date,
            total_amount: r.total,
            notes: r.notes,
            reason: r.reason,
            version: r.version,
        },
        gross: r.gross,
        discount: r.discount,
        vat: r.vat,
        explanations: r.explanation.0,
    }))
}

pub async fn list_items(
    c: &mut PgConnection,
    distributor: DistributorId,
    order: OrderId,
) -> Result<Vec<OrderItem>, sqlx::Error> {
    sqlx::query_as!(
        OrderItem,
        r#"select l.line_no, l.product_id as "product_id: ProductId", p.code as product_code, p.name as product_name,
             l.quantity, l.unit as "unit: _", case l.unit when 'whole' then p.unit_name else p.sub_unit_name end as "unit_name!",
             l.pieces, l.unit_price as "unit_price: Money", l.gross as "gross: Money",
             l.product_discount + l.order_discount as "discount_amount!: Money",
             l.product_discount as "product_discount: Money", l.order_discount as "order_discount: Money",
             l.vat_percent as vat, l.vat as "tax_amount: Money", l.total as "line_total: Money",
             l.promotion_id as "promotion_id: _", m.name as "promotion_name?", l.is_free
           from order_lines l
           join products p on p.id = l.product_id
           left join promotions m on m.id = l.promotion_id
           where l.distributor_id = $1 and l.order_id = $2 order by l.line_no"#,
        distributor.uuid(),
        order.uuid(),
    )
    .fetch_all(c)
    .await
}

pub async fn list_history(
    c: &mut PgConnection,
    distributor: DistributorId,
    order: OrderId,
) -> Result<Vec<OrderEvent>, sqlx::Error> {
    sqlx::query_as!(
        OrderEvent,
        r#"select h.at, h.actor_id as "actor_id: UserId", u.full_name as "actor_name?",
             h.from_status as "from_status: OrderStatus", h.to_status as "to_status: OrderStatus", h.note
           from order_history h left join users u on u.id = h.actor_id
           where h.distributor_id = $1 and h.order_id = $2 order by h.at, h.id"#,
        distributor.uuid(),
        order.uuid(),
    )
    .fetch_all(c)
    .await
}
