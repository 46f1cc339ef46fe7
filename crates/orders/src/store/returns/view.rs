//! Returns as they are listed and shown.

use chrono::NaiveDate;
use domain::{
    CustomerId, DistributorId, InvoiceId, LotId, Money, OrgUnitId, ProductId, PromotionId, SalesReturnId,
    Unit, UserId, WarehouseId,
};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{Condition, ReturnStatus, SalesReturn, SalesReturnItem, SalesReturnLot};

/// Head and sums of a return.
pub struct ReturnRow {
    pub unit_id: Option<OrgUnitId>,
    pub head: SalesReturn,
    pub gross: Money,
    pub discount: Money,
    pub vat: Money,
}

pub async fn find_return(c: &mut PgConnection, id: SalesReturnId) -> Result<Option<ReturnRow>, sqlx::Error> {
    Ok(load_returns(c, &[id.uuid()]).await?.pop())
}

/// Whether this is a return that the user asked for.
pub async fn is_return_of(
    c: &mut PgConnection,
    id: SalesReturnId,
    user: UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from sales_returns where id = $1 and created_by = $2) as "known!""#,
        id.uuid(),
        user.uuid(),
    )
    .fetch_one(c)
    .await
}

async fn load_returns(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<ReturnRow>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select r.id as "id: SalesReturnId", r.distributor_id as "distributor_id: DistributorId", r.number,
             r.status as "status: ReturnStatus", r.customer_id as "customer_id: CustomerId", cu.code, cu.name,
             r.invoice_id as "invoice_id: InvoiceId", i.number as "invoice_number?", r.rep_id as "rep_id: UserId",
             coalesce(u.full_name, '') as "rep_name!", r.unit_id as "unit_id: OrgUnitId", r.business_date, r.received_on,
             r.gross as "gross: Money", r.product_discount + r.order_discount as "discount!: Money", r.vat as "vat: Money",
             r.total as "total: Money", r.reason, r.decision, r.created_at, r.version
           from sales_returns r
           join customers cu on cu.distributor_id = r.distributor_id and cu.id = r.customer_id
           left join invoices i on i.distributor_id = r.distributor_id and i.id = r.invoice_id
           left join users u on u.id = r.rep_id
           where r.id = any ($1) order by r.created_at desc, r.id desc"#,
        ids,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| ReturnRow {
            unit_id: r.unit_id,
            gross: r.gross,
            discount: r.discount,
            vat: r.vat,
            head: SalesReturn {
                return_id: r.id,
                distributor_id: r.distributor_id,
                return_number: r.number,
                status: r.status,
                customer_id: r.customer_id,
                customer_code: r.code,
                customer_name: r.name,
                invoice_id: r.invoice_id,
                invoice_number: r.invoice_number,
                rep_id: r.rep_id,
                rep_name: r.rep_name,
                business_date: r.business_date,
                received_on: r.received_on,
                total_amount: r.total,
                reason: r.reason,
                decision: r.decision,
                created_at: r.created_at,
                version: r.version,
            },
        })
        .collect())
}

/// Which returns to list; what is not set doesn't limit.
#[derive(Debug, Default)]
pub struct ReturnFilter {
    pub status: Option<ReturnStatus>,
    pub customer: Option<CustomerId>,
    pub invoice: Option<InvoiceId>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// The returns, latest first; searched by number and customer.
pub async fn list_returns(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &ReturnFilter,
    page: &Page,
) -> Result<(Vec<SalesReturn>, i64), sqlx::Error> {
    let units = scope.units();
    let hits = sqlx::query!(
        r#"with hits as (
             select r.id, r.created_at from sales_returns r
             join customers cu on cu.distributor_id = r.distributor_id and cu.id = r.customer_id
             where ($1::uuid is null or r.rep_id = $1)
               and ($2::uuid[] is null or r.unit_id = any ($2))
               and ($3::text is null or r.status = $3)
               and ($4::uuid is null or r.customer_id = $4)
               and ($5::uuid is null or r.invoice_id = $5)
               and ($6::date is null or r.business_date >= $6)
               and ($7::date is null or r.business_date <= $7)
               and ($8::text is null or lower(r.number) like $8 or cu.search_key like $8)
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by created_at desc, id desc limit $9 offset $10) as "ids!""#,
        scope.user(),
        units.as_deref() as Option<&[Uuid]>,
        filter.status as Option<ReturnStatus>,
        filter.customer.map(|x| x.uuid()),
        filter.invoice.map(|x| x.uuid()),
        filter.from,
        filter.to,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = load_returns(c, &hits.ids).await?;
    Ok((rows.into_iter().map(|row| row.head).collect(), hits.total))
}

pub async fn list_return_items(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: SalesReturnId,
) -> Result<Vec<SalesReturnItem>, sqlx::Error> {
    let lots = sqlx::query!(
        r#"select x.line_no, x.lot_id as "lot_id: LotId", l.lot_number, l.expiry,
             x.warehouse_id as "warehouse_id: WarehouseId", w.code, x.pieces
           from sales_return_lots x
           join lots l on l.distributor_id = x.distributor_id and l.id = x.lot_id
           join warehouses w on w.distributor_id = x.distributor_id and w.id = x.warehouse_id
           where x.distributor_id = $1 and x.return_id = $2 order by x.line_no, l.expiry nulls last, l.id"#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_all(&mut *c)
    .await?;
    let rows = sqlx::query!(
        r#"select l.line_no, l.invoice_id as "invoice_id: InvoiceId", l.invoice_line_no, l.product_id as "product_id: ProductId", p.code, p.name, l.quantity,
             l.unit as "unit: Unit", case l.unit when 'whole' then p.unit_name else p.sub_unit_name end as "unit_name!",
             l.pieces, l.unit_price as "unit_price: Money", l.gross as "gross: Money",
             l.product_discount + l.order_discount as "discount!: Money", l.vat_percent, l.vat as "vat: Money",
             l.total as "total: Money", l.is_free, l.promotion_id as "promotion_id: PromotionId", l.is_charge,
             l.condition as "condition: Condition", l.lot_id as "lot_id: LotId"
           from sales_return_lines l join products p on p.id = l.product_id
           where l.distributor_id = $1 and l.return_id = $2 order by l.line_no"#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| SalesReturnItem {
            line_no: r.line_no,
            invoice_id: r.invoice_id,
            invoice_line_no: r.invoice_line_no,
            product_id: r.product_id,
            product_code: r.code,
            product_name: r.name,
            quantity: r.quantity,
            unit: r.unit,
            unit_name: r.unit_name,
            pieces: r.pieces,
            unit_price: r.unit_price,
            gross: r.gross,
            discount_amount: r.discount,
            vat: r.vat_percent,
            tax_amount: r.vat,
            line_total: r.total,
            is_free: r.is_free,
            promotion_id: r.promotion_id,
            is_charge: r.is_charge,
            condition: r.condition,
            lot_id: r.lot_id,
            lots: lots
                .iter()
                .filter(|lot| lot.line_no == r.line_no)
                .map(|lot| SalesReturnLot {
                    lot_id: lot.lot_id,
                    lot_number: lot.lot_number.clone(),
                    expiry: lot.expiry,
                    warehouse_id: lot.warehouse_id,
                    warehouse_code: lot.code.clone(),
                    pieces: lot.pieces,
                })
                .collect(),
        })
        .collect())
}
