//! What customers bought, for accumulations.

use std::collections::BTreeMap;

use domain::pricing::{Bought, Promotion, Weekday};
use domain::{Buyer, Conversion, CustomerId, DistributorId, Money, ProductId};
use sqlx::PgConnection;

/// What a customer bought in a period: goods issued less goods returned, net of discounts, before VAT; free goods don't
/// count.
pub(crate) struct CustomerBought {
    pub buyer: Buyer,
    pub bought: BTreeMap<ProductId, Bought>,
}

/// What customers (or one) bought in the promotion's period, on its weekdays, by its types of order; in the order of
/// distributors and customers. Goods count by the day of their issue, and what comes back of an invoice counts back if they
/// did.
pub(crate) async fn list_bought(
    c: &mut PgConnection,
    promotion: &Promotion,
    of: Option<(DistributorId, CustomerId)>,
) -> Result<Vec<CustomerBought>, sqlx::Error> {
    let order_types: Vec<String> =
        promotion.order_types.iter().map(|order_type| order_type.as_str().to_owned()).collect();
    let weekdays = iso_weekdays(promotion);
    let (distributor, customer) = of.map(|(d, c)| (d.uuid(), c.uuid())).unzip();
    // The value of an invoice line issued in parts is taken in proportion to all of it that was issued in the period.
    let rows = sqlx::query!(
        r#"with issued as (
             select il.distributor_id, i.customer_id, il.product_id, sum(gil.pieces) as pieces,
               (il.gross - il.product_discount - il.order_discount) * sum(gil.pieces) / il.pieces as value
             from goods_issues gi
               join goods_issue_lines gil on gil.distributor_id = gi.distributor_id and gil.issue_id = gi.id
               join invoice_lines il on il.distributor_id = gil.distributor_id and il.invoice_id = gil.invoice_id
                 and il.line_no = gil.invoice_line_no
               join invoices i on i.distributor_id = il.distributor_id and i.id = il.invoice_id
             where gi.business_date >= $1 and ($2::date is null or gi.business_date <= $2) and not il.is_free
               and ($3::uuid is null or gi.distributor_id = $3) and ($4::uuid is null or i.customer_id = $4)
               and ($5::text[] = '{}' or exists (select from orders o where o.distributor_id = il.distributor_id
                 and o.id = il.order_id and o.order_type = any ($5)))
               and ($6::int[] = '{}' or extract(isodow from gi.business_date)::int = any ($6))
             group by il.distributor_id, i.customer_id, il.invoice_id, il.line_no, il.product_id, il.gross,
               il.product_discount, il.order_discount, il.pieces
           ), returned as (
             select rl.distributor_id, r.customer_id, rl.product_id, -rl.pieces::numeric as pieces,
               -(rl.gross - rl.product_discount - rl.order_discount)::numeric as value
             from sales_returns r
               join sales_return_lines rl on rl.distributor_id = r.distributor_id and rl.return_id = r.id
             where r.received_on >= $1 and ($2::date is null or r.received_on <= $2) and not rl.is_free and not rl.is_charge
               and ($3::uuid is null or r.distributor_id = $3) and ($4::uuid is null or r.customer_id = $4)
               and (rl.invoice_id is null or $5 = '{}' or exists (
                 select from invoice_lines il join orders o on o.distributor_id = il.distributor_id and o.id = il.order_id
                 where il.distributor_id = rl.distributor_id and il.invoice_id = rl.invoice_id
                   and il.line_no = rl.invoice_line_no and o.order_type = any ($5)))
               and (rl.invoice_id is null or $6 = '{}' or exists (
                 select from goods_issues gi where gi.distributor_id = rl.distributor_id and gi.invoice_id = rl.invoice_id
                   and extract(isodow from gi.business_date)::int = any ($6)))
           ), kept as (
             select distributor_id, customer_id, product_id, sum(pieces) as pieces, sum(trunc(value)) as value
             from (select * from issued union all select * from returned) both_ways
             group by distributor_id, customer_id, product_id
           )
           select k.distributor_id as "distributor_id!: DistributorId", k.customer_id as "customer_id!: CustomerId",
             k.product_id as "product_id!: ProductId", k.pieces::bigint as "pieces!", k.value::bigint as "value!: Money",
             p.conversion_rate as "conversion: Conversion", cu.channel, cu.customer_group, cu.customer_type, cu.area
           from kept k
             join products p on p.id = k.product_id
             join customers cu on cu.distributor_id = k.distributor_id and cu.id = k.customer_id
           where k.pieces > 0
           order by k.distributor_id, k.customer_id, k.product_id"#,
        promotion.valid_from,
        promotion.valid_to,
        distributor,
        customer,
        &order_types,
        &weekdays,
    )
    .fetch_all(c)
    .await?;
    let mut all: Vec<CustomerBought> = Vec::new();
    for r in rows {
        let bought = Bought { pieces: r.pieces, value: r.value, conversion: r.conversion };
        let same = |last: &&mut CustomerBought| last.buyer.customer_id == r.customer_id;
        if let Some(last) = all.last_mut().filter(same) {
            last.bought.insert(r.product_id, bought);
            continue;
        }
        let buyer = Buyer {
            customer_id: r.customer_id,
            distributor_id: r.distributor_id,
            channel: word(r.channel),
            customer_group: word(r.customer_group),
            customer_type: word(r.customer_type),
            area: word(r.area),
        };
        all.push(CustomerBought { buyer, bought: [(r.product_id, bought)].into() });
    }
    Ok(all)
}

/// The promotion's weekdays as the database counts them, from Monday, which is 1; empty is all.
pub(crate) fn iso_weekdays(promotion: &Promotion) -> Vec<i32> {
    Weekday::ALL.iter().zip(1..).filter(|(day, _)| promotion.weekdays.contains(day)).map(|(_, n)| n).collect()
}

/// An empty column is no word.
pub(crate) fn word(word: String) -> Option<String> {
    (!word.is_empty()).then_some(word)
}
