use chrono::NaiveDate;
use db::PgConnection;
use domain::{DistributorId, ProductId, WarehouseId};

use crate::snapshots::Sources;

/// Which stock.
#[derive(Debug)]
pub(crate) struct XntFilter {
    pub from: NaiveDate,
    pub distributor: Option<DistributorId>,
    pub warehouse: Option<WarehouseId>,
    pub product: Option<ProductId>,
}

/// Sums of a product in a warehouse. Outgoing ones are above zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct XntSums {
    pub warehouse_id: WarehouseId,
    pub product_id: ProductId,
    pub opening_pieces: i64,
    pub opening_whole: i64,
    pub opening_retail: i64,
    pub opening_value: i64,
    pub in_pieces: i64,
    pub in_whole: i64,
    pub in_retail: i64,
    pub in_value: i64,
    pub in_cost: i64,
    pub out_pieces: i64,
    pub out_whole: i64,
    pub out_retail: i64,
    pub out_value: i64,
    pub out_sold: i64,
}

impl XntSums {
    /// Whether nothing was there and nothing moved.
    pub(crate) fn is_nothing(&self) -> bool {
        [
            self.opening_pieces,
            self.opening_whole,
            self.opening_retail,
            self.opening_value,
            self.in_pieces,
            self.in_value,
            self.in_cost,
            self.out_pieces,
            self.out_value,
            self.out_sold,
        ] == [0; 10]
    }
}

/// The sums of one closed month: its rows as they are.
pub(crate) async fn list_closed_month(
    c: &mut PgConnection,
    filter: &XntFilter,
    month: NaiveDate,
) -> Result<Vec<XntSums>, sqlx::Error> {
    sqlx::query_as!(
        XntSums,
        r#"select warehouse_id as "warehouse_id: WarehouseId", product_id as "product_id: ProductId",
             pieces - in_pieces + out_pieces as "opening_pieces!", whole - in_whole + out_whole as "opening_whole!",
             retail - in_retail + out_retail as "opening_retail!", value - in_value + out_value as "opening_value!",
             in_pieces, in_whole, in_retail, in_value, in_cost, out_pieces, out_whole, out_retail, out_value, out_sold
           from stock_snapshots
           where month = $1
             and ($2::uuid is null or distributor_id = $2)
             and ($3::uuid is null or warehouse_id = $3)
             and ($4::uuid is null or product_id = $4)"#,
        month,
        filter.distributor.map(|x| x.uuid()),
        filter.warehouse.map(|x| x.uuid()),
        filter.product.map(|x| x.uuid()),
    )
    .fetch_all(c)
    .await
}

/// The sums of any period, from snapshots and postings.
pub(crate) async fn list_period(
    c: &mut PgConnection,
    filter: &XntFilter,
    sources: &Sources,
) -> Result<Vec<XntSums>, sqlx::Error> {
    let (first_month, last_month) = sources.months.unzip();
    let mut ranges = sources.days.iter().copied();
    let (head, tail) = (ranges.next().unzip(), ranges.next().unzip());
    sqlx::query_as!(
        XntSums,
        r#"select warehouse_id as "warehouse_id!: WarehouseId", product_id as "product_id!: ProductId",
             sum(o1)::bigint as "opening_pieces!", sum(o2)::bigint as "opening_whole!",
             sum(o3)::bigint as "opening_retail!", sum(o4)::bigint as "opening_value!",
             sum(i1)::bigint as "in_pieces!", sum(i2)::bigint as "in_whole!", sum(i3)::bigint as "in_retail!",
             sum(i4)::bigint as "in_value!", sum(i5)::bigint as "in_cost!",
             sum(x1)::bigint as "out_pieces!", sum(x2)::bigint as "out_whole!", sum(x3)::bigint as "out_retail!",
             sum(x4)::bigint as "out_value!", sum(x5)::bigint as "out_sold!"
           from (
             select distributor_id, warehouse_id, product_id, pieces as o1, whole as o2, retail as o3, value as o4,
               0::bigint as i1, 0::bigint as i2, 0::bigint as i3, 0::bigint as i4, 0::bigint as i5,
               0::bigint as x1, 0::bigint as x2, 0::bigint as x3, 0::bigint as x4, 0::bigint as x5
             from stock_snapshots where month = $1
             union all
             select distributor_id, warehouse_id, product_id, pieces - in_pieces + out_pieces, whole - in_whole + out_whole,
               retail - in_retail + out_retail, value - in_value + out_value, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
             from stock_snapshots where month = $2
             union all
             select distributor_id, warehouse_id, product_id, 0, 0, 0, 0, in_pieces, in_whole, in_retail, in_value,
               in_cost, out_pieces, out_whole, out_retail, out_value, out_sold
             from stock_snapshots where month between $3 and $4
             union all
             select distributor_id, warehouse_id, product_id, pieces - in_pieces + out_pieces, whole - in_whole + out_whole,
               retail - in_retail + out_retail, value - in_value + out_value, in_pieces, in_whole, in_retail,
               in_value, in_cost, out_pieces, out_whole, out_retail, out_value, out_sold
             from stock_sums($5, $9, $6)
             union all
             select distributor_id, warehouse_id, product_id, pieces - in_pieces + out_pieces, whole - in_whole + out_whole,
               retail - in_retail + out_retail, value - in_value + out_value, in_pieces, in_whole, in_retail,
               in_value, in_cost, out_pieces, out_whole, out_retail, out_value, out_sold
             from stock_sums($7, $9, $8)
           ) s
           where ($10::uuid is null or distributor_id = $10)
             and ($11::uuid is null or warehouse_id = $11)
             and ($12::uuid is null or product_id = $12)
           group by distributor_id, warehouse_id, product_id"#,
        sources.closing_of,
        sources.opening_of,
        first_month,
        last_month,
        head.0,
        head.1,
        tail.0,
        tail.1,
        filter.from,
        filter.distributor.map(|x| x.uuid()),
        filter.warehouse.map(|x| x.uuid()),
        filter.product.map(|x| x.uuid()),
    )
    .fetch_all(c)
    .await
}

/// The first and the last month that is built.
pub(crate) async fn find_built(c: &mut PgConnection) -> Result<Option<(NaiveDate, NaiveDate)>, sqlx::Error> {
    let r = sqlx::query!("select min(month) as first, max(month) as last from stock_snapshot_months")
        .fetch_one(c)
        .await?;
    Ok(r.first.zip(r.last))
}

/// The day of the first posting.
pub(crate) async fn find_first_posting(c: &mut PgConnection) -> Result<Option<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!("select min(business_date) from stock_movements").fetch_one(c).await
}

/// Builds a month, or builds it again; gives its rows.
pub(crate) async fn build_snapshot(c: &mut PgConnection, month: NaiveDate) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select build_stock_snapshot($1) as "rows!""#, month).fetch_one(c).await
}

/// Plans the statements of this transaction for their parameters: what a report reads depends on them.
pub(crate) async fn plan_for_parameters(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("set local plan_cache_mode = force_custom_plan").execute(c).await?;
    Ok(())
}

/// A warehouse as a report names it.
#[derive(Debug)]
pub(crate) struct WarehouseName {
    pub id: WarehouseId,
    pub code: String,
    pub name: String,
}

/// The warehouses of the tenant, in the order of reports.
pub(crate) async fn list_warehouses(c: &mut PgConnection) -> Result<Vec<WarehouseName>, sqlx::Error> {
    sqlx::query_as!(
        WarehouseName,
        r#"select w.id as "id: WarehouseId", w.code, w.name from warehouses w
           join distributors d on d.id = w.distributor_id
           order by d.code, w.code, w.id"#,
    )
    .fetch_all(c)
    .await
}

/// A product as a report names it.
#[derive(Debug)]
pub(crate) struct ProductLabel {
    pub id: ProductId,
    pub code: String,
    pub name: String,
    pub sub_unit_name: String,
}

/// All products, in the order of reports.
pub(crate) async fn list_products(c: &mut PgConnection) -> Result<Vec<ProductLabel>, sqlx::Error> {
    sqlx::query_as!(
        ProductLabel,
        r#"select id as "id: ProductId", code, name, sub_unit_name from products order by display_order, code, id"#,
    )
    .fetch_all(c)
    .await
}

/// A figure of a snapshot that differs from the sum of the postings.
#[derive(Debug)]
pub(crate) struct WrongSnapshot {
    pub distributor_id: DistributorId,
    pub subject: String,
    pub expected: i64,
    pub found: i64,
}

/// Every snapshot whose closing differs from the sum of all postings up to its month's end, or whose month's sums
/// differ from those of its postings. One pass over the ledger.
pub(crate) async fn list_wrong_snapshots(c: &mut PgConnection) -> Result<Vec<WrongSnapshot>, sqlx::Error> {
    sqlx::query_as!(
        WrongSnapshot,
        r#"with bounds as (
             select min(month) as first, max(month) as last from stock_snapshot_months
           ), postings as (
             select m.distributor_id, m.warehouse_id, m.product_id,
               greatest(date_trunc('month', m.business_date)::date, b.first) as month,
               sum(quantity) as pieces,
               sum(case when typed_unit = 'whole' then typed_quantity else 0 end) as whole,
               sum(case when typed_unit = 'retail' then typed_quantity else 0 end) as retail,
               sum(selling_value) as value,
               sum(case when quantity > 0 and business_date >= b.first then quantity else 0 end) as in_pieces,
               sum(case when quantity > 0 and business_date >= b.first then selling_value else 0 end) as in_value,
               sum(case when quantity > 0 and business_date >= b.first then cost_value else 0 end) as in_cost,
               sum(case when quantity < 0 and business_date >= b.first then -sold_value else 0 end) as out_sold
             from stock_movements m cross join bounds b
             where m.business_date < b.last + interval '1 month'
             group by 1, 2, 3, 4
           ), snapshots as (
             select distributor_id, warehouse_id, product_id, month,
               pieces - coalesce(lag(pieces) over before, 0) as pieces, whole - coalesce(lag(whole) over before, 0) as whole,
               retail - coalesce(lag(retail) over before, 0) as retail, value - coalesce(lag(value) over before, 0) as value,
               in_pieces, in_value, in_cost, out_sold,
               lag(month) over before as previous, (select first from bounds) as first
             from stock_snapshots
             window before as (partition by distributor_id, warehouse_id, product_id order by month)
           ), wrong as (
             select distributor_id, warehouse_id, product_id, month, f.what, f.expected::bigint as expected, f.found::bigint as found
             from postings p full join snapshots s using (distributor_id, warehouse_id, product_id, month)
             cross join lateral (values
               ('pieces', coalesce(p.pieces, 0), coalesce(s.pieces, 0)), ('whole', coalesce(p.whole, 0), coalesce(s.whole, 0)),
               ('retail', coalesce(p.retail, 0), coalesce(s.retail, 0)), ('value', coalesce(p.value, 0), coalesce(s.value, 0)),
               ('in', coalesce(p.in_pieces, 0), coalesce(s.in_pieces, 0)), ('in value', coalesce(p.in_value, 0), coalesce(s.in_value, 0)),
               ('in cost', coalesce(p.in_cost, 0), coalesce(s.in_cost, 0)), ('out sold', coalesce(p.out_sold, 0), coalesce(s.out_sold, 0)),
               ('months', 1, case when s.previous is null or s.previous = (s.month - interval '1 month')::date then 1 else 0 end)
             ) f (what, expected, found)
             where f.expected <> f.found
             union all
             select distributor_id, warehouse_id, product_id, max(month), 'months', 1, 0
             from stock_snapshots group by 1, 2, 3 having max(month) <> (select last from bounds)
           )
           select x.distributor_id as "distributor_id!: DistributorId",
             concat_ws(' ', w.code, p.code, to_char(x.month, 'YYYY-MM'), x.what) as "subject!",
             x.expected as "expected!", x.found as "found!"
           from wrong x
           left join warehouses w on w.distributor_id = x.distributor_id and w.id = x.warehouse_id
           left join products p on p.id = x.product_id
           order by 1, 2"#,
    )
    .fetch_all(c)
    .await
}
