use chrono::NaiveDate;
use db::PgConnection;
use domain::{CustomerId, DistributorId, Money, OrgUnitId, ProductId, UserId, WarehouseId};
use platform::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What counts as sold, and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SalesBasis)]
pub(crate) enum Basis {
    /// Goods issued, on the day of the issue, less goods that came back, on the day they came in: revenue.
    #[default]
    Issued,
    /// Orders that were neither rejected nor withdrawn, on the day of the order.
    Ordered,
}

/// Whose sales, of what and when; what is not set doesn't limit.
#[derive(Debug)]
pub(crate) struct SalesFilter<'a> {
    pub scope: Scope<'a>,
    pub basis: Basis,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub distributor: Option<DistributorId>,
    /// The unit and all below it.
    pub unit: Option<OrgUnitId>,
    pub rep: Option<UserId>,
    pub customer: Option<CustomerId>,
    pub product: Option<ProductId>,
    pub warehouse: Option<WarehouseId>,
}

/// What a line sums up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SalesLevel {
    /// One product of a rep at one price.
    Product,
    /// All of a rep.
    Rep,
    /// All.
    Total,
}

/// A line of the report. Products come before the sum of their rep, and all reps before the total.
#[derive(Debug)]
pub(crate) struct SalesLine {
    pub level: SalesLevel,
    pub rep_id: Option<UserId>,
    pub rep_name: String,
    pub unit_name: String,
    pub product_code: String,
    pub product_name: String,
    pub unit: String,
    pub unit_price: Money,
    pub is_free: bool,
    pub order_count: i64,
    pub quantity: i64,
    pub gross: Money,
    pub product_discount: Money,
    pub order_discount: Money,
    pub vat: Money,
}

/// Sales per rep and product. An invoice line that is issued in parts counts with each part, and what comes back counts
/// against whoever sold it.
pub(crate) async fn list_sales_by_rep(
    c: &mut PgConnection,
    f: &SalesFilter<'_>,
) -> Result<Vec<SalesLine>, sqlx::Error> {
    let units = f.scope.units();
    let rows = sqlx::query!(
        r#"with lines as (
             select il.order_id, i.unit_id, i.rep_id, il.product_id, il.unit, il.unit_price, il.is_free,
                    l.quantity, l.gross, l.product_discount, l.order_discount, l.vat
             from goods_issues g
             join goods_issue_lines l on l.distributor_id = g.distributor_id and l.issue_id = g.id
             join invoices i on i.distributor_id = g.distributor_id and i.id = g.invoice_id
             join invoice_lines il on il.distributor_id = l.distributor_id and il.invoice_id = l.invoice_id
               and il.line_no = l.invoice_line_no
             where not $1 and g.business_date between $2 and $3
               and ($4::uuid is null or g.distributor_id = $4)
               and ($5::uuid is null or i.unit_id in (select u.id from org_units u where u.ancestors @> array[$5]))
               and ($6::uuid is null or i.rep_id = $6)
               and ($7::uuid is null or i.customer_id = $7)
               and ($8::uuid is null or il.product_id = $8)
               and ($9::uuid is null or g.warehouse_id = $9)
               and ($10::uuid is null or i.rep_id = $10)
               and ($11::uuid[] is null or i.unit_id = any ($11))
           union all
             select null::uuid, r.unit_id, r.rep_id, l.product_id, l.unit, l.unit_price, l.is_free,
                    case when l.is_charge then 0 else -l.quantity end, -l.gross, -l.product_discount, -l.order_discount,
                    -l.vat
             from sales_returns r
             join sales_return_lines l on l.distributor_id = r.distributor_id and l.return_id = r.id
             where not $1 and r.received_on between $2 and $3
               and ($4::uuid is null or r.distributor_id = $4)
               and ($5::uuid is null or r.unit_id in (select u.id from org_units u where u.ancestors @> array[$5]))
               and ($6::uuid is null or r.rep_id = $6)
               and ($7::uuid is null or r.customer_id = $7)
               and ($8::uuid is null or l.product_id = $8)
               and ($9::uuid is null or exists (select from sales_return_lots x where x.distributor_id = l.distributor_id
                     and x.return_id = l.return_id and x.line_no = l.line_no and x.warehouse_id = $9))
               and ($10::uuid is null or r.rep_id = $10)
               and ($11::uuid[] is null or r.unit_id = any ($11))
           union all
             select o.id, o.unit_id, o.rep_id, l.product_id, l.unit, l.unit_price, l.is_free,
                    l.quantity, l.gross, l.product_discount, l.order_discount, l.vat
             from orders o
             join order_lines l on l.distributor_id = o.distributor_id and l.order_id = o.id
             where $1 and o.business_date between $2 and $3
               and o.status in ('Pending', 'Approved', 'Invoiced', 'Issued')
               and ($4::uuid is null or o.distributor_id = $4)
               and ($5::uuid is null or o.unit_id in (select u.id from org_units u where u.ancestors @> array[$5]))
               and ($6::uuid is null or o.rep_id = $6)
               and ($7::uuid is null or o.customer_id = $7)
               and ($8::uuid is null or l.product_id = $8)
               and ($9::uuid is null or o.warehouse_id = $9)
               and ($10::uuid is null or o.rep_id = $10)
               and ($11::uuid[] is null or o.unit_id = any ($11))
           ), sums as (
             select grouping(product_id) + grouping(rep_id) as level, unit_id, rep_id, product_id, unit, unit_price,
                    is_free, count(distinct order_id) as order_count, sum(quantity)::bigint as quantity,
                    sum(gross)::bigint as gross, sum(product_discount)::bigint as product_discount,
                    sum(order_discount)::bigint as order_discount, sum(vat)::bigint as vat
             from lines
             group by grouping sets ((unit_id, rep_id, product_id, unit, unit_price, is_free), (unit_id, rep_id), ())
           )
           select s.level as "level!", s.rep_id as "rep_id?: UserId", coalesce(r.full_name, '') as "rep_name!",
                  coalesce(u.name, '') as "unit_name!", coalesce(p.code, '') as "product_code!",
                  coalesce(p.name, '') as "product_name!",
                  coalesce(case s.unit when 'whole' then p.unit_name else p.sub_unit_name end, '') as "unit!",
                  coalesce(s.unit_price, 0) as "unit_price!: Money", coalesce(s.is_free, false) as "is_free!",
                  s.order_count as "order_count!", coalesce(s.quantity, 0) as "quantity!",
                  coalesce(s.gross, 0) as "gross!: Money",
                  coalesce(s.product_discount, 0) as "product_discount!: Money",
                  coalesce(s.order_discount, 0) as "order_discount!: Money", coalesce(s.vat, 0) as "vat!: Money"
           from sums s
           left join org_units u on u.id = s.unit_id
           left join users r on r.id = s.rep_id
           left join products p on p.id = s.product_id
           order by s.level = 2, u.name, s.unit_id, r.full_name, s.rep_id, s.level, p.display_order, p.code, s.unit,
                    s.is_free, s.unit_price"#,
        f.basis == Basis::Ordered,
        f.from,
        f.to,
        f.distributor.map(|x| x.uuid()),
        f.unit.map(|x| x.uuid()),
        f.rep.map(|x| x.uuid()),
        f.customer.map(|x| x.uuid()),
        f.product.map(|x| x.uuid()),
        f.warehouse.map(|x| x.uuid()),
        f.scope.user(),
        units.as_deref(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| SalesLine {
            level: match r.level {
                0 => SalesLevel::Product,
                1 => SalesLevel::Rep,
                _ => SalesLevel::Total,
            },
            rep_id: r.rep_id,
            rep_name: r.rep_name,
            unit_name: r.unit_name,
            product_code: r.product_code,
            product_name: r.product_name,
            unit: r.unit,
            unit_price: r.unit_price,
            is_free: r.is_free,
            order_count: r.order_count,
            quantity: r.quantity,
            gross: r.gross,
            product_discount: r.product_discount,
            order_discount: r.order_discount,
            vat: r.vat,
        })
        .collect())
}
