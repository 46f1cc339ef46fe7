use axum::http::Method;
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_kit::{Actor, Answer, TestApp, world};

use crate::{app, assert_sound, order, placed};

fn policy(version: i64, credit: &str, overdue: Value, shortage: &str) -> Value {
    json!({"creditPolicy": credit, "allowedOverdueDays": overdue, "shortagePolicy": shortage, "version": version})
}

/// So many cases of milk for the first shop: 259,200 each; its limit is 5,000,000.
async fn cases(t: &TestApp, quantity: i64) -> String {
    let mut body = order();
    body["items"] = json!([{"productId": world::MILK, "quantity": quantity, "unit": "whole"}]);
    let id = placed(t, body).await;
    format!("/api/v1/orders/{id}/approve")
}

#[tokio::test]
async fn a_distributor_sets_its_own_policy_and_the_company_everyones() {
    let t = app().await;
    let path = "/api/v1/policies/orders";
    let seen = t.rep1().get(path).await.expect(200);
    assert_eq!(
        (&seen["creditPolicy"], &seen["allowedOverdueDays"], &seen["shortagePolicy"], &seen["version"]),
        (&json!("block"), &json!(null), &json!("block"), &json!(0))
    );
    t.supervisor().put(path, policy(0, "off", json!(null), "block")).await.problem(403, "forbidden");
    t.npp01().put(path, policy(0, "warn", json!(3_651), "split")).await.problem(400, "validation");
    let own = t.npp01().put(path, policy(0, "warn", json!(15), "split")).await.expect(200);
    assert_eq!((&own["distributorId"], &own["version"]), (&json!(world::NPP01), &json!(1)));
    t.npp01().put(path, policy(0, "off", json!(null), "block")).await.problem(412, "stale_version");
    t.npp01().put(path, policy(7, "off", json!(null), "block")).await.problem(412, "stale_version");
    t.npp02().put(path, policy(3, "off", json!(null), "block")).await.problem(412, "stale_version");
    let foreign = format!("{path}?distributorId={}", world::NPP01);
    t.npp02().get(&foreign).await.problem(404, "not_found");
    t.npp02().put(&foreign, policy(1, "off", json!(null), "block")).await.problem(404, "not_found");
    let company = t.admin().get(path).await.expect(200);
    let version = company["version"].as_i64().unwrap();
    t.admin().put(path, policy(version, "block", json!(30), "block")).await.expect(200);
    // The first has its own, the second follows the company.
    assert_eq!(t.npp01().get(path).await.expect(200)["allowedOverdueDays"], 15);
    assert_eq!(t.npp02().get(path).await.expect(200)["allowedOverdueDays"], 30);
    assert_eq!(t.admin().get(&foreign).await.expect(200)["creditPolicy"], "warn");
    t.admin().put(&foreign, policy(1, "off", json!(null), "block")).await.expect(200);
    assert_eq!(t.npp01().get(path).await.expect(200)["creditPolicy"], "off");
    let unknown = format!("{path}?distributorId=00000000-0000-0000-0000-00000000dead");
    t.admin().get(&unknown).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_warning_lets_the_order_pass_is_told_and_is_kept() {
    let t = app().await;
    t.npp01().put("/api/v1/policies/orders", policy(0, "warn", json!(null), "block")).await.expect(200);
    let approved = t.supervisor().post(&cases(&t, 20).await, json!({})).await.expect(200);
    let warning = json!([{"kind": "limitExceeded", "limit": 5_000_000, "exposure": 5_184_000}]);
    assert_eq!((&approved["warnings"], &approved["history"][1]["detail"]["warnings"]), (&warning, &warning));
    t.npp01().put("/api/v1/policies/orders", policy(1, "off", json!(null), "block")).await.expect(200);
    let approved = t.supervisor().post(&cases(&t, 1).await, json!({})).await.expect(200);
    assert_eq!(approved["warnings"], json!([]));
}

#[tokio::test]
async fn a_debt_overdue_for_too_long_stops_orders_and_the_office_may_override() {
    let t = app().await;
    let debt = |days: i64| {
        let due = world::today() - chrono::Duration::days(days);
        async move |t: &TestApp| {
            let charge = receivables::ledger::Charge {
                distributor: world::NPP01,
                customer: world::SHOP1,
                kind: receivables::EntryKind::Opening,
                amount: domain::Money::new(1_000),
                document_id: domain::DocumentId::new(uuid::Uuid::now_v7()),
                number: "SD",
                business_date: due,
                due_date: due,
                at: world::now(),
                actor: world::NPP01_ADMIN,
            };
            let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
            receivables::ledger::charge(&mut tx, &charge).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    t.npp01().put("/api/v1/policies/orders", policy(0, "block", json!(15), "block")).await.expect(200);
    debt(15)(&t).await;
    t.supervisor().post(&cases(&t, 1).await, json!({})).await.expect(200);
    debt(16)(&t).await;
    let path = cases(&t, 1).await;
    let problem = t.supervisor().post(&path, json!({})).await.problem(422, "orders.credit_exceeded");
    assert_eq!(problem["problems"], json!([{"kind": "overdue", "days": 16, "allowed": 15}]));
    let approved = t.npp01().post(&path, json!({"overrideCredit": true})).await.expect(200);
    assert_eq!(approved["history"][1]["detail"]["overridden"], true);
}

#[tokio::test]
async fn exposure_counts_everything_once_from_approval_to_the_debt() {
    let t = app().await;
    let path = format!("/api/v1/customers/{}/credit", world::SHOP1);
    let seen = async || {
        let c = t.rep1().get(&path).await.expect(200);
        ["balance", "approved", "invoiced", "exposure", "available"].map(|f| c[f].as_i64().unwrap())
    };
    assert_eq!(seen().await, [0, 0, 0, 0, 5_000_000]);
    let approve = cases(&t, 10).await;
    assert_eq!(seen().await, [0, 0, 0, 0, 5_000_000], "what is pending is not promised");
    let id = t.supervisor().post(&approve, json!({})).await.expect(200)["orderId"].clone();
    assert_eq!(seen().await, [0, 2_592_000, 0, 2_592_000, 2_408_000]);
    let invoice = t.npp01().post("/api/v1/invoices", json!({"orderIds": [id]})).await.expect(201);
    assert_eq!(seen().await, [0, 0, 2_592_000, 2_592_000, 2_408_000]);
    let issue = format!("/api/v1/invoices/{}/issue", invoice["invoiceId"].as_str().unwrap());
    t.npp01().post(&issue, json!({})).await.expect(200);
    assert_eq!(seen().await, [2_592_000, 0, 0, 2_592_000, 2_408_000]);
    // An order that fits, and one that doesn't any more.
    t.supervisor().post(&cases(&t, 9).await, json!({})).await.expect(200);
    t.supervisor().post(&cases(&t, 1).await, json!({})).await.problem(422, "orders.credit_exceeded");
    t.npp02().get(&path).await.problem(404, "not_found");
    assert_sound(&t).await;
}

#[tokio::test]
async fn of_many_orders_that_fit_only_one_at_a_time_exactly_one_passes_every_time() {
    let t = app().await;
    for round in 0..5 {
        let mut paths = Vec::new();
        for _ in 0..6 {
            paths.push(cases(&t, 10).await);
        }
        let (office, supervisor, admin) = (t.npp01(), t.supervisor(), t.admin());
        let answers = join_all(paths.iter().enumerate().map(|(i, path)| {
            let who = [&office, &supervisor, &admin][i % 3];
            who.post(path, json!({}))
        }))
        .await;
        let passed: Vec<usize> =
            answers.iter().enumerate().filter(|(_, a)| a.status.as_u16() == 200).map(|(i, _)| i).collect();
        assert_eq!(
            passed.len(),
            1,
            "round {round}: {:?}",
            answers.iter().map(|a| a.status).collect::<Vec<_>>()
        );
        assert!(answers.iter().all(|a| [200, 422].contains(&a.status.as_u16())));
        assert_sound(&t).await;
        let cancel = paths[passed[0]].replace("/approve", "/cancel");
        t.npp01().post(&cancel, json!({"reason": "vòng sau"})).await.expect(200);
    }
}

/// Gives a policy of this version up.
async fn give_up(actor: &Actor<'_>, path: &str, version: i64) -> Answer {
    actor.request(Method::DELETE, path, None, &[("if-match", &version.to_string())]).await
}

#[tokio::test]
async fn a_distributor_that_gives_its_policy_up_follows_the_company_again() {
    let t = app().await;
    let path = "/api/v1/policies/orders";
    give_up(&t.npp01(), path, 1).await.problem(404, "not_found");
    t.npp01().put(path, policy(0, "off", json!(9), "split")).await.expect(200);
    give_up(&t.supervisor(), path, 1).await.problem(403, "forbidden");
    give_up(&t.npp01(), path, 2).await.problem(412, "stale_version");
    let foreign = format!("{path}?distributorId={}", world::NPP01);
    give_up(&t.npp02(), &foreign, 1).await.problem(404, "not_found");
    let now = give_up(&t.npp01(), path, 1).await.expect(200);
    assert_eq!(
        (&now["creditPolicy"], &now["allowedOverdueDays"], &now["version"]),
        (&json!("block"), &json!(null), &json!(0))
    );
    assert_eq!(t.npp01().get(path).await.expect(200), now);
    give_up(&t.npp01(), path, 1).await.problem(404, "not_found");
    // The company may do it for a distributor, but can't be without a default.
    t.npp01().put(path, policy(0, "warn", json!(1), "block")).await.expect(200);
    give_up(&t.admin(), &foreign, 1).await.expect(200);
    give_up(&t.admin(), path, 1).await.expect(400);
    let audited: Vec<(String, i64)> = sqlx::query_as(
        "select before ->> 'creditPolicy', (after ->> 'version')::bigint from audit_log
         where action = 'orders.delete_policy' order by at, before ->> 'creditPolicy'",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(audited, [("off".to_owned(), 0), ("warn".to_owned(), 0)]);
}
