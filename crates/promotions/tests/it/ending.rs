//! The end of a promotion.

use chrono::TimeDelta;
use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::history::{accumulation, balance, july};
use crate::{activated, active, start, twelve_get_one};

fn url(made: &Value) -> String {
    format!("/api/v1/promotions/{}", made["id"].as_str().unwrap())
}

async fn end(t: &TestApp, url: &str) -> Value {
    t.admin().post(&format!("{url}/end"), json!({})).await.expect(200)
}

#[tokio::test]
async fn a_promotion_that_was_ended_is_given_to_nobody_and_stays_so() {
    let t = start().await;
    let url = url(&activated(&t, twelve_get_one("KM01")).await);
    assert_eq!(active(&t, world::today()).await, ["KM01"]);
    let ended = end(&t, &url).await;
    assert_eq!((&ended["status"], &ended["endedOn"]), (&json!("ended"), &json!(world::today())));
    assert!(active(&t, world::today()).await.is_empty());
    for again in ["activate", "pause"] {
        t.admin().post(&format!("{url}/{again}"), json!({})).await.problem(409, "promotions.ended");
    }
    let mut changed = twelve_get_one("KM01");
    changed["version"] = ended["version"].clone();
    t.admin().put(&url, changed).await.problem(409, "promotions.ended");
    t.clock.advance(TimeDelta::days(1));
    assert_eq!(end(&t, &url).await, ended);
    assert_eq!(t.rep1().get(&url).await.expect(200)["status"], "ended");
    let actions: Vec<String> =
        sqlx::query_scalar("select action from audit_log where entity = 'promotion' order by id")
            .fetch_all(&mut t.database.owner().await)
            .await
            .unwrap();
    assert_eq!(actions, ["promotions.create", "promotions.activate", "promotions.end"]);
}

#[tokio::test]
async fn only_the_company_ends_promotions_and_only_those_that_were_given() {
    let t = start().await;
    let draft = t.admin().post("/api/v1/promotions", twelve_get_one("KM01")).await.expect(201);
    let end = format!("{}/end", url(&draft));
    for other in [t.npp01(), t.supervisor(), t.rep1()] {
        other.post(&end, json!({})).await.problem(403, "forbidden");
    }
    t.admin().post(&end, json!({})).await.problem(409, "promotions.draft");
    let nobody = "/api/v1/promotions/00000000-0000-0000-0000-000000000001/end";
    t.admin().post(nobody, json!({})).await.problem(404, "not_found");
    t.admin().post(&format!("{}/activate", url(&draft)), json!({})).await.expect(200);
    t.admin().post(&format!("{}/pause", url(&draft)), json!({})).await.expect(200);
    assert_eq!(
        t.admin().post(&end, json!({})).await.expect(200)["status"],
        "ended",
        "also one that is paused"
    );
}

#[tokio::test]
async fn a_promotion_whose_last_day_is_past_reads_as_ended_until_it_is_prolonged() {
    let t = start().await;
    let last_day = |day: &str| {
        let mut body = twelve_get_one("KM01");
        (body["validTo"], body["priority"]) = (json!(day), json!(7));
        body
    };
    let mut body = last_day("2026-08-06");
    let url = url(&activated(&t, body.clone()).await);
    body["code"] = json!("KM02");
    t.admin().post("/api/v1/promotions", body).await.expect(201);
    let list = async |status: &str| {
        let page = t.admin().get(&format!("/api/v1/promotions?status={status}")).await.expect(200);
        let codes = page["data"].as_array().unwrap().iter().map(|p| p["code"].as_str().unwrap().to_owned());
        codes.collect::<Vec<_>>()
    };
    assert_eq!((list("active").await, list("ended").await), (vec!["KM01".to_owned()], vec![]));
    t.clock.advance(TimeDelta::days(1));
    assert_eq!((list("active").await, list("ended").await), (vec![], vec!["KM01".to_owned()]));
    assert_eq!(list("draft").await, ["KM02"], "what was never given hasn't ended");
    let read = t.rep1().get(&url).await.expect(200);
    assert_eq!((&read["status"], &read["endedOn"]), (&json!("ended"), &json!(null)));
    t.admin().post(&format!("{url}/pause"), json!({})).await.problem(409, "promotions.ended");
    let mut longer = last_day("2026-08-31");
    longer["version"] = read["version"].clone();
    assert_eq!(t.admin().put(&url, longer).await.expect(200)["status"], "active");
    assert_eq!(list("active").await, ["KM01"]);
}

#[tokio::test]
async fn what_was_earned_before_the_end_is_settled_after_its_day() {
    let t = start().await;
    july(&t).await;
    let url = url(&activated(&t, accumulation("TL01", "2026-12-31")).await);
    let settle = format!("{url}/settle");
    t.admin().post(&settle, json!({})).await.problem(409, "promotions.not_over");
    end(&t, &url).await;
    t.admin().post(&settle, json!({})).await.problem(409, "promotions.not_over");
    t.clock.advance(TimeDelta::days(1));
    assert_eq!(t.admin().post(&settle, json!({})).await.expect(200)["total"], 15_800);
    assert_eq!(balance(&t, world::SHOP1).await, -10_800);

    // Ended before it began, it gives nothing for what is bought in its period.
    let mut body = accumulation("TL02", "2026-12-31");
    body["validFrom"] = json!("2026-08-15");
    let later = self::url(&activated(&t, body).await);
    end(&t, &later).await;
    sqlx::query("update goods_issues set business_date = '2026-08-20'")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    t.clock.advance(TimeDelta::days(30));
    assert_eq!(t.admin().post(&format!("{later}/settle"), json!({})).await.expect(200)["total"], 0);
}
