use chrono::Days;
use serde_json::json;
use sqlx::Connection as _;
use test_kit::{TestApp, world};

use crate::{
    PERFORMANCE, actuals, app, assert_sound, august, clocked, mine, order, placed, refresh, shipped, visited,
};

const VAN: uuid::Uuid = uuid::Uuid::from_u128(0x50aa);

#[tokio::test]
async fn an_order_and_a_visit_of_last_week_count_for_their_day_when_they_come() {
    let t = app().await;
    t.clock.set(august("1 10:00"));
    placed(&t).await;
    t.clock.set(august("6 10:00"));
    visited(&t, august("2 10:00")).await;
    clocked(&t, "in", august("3 08:00")).await;
    clocked(&t, "out", august("3 12:00")).await;
    assert!(refresh(&t).await.days >= 3);
    let month = mine(&t).await;
    let days: Vec<_> = month["days"].as_array().unwrap().iter().map(|d| d["date"].clone()).collect();
    assert_eq!(days, ["2026-08-01", "2026-08-02", "2026-08-03"]);
    assert_eq!(actuals(&month), json!([1, 0, 1, 327_600, 0, 0, 2, 240]));
    assert_sound(&t).await;
}

#[tokio::test]
async fn an_order_that_is_withdrawn_or_rejected_later_no_longer_counts() {
    let t = app().await;
    let (withdrawn, rejected) = (placed(&t).await, placed(&t).await);
    refresh(&t).await;
    assert_eq!(mine(&t).await["metrics"]["orders"]["actual"], 2);
    t.clock.set(august("20 10:00"));
    t.rep1()
        .post(&format!("/api/v1/orders/{withdrawn}/cancel"), json!({ "reason": "Khách đổi ý" }))
        .await
        .expect(200);
    refresh(&t).await;
    assert_eq!(mine(&t).await["metrics"]["orders"]["actual"], 1);
    let reason = json!({ "reason": "Sai giá" });
    t.supervisor().post(&format!("/api/v1/orders/{rejected}/reject"), reason).await.expect(200);
    refresh(&t).await;
    let month = mine(&t).await;
    assert_eq!(actuals(&month), json!([0, 0, 0, 0, 0, 0, null, 0]));
    // Nothing is left of the day.
    assert_eq!(month["days"], json!([]));
    assert_sound(&t).await;
}

#[tokio::test]
async fn goods_that_come_back_reduce_revenue_on_their_day_and_equal_the_report() {
    let t = app().await;
    let order = placed(&t).await;
    let invoice = shipped(&t, &order).await;
    refresh(&t).await;
    t.clock.set(august("10 10:00"));
    let body = json!({ "invoiceId": invoice, "customerId": world::SHOP1, "reason": "Khách trả",
                       "lines": [{ "invoiceLineNo": 1, "quantity": 5, "unit": "retail", "condition": "saleable" }] });
    let back = t.rep1().post("/api/v1/returns", body).await.expect(201);
    let path = format!("/api/v1/returns/{}", back["returnId"].as_str().unwrap());
    t.npp01().post(&format!("{path}/approve"), json!({})).await.expect(200);
    refresh(&t).await;
    assert_eq!(mine(&t).await["metrics"]["revenue"]["actual"], 327_600);
    t.npp01().post(&format!("{path}/receive"), json!({})).await.expect(200);
    refresh(&t).await;
    let month = mine(&t).await;
    assert_eq!(actuals(&month), json!([0, 0, 1, 327_600, 273_600, 19, 2, 0]));
    assert_eq!(
        (&month["days"][1]["date"], &month["days"][1]["revenue"], &month["days"][1]["volume"]),
        (&json!("2026-08-10"), &json!(-54_000), &json!(-5))
    );
    let report =
        t.npp01().get("/api/v1/reports/sales-by-rep?from=2026-08-01&to=2026-08-31").await.expect(200);
    assert_eq!(report["subtotals"][0]["revenue"], 273_600);
    assert_sound(&t).await;
}

#[tokio::test]
async fn an_outlet_that_is_refused_was_none() {
    let t = app().await;
    let shop = json!({ "name": "Tạp hóa mới", "phone": "0912345678" });
    let made = t.rep1().post("/api/v1/customers", shop).await.expect(201);
    refresh(&t).await;
    assert_eq!(mine(&t).await["metrics"]["newCustomers"]["actual"], 1);
    t.clock.set(august("12 10:00"));
    let reason = json!({ "reason": "Trùng" });
    t.supervisor()
        .post(&format!("/api/v1/customers/{}/reject", made["id"].as_str().unwrap()), reason)
        .await
        .expect(200);
    refresh(&t).await;
    assert_eq!(mine(&t).await["metrics"]["newCustomers"]["actual"], 0);
    assert_sound(&t).await;
}

#[tokio::test]
async fn working_time_that_is_corrected_counts_for_the_days_it_left_and_came_to() {
    let t = app().await;
    clocked(&t, "in", august("5 08:00")).await;
    clocked(&t, "out", august("5 12:00")).await;
    refresh(&t).await;
    let minutes = async || {
        let month = mine(&t).await;
        month["days"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| json!([d["date"], d["workMinutes"]]))
            .collect::<Vec<_>>()
    };
    assert_eq!(minutes().await, [json!(["2026-08-05", 240])]);
    t.clock.set(august("20 10:00"));
    let events: Vec<uuid::Uuid> = sqlx::query_scalar("select id from clock_events order by at")
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap();
    for (event, at) in events.iter().zip([august("4 08:00"), august("4 11:00")]) {
        let body = json!({ "at": at, "reason": "Nhầm ngày" });
        t.supervisor().post(&format!("/api/v1/attendance/{event}/correct"), body).await.expect(201);
    }
    refresh(&t).await;
    assert_eq!(minutes().await, [json!(["2026-08-04", 180])]);
}

/// One transaction begins first and commits last: the log has its row below those that were read already.
#[tokio::test]
async fn a_change_that_commits_after_later_ones_is_not_passed_over() {
    let t = app().await;
    let (slow, quick) = (placed(&t).await, placed(&t).await);
    t.clock.set(august("20 10:00"));
    refresh(&t).await;
    let mut owner = t.database.owner().await;
    let mut late = owner.begin().await.unwrap();
    let withdraw = "with moved as (update orders set status = 'Cancelled' where id = $1)
        insert into order_history (distributor_id, id, order_id, at, actor_id, from_status, to_status)
        select distributor_id, gen_random_uuid(), id, now(), rep_id, status, 'Cancelled' from orders where id = $1";
    sqlx::query(withdraw).bind(slow.parse::<uuid::Uuid>().unwrap()).execute(&mut *late).await.unwrap();
    t.rep1()
        .post(&format!("/api/v1/orders/{quick}/cancel"), json!({ "reason": "Khách đổi ý" }))
        .await
        .expect(200);
    refresh(&t).await;
    assert_eq!(mine(&t).await["metrics"]["orders"]["actual"], 1);
    late.commit().await.unwrap();
    refresh(&t).await;
    assert_eq!(mine(&t).await["metrics"]["orders"]["actual"], 0);
}

async fn forget(t: &TestApp) {
    let mut owner = t.database.owner().await;
    for statement in ["delete from kpi_cursors", "delete from kpi_days", "delete from kpi_product_days"] {
        sqlx::query(statement).execute(&mut owner).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_there_before_the_first_refresh_is_reckoned_bit_by_bit() {
    let t = app().await;
    let year_ago = august("6 10:00") - Days::new(365);
    // The rep has walked the route for longer than that.
    let mut owner = t.database.owner().await;
    for sql in
        ["set session_replication_role = replica", "update route_assignments set valid_from = '2025-01-01'"]
    {
        sqlx::query(sql).execute(&mut owner).await.unwrap();
    }
    t.clock.set(year_ago);
    placed(&t).await;
    t.clock.set(august("6 10:00"));
    placed(&t).await;
    forget(&t).await;
    refresh(&t).await;
    let orders = async |month: &str| {
        let path = format!("{PERFORMANCE}?month={month}");
        t.rep1().get(&path).await.expect(200)["metrics"]["orders"]["actual"].clone()
    };
    assert_eq!((orders("2026-08").await, orders("2025-08").await), (json!(1), json!(1)));
    let from: Vec<chrono::NaiveDate> = sqlx::query_scalar("select distinct filled_from from kpi_cursors")
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(from, ["2025-07-01".parse().unwrap()]);
    assert_sound(&t).await;
}

/// As after a restore into another cluster, whose transactions are counted anew.
#[tokio::test]
async fn cursors_of_another_epoch_begin_anew() {
    let t = app().await;
    let order = placed(&t).await;
    refresh(&t).await;
    let mut owner = t.database.owner().await;
    sqlx::query("update kpi_cursors set xid = 1::bigint << 60, epoch = 'elsewhere'")
        .execute(&mut owner)
        .await
        .unwrap();
    t.rep1()
        .post(&format!("/api/v1/orders/{order}/cancel"), json!({ "reason": "Khách đổi ý" }))
        .await
        .expect(200);
    refresh(&t).await;
    assert_eq!(mine(&t).await["metrics"]["orders"]["actual"], 0);
    let here: bool = sqlx::query_scalar(
        "select bool_and(epoch = sync_epoch() and xid < 1::bigint << 60) from kpi_cursors",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert!(here);
}

#[tokio::test]
async fn a_van_sale_of_a_month_that_is_over_counts_there_for_stock_and_people() {
    let t = app().await;
    t.clock.set(august("1 00:20"));
    let mut owner = t.database.owner().await;
    // What the main warehouse has lies in the van since July.
    sqlx::query("insert into warehouses (distributor_id, id, code, name, kind, rep_id, created_at) values ($1, $2, 'XE', 'Xe', 'van', $3, $4)")
        .bind(world::NPP01.uuid())
        .bind(VAN)
        .bind(world::REP1.uuid())
        .bind(world::now())
        .execute(&mut owner)
        .await
        .unwrap();
    let line = |product, pieces: i64| inventory::stock::ReceiveLine {
        product_id: product,
        lot_number: String::new(),
        expiry: None,
        pieces: domain::Quantity::new(pieces),
        typed_quantity: pieces,
        unit: domain::Unit::Retail,
        selling_value: domain::Money::new(pieces * 1_000),
        cost_value: domain::Money::new(pieces * 900),
        sold_value: domain::Money::ZERO,
    };
    let posting = inventory::stock::Posting {
        distributor: world::NPP01,
        warehouse: domain::WarehouseId::new(VAN),
        document_id: domain::DocumentId::new(uuid::Uuid::now_v7()),
        number: "X",
        business_date: "2026-07-20".parse().unwrap(),
        at: world::now(),
        actor: world::NPP01_ADMIN,
    };
    let lines = [line(world::MILK, 24), line(world::SOAP, 24)];
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    inventory::stock::receive(&mut tx, &posting, inventory::Reason::Transfer, &lines).await.unwrap();
    tx.commit().await.unwrap();
    assert!(reports::build_missing_snapshots(&t.app.db, august("1 02:00")).await.unwrap() >= 1);
    refresh(&t).await;

    let mut body = order();
    body["orderType"] = json!("VanSales");
    body["amountPaid"] = json!(100_000);
    body["at"] = json!("2026-07-31T23:50:00+07:00");
    let sold = t.rep1().post("/api/v1/orders", body).await.expect(201);
    assert_eq!(sold["invoices"][0]["invoiceNumber"], "PB-20260731-0001");
    refresh(&t).await;
    let july = t.rep1().get(&format!("{PERFORMANCE}?month=2026-07")).await.expect(200);
    assert_eq!(actuals(&july), json!([0, 0, 1, 327_600, 327_600, 24, 2, 0]));
    assert_eq!(july["days"][0]["date"], "2026-07-31");
    let report =
        t.npp01().get("/api/v1/reports/sales-by-rep?from=2026-07-01&to=2026-07-31").await.expect(200);
    assert_eq!(report["subtotals"][0]["revenue"], 327_600);
    // The snapshot of July, built before, has the goods gone.
    let left: Vec<i64> = sqlx::query_scalar(
        "select pieces from stock_snapshots where month = '2026-07-01' and warehouse_id = $1 order by product_id",
    )
    .bind(VAN)
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(left, [12, 12]);
    assert_eq!(reports::verify(&mut owner).await.unwrap(), []);
    assert_eq!(orders::verify(&mut owner).await.unwrap(), []);
    assert_sound(&t).await;
}
