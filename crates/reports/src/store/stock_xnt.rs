use chrono::NaiveDate;
use db::PgConnection;
use domain::{DistributorId, ProductId, WarehouseId};

/// Which stock.
#[derive(Debug)]
pub(crate) struct XntFilter {
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
    /// Both together; none when a sum is out of range.
    pub(crate) fn plus(self, o: &XntSums) -> Option<XntSums> {
        Some(XntSums {
            opening_pieces: self.opening_pieces.checked_add(o.opening_pieces)?,
            opening_whole: self.opening_whole.checked_add(o.opening_whole)?,
            opening_retail: self.opening_retail.checked_add(o.opening_retail)?,
            opening_value: self.opening_value.checked_add(o.opening_value)?,
            in_pieces: self.in_pieces.checked_add(o.in_pieces)?,
            in_whole: self.in_whole.checked_add(o.in_whole)?,
            in_retail: self.in_retail.checked_add(o.in_retail)?,
            in_value: self.in_value.checked_add(o.in_value)?,
            in_cost: self.in_cost.checked_add(o.in_cost)?,
            out_pieces: self.out_pieces.checked_add(o.out_pieces)?,
            out_whole: self.out_whole.checked_add(o.out_whole)?,
            out_retail: self.out_retail.checked_add(o.out_retail)?,
            out_value: self.out_value.checked_add(o.out_value)?,
            out_sold: self.out_sold.checked_add(o.out_sold)?,
            ..self
        })
    }

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

/// What was there when a month ended.
pub(crate) async fn list_closing(
    c: &mut PgConnection,
    filter: &XntFilter,
    month: NaiveDate,
) -> Result<Vec<XntSums>, sqlx::Error> {
    sqlx::query_as!(
        XntSums,
        r#"select warehouse_id as "warehouse_id: WarehouseId", product_id as "product_id: ProductId",
             pieces as opening_pieces, whole as opening_whole, retail as opening_retail, value as opening_value,
             0::bigint as "in_pieces!", 0::bigint as "in_whole!", 0::bigint as "in_retail!", 0::bigint as "in_value!",
             0::bigint as "in_cost!", 0::bigint as "out_pieces!", 0::bigint as "out_whole!",
             0::bigint as "out_retail!", 0::bigint as "out_value!", 0::bigint as "out_sold!"
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

/// What came in and went out in whole months; with the opening of `opening_of`, the first of them.
pub(crate) async fn list_months(
    c: &mut PgConnection,
    filter: &XntFilter,
    (first, last): (NaiveDate, NaiveDate),
    opening_of: Option<NaiveDate>,
) -> Result<Vec<XntSums>, sqlx::Error> {
    sqlx::query_as!(
        XntSums,
        r#"select warehouse_id as "warehouse_id: WarehouseId", product_id as "product_id: ProductId",
             sum_bigint(pieces - in_pieces + out_pieces) filter (where month = $3) as "opening_pieces!",
             sum_bigint(whole - in_whole + out_whole) filter (where month = $3) as "opening_whole!",
             sum_bigint(retail - in_retail + out_retail) filter (where month = $3) as "opening_retail!",
             sum_bigint(value - in_value + out_value) filter (where month = $3) as "opening_value!",
             sum_bigint(in_pieces) as "in_pieces!", sum_bigint(in_whole) as "in_whole!",
             sum_bigint(in_retail) as "in_retail!", sum_bigint(in_value) as "in_value!", sum_bigint(in_cost) as "in_cost!",
             sum_bigint(out_pieces) as "out_pieces!", sum_bigint(out_whole) as "out_whole!",
             sum_bigint(out_retail) as "out_retail!", sum_bigint(out_value) as "out_value!",
             sum_bigint(out_sold) as "out_sold!"
           from stock_snapshots
           where month between $1 and $2
             and ($4::uuid is null or distributor_id = $4)
             and ($5::uuid is null or warehouse_id = $5)
             and ($6::uuid is null or product_id = $6)
           group by distributor_id, warehouse_id, product_id"#,
        first,
        last,
        opening_of,
        filter.distributor.map(|x| x.uuid()),
        filter.warehouse.map(|x| x.uuid()),
        filter.product.map(|x| x.uuid()),
    )
    .fetch_all(c)
    .await
}

/// What the postings of these days, all before the period, left there.
pub(crate) async fn list_postings_before(
    c: &mut PgConnection,
    filter: &XntFilter,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<XntSums>, sqlx::Error> {
    sqlx::query_as!(
        XntSums,
        r#"select warehouse_id as "warehouse_id: WarehouseId", product_id as "product_id: ProductId",
             sum_bigint(quantity) as "opening_pieces!",
             sum_bigint(typed_quantity) filter (where typed_unit = 'whole') as "opening_whole!",
             sum_bigint(typed_quantity) filter (where typed_unit = 'retail') as "opening_retail!",
             sum_bigint(selling_value) as "opening_value!",
             0::bigint as "in_pieces!", 0::bigint as "in_whole!", 0::bigint as "in_retail!", 0::bigint as "in_value!",
             0::bigint as "in_cost!", 0::bigint as "out_pieces!", 0::bigint as "out_whole!",
             0::bigint as "out_retail!", 0::bigint as "out_value!", 0::bigint as "out_sold!"
           from stock_movements
           where business_date between $1 and $2
             and ($3::uuid is null or distributor_id = $3)
             and ($4::uuid is null or warehouse_id = $4)
             and ($5::uuid is null or product_id = $5)
           group by distributor_id, warehouse_id, product_id"#,
        first,
        last,
        filter.distributor.map(|x| x.uuid()),
        filter.warehouse.map(|x| x.uuid()),
        filter.product.map(|x| x.uuid()),
    )
    .fetch_all(c)
    .await
}

/// What came in and went out with the postings of these days.
pub(crate) async fn list_postings(
    c: &mut PgConnection,
    filter: &XntFilter,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<XntSums>, sqlx::Error> {
    sqlx::query_as!(
        XntSums,
        r#"select warehouse_id as "warehouse_id: WarehouseId", product_id as "product_id: ProductId",
             0::bigint as "opening_pieces!", 0::bigint as "opening_whole!", 0::bigint as "opening_retail!",
             0::bigint as "opening_value!",
             sum_bigint(quantity) filter (where quantity > 0) as "in_pieces!",
             sum_bigint(typed_quantity) filter (where quantity > 0 and typed_unit = 'whole') as "in_whole!",
             sum_bigint(typed_quantity) filter (where quantity > 0 and typed_unit = 'retail') as "in_retail!",
             sum_bigint(selling_value) filter (where quantity > 0) as "in_value!",
             sum_bigint(cost_value) filter (where quantity > 0) as "in_cost!",
             -sum_bigint(quantity) filter (where quantity < 0) as "out_pieces!",
             -sum_bigint(typed_quantity) filter (where quantity < 0 and typed_unit = 'whole') as "out_whole!",
             -sum_bigint(typed_quantity) filter (where quantity < 0 and typed_unit = 'retail') as "out_retail!",
             -sum_bigint(selling_value) filter (where quantity < 0) as "out_value!",
             -sum_bigint(sold_value) filter (where quantity < 0) as "out_sold!"
           from stock_movements
           where business_date between $1 and $2
             and ($3::uuid is null or distributor_id = $3)
             and ($4::uuid is null or warehouse_id = $4)
             and ($5::uuid is null or product_id = $5)
           group by distributor_id, warehouse_id, product_id"#,
        first,
        last,
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

/// Snapshots are built by one process at a time.
const BUILDER: i64 = 7_306_611;

/// Whether it is this transaction's turn to build; nobody else's until it ends.
pub(crate) async fn try_builders_turn(c: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "mine!""#, BUILDER).fetch_one(c).await
}

/// Waits until it is this transaction's turn to build, as long as building may take.
pub(crate) async fn builders_turn(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("set local lock_timeout = 0; set local statement_timeout = 0").execute(&mut *c).await?;
    sqlx::query!("select pg_advisory_xact_lock($1)", BUILDER).execute(c).await?;
    Ok(())
}

/// Sets this transaction up for a large report: statements are planned for their parameters, which decide how much is
/// read; sums of all products fit into the memory of one; and compiling a statement takes longer than running it.
pub(crate) async fn prepare_for_sums(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(
        "set local plan_cache_mode = force_custom_plan; set local work_mem = '64MB'; set local jit = off",
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A warehouse as a report names it.
#[derive(Debug)]
pub(crate) struct WarehouseName {
    pub id: WarehouseId,
    pub distributor_id: DistributorId,
    pub code: String,
    pub name: String,
}

/// The warehouses of the tenant, in the order of reports.
pub(crate) async fn list_warehouses(c: &mut PgConnection) -> Result<Vec<WarehouseName>, sqlx::Error> {
    sqlx::query_as!(
        WarehouseName,
        r#"select w.id as "id: WarehouseId", w.distributor_id as "distributor_id: DistributorId", w.code, w.name
           from warehouses w
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
               sum_bigint(quantity) as pieces,
               sum_bigint(typed_quantity) filter (where typed_unit = 'whole') as whole,
               sum_bigint(typed_quantity) filter (where typed_unit = 'retail') as retail,
               sum_bigint(selling_value) as value,
               sum_bigint(quantity) filter (where quantity > 0 and business_date >= b.first) as in_pieces,
               sum_bigint(typed_quantity) filter (where quantity > 0 and business_date >= b.first and typed_unit = 'whole') as in_whole,
               sum_bigint(typed_quantity) filter (where quantity > 0 and business_date >= b.first and typed_unit = 'retail') as in_retail,
               sum_bigint(selling_value) filter (where quantity > 0 and business_date >= b.first) as in_value,
               sum_bigint(cost_value) filter (where quantity > 0 and business_date >= b.first) as in_cost,
               -sum_bigint(quantity) filter (where quantity < 0 and business_date >= b.first) as out_pieces,
               -sum_bigint(typed_quantity) filter (where quantity < 0 and business_date >= b.first and typed_unit = 'whole') as out_whole,
               -sum_bigint(typed_quantity) filter (where quantity < 0 and business_date >= b.first and typed_unit = 'retail') as out_retail,
               -sum_bigint(selling_value) filter (where quantity < 0 and business_date >= b.first) as out_value,
               -sum_bigint(sold_value) filter (where quantity < 0 and business_date >= b.first) as out_sold
             from stock_movements m cross join bounds b
             where m.business_date < b.last + interval '1 month'
             group by 1, 2, 3, 4
           ), snapshots as (
             select distributor_id, warehouse_id, product_id, month,
               pieces - coalesce(lag(pieces) over before, 0) as pieces, whole - coalesce(lag(whole) over before, 0) as whole,
               retail - coalesce(lag(retail) over before, 0) as retail, value - coalesce(lag(value) over before, 0) as value,
               in_pieces, in_whole, in_retail, in_value, in_cost, out_pieces, out_whole, out_retail, out_value, out_sold,
               lag(month) over before as previous, (select first from bounds) as first
             from stock_snapshots
             window before as (partition by distributor_id, warehouse_id, product_id order by month)
           ), wrong as (
             select distributor_id, warehouse_id, product_id, month, f.what, f.expected::bigint as expected, f.found::bigint as found
             from postings p full join snapshots s using (distributor_id, warehouse_id, product_id, month)
             cross join lateral (values
               ('pieces', coalesce(p.pieces, 0), coalesce(s.pieces, 0)),
               ('whole', coalesce(p.whole, 0), coalesce(s.whole, 0)),
               ('retail', coalesce(p.retail, 0), coalesce(s.retail, 0)),
               ('value', coalesce(p.value, 0), coalesce(s.value, 0)),
               ('in pieces', coalesce(p.in_pieces, 0), coalesce(s.in_pieces, 0)),
               ('in whole', coalesce(p.in_whole, 0), coalesce(s.in_whole, 0)),
               ('in retail', coalesce(p.in_retail, 0), coalesce(s.in_retail, 0)),
               ('in value', coalesce(p.in_value, 0), coalesce(s.in_value, 0)),
               ('in cost', coalesce(p.in_cost, 0), coalesce(s.in_cost, 0)),
               ('out pieces', coalesce(p.out_pieces, 0), coalesce(s.out_pieces, 0)),
               ('out whole', coalesce(p.out_whole, 0), coalesce(s.out_whole, 0)),
               ('out retail', coalesce(p.out_retail, 0), coalesce(s.out_retail, 0)),
               ('out value', coalesce(p.out_value, 0), coalesce(s.out_value, 0)),
               ('out sold', coalesce(p.out_sold, 0), coalesce(s.out_sold, 0)),
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
