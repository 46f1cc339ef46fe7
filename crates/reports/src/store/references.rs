use db::PgConnection;
use domain::DistributorId;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// What documents name of master data without the database watching over it: table, column, and the master data. See the
/// decision about references.
const REFERENCES: [(&str, &str, &str); 26] = [
    ("order_lines", "product_id", "products"),
    ("order_lines", "price_list_id", "price_lists"),
    ("order_lines", "promotion_id", "promotions"),
    ("orders", "rep_id", "users"),
    ("orders", "created_by", "users"),
    ("orders", "decided_by", "users"),
    ("orders", "warehouse_id", "warehouses"),
    ("invoices", "rep_id", "users"),
    ("invoices", "created_by", "users"),
    ("invoices", "warehouse_id", "warehouses"),
    ("invoice_lines", "product_id", "products"),
    ("invoice_lines", "promotion_id", "promotions"),
    ("goods_issues", "created_by", "users"),
    ("goods_issues", "warehouse_id", "warehouses"),
    ("goods_issue_lines", "product_id", "products"),
    ("goods_issue_lines", "lot_id", "lots"),
    ("stock_items", "product_id", "products"),
    ("stock_items", "warehouse_id", "warehouses"),
    ("stock_lots", "warehouse_id", "warehouses"),
    ("stock_lots", "lot_id", "lots"),
    ("receipts", "collected_by", "users"),
    ("receipts", "cancelled_by", "users"),
    ("visits", "user_id", "users"),
    ("visits", "customer_id", "customers"),
    ("customer_locations", "customer_id", "customers"),
    ("clock_events", "user_id", "users"),
];

/// Rows that name something that isn't there.
#[derive(sqlx::FromRow)]
pub(crate) struct DanglingRow {
    pub distributor_id: DistributorId,
    pub reference: String,
    pub id: Uuid,
    pub rows: i64,
}

pub(crate) async fn list_dangling(c: &mut PgConnection) -> Result<Vec<DanglingRow>, sqlx::Error> {
    let each: Vec<String> = REFERENCES
        .iter()
        .map(|(table, column, master)| {
            // These are a distributor's own.
            let same = match *master {
                "warehouses" | "lots" | "customers" => "m.distributor_id = t.distributor_id and ",
                _ => "",
            };
            format!(
                "select t.distributor_id, '{table}.{column}' as reference, t.{column} as id from {table} t
                 where t.{column} is not null and not exists (select from {master} m where {same}m.id = t.{column})"
            )
        })
        .collect();
    let sql = format!(
        "select distributor_id, reference, id, count(*) as rows from ({}) dangling group by 1, 2, 3 order by 2, 1, 3",
        each.join(" union all ")
    );
    sqlx::query_as(AssertSqlSafe(sql)).fetch_all(c).await
}
