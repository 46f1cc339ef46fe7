//! Uploads: once, in order, and nothing lost.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::Row as _;
use test_kit::{TestApp, world};
use uuid::Uuid;

use crate::phone::{id, run};

const PLACE: (f64, f64) = (10.7769, 106.7009);

/// Operations of one phone.
pub struct Outbox {
    pub device: String,
    pub operations: Vec<Value>,
    seq: i64,
}

impl Outbox {
    pub fn new(device: &str) -> Outbox {
        Outbox { device: device.to_owned(), operations: Vec::new(), seq: 0 }
    }

    /// Adds an operation done `minutes` after the world's beginning − 3 hours; gives its id.
    pub fn add(&mut self, kind: &str, entity: Uuid, minutes: i64, payload: Value) -> Uuid {
        let op = Uuid::now_v7();
        self.seq += 1;
        let at = world::now() - TimeDelta::hours(3) + TimeDelta::minutes(minutes);
        self.operations.push(json!({
            "opId": op, "seq": self.seq, "kind": kind, "entityId": entity, "at": at, "payload": payload
        }));
        op
    }

    pub fn batch(&self) -> Value {
        json!({ "deviceId": self.device, "appVersion": "1.0.0", "operations": self.operations })
    }
}

fn check_in(customer: u128) -> Value {
    json!({ "customerId": id(customer), "latitude": PLACE.0, "longitude": PLACE.1, "accuracy": 5.0 })
}

fn check_out() -> Value {
    json!({ "latitude": PLACE.0, "longitude": PLACE.1, "visitResult": "HasOrder", "notes": "" })
}

fn order(customer: u128) -> Value {
    json!({ "orderType": "PreSales", "customerId": id(customer), "items": [{ "productId": id(0x4001), "quantity": 2, "unit": "retail" }] })
}

fn photo(visit: Uuid, digit: u8) -> Value {
    json!({ "visitId": visit, "sha256": format!("{digit:02x}").repeat(32), "albumType": "Mặt tiền" })
}

/// A visit with all its steps.
fn visit(outbox: &mut Outbox, customer: u128, minutes: i64) -> (Uuid, Uuid) {
    let visit = Uuid::now_v7();
    outbox.add("check_in", visit, minutes, check_in(customer));
    outbox.add("photo", Uuid::now_v7(), minutes + 1, photo(visit, minutes as u8));
    let lines = json!([{ "productId": id(0x4001), "quantity": 3, "unit": "retail" }]);
    outbox.add("stock_check", Uuid::now_v7(), minutes + 2, json!({ "visitId": visit, "lines": lines }));
    let sale = Uuid::now_v7();
    let mut body = order(customer);
    body["visitId"] = json!(visit);
    outbox.add("order", sale, minutes + 3, body);
    outbox.add("check_out", visit, minutes + 5, check_out());
    (visit, sale)
}

async fn send(t: &TestApp, who: &str, batch: Value) -> Vec<Value> {
    let answer = t.actor(who).post("/api/v1/sync/upload", batch).await.expect(200);
    answer["results"].as_array().unwrap().clone()
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|r| r["status"].as_str().unwrap()).collect()
}

async fn count(t: &TestApp, sql: &'static str) -> i64 {
    let mut owner = t.database.owner().await;
    sqlx::query(sql).fetch_one(&mut owner).await.unwrap().get(0)
}

/// All rows that an upload could have made.
async fn rows(t: &TestApp) -> i64 {
    count(
        t,
        "select (select count(*) from visits) + (select count(*) from visit_photos) + (select count(*) from visit_stock_lines)
           + (select count(*) from orders) + (select count(*) from order_lines) + (select count(*) from clock_events)
           + (select count(*) from gps_points) + (select count(*) from sync_operations) + (select count(*) from sync_cases)
           + (select count(*) from sync_strays) + (select count(*) from audit_log) + (select count(*) from outbox)
           + (select count(*) from receipts) + (select count(*) from customers)",
    )
    .await
}

#[tokio::test]
async fn a_rep_receives_cash_of_their_own_outlets() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    let paid = |customer: u128, method: &str| json!({ "customerId": id(customer), "amount": 50_000, "method": method });
    outbox.add("receipt", Uuid::now_v7(), -24 * 60, paid(0x7001, "cash"));
    outbox.add("receipt", Uuid::now_v7(), 1, paid(0x7001, "transfer"));
    let results = send(&t, "nvbh01", outbox.batch()).await;
    assert_eq!(statuses(&results), ["applied", "rejected"]);
    assert_eq!(count(&t, "select count(*) from sync_cases where held and code = 'sync.cash_only'").await, 1);
    // The cash is of the day on which it was taken.
    let day = "select count(*) from rep_cash_days where collected = 50000 and business_date = '2026-08-05'";
    assert_eq!(count(&t, day).await, 1);
    // So is an outlet of the day on which it was found.
    let mut found = Outbox::new("A");
    found.add("customer", Uuid::now_v7(), -24 * 60 + 1, json!({ "name": "Quán Mới" }));
    assert_eq!(statuses(&send(&t, "nvbh01", found.batch()).await), ["applied"]);
    let day = "select count(*) from customers where name = 'Quán Mới' and created_at < '2026-08-06'";
    assert_eq!(count(&t, day).await, 1);
    let mut other = Outbox::new("B");
    other.add("receipt", Uuid::now_v7(), 1, paid(0x7001, "cash"));
    let results = send(&t, "nvbh02", other.batch()).await;
    assert_eq!(statuses(&results), ["rejected"]);
    assert_eq!(count(&t, "select count(*) from sync_cases where held").await, 2);
    assert_eq!(count(&t, "select count(*) from receipts").await, 1);
}

#[tokio::test]
async fn a_day_arrives_as_it_was_and_once() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    let place = json!({ "kind": "in", "latitude": PLACE.0, "longitude": PLACE.1 });
    outbox.add("clock", Uuid::now_v7(), 0, place);
    let (first, sale) = visit(&mut outbox, 0x7001, 5);
    visit(&mut outbox, 0x7002, 20);
    let at = world::now() - TimeDelta::hours(2);
    let points: Vec<Value> = (0..50)
        .map(|i| json!({ "latitude": 10.7, "longitude": 106.7, "at": at + TimeDelta::seconds(i * 10) }))
        .collect();
    outbox.add("locations", Uuid::now_v7(), 60, json!({ "points": points }));
    let results = send(&t, "nvbh01", outbox.batch()).await;
    assert!(results.iter().all(|r| r["status"] == "applied"), "{results:#?}");
    assert_eq!(results.len(), 12);
    let number = results[4]["result"]["orderNumber"].as_str().unwrap();
    assert!(number.starts_with("DH-20260806-"), "{number}");
    let mut owner = t.database.owner().await;
    let row = sqlx::query("select check_in_at, check_out_at, result from visits where id = $1")
        .bind(first)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    let began = world::now() - TimeDelta::hours(3) + TimeDelta::minutes(5);
    assert_eq!(row.get::<chrono::DateTime<chrono::Utc>, _>(0), began);
    assert_eq!(row.get::<String, _>(2), "HasOrder");
    let row = sqlx::query("select visit_id, ordered_at from orders where id = $1")
        .bind(sale)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(row.get::<Uuid, _>(0), first);

    let before = rows(&t).await;
    let again = send(&t, "nvbh01", outbox.batch()).await;
    assert!(again.iter().all(|r| r["status"] == "duplicate"), "{again:#?}");
    for (first, second) in results.iter().zip(&again) {
        assert_eq!(first["result"], second["result"]);
    }
    assert_eq!(rows(&t).await, before, "a replay adds no row");
}

#[tokio::test]
async fn one_batch_from_two_tabs_and_two_servers_has_one_effect_and_one_answer() {
    let t = TestApp::start(sync::router()).await;
    for round in 0..4 {
        let mut outbox = Outbox::new("A");
        visit(&mut outbox, 0x7001, round * 20);
        outbox.add("order", Uuid::now_v7(), round * 20 + 9, order(0x7002));
        let answers = join_all((0..4).map(|_| send(&t, "nvbh01", outbox.batch()))).await;
        for i in 0..outbox.operations.len() {
            let kinds: Vec<_> = answers.iter().map(|a| a[i]["status"].as_str().unwrap()).collect();
            let applied = kinds.iter().filter(|s| **s == "applied").count();
            let duplicates = kinds.iter().filter(|s| **s == "duplicate").count();
            assert_eq!((applied, duplicates), (1, 3), "{i}: {answers:#?}");
            assert!(answers.iter().all(|a| a[i]["result"] == answers[0][i]["result"]));
        }
    }
    assert_eq!(count(&t, "select count(*) from orders").await, 8);
    assert_eq!(count(&t, "select count(*) from visits").await, 4);
    assert_eq!(count(&t, "select count(*) from sync_cases").await, 0);
}

#[tokio::test]
async fn overlapping_batches_of_two_phones_have_each_operation_once() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    for i in 0..6 {
        outbox.add("order", Uuid::now_v7(), i, order(0x7001));
    }
    let all = &outbox.operations;
    let batch = |device: &str, part: &[Value]| json!({ "deviceId": device, "operations": part });
    let sent = join_all([
        send(&t, "nvbh01", batch("A", &all[..4])),
        send(&t, "nvbh01", batch("B", &all[2..])),
        send(&t, "nvbh01", batch("A", &[all[5].clone(), all[0].clone(), all[3].clone()])),
    ])
    .await;
    assert!(sent.iter().flatten().all(|r| ["applied", "duplicate"].contains(&r["status"].as_str().unwrap())));
    assert_eq!(count(&t, "select count(*) from orders").await, 6);
}

#[tokio::test]
async fn one_id_with_other_content_is_kept_and_refused() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    outbox.add("order", Uuid::now_v7(), 1, order(0x7001));
    send(&t, "nvbh01", outbox.batch()).await;
    outbox.operations[0]["payload"]["items"][0]["quantity"] = json!(99);
    for _ in 0..2 {
        let results = send(&t, "nvbh01", outbox.batch()).await;
        assert_eq!(results[0]["code"], "sync.op_id_reused", "{results:#?}");
        assert_eq!(results[0]["retryable"], false);
    }
    let strays = t.rep1().get("/api/v1/sync/strays").await.expect(200);
    assert_eq!(strays["data"].as_array().unwrap().len(), 1);
    assert!(strays["data"][0]["content"].as_str().unwrap().contains("99"));
    // Another's operation may have the same id.
    let mut other = outbox.operations[0].clone();
    other["entityId"] = json!(Uuid::now_v7());
    other["payload"] = order(0x7021);
    let results = send(&t, "nvbh11", json!({ "deviceId": "A", "operations": [other] })).await;
    assert_eq!(statuses(&results), ["applied"]);
}

#[tokio::test]
async fn what_is_refused_holds_up_only_what_depends_on_it() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    visit(&mut outbox, 0x7001, 0);
    // An outlet that isn't the rep's any more.
    let (lost, _) = visit(&mut outbox, 0x7021, 20);
    visit(&mut outbox, 0x7002, 40);
    let results = send(&t, "nvbh01", outbox.batch()).await;
    let codes: Vec<_> = results.iter().map(|r| r["code"].as_str().unwrap_or("")).collect();
    assert!(results[..5].iter().chain(&results[10..]).all(|r| r["status"] == "applied"), "{results:#?}");
    assert!(results[5..10].iter().all(|r| r["status"] == "rejected" && r["held"] == true), "{codes:?}");
    assert!(codes[6..10].iter().all(|code| *code == "sync.waiting"), "{codes:?}");

    // The supervisor sees it, with what waits for it; the rep sees it, a colleague and others don't.
    let cases = t.supervisor().get("/api/v1/sync/exceptions?status=open").await.expect(200);
    let case =
        cases["data"].as_array().unwrap().iter().find(|c| c["entityId"] == json!(lost)).unwrap().clone();
    assert_eq!((case["held"].as_bool(), case["dependants"].as_i64()), (Some(true), Some(4)));
    let path = format!("/api/v1/sync/exceptions/{}", case["id"].as_str().unwrap());
    t.rep1().get(&path).await.expect(200);
    for other in [t.rep2(), t.npp02(), t.rep11()] {
        other.get(&path).await.problem(404, "not_found");
    }
    let resolve = format!("{path}/resolve");
    t.rep1().post(&resolve, json!({ "action": "apply", "reason": "x" })).await.problem(403, "forbidden");
    t.npp02().post(&resolve, json!({ "action": "apply", "reason": "x" })).await.problem(404, "not_found");
    t.supervisor()
        .post(&resolve, json!({ "action": "apply", "reason": " " }))
        .await
        .problem(400, "validation");
    t.supervisor()
        .post(&resolve, json!({ "action": "accept", "reason": "x" }))
        .await
        .problem(409, "sync.decision_does_not_fit");
    t.supervisor()
        .post(&resolve, json!({ "action": "apply", "reason": "Thử lại" }))
        .await
        .problem(404, "not_found");
    let settled = t
        .supervisor()
        .post(&resolve, json!({ "action": "dismiss", "reason": "Nhầm khách" }))
        .await
        .expect(200);
    assert_eq!(settled["status"], "dismissed");
    t.supervisor()
        .post(&resolve, json!({ "action": "dismiss", "reason": "x" }))
        .await
        .problem(409, "sync.case_settled");
    let operations = t.rep1().get("/api/v1/sync/operations?status=dismissed").await.expect(200);
    assert_eq!(operations["pagination"]["totalItems"], 5, "with all that waited");
    let again = send(&t, "nvbh01", outbox.batch()).await;
    assert!(again[5..10].iter().all(|r| r["code"] == "sync.dismissed" && r["retryable"] == false));
}

#[tokio::test]
async fn a_held_record_takes_effect_when_what_was_in_its_way_is_gone() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    run(&mut owner, "update products set status = 'inactive' where id = #4001").await;
    let mut outbox = Outbox::new("A");
    let sale = outbox.add("order", Uuid::now_v7(), 1, order(0x7001));
    let note = outbox.add("clock", Uuid::now_v7(), 2, json!({ "kind": "in" }));
    outbox.operations[1]["dependsOn"] = json!([sale]);
    let results = send(&t, "nvbh01", outbox.batch()).await;
    assert_eq!(statuses(&results), ["rejected", "rejected"]);
    assert_eq!(results[1]["retryable"], true);
    run(&mut owner, "update products set status = 'active' where id = #4001").await;
    let cases = t.npp01().get("/api/v1/sync/exceptions?status=open").await.expect(200);
    let path = format!("/api/v1/sync/exceptions/{}/resolve", cases["data"][0]["id"].as_str().unwrap());
    let raced = join_all((0..3).map(|_| async {
        t.npp01().post(&path, json!({ "action": "apply", "reason": "Đã mở bán lại" })).await.status.as_u16()
    }))
    .await;
    assert_eq!(raced.iter().filter(|status| **status == 200).count(), 1, "{raced:?}");
    assert_eq!(count(&t, "select count(*) from orders").await, 1);
    let again = send(&t, "nvbh01", outbox.batch()).await;
    assert_eq!(statuses(&again), ["duplicate", "duplicate"]);
    let view = t.rep1().get(&format!("/api/v1/sync/operations/{note}")).await.expect(200);
    assert_eq!(view["status"], "applied");
}

#[tokio::test]
async fn what_was_sold_though_the_distributor_may_not_is_held_with_the_products_name() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    run(&mut owner, "update products set distributors = array[#1002] where id = #4001").await;
    let mut outbox = Outbox::new("A");
    outbox.add("order", Uuid::now_v7(), 1, order(0x7001));
    let results = send(&t, "nvbh01", outbox.batch()).await;
    assert_eq!((&results[0]["code"], &results[0]["held"]), (&json!("orders.not_sold_here"), &json!(true)));
    assert!(results[0]["message"].as_str().unwrap().contains("SP001"), "{results:#?}");
}

#[tokio::test]
async fn what_comes_before_what_it_belongs_to_waits_for_it() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    let (visit, _) = visit(&mut outbox, 0x7001, 0);
    let late = outbox.operations.remove(0);
    let results = send(&t, "nvbh01", outbox.batch()).await;
    assert!(results.iter().all(|r| r["code"] == "sync.waiting" && r["retryable"] == true), "{results:#?}");
    // The other phone brings the check-in; all that waited takes effect.
    let results = send(&t, "nvbh01", json!({ "deviceId": "B", "operations": [late] })).await;
    assert_eq!(statuses(&results), ["applied"]);
    assert_eq!(count(&t, "select count(*) from sync_operations where status = 'waiting'").await, 0);
    assert_eq!(count(&t, "select count(*) from orders").await, 1);
    let again = send(&t, "nvbh01", outbox.batch()).await;
    assert!(again.iter().all(|r| r["status"] == "duplicate"), "{again:#?}");
    assert!(!visit.is_nil());
}

#[tokio::test]
async fn a_new_outlet_is_pending_and_what_is_sold_to_it_waits_for_a_person() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    let outlet = Uuid::now_v7();
    outbox.add("customer", outlet, 0, json!({ "name": "Tạp hóa Mới", "phone": "0901234567", "latitude": 10.77, "longitude": 106.7, "colour": "blue" }));
    let mut sale = order(0x7001);
    sale["customerId"] = json!(outlet);
    outbox.add("order", Uuid::now_v7(), 1, sale);
    let results = send(&t, "nvbh01", outbox.batch()).await;
    assert_eq!(statuses(&results), ["applied", "rejected"], "{results:#?}");
    assert_eq!(results[0]["flags"][0]["code"], "sync.unknown_fields");
    assert_eq!(results[1]["held"], true);
    let mut owner = t.database.owner().await;
    let status: String = sqlx::query_scalar("select status from customers where id = $1")
        .bind(outlet)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(status, "pending");
}

#[tokio::test]
async fn what_is_malformed_is_kept_and_the_rest_flows() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    outbox.add("order", Uuid::now_v7(), 0, order(0x7001));
    outbox.add(
        "order",
        Uuid::now_v7(),
        1,
        json!({ "orderType": "PreSales", "customerId": id(0x7001), "items": "none" }),
    );
    outbox.add(
        "order",
        Uuid::now_v7(),
        2,
        json!({ "orderType": "PreSales", "customerId": id(0x7001), "items": [], "notes": "a\u{0}b" }),
    );
    outbox.add("teleport", Uuid::now_v7(), 3, json!({ "to": "moon" }));
    outbox.add("order", Uuid::now_v7(), 4, order(0x7001));
    outbox.operations[4]["v"] = json!(7);
    outbox.operations.push(json!({ "seq": 9, "kind": "order" }));
    outbox.operations.push(json!("nonsense"));
    outbox.add("order", Uuid::now_v7(), 5, order(0x7002));
    let results = send(&t, "nvbh01", outbox.batch()).await;
    let codes: Vec<_> = results.iter().map(|r| r["code"].as_str().unwrap_or("")).collect();
    assert_eq!(statuses(&results)[0], "applied");
    assert_eq!(statuses(&results)[7], "applied", "{codes:?}");
    assert_eq!(codes[3], "sync.unknown_kind");
    assert_eq!(codes[4], "sync.newer_form");
    assert_eq!((codes[5], codes[6]), ("sync.malformed", "sync.malformed"));
    assert!(results[1]["retryable"] == false && results[1]["held"] == false, "{results:#?}");
    assert!(results[3]["held"] == true && results[4]["held"] == true);
    let before = rows(&t).await;
    send(&t, "nvbh01", outbox.batch()).await;
    assert_eq!(rows(&t).await, before);
    let kept = t.rep1().get("/api/v1/sync/operations?pageSize=100").await.expect(200);
    assert_eq!(kept["pagination"]["totalItems"], 6);
    assert!(kept["data"].as_array().unwrap().iter().any(|o| o["content"]["payload"]["to"] == "moon"));
    assert_eq!(t.npp01().get("/api/v1/sync/strays").await.expect(200)["pagination"]["totalItems"], 2);
    // What isn't even a batch is kept, too.
    let request = axum::http::Request::post("/api/v1/sync/upload")
        .header("authorization", "Bearer nvbh01")
        .header("content-type", "application/json")
        .body(axum::body::Body::from("{\"deviceId\": \"A\", \"operations\": [{\"opId\""))
        .unwrap();
    t.send(request).await.problem(400, "sync.malformed_batch");
    assert_eq!(t.rep1().get("/api/v1/sync/strays").await.expect(200)["pagination"]["totalItems"], 3);
}

#[tokio::test]
async fn an_old_backup_brings_nothing_twice_and_is_noticed() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    for i in 0..4 {
        outbox.add("order", Uuid::now_v7(), i, order(0x7001));
    }
    send(&t, "nvbh01", outbox.batch()).await;
    // The phone is as it was after two operations, and goes on from there.
    let mut restored = Outbox { device: "A".into(), operations: outbox.operations[..2].to_vec(), seq: 2 };
    restored.add("order", Uuid::now_v7(), 9, order(0x7002));
    let results = send(&t, "nvbh01", restored.batch()).await;
    assert_eq!(statuses(&results), ["duplicate", "duplicate", "applied"]);
    assert_eq!(count(&t, "select count(*) from orders").await, 5);
    let devices = t.supervisor().get("/api/v1/sync/devices").await.expect(200);
    assert_eq!(devices["data"][0]["incarnation"], 2);
    assert_eq!(devices["data"][0]["appVersion"], "1.0.0");
}

#[tokio::test]
async fn a_wrong_clock_is_set_right_and_both_times_are_kept() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    // The phone lives three days behind.
    let behind = TimeDelta::days(3);
    let op = outbox.add("clock", Uuid::now_v7(), 0, json!({ "kind": "in" }));
    let device_at = world::now() - TimeDelta::hours(3) - behind;
    let point = json!({ "latitude": 10.7, "longitude": 106.7, "at": device_at });
    outbox.add("locations", Uuid::now_v7(), 0, json!({ "points": [point] }));
    for op in &mut outbox.operations {
        op["at"] = json!(device_at);
    }
    let mut batch = outbox.batch();
    batch["sentAt"] = json!(world::now() - behind);
    let results = send(&t, "nvbh01", batch).await;
    assert_eq!(statuses(&results), ["applied", "applied"]);
    assert_eq!(count(&t, "select count(*) from gps_points where at = '2026-08-05T23:00Z'").await, 1);
    assert_eq!(results[0]["flags"][0]["code"], "sync.clock_off");
    assert_eq!(results[0]["result"]["businessDate"], "2026-08-06");
    let kept = t.rep1().get(&format!("/api/v1/sync/operations/{op}")).await.expect(200);
    assert_eq!(kept["deviceAt"], json!(device_at));
    assert_eq!(kept["effectiveAt"], json!(world::now() - TimeDelta::hours(3)));
    // It is the device's matter, and nobody has to settle it; the board of phones shows it.
    assert_eq!(
        t.supervisor().get("/api/v1/sync/exceptions").await.expect(200)["pagination"]["totalItems"],
        0
    );
    let devices = t.supervisor().get("/api/v1/sync/devices").await.expect(200);
    assert_eq!(devices["data"][0]["clockOffsetSeconds"], 3 * 24 * 3600);
}

#[tokio::test]
async fn who_may_not_do_a_thing_may_not_send_it_either() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("office");
    outbox.add("check_in", Uuid::now_v7(), 0, check_in(0x7001));
    let results = send(&t, "npp01", outbox.batch()).await;
    assert_eq!(
        (results[0]["status"].as_str(), results[0]["code"].as_str()),
        (Some("rejected"), Some("forbidden"))
    );
    t.anonymous().post("/api/v1/sync/upload", outbox.batch()).await.problem(401, "unauthorized");
    t.rep1()
        .post("/api/v1/sync/upload", json!({ "deviceId": " ", "operations": [] }))
        .await
        .problem(400, "validation");
}

#[tokio::test]
async fn a_phone_that_has_nothing_to_send_says_how_it_is() {
    let t = TestApp::start(sync::router()).await;
    let oldest = world::now() - TimeDelta::hours(5);
    let alive = json!({ "deviceId": "A", "operations": [], "queue": { "length": 7, "oldestAt": oldest } });
    t.rep1().post("/api/v1/sync/upload", alive).await.expect(200);
    let devices = t.supervisor().get("/api/v1/sync/devices").await.expect(200);
    assert_eq!(devices["data"][0]["queueLength"], 7);
    assert_eq!(devices["data"][0]["queueAgeSeconds"], 5 * 3600);
    assert_eq!(t.npp02().get("/api/v1/sync/devices").await.expect(200)["pagination"]["totalItems"], 0);
}

#[tokio::test]
async fn an_order_priced_otherwise_by_the_phone_differs_and_is_a_case() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    let mut sale = order(0x7001);
    sale["clientTotals"] = json!({ "subTotal": 1, "discountAmount": 0, "taxAmount": 0, "totalAmount": 1 });
    outbox.add("order", Uuid::now_v7(), 1, sale);
    let results = send(&t, "nvbh01", outbox.batch()).await;
    assert_eq!(statuses(&results), ["differs"], "{results:#?}");
    assert!(!results[0]["result"]["differences"].as_array().unwrap().is_empty());
    let cases = t.npp01().get("/api/v1/sync/exceptions?status=open&held=false").await.expect(200);
    let path = format!("/api/v1/sync/exceptions/{}/resolve", cases["data"][0]["id"].as_str().unwrap());
    let done = t.npp01().post(&path, json!({ "action": "accept", "reason": "Giá mới" })).await.expect(200);
    assert_eq!(done["status"], "accepted");
    // The order itself is no longer to be looked at.
    assert_eq!(count(&t, "select count(*) from orders where needs_review").await, 0);
    assert_eq!(count(&t, "select count(*) from audit_log where action = 'orders.review'").await, 1);
    assert_eq!(statuses(&send(&t, "nvbh01", outbox.batch()).await), ["duplicate"]);
}

#[tokio::test]
async fn what_was_swept_from_the_ledger_has_no_second_effect() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    outbox.add(
        "clock",
        Uuid::now_v7(),
        0,
        json!({ "kind": "in", "latitude": PLACE.0, "longitude": PLACE.1 }),
    );
    visit(&mut outbox, 0x7001, 5);
    let sold = Uuid::now_v7();
    outbox.add("check_in", sold, 20, check_in(0x7001));
    outbox.add("photo", Uuid::now_v7(), 21, photo(sold, 0xee));
    outbox.add("check_out", sold, 29, check_out());
    let points = json!([{ "latitude": 10.7, "longitude": 106.7, "at": world::now() - TimeDelta::hours(1) }]);
    outbox.add("locations", Uuid::now_v7(), 60, json!({ "points": points }));
    outbox.add("teleport", Uuid::now_v7(), 61, json!({ "to": "moon" }));
    let results = send(&t, "nvbh01", outbox.batch()).await;
    assert_eq!(results.len(), 11);
    let before = rows(&t).await;
    // As the clean-up does after half a year.
    run(&mut t.database.owner().await, "delete from sync_operations where status = 'applied'").await;
    let again = send(&t, "nvbh01", outbox.batch()).await;
    assert_eq!(statuses(&again)[..10], ["applied"; 10], "{again:#?}");
    assert_eq!(rows(&t).await, before);
}

#[tokio::test]
async fn positions_that_others_write_meanwhile_are_not_refused() {
    let t = TestApp::start(sync::router()).await;
    let times = [world::now() - TimeDelta::hours(2), world::now() - TimeDelta::hours(1)];
    let mut outbox = Outbox::new("A");
    let points = times.map(|at| json!({ "latitude": 10.7, "longitude": 106.7, "at": at }));
    outbox.add("locations", Uuid::now_v7(), 60, json!({ "points": points }));
    // Two more phones of the same person: as soon as one lets go, the next is in the way.
    let mut others = [t.database.owner().await, t.database.owner().await];
    let mut pids = Vec::new();
    for (other, at) in others.iter_mut().zip(times) {
        run(other, "begin").await;
        sqlx::query(
            "insert into gps_points (distributor_id, user_id, at, latitude, longitude, mock, received_at)
             values ($1, $2, $3, 10.7, 106.7, false, $3)",
        )
        .bind(world::NPP01.uuid())
        .bind(world::REP1.uuid())
        .bind(at)
        .execute(&mut *other)
        .await
        .unwrap();
        pids.push(sqlx::query_scalar::<_, i32>("select pg_backend_pid()").fetch_one(other).await.unwrap());
    }
    let let_go = async {
        let mut watch = t.database.owner().await;
        for (other, pid) in others.iter_mut().zip(pids) {
            let waits = "select exists (select from pg_stat_activity where $1 = any (pg_blocking_pids(pid)))";
            while !sqlx::query_scalar::<_, bool>(waits).bind(pid).fetch_one(&mut watch).await.unwrap() {
                tokio::task::yield_now().await;
            }
            run(other, "commit").await;
        }
    };
    let (results, ()) = tokio::join!(send(&t, "nvbh01", outbox.batch()), let_go);
    assert_eq!(statuses(&results), ["applied"], "{results:#?}");
}
