use serde_json::{Value, json};
use test_kit::world::{NPP01, NPP02, SHOP1, SHOP2, SHOP21};
use uuid::Uuid;

use crate::{PROGRAMS, app, photograph, program, register, running, visit};

#[tokio::test]
async fn the_company_and_distributors_make_their_own_programs() {
    let t = app().await;
    let mut body = program("TB1", 1);
    body["id"] = json!(Uuid::now_v7());
    let made = t.admin().post(PROGRAMS, body.clone()).await.expect(201);
    assert_eq!((&made["distributorId"], &made["requiredPhotos"]), (&Value::Null, &json!(2)));
    assert_eq!(t.admin().post(PROGRAMS, body.clone()).await.expect(201), made);
    body["id"] = json!(Uuid::now_v7());
    t.admin().post(PROGRAMS, body.clone()).await.problem(409, "displays.code_taken");
    let own = t.supervisor().post(PROGRAMS, body.clone()).await.expect(201);
    assert_eq!(own["distributorId"], json!(NPP01));
    for other in [t.rep1(), t.npp01()] {
        other.post(PROGRAMS, program("TB9", 1)).await.problem(403, "forbidden");
    }
    let path = format!("{PROGRAMS}/{}", own["programId"].as_str().unwrap());
    t.rep1().get(&path).await.expect(200);
    t.rep11().get(&path).await.problem(404, "not_found");

    let company = format!("{PROGRAMS}/{}", made["programId"].as_str().unwrap());
    let mut change = program("TB1", 2);
    change["version"] = json!(1);
    t.supervisor().put(&company, change.clone()).await.problem(403, "forbidden");
    assert_eq!(t.admin().put(&company, change.clone()).await.expect(200)["levels"], 2);
    t.admin().put(&company, change).await.problem(412, "stale_version");
    let seen = t.rep11().get(&format!("{PROGRAMS}?on=2026-08-06&status=active")).await.expect(200);
    assert_eq!(seen["pagination"]["totalItems"], 1);
    for (field, value, status) in [
        ("validTo", json!("2026-07-31"), 400),
        ("requiredPhotos", json!(0), 400),
        ("levels", json!(3), 400),
        ("products", json!([Uuid::nil()]), 422),
        ("distributors", json!([Uuid::nil()]), 422),
    ] {
        let mut wrong = program("TB5", 1);
        wrong[field] = value;
        t.admin().post(PROGRAMS, wrong).await.expect(status);
    }
}

#[tokio::test]
async fn outlets_take_part_of_those_one_sees_and_whose_distributor_may() {
    let t = app().await;
    let mut only_second = program("TB7", 1);
    only_second["distributors"] = json!([NPP02]);
    let made = t.admin().post(PROGRAMS, only_second).await.expect(201);
    let path = format!("{PROGRAMS}/{}/customers", made["programId"].as_str().unwrap());
    let named =
        |customer: domain::CustomerId| json!({ "customerIds": [customer], "validFrom": "2026-08-01" });
    t.admin().post(&path, named(SHOP1)).await.problem(422, "displays.unknown_member");
    t.supervisor().post(&path, named(SHOP21)).await.problem(422, "displays.unknown_member");
    t.admin().post(&path, named(SHOP21)).await.expect(200);
    t.rep1().post(&path, named(SHOP1)).await.problem(403, "forbidden");

    let program = running(&t, 1).await;
    let list = t.rep1().get(&format!("{PROGRAMS}/{program}/customers")).await.expect(200);
    assert_eq!(list["data"][0]["customerCode"], "KH001");
    let of_shop = |shop: domain::CustomerId| format!("{PROGRAMS}?customerId={shop}&on=2026-08-06");
    assert_eq!(t.rep1().get(&of_shop(SHOP1)).await.expect(200)["pagination"]["totalItems"], 1);
    assert_eq!(t.rep1().get(&of_shop(SHOP2)).await.expect(200)["pagination"]["totalItems"], 0);
    let end = json!({ "customerIds": [SHOP1], "validFrom": "2026-08-01", "validTo": "2026-08-05" });
    t.supervisor().post(&format!("{PROGRAMS}/{program}/customers"), end).await.expect(200);
    assert_eq!(t.rep1().get(&of_shop(SHOP1)).await.expect(200)["pagination"]["totalItems"], 0);
}

#[tokio::test]
async fn photos_are_taken_where_the_program_runs_and_wanted_by_the_policy() {
    let t = app().await;
    let made = t.admin().post(PROGRAMS, program("TB1", 1)).await.expect(201);
    let id = made["programId"].as_str().unwrap().to_owned();
    let visit = visit(&t).await;
    photograph(&t, &visit, &id, 1).await.problem(422, "displays.not_registered");
    photograph(&t, &visit, &Uuid::nil().to_string(), 1).await.problem(404, "not_found");
    register(&t, &id).await;
    photograph(&t, &visit, &id, 1).await.expect(201);
    photograph(&t, &visit, &id, 1).await.expect(201);
    let elsewhere = [("albumType", "Mặt tiền"), ("displayProgramId", &*id)];
    let photos = format!("/api/v1/visits/{visit}/photos");
    let wrong = t.rep1().upload(&photos, "photo", "a", &crate::png(9), &elsewhere).await;
    wrong.problem(422, "visits.display_album");
    let records: Vec<(i32, String)> = sqlx::query_as("select photos, status from display_records")
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(records, [(1, "waiting".to_owned())], "the same photo twice is one");

    let mut closed = program("TB1", 1);
    (closed["active"], closed["version"]) = (json!(false), json!(1));
    t.admin().put(&format!("{PROGRAMS}/{id}"), closed.clone()).await.expect(200);
    photograph(&t, &visit, &id, 2).await.problem(422, "displays.not_running");
    (closed["active"], closed["version"]) = (json!(true), json!(2));
    t.admin().put(&format!("{PROGRAMS}/{id}"), closed).await.expect(200);

    let steps = json!([{ "step": { "kind": "displayPhotos" }, "severity": "block" }]);
    // The visit is judged by the policy of its beginning: end it, and begin another.
    let out = json!({ "latitude": 10.7769, "longitude": 106.7009, "visitResult": "NoOrder" });
    t.rep1().post(&format!("/api/v1/visits/{visit}/check-out"), out.clone()).await.expect(200);
    let policy = json!({ "validFrom": "2026-08-06", "policy": { "steps": steps } });
    t.admin().put("/api/v1/visit-policies", policy).await.expect(200);
    let second = crate::visit(&t).await;
    photograph(&t, &second, &id, 3).await.expect(201);
    let leave = format!("/api/v1/visits/{second}/check-out");
    let refused = t.rep1().post(&leave, out.clone()).await.problem(422, "visits.step_required");
    assert_eq!(refused["problems"], json!([{ "kind": "displayPhotos", "program": "TB1", "missing": 1 }]));
    photograph(&t, &second, &id, 4).await.expect(201);
    t.rep1().post(&leave, out).await.expect(200);
}
