//! What a rep sees is found by indexes alone.

use sqlx::AssertSqlSafe;
use test_kit::world::{NPP01, REP1, REP2, SHOP1};

use crate::support::{app, sql};

/// Tables that are never read as a whole; substitutions are none here, and few in life.
const READ_BY_INDEX: [&str; 4] = ["routes", "route_assignments", "route_customers", "customers"];

#[tokio::test]
async fn a_rep_s_outlets_are_found_by_indexes_alone() {
    let t = app().await;
    // A distributor of some size; what its planner knows is that of an everyday database.
    sql(
        &t,
        format!(
            "insert into customers (distributor_id, id, code, name, search_key, status, created_at, updated_at)
             select '{NPP01}', gen_random_uuid(), 'X' || n, 'x', 'x', 'active', now(), now() from generate_series(1, 5000) n;
             insert into routes (distributor_id, id, code, name, weekdays, start_date, created_at, updated_at)
             select '{NPP01}', gen_random_uuid(), 'R' || n, 'x', '{{1}}', '2026-01-05', now(), now() from generate_series(1, 200) n;
             insert into route_assignments (distributor_id, id, route_id, user_id, valid_from)
             select distributor_id, gen_random_uuid(), id, '{REP2}', '2026-01-05' from routes where code like 'R%';
             insert into route_customers (distributor_id, route_id, customer_id, sequence)
             select r.distributor_id, r.id, c.id, 1 from routes r
             join customers c on c.distributor_id = r.distributor_id and c.code like 'X%' and substr(c.code, 2)::int % 200 = substr(r.code, 2)::int - 1
             where r.code like 'R%'"
        ),
    )
    .await;
    for table in [
        "customers",
        "routes",
        "route_assignments",
        "route_customers",
        "route_substitutions",
        "users",
        "user_units",
    ] {
        sql(&t, format!("vacuum (analyze) {table}")).await;
    }
    let mut tx = t.app.db.lookup(&t.context("nvbh01")).await.unwrap();
    let plan = async |tx: &mut db::Tx, query: String| -> String {
        let lines: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(format!("explain {query}"))).fetch_all(&mut **tx).await.unwrap();
        lines.join("\n")
    };
    let all =
        plan(&mut tx, format!("select s from customers_in_scope('{REP1}', null, '2026-08-06') s")).await;
    for table in READ_BY_INDEX {
        assert!(!all.contains(&format!("Seq Scan on {table} ")), "{all}");
    }
    assert!(all.contains("Index Only Scan using route_assignments_walker"), "{all}");
    assert!(all.contains("Index Only Scan using route_customers_pkey"), "{all}");
    assert!(!all.contains("Function Scan"), "{all}");
    // One outlet is asked for: the planner sees through the function down to it.
    let one = plan(
        &mut tx,
        format!("select exists (select from customers_in_scope('{REP1}', null, '2026-08-06') s (id) where s.id = '{SHOP1}')"),
    )
    .await;
    assert!(!one.contains("Function Scan"), "{one}");
    let candidates = plan(
        &mut tx,
        format!("select * from plan_candidates(array['{REP1}']::uuid[], '2026-08-06', '2026-08-06', null)"),
    )
    .await;
    assert!(!candidates.contains("Function Scan on plan_candidates"), "{candidates}");
    for table in READ_BY_INDEX {
        assert!(!one.contains(&format!("Seq Scan on {table} ")), "{one}");
        assert!(!candidates.contains(&format!("Seq Scan on {table} ")), "{candidates}");
    }
}
