use domain::{CustomerId, DistributorId, GoodsIssueId, Money, OrgUnitId, Unit, UserId};
use sqlx::PgConnection;

use crate::model::{BuyerBlock, IssueFormLine, IssueHead, Seller};

/// Who sells and who buys, as printed forms name them.
pub async fn find_parties(
    c: &mut PgConnection,
    customer: CustomerId,
) -> Result<Option<(Seller, BuyerBlock)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select coalesce(nullif(d.invoice_name, ''), d.name) as "seller!",
             coalesce(nullif(d.invoice_address, ''), d.office_address) as "seller_address!", d.tax_code,
             d.phone as seller_phone, d.bank_name, d.bank_account, cu.code, cu.name, cu.contact_person, cu.address, cu.phone
           from customers cu join distributors d on d.id = cu.distributor_id where cu.id = $1"#,
        customer.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| {
        let seller = Seller {
            name: r.seller,
            address: r.seller_address,
            tax_code: r.tax_code,
            phone: r.seller_phone,
            bank_name: r.bank_name,
            bank_account: r.bank_account,
        };
        let buyer = BuyerBlock {
            code: r.code,
            name: r.name,
            contact_person: r.contact_person,
            address: r.address,
            phone: r.phone,
        };
        (seller, buyer)
    }))
}

/// The head of a goods issue's paper.
pub async fn find_issue(c: &mut PgConnection, id: GoodsIssueId) -> Result<Option<IssueHead>, sqlx::Error> {
    sqlx::query_as!(
        IssueHead,
        r#"select g.distributor_id as "distributor_id: DistributorId", g.number, g.business_date as date,
             i.number as invoice_number,
             array(select distinct o.number from invoice_lines l
                   join orders o on o.distributor_id = l.distributor_id and o.id = l.order_id
                   where l.distributor_id = i.distributor_id and l.invoice_id = i.id order by 1) as "order_numbers!",
             i.customer_id as "customer_id: CustomerId", i.rep_id as "rep_id: UserId",
             coalesce(r.full_name, '') as "rep_name!", i.unit_id as "unit_id: OrgUnitId", w.code as warehouse_code,
             w.name as warehouse_name, coalesce(u.full_name, '') as "created_by_name!"
           from goods_issues g
           join invoices i on i.distributor_id = g.distributor_id and i.id = g.invoice_id
           join warehouses w on w.distributor_id = g.distributor_id and w.id = g.warehouse_id
           left join users r on r.id = i.rep_id
           left join users u on u.id = g.created_by
           where g.id = $1"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// What left with a goods issue, lot by lot.
pub async fn list_issue_lines(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: GoodsIssueId,
) -> Result<Vec<IssueFormLine>, sqlx::Error> {
    sqlx::query_as!(
        IssueFormLine,
        r#"select x.invoice_line_no, p.code as product_code, p.name as product_name, l.lot_number, l.expiry,
             i.unit as "unit: Unit", p.unit_name, p.sub_unit_name, i.quantity as sold, i.pieces as sold_pieces,
             i.pieces - coalesce((
               select sum(y.pieces) from goods_issue_lines y
               join goods_issues b on b.distributor_id = y.distributor_id and b.id = y.issue_id
               where y.distributor_id = x.distributor_id and y.invoice_id = x.invoice_id
                 and y.invoice_line_no = x.invoice_line_no and (b.created_at, b.id) < (h.created_at, h.id)
             ), 0)::bigint as "asked_pieces!", x.pieces,
             x.gross as "gross: Money", x.product_discount + x.order_discount as "discount!: Money",
             x.vat as "vat: Money", i.is_free
           from goods_issue_lines x
           join goods_issues h on h.distributor_id = x.distributor_id and h.id = x.issue_id
           join invoice_lines i on i.distributor_id = x.distributor_id and i.invoice_id = x.invoice_id
             and i.line_no = x.invoice_line_no
           join products p on p.id = x.product_id
           join lots l on l.distributor_id = x.distributor_id and l.id = x.lot_id
           where x.distributor_id = $1 and x.issue_id = $2 order by x.line_no"#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_all(c)
    .await
}
