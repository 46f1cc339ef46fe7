use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use futures_util::stream::BoxStream;
use platform::Scope;

/// A line of a goods issue, or of goods that came back: then what is counted and summed is below zero.
#[derive(Debug)]
pub(crate) struct ErpSale {
    pub distributor_code: String,
    pub distributor_name: String,
    pub is_return: bool,
    pub document_number: String,
    pub day: NaiveDate,
    pub invoice_number: String,
    pub order_number: String,
    pub customer_code: String,
    pub customer_name: String,
    pub rep_code: String,
    pub warehouse_code: String,
    pub product_code: String,
    pub unit: String,
    pub quantity: i64,
    pub pieces: i64,
    pub unit_price: i64,
    pub gross: i64,
    pub product_discount: i64,
    pub order_discount: i64,
    pub vat: i64,
    pub is_free: bool,
    pub promotion_code: String,
}

/// The day's sales in the caller's scope: what the report of issued goods sums up, line by line. The lots of a line are added
/// up. Of free goods that are charged because they were not given back, only the money counts: the pieces went before.
pub(crate) fn list_sales<'a>(
    c: &'a mut PgConnection,
    day: NaiveDate,
    scope: Scope<'_>,
) -> BoxStream<'a, Result<ErpSale, sqlx::Error>> {
    let units = scope.units();
    sqlx::query_as!(
        ErpSale,
        r#"with lines as (
             select g.distributor_id, false as is_return, g.number, g.business_date as day, i.number as invoice_number,
                    il.order_id, i.customer_id, i.rep_id, w.code as warehouse_code, il.line_no, il.product_id, il.unit,
                    il.unit_price, il.is_free, il.promotion_id, sum(l.quantity)::bigint as quantity,
                    sum(l.pieces)::bigint as pieces, sum(l.gross)::bigint as gross,
                    sum(l.product_discount)::bigint as product_discount,
                    sum(l.order_discount)::bigint as order_discount, sum(l.vat)::bigint as vat
             from goods_issues g
             join goods_issue_lines l on l.distributor_id = g.distributor_id and l.issue_id = g.id
             join invoices i on i.distributor_id = g.distributor_id and i.id = g.invoice_id
             join invoice_lines il on il.distributor_id = l.distributor_id and il.invoice_id = l.invoice_id
               and il.line_no = l.invoice_line_no
             left join warehouses w on w.distributor_id = g.distributor_id and w.id = g.warehouse_id
             where g.business_date = $1
               and ($2::uuid is null or i.rep_id = $2)
               and ($3::uuid[] is null or i.unit_id = any ($3))
             group by g.distributor_id, g.id, i.distributor_id, i.id, il.distributor_id, il.invoice_id, il.line_no, w.code
           union all
             select r.distributor_id, true, r.number, r.received_on, i.number, il.order_id, r.customer_id, r.rep_id,
                    (select string_agg(distinct w.code, ', ' order by w.code) from sales_return_lots x
                     join warehouses w on w.distributor_id = x.distributor_id and w.id = x.warehouse_id
                     where x.distributor_id = l.distributor_id and x.return_id = l.return_id and x.line_no = l.line_no),
                    l.line_no, l.product_id, l.unit, l.unit_price, l.is_free, l.promotion_id,
                    case when l.is_charge then 0 else -l.quantity end, case when l.is_charge then 0 else -l.pieces end,
                    -l.gross, -l.product_discount, -l.order_discount, -l.vat
             from sales_returns r
             join sales_return_lines l on l.distributor_id = r.distributor_id and l.return_id = r.id
             left join invoices i on i.distributor_id = l.distributor_id and i.id = l.invoice_id
             left join invoice_lines il on il.distributor_id = l.distributor_id and il.invoice_id = l.invoice_id
               and il.line_no = l.invoice_line_no
             where r.received_on = $1
               and ($2::uuid is null or r.rep_id = $2)
               and ($3::uuid[] is null or r.unit_id = any ($3))
           )
           select coalesce(d.code, '') as "distributor_code!", coalesce(d.name, '') as "distributor_name!",
                  s.is_return as "is_return!", s.number as "document_number!", s.day as "day!",
                  coalesce(s.invoice_number, '') as "invoice_number!", coalesce(o.number, '') as "order_number!",
                  coalesce(c.code, '') as "customer_code!", coalesce(c.name, '') as "customer_name!",
                  coalesce(u.username, '') as "rep_code!", coalesce(s.warehouse_code, '') as "warehouse_code!",
                  coalesce(p.code, '') as "product_code!",
                  coalesce(case s.unit when 'whole' then p.unit_name else p.sub_unit_name end, '') as "unit!",
                  s.quantity as "quantity!", s.pieces as "pieces!", s.unit_price as "unit_price!", s.gross as "gross!",
                  s.product_discount as "product_discount!", s.order_discount as "order_discount!", s.vat as "vat!",
                  s.is_free as "is_free!", coalesce(k.code, '') as "promotion_code!"
           from lines s
           left join distributors d on d.id = s.distributor_id
           left join orders o on o.distributor_id = s.distributor_id and o.id = s.order_id
           left join customers c on c.distributor_id = s.distributor_id and c.id = s.customer_id
           left join users u on u.id = s.rep_id
           left join products p on p.id = s.product_id
           left join promotions k on k.id = s.promotion_id
           order by d.code collate "C", s.distributor_id, s.is_return, s.number collate "C", s.line_no"#,
        day,
        scope.user(),
        units.as_deref(),
    )
    .fetch(c)
}

/// A posting of stock.
#[derive(Debug)]
pub(crate) struct ErpPosting {
    pub distributor_code: String,
    pub distributor_name: String,
    pub warehouse_code: String,
    pub document_number: String,
    pub reason: String,
    pub product_code: String,
    pub lot_number: String,
    pub expiry: Option<NaiveDate>,
    pub pieces: i64,
    pub typed_unit: String,
    pub typed_quantity: i64,
    pub selling_value: i64,
    pub cost_value: i64,
    pub sold_value: i64,
    pub day: NaiveDate,
    pub posted_at: DateTime<Utc>,
}

/// The day's postings of the caller's distributors.
pub(crate) fn list_day_postings(
    c: &mut PgConnection,
    day: NaiveDate,
) -> BoxStream<'_, Result<ErpPosting, sqlx::Error>> {
    sqlx::query_as!(
        ErpPosting,
        r#"select coalesce(d.code, '') as "distributor_code!", coalesce(d.name, '') as "distributor_name!",
                  coalesce(w.code, '') as "warehouse_code!", m.document_number, m.reason,
                  coalesce(p.code, '') as "product_code!", coalesce(l.lot_number, '') as "lot_number!",
                  l.expiry as "expiry?", m.quantity as pieces,
                  coalesce(case m.typed_unit when 'whole' then p.unit_name else p.sub_unit_name end, '') as "typed_unit!",
                  m.typed_quantity, m.selling_value, m.cost_value, m.sold_value, m.business_date as day, m.posted_at
           from stock_movements m
           left join distributors d on d.id = m.distributor_id
           left join warehouses w on w.distributor_id = m.distributor_id and w.id = m.warehouse_id
           left join products p on p.id = m.product_id
           left join lots l on l.distributor_id = m.distributor_id and l.id = m.lot_id
           where m.business_date = $1
           order by d.code collate "C", m.distributor_id, m.document_number collate "C", w.code collate "C",
                    p.code collate "C", l.lot_number collate "C", l.expiry, m.posted_at, m.id"#,
        day,
    )
    .fetch(c)
}

/// What a day's documents are: two days' marks are the same when their documents are.
#[derive(Debug)]
pub(crate) struct DayMark {
    pub day: NaiveDate,
    pub mark: String,
}

/// The marks of all distributors' documents, of each day from `first` to `last`: how many rows there are and the sum of their
/// hashes. What master data says of them (names) is not in it: a name that changes makes no file old.
pub(crate) async fn list_marks(
    c: &mut PgConnection,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<DayMark>, sqlx::Error> {
    sqlx::query_as!(
        DayMark,
        r#"with issued as (
             select g.business_date as day, count(*) as rows, sum(hash_record_extended(l, 0)) as hash
             from goods_issues g
             join goods_issue_lines l on l.distributor_id = g.distributor_id and l.issue_id = g.id
             where g.business_date between $1 and $2
             group by 1
           ), returned as (
             select r.received_on as day, count(*) as rows, sum(hash_record_extended(l, 0)) as hash
             from sales_returns r
             join sales_return_lines l on l.distributor_id = r.distributor_id and l.return_id = r.id
             where r.received_on between $1 and $2
             group by 1
           ), posted as (
             select m.business_date as day, count(*) as rows, sum(hash_record_extended(m, 0)) as hash
             from stock_movements m
             where m.business_date between $1 and $2
             group by 1
           )
           select d.day::date as "day!",
                  concat_ws(' ', coalesce(i.rows, 0), coalesce(i.hash, 0), coalesce(r.rows, 0), coalesce(r.hash, 0),
                            coalesce(p.rows, 0), coalesce(p.hash, 0)) as "mark!"
           from generate_series($1::date::timestamp, $2::date::timestamp, interval '1 day') d (day)
           left join issued i on i.day = d.day::date
           left join returned r on r.day = d.day::date
           left join posted p on p.day = d.day::date
           order by 1"#,
        first,
        last,
    )
    .fetch_all(c)
    .await
}
