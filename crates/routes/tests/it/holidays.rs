//! Holidays: whose they are, and what becomes of their stops.

use serde_json::{Value, json};
use test_kit::world::{NPP01, NPP02, REP1, REP11, SHOP1, SHOP2};
use uuid::Uuid;

use crate::support::{app, codes, count, plan, put_customers, sql};

const PATH: &str = "/api/v1/holidays";

#[tokio::test]
async fn on_a_holiday_nobody_walks() {
    let t = app().await;
    let day = json!({ "id": Uuid::now_v7(), "day": "2026-09-02", "name": "Quốc khánh" });
    let made = t.admin().post(PATH, day.clone()).await.expect(201);
    assert_eq!(t.admin().post(PATH, day).await.expect(201), made);
    for rep in [REP1, REP11] {
        let plan = plan(&t, rep, "2026-09-02").await;
        assert_eq!(
            (codes(&plan).len(), &plan["holiday"], &plan["routes"]),
            (0, &json!("Quốc khánh"), &json!([]))
        );
    }
    let today = t.rep1().get("/api/v1/routes/today?date=2026-09-02").await.expect(200);
    assert_eq!((&today["holiday"], &today["customers"]), (&json!(true), &json!([])));
    assert_eq!(plan(&t, REP1, "2026-09-03").await["holiday"], Value::Null);
    assert_eq!(t.rep1().get(PATH).await.expect(200)["data"], json!([made]));
    let gone = format!("{PATH}/{}", made["holidayId"].as_str().unwrap());
    t.supervisor().delete(&gone).await.problem(403, "forbidden");
    assert_eq!(t.admin().delete(&gone).await.status, 204);
    t.admin().delete(&gone).await.problem(404, "not_found");
    assert_eq!(codes(&plan(&t, REP1, "2026-09-02").await).len(), 3);
    let audited = "select count(*) from audit_log where action in ('holidays.add', 'holidays.remove')";
    assert_eq!(count(&t, audited).await, 2);
}

#[tokio::test]
async fn a_province_s_holiday_is_for_its_distributors_only() {
    let t = app().await;
    sql(&t, format!("update distributors set province = 'Đà Nẵng' where id = '{NPP01}'; update distributors set province = 'Huế' where id = '{NPP02}'")).await;
    let day = json!({ "day": "2026-08-12", "name": "Lễ hội", "province": "da nang" });
    assert_eq!(t.admin().post(PATH, day.clone()).await.expect(201)["province"], "Đà Nẵng");
    t.admin().post(PATH, day.clone()).await.problem(409, "holidays.taken");
    let own = json!({ "day": "2026-08-13", "name": "Kiểm kê", "distributorId": NPP02 });
    t.admin().post(PATH, own).await.expect(201);
    let planned = async |rep| {
        let mut counts = Vec::new();
        for date in ["2026-08-12", "2026-08-13"] {
            counts.push(codes(&plan(&t, rep, date).await).len());
        }
        counts
    };
    assert_eq!((planned(REP1).await, planned(REP11).await), (vec![0, 3], vec![1, 0]));
    // Another's own holidays aren't shown.
    assert_eq!(t.rep1().get(PATH).await.expect(200)["data"].as_array().unwrap().len(), 1);
    let mut unknown = day.clone();
    unknown["province"] = json!("Atlantis");
    t.admin().post(PATH, unknown).await.problem(400, "validation");
    t.area_manager().post(PATH, day).await.problem(403, "forbidden");
    t.admin().get("/api/v1/holidays?from=2026-01-01&to=2028-01-01").await.problem(400, "validation");
}

#[tokio::test]
async fn its_stops_fall_out_or_wait_for_the_next_working_day() {
    let t = app().await;
    put_customers(
        &t,
        json!([{ "customerId": SHOP1, "frequency": "F4", "weekdays": [4] }, { "customerId": SHOP2 }]),
    )
    .await;
    // Thursday and Friday are holidays.
    for day in ["2026-08-13", "2026-08-14"] {
        t.admin().post(PATH, json!({ "day": day, "name": "Nghỉ" })).await.expect(201);
    }
    assert_eq!(codes(&plan(&t, REP1, "2026-08-15").await), ["KH002"]);
    let wait = json!({ "weekRule": "route_start", "holidayRule": "next_working_day", "version": 1 });
    t.admin().put("/api/v1/policies/routes", wait).await.expect(200);
    let saturday = plan(&t, REP1, "2026-08-15").await;
    // What is due on the day itself comes first, and nothing twice.
    assert_eq!(codes(&saturday), ["KH002", "KH001"]);
    assert_eq!(
        (&saturday["customers"][0]["movedFrom"], &saturday["customers"][1]["movedFrom"]),
        (&Value::Null, &json!("2026-08-13"))
    );
    assert_eq!(codes(&plan(&t, REP1, "2026-08-16").await), ["KH002"]);
    let phone = t.rep1().get("/api/v1/routes/today?date=2026-08-15").await.expect(200);
    assert_eq!(phone["customers"][1]["movedFrom"], "2026-08-13");
    let calendar =
        t.supervisor().get("/api/v1/routes/calendar?from=2026-08-13&to=2026-08-15").await.expect(200);
    let people = calendar["data"].as_array().unwrap();
    let days = people.iter().find(|p| p["userId"] == json!(REP1)).unwrap()["days"].as_array().unwrap();
    let figures: Vec<_> =
        days.iter().map(|d| (d["holiday"] == true, d["planned"].as_u64(), d["moved"].as_u64())).collect();
    assert_eq!(figures, [(true, Some(0), Some(0)), (true, Some(0), Some(0)), (false, Some(2), Some(1))]);
    assert_eq!(calendar["holidays"].as_array().unwrap().len(), 2);
}
