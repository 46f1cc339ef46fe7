use chrono::NaiveDate;
use domain::{CustomerId, InvoiceId, Money, OrderId, OrderStatus, OrderType, UserId, VisitId, WarehouseId};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{InvoiceHead, InvoiceStatus, OrderHead};

/// Which orders to list.
#[derive(Debug, Default)]
pub struct OrderFilter {
    pub status: Option<OrderStatus>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub rep: Option<UserId>,
    pub customer: Option<CustomerId>,
    pub visit: Option<VisitId>,
}

/// A page of orders, latest first, and how many there are.
pub async fn list_orders(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &OrderFilter,
    page: &Page,
) -> Result<(Vec<OrderHead>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select o.id as "order_id: OrderId", o.number, o.status as "status: OrderStatus",
             o.order_type as "order_type: OrderType", o.customer_id as "customer_id: CustomerId",
             cu.code as customer_code, cu.name as customer_name, o.rep_id as "rep_id: UserId",
             coalesce(u.full_name, '') as "rep_name!", o.visit_id as "visit_id: VisitId",
             o.warehouse_id as "warehouse_id: WarehouseId", o.ordered_at, o.business_date, o.total as "total: Money",
             o.notes, o.reason, o.version, count(*) over () as "count!"
           from orders o
           join customers cu on cu.distributor_id = o.distributor_id and cu.id = o.customer_id
           left join users u on u.id = o.rep_id
           where ($1::uuid is null or o.rep_id = $1)
             and ($2::uuid[] is null or o.unit_id = any ($2))
             and ($3::text is null or o.status = $3)
             and ($4::date is null or o.business_date >= $4)
             and ($5::date is null or o.business_date <= $5)
             and ($6::uuid is null or o.rep_id = $6)
             and ($7::uuid is null or o.customer_id = $7)
             and ($8::uuid is null or o.visit_id = $8)
             and ($9::text is null or lower(o.number) like $9 or cu.search_key like $9)
           order by o.ordered_at desc, o.id desc limit $10 offset $11"#,
        scope.user(),
        units.as_deref() as Option<&[Uuid]>,
        filter.status.map(OrderStatus::as_str),
        filter.from,
        filter.to,
        filter.rep.map(|r| r.uuid()),
        filter.customer.map(|r| r.uuid()),
        filter.visit.map(|v| v.uuid()),
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let count = rows.first().map_or(0, |r| r.count);
    let heads = rows
        .into_iter()
        .map(|r| OrderHead {
            order_id: r.order_id,
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
        })
        .collect();
    Ok((heads, count))
}

/// Which invoices to list.
#[derive(Debug, Default)]
pub struct InvoiceFilter {
    pub status: Option<InvoiceStatus>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub customer: Option<CustomerId>,
    pub order: Option<OrderId>,
}

/// A page of invoices, latest first, and how many there are.
pub async fn list_invoices(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &InvoiceFilter,
    page: &Page,
) -> Result<(Vec<InvoiceHead>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select i.id as "invoice_id: InvoiceId", i.number, i.status as "status: InvoiceStatus",
             i.customer_id as "customer_id: CustomerId", cu.code as customer_code, cu.name as customer_name,
             cu.address as customer_address, cu.phone as customer_phone, i.rep_id as "rep_id: UserId",
             coalesce(u.full_name, '') as "rep_name!", i.warehouse_id as "warehouse_id: WarehouseId", i.business_date,
             i.total as "total: Money", count(*) over () as "count!"
           from invoices i
           join customers cu on cu.distributor_id = i.distributor_id and cu.id = i.customer_id
           left join users u on u.id = i.rep_id
           where ($1::uuid is null or i.rep_id = $1)
             and ($2::uuid[] is null or i.unit_id = any ($2))
             and ($3::text is null or i.status = $3)
             and ($4::date is null or i.business_date >= $4)
             and ($5::date is null or i.business_date <= $5)
             and ($6::uuid is null or i.customer_id = $6)
             and ($7::uuid is null or exists (select from invoice_lines l where l.distributor_id = i.distributor_id
                   and l.invoice_id = i.id and l.order_id = $7))
             and ($8::text is null or lower(i.number) like $8 or cu.search_key like $8)
           order by i.created_at desc, i.id desc limit $9 offset $10"#,
        scope.user(),
        units.as_deref() as Option<&[Uuid]>,
        filter.status.map(InvoiceStatus::as_str),
        filter.from,
        filter.to,
        filter.customer.map(|r| r.uuid()),
        filter.order.map(|o| o.uuid()),
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let count = rows.first().map_or(0, |r| r.count);
    let heads = rows
        .into_iter()
        .map(|r| InvoiceHead {
            invoice_id: r.invoice_id,
            invoice_number: r.number,
            status: r.status,
            customer_id: r.customer_id,
            customer_code: r.customer_code,
            customer_name: r.customer_name,
            customer_address: r.customer_address,
            customer_phone: r.customer_phone,
            rep_id: r.rep_id,
            rep_name: r.rep_name,
            warehouse_id: r.warehouse_id,
            business_date: r.business_date,
            total_amount: r.total,
        })
        .collect();
    Ok((heads, count))
}
