//! Whatever is done together of a batch has the effects and answers that it has one by one.

use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::Row as _;
use test_kit::{TestApp, world};
use uuid::Uuid;

use crate::phone::{id, run};
use crate::upload::Outbox;

const PLACE: (f64, f64) = (10.7769, 106.7009);

fn check_in(customer: u128, metres: f64) -> Value {
    json!({ "customerId": id(customer), "latitude": PLACE.0 + metres / 111_195.0, "longitude": PLACE.1, "accuracy": 5.0 })
}

fn check_out(result: &str) -> Value {
    json!({ "latitude": PLACE.0, "longitude": PLACE.1, "visitResult": result, "notes": "Hẹn tuần sau" })
}

fn photo(visit: Uuid, sha: &str, album: &str) -> Value {
    json!({ "visitId": visit, "sha256": sha.repeat(32), "albumType": album, "contentType": "image/jpeg", "sizeBytes": 1000 })
}

/// The outlet, how far away, the photos with their albums, the result, minutes.
type Made = (u128, f64, &'static [(&'static str, &'static str)], &'static str, i64);

/// A day with visits of all sorts: as they should be, too far away, too short, without a photo, of an outlet that isn't the
/// rep's, with a count of the shelf, one still open; and positions that overlap.
fn day() -> Outbox {
    let mut outbox = Outbox::new("A");
    let mut next = 0;
    let mut new = || {
        next += 1;
        Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0001_0000 + next)
    };
    outbox.add("clock", new(), 0, json!({ "kind": "in", "latitude": PLACE.0, "longitude": PLACE.1 }));
    let whole: [Made; 5] = [
        (0x7001, 0.0, &[("a1", "Mặt tiền"), ("a2", "trung bay")], "NoOrder", 6),
        (0x7001, 400.0, &[("a3", "Mặt tiền")], "HasOrder", 5),
        (0x7002, 10.0, &[("a3", "POSM")], "NoOrder", 1),
        (0x7002, 0.0, &[], "NoOrder", 5),
        (0x7001, 3.0, &[("a5", "Sân sau")], "NoOrder", 5),
    ];
    let mut minute = 1;
    for (customer, metres, photos, result, minutes) in whole {
        let visit = new();
        outbox.add("check_in", visit, minute, check_in(customer, metres));
        if metres < 1.0 {
            outbox.add("outlet_state", visit, minute, json!({ "visitId": visit, "state": "Open" }));
        }
        for (sha, album) in photos {
            outbox.add("photo", new(), minute, photo(visit, sha, album));
        }
        outbox.add("check_out", visit, minute + minutes, check_out(result));
        minute += 8;
    }
    let counted = new();
    outbox.add("check_in", counted, minute, check_in(0x7002, 0.0));
    let lines = json!([{ "productId": id(0x4001), "quantity": 3, "unit": "retail" }]);
    outbox.add("stock_check", new(), minute + 1, json!({ "visitId": counted, "lines": lines }));
    outbox.add("photo", new(), minute + 2, photo(counted, "a6", "Mặt tiền"));
    outbox.add("check_out", counted, minute + 6, check_out("NoOrder"));
    for batch in 0..3 {
        let at = world::now() - TimeDelta::hours(2) + TimeDelta::minutes(batch * 4);
        let points: Vec<Value> = (0..10)
            .map(|i| json!({ "latitude": 10.7 + 0.3 * (batch == 1) as u8 as f64, "longitude": 106.7, "at": at + TimeDelta::seconds(i * 30), "accuracy": 5 }))
            .collect();
        outbox.add("locations", new(), 60 + batch, json!({ "points": points }));
    }
    outbox.add("check_in", new(), minute + 10, check_in(0x7001, 0.0));
    for (place, op) in outbox.operations.iter_mut().enumerate() {
        op["opId"] = json!(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0002_0000 + place as u128));
    }
    outbox
}

async fn send(t: &TestApp, batch: Value) -> Vec<Value> {
    let answer = t.actor("nvbh01").post("/api/v1/sync/upload", batch).await.expect(200);
    answer["results"].as_array().unwrap().clone()
}

/// What an upload leaves behind, but for what the database makes up.
async fn left_behind(t: &TestApp) -> Vec<(String, Value)> {
    let mut owner = t.database.owner().await;
    let mut all = Vec::new();
    for (table, rows) in [
        ("visits", "select to_jsonb(x) - array['version', 'received_at'] from visits x order by id"),
        ("photos", "select to_jsonb(x) - 'received_at' from visit_photos x order by id"),
        ("files", "select jsonb_build_object('sha', sha256, 'state', state, 'referred', referred) from files order by sha256"),
        ("audit", "select jsonb_build_object('action', action, 'id', entity_id, 'after', after, 'who', actor_name) from audit_log
                   where entity = 'visit' order by entity_id, action, after::text"),
        ("events", "select jsonb_build_object('kind', kind, 'id', aggregate_id, 'payload', payload,
                      'audience', (select jsonb_agg(a order by a) from unnest(audience) a))
                    from outbox where kind like 'Visit%' order by aggregate_id, kind"),
        ("points", "select to_jsonb(x) - 'received_at' from gps_points x order by at"),
        ("last", "select to_jsonb(x) - 'unit_id' from last_positions x"),
        ("suspicions", "select to_jsonb(x) - array['id', 'found_at'] from suspicions x order by kind, subject"),
        ("ledger", "select to_jsonb(x) - array['received_at', 'settled_at', 'content'] from sync_operations x order by op_id"),
        ("cases", "select jsonb_build_object('op', op_id, 'code', code, 'flags', flags) from sync_cases order by op_id"),
    ] {
        for row in sqlx::query(rows).fetch_all(&mut owner).await.unwrap() {
            all.push((table.to_owned(), row.get(0)));
        }
    }
    all
}

#[tokio::test]
async fn a_day_in_one_batch_is_the_same_day_one_by_one() {
    let outbox = day();
    let (at_once, by_one) = (TestApp::start(sync::router()).await, TestApp::start(sync::router()).await);
    for t in [&at_once, &by_one] {
        let place = format!(
            "update customers set latitude = {}, longitude = {} where id in (#7001, #7002)",
            PLACE.0, PLACE.1
        );
        run(&mut t.database.owner().await, &place).await;
    }
    let together = send(&at_once, outbox.batch()).await;
    let mut singly = Vec::new();
    for op in &outbox.operations {
        singly.extend(
            send(&by_one, json!({ "deviceId": "A", "appVersion": "1.0.0", "operations": [op] })).await,
        );
    }
    assert_eq!(together, singly);
    assert!(together.iter().all(|r| r["status"] == "applied"), "{together:#?}");
    let (mine, theirs) = (left_behind(&at_once).await, left_behind(&by_one).await);
    for (one, other) in mine.iter().zip(&theirs) {
        assert_eq!(one, other);
    }
    assert_eq!(mine.len(), theirs.len());
    // A visit that was written whole has never been changed step by step.
    let whole = "select count(*) from visits where outlet_state is not null and version = 2";
    let whole = async |t: &TestApp| -> i64 {
        sqlx::query_scalar(whole).fetch_one(&mut t.database.owner().await).await.unwrap()
    };
    assert_eq!((whole(&at_once).await, whole(&by_one).await), (1, 0));
    // And again, nothing.
    let again = send(&at_once, outbox.batch()).await;
    assert!(again.iter().all(|r| r["status"] == "duplicate"), "{again:#?}");
    assert_eq!(left_behind(&at_once).await, mine);
}

#[tokio::test]
async fn visits_that_cross_each_other_are_taken_step_by_step() {
    let t = TestApp::start(sync::router()).await;
    let mut outbox = Outbox::new("A");
    let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
    outbox.add("check_in", first, 1, check_in(0x7001, 0.0));
    outbox.add("check_in", second, 2, check_in(0x7002, 0.0));
    outbox.add("photo", Uuid::now_v7(), 3, photo(first, "b1", "Mặt tiền"));
    outbox.add("photo", Uuid::now_v7(), 3, photo(second, "b2", "Mặt tiền"));
    outbox.add("check_out", first, 9, check_out("NoOrder"));
    outbox.add("check_out", second, 9, check_out("NoOrder"));
    let results = send(&t, outbox.batch()).await;
    assert_eq!(results[1]["flags"][0]["code"], "visits.open_visit", "{results:#?}");
    assert!(results.iter().all(|r| r["status"] == "applied"), "{results:#?}");
}

#[tokio::test]
async fn a_policy_that_was_just_set_holds_for_the_next_visit() {
    let t = TestApp::start(sync::router()).await;
    for (number, radius, far) in [(1, 500, false), (2, 100, true)] {
        let content = json!({ "radiusMetres": radius });
        run(
            &mut t.database.owner().await,
            &format!(
                "insert into visit_policies (id, valid_from, content, updated_at) values (gen_random_uuid(), '2026-01-0{number}', '{content}', now());
                 update customers set latitude = {}, longitude = {} where id = #7001",
                PLACE.0, PLACE.1
            ),
        )
        .await;
        let (mut outbox, visit) = (Outbox::new("A"), Uuid::now_v7());
        outbox.add("check_in", visit, number, check_in(0x7001, 300.0));
        outbox.add("photo", Uuid::now_v7(), number, photo(visit, &format!("c{number}"), "Mặt tiền"));
        outbox.add("check_out", visit, number + 6, check_out("NoOrder"));
        let results = send(&t, outbox.batch()).await;
        assert_eq!(results[0]["result"]["outOfRange"], far, "{results:#?}");
    }
}
