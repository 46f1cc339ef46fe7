//! The cash that reps carry and hand over.

use axum::http::Method;
use db::Context;
use domain::{Money, ReceiptId, UserId};
use platform::{Caller, Identity};
use receivables::{Payment, PaymentMethod, Pays};
use serde_json::{Value, json};
use std::sync::Arc;
use test_kit::{Actor, TestApp, world};
use uuid::Uuid;

use crate::{findings, invoice, post, start};

const PATH: &str = "/api/v1/receivables/hand-overs";
const RECEIPTS: &str = "/api/v1/receivables/receipts";

/// The office enters what a rep collected.
async fn collected(t: &TestApp, rep: UserId, amount: i64, method: &str) -> Value {
    let body = json!({ "customerId": world::SHOP1, "amount": amount, "method": method, "collectedBy": rep });
    t.npp01().post(RECEIPTS, body).await.expect(201)
}

fn brings(amount: i64) -> Value {
    json!({ "repId": world::REP1, "date": "2026-08-06", "amount": amount })
}

fn figures(day: &Value) -> [i64; 4] {
    ["collected", "handedOver", "difference", "inHand"].map(|f| day[f].as_i64().unwrap())
}

/// What the rep did on the day.
async fn cash(t: &TestApp) -> [i64; 4] {
    let list = t.npp01().get(&format!("{PATH}?repId={}", world::REP1)).await.expect(200);
    figures(&list["data"][0])
}

#[tokio::test]
async fn cash_that_a_rep_took_is_carried_until_it_is_handed_over() {
    let t = start().await;
    collected(&t, world::REP1, 300, "cash").await;
    collected(&t, world::REP1, 200, "cash").await;
    collected(&t, world::REP1, 1_000, "transfer").await;
    // What the office takes itself lies in the till.
    let body = json!({ "customerId": world::SHOP1, "amount": 77, "method": "cash" });
    t.npp01().post(RECEIPTS, body).await.expect(201);
    assert_eq!(cash(&t).await, [500, 0, 0, 500]);

    let mut part = brings(100);
    part["partial"] = json!(true);
    let made = t.npp01().post_once(PATH, "a", part.clone()).await.expect(201);
    assert_eq!((&made["number"], &made["inHand"]), (&json!("NQ-20260806-0001"), &json!(400)));
    assert_eq!(t.npp01().post_once(PATH, "a", part).await.expect(201), made);
    let made = t.npp01().post(PATH, brings(400)).await.expect(201);
    assert_eq!((&made["difference"], &made["inHand"]), (&json!(0), &json!(0)));
    assert_eq!(cash(&t).await, [500, 500, 0, 0]);
    t.npp01().post(PATH, brings(1)).await.problem(422, "receivables.hand_over_difference");

    let list = t.npp01().get(PATH).await.expect(200);
    assert_eq!(list["data"][0]["handOvers"].as_array().unwrap().len(), 2);
    assert_eq!(figures(&list["totals"]), [500, 500, 0, 0]);
    assert_eq!(t.npp01().get(&format!("{PATH}?openOnly=true")).await.expect(200)["data"], json!([]));
    assert_eq!(t.rep1().get(PATH).await.expect(200)["pagination"]["totalItems"], 1);
    assert_eq!(t.supervisor().get(PATH).await.expect(200)["pagination"]["totalItems"], 1);
    assert_eq!(t.rep2().get(PATH).await.expect(200)["data"], json!([]));
    assert_eq!(t.npp02().get(PATH).await.expect(200)["data"], json!([]));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_difference_is_posted_within_the_tolerance_and_beyond_it_only_when_accepted() {
    let t = start().await;
    collected(&t, world::REP1, 10_000, "cash").await;
    let refused = t.npp01().post(PATH, brings(9_000)).await;
    let refused = refused.problem(422, "receivables.hand_over_difference");
    assert_eq!((&refused["inHand"], &refused["difference"]), (&json!(10_000), &json!(-1_000)));
    let policy = "/api/v1/receivables/cash-policy";
    assert_eq!(t.npp01().get(policy).await.expect(200)["tolerance"], 0);
    t.supervisor().put(policy, json!({ "tolerance": 5 })).await.problem(403, "forbidden");
    t.npp01().put(policy, json!({ "tolerance": -1 })).await.problem(400, "validation");
    let foreign = json!({ "distributorId": world::NPP02, "tolerance": 5 });
    t.npp01().put(policy, foreign).await.problem(404, "not_found");
    t.npp01().put(policy, json!({ "tolerance": 1_000 })).await.expect(200);
    let made = t.npp01().post(PATH, brings(9_000)).await.expect(201);
    assert_eq!(made["difference"], -1_000);
    assert_eq!(cash(&t).await, [10_000, 9_000, -1_000, 0]);

    collected(&t, world::REP1, 5_000, "cash").await;
    let mut accepted = brings(7_000);
    t.npp01().post(PATH, accepted.clone()).await.problem(422, "receivables.hand_over_difference");
    accepted["acceptDifference"] = json!(true);
    t.npp01().post(PATH, accepted.clone()).await.problem(400, "validation");
    accepted["reason"] = json!("Khách trả thừa");
    assert_eq!(t.npp01().post(PATH, accepted).await.expect(201)["difference"], 2_000);
    assert_eq!(cash(&t).await, [15_000, 16_000, 1_000, 0]);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn only_the_office_takes_over_the_cash_of_its_own_reps() {
    let t = start().await;
    collected(&t, world::REP1, 100, "cash").await;
    t.supervisor().post(PATH, brings(100)).await.problem(403, "forbidden");
    t.rep1().post(PATH, brings(100)).await.problem(403, "forbidden");
    t.npp02().post(PATH, brings(100)).await.problem(404, "not_found");
    let mut tomorrow = brings(100);
    tomorrow["date"] = json!("2026-08-07");
    t.npp01().post(PATH, tomorrow).await.problem(400, "validation");
    let office = json!({ "repId": world::NPP01_ADMIN, "date": "2026-08-06", "amount": 5 });
    t.npp01().post(PATH, office).await.problem(422, "receivables.unknown_rep");
    t.npp01().post(PATH, brings(-1)).await.problem(422, "receivables.nothing_to_give_back");
    let foreign =
        json!({ "customerId": world::SHOP1, "amount": 5, "method": "cash", "collectedBy": world::REP11 });
    t.npp01().post(RECEIPTS, foreign).await.problem(422, "receivables.unknown_rep");
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_cancelled_receipt_leaves_the_reps_cash() {
    let t = start().await;
    let first = collected(&t, world::REP1, 300, "cash").await;
    let cancel = |made: &Value| format!("{RECEIPTS}/{}/cancel", made["receiptId"].as_str().unwrap());
    t.npp01().post(&cancel(&first), json!({ "reason": "x" })).await.expect(200);
    let list = t.npp01().get(PATH).await.expect(200);
    assert_eq!(list["data"], json!([]), "nothing was left of that day");
    // Handed over already: it is given back, or comes off what is collected today.
    let second = collected(&t, world::REP1, 200, "cash").await;
    t.npp01().post(PATH, brings(200)).await.expect(201);
    t.clock.advance(chrono::Duration::days(1));
    t.npp01().post(&cancel(&second), json!({ "reason": "x" })).await.expect(200);
    let mut today = brings(-200);
    today["date"] = json!("2026-08-07");
    assert_eq!(cash(&t).await, [-200, 0, 0, -200]);
    t.npp01().post(PATH, today).await.expect(201);
    assert_eq!(cash(&t).await, [-200, -200, 0, 0]);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_van_sales_payment_pays_its_invoice_and_is_carried_by_the_rep() {
    let t = start().await;
    let new = invoice("PX-2", 300, 30);
    post(&t, &[invoice("PX-1", 500, -10), new]).await;
    let person = world::PEOPLE.iter().find(|p| p.id == world::REP1).unwrap();
    let context: Context = t.context("nvbh01");
    let identity = Identity {
        user_id: person.id,
        session_id: Uuid::from_u128(1).into(),
        username: person.username.to_owned(),
        full_name: person.full_name.to_owned(),
        role: person.role,
        distributor_id: person.distributor,
        distributor_name: None,
        tenants: context.tenants.clone(),
        primary_unit: None,
        unit_path: Vec::new(),
        units: person.units.to_vec(),
        must_change_password: false,
    };
    let caller = Caller::new(Arc::new(identity), None, None);
    let payment = Payment {
        customer: world::SHOP1,
        amount: Money::new(350),
        method: PaymentMethod::Cash,
        note: String::new(),
        day: t.app.today(),
        booked_on: t.app.today(),
        collected_by: None,
        pays: Pays::FirstTo(new.document_id),
    };
    let mut tx = t.app.db.begin(caller.context()).await.unwrap();
    let id = ReceiptId::new(Uuid::now_v7());
    let received = receivables::receive(&mut tx, &t.app, &caller, id, &payment).await.unwrap();
    tx.commit().await.unwrap();
    let paid: Vec<_> =
        received.receipt.allocations.iter().map(|a| (a.document_number.as_str(), a.amount.dong())).collect();
    assert_eq!(paid, [("PX-1", 50), ("PX-2", 300)]);
    assert_eq!(received.balance, Money::new(450));
    assert_eq!(cash(&t).await, [350, 0, 0, 350]);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_policy_is_changed_and_given_up_only_by_who_has_seen_it_and_then_nothing_is_tolerated() {
    let t = start().await;
    let path = "/api/v1/receivables/cash-policy";
    let give_up = async |actor: Actor<'_>, version: &str| {
        actor.request(Method::DELETE, path, None, &[("if-match", version)]).await
    };
    give_up(t.npp01(), "0").await.problem(404, "not_found");
    let own = t.npp01().put(path, json!({ "tolerance": 500, "version": 0 })).await.expect(200);
    assert_eq!((&own["tolerance"], &own["version"]), (&json!(500), &json!(1)));
    t.npp01().put(path, json!({ "tolerance": 9, "version": 0 })).await.problem(412, "stale_version");
    assert_eq!(
        t.npp01().put(path, json!({ "tolerance": 600, "version": 1 })).await.expect(200)["version"],
        2
    );
    t.npp02().put(path, json!({ "tolerance": 600, "version": 1 })).await.problem(412, "stale_version");
    give_up(t.supervisor(), "2").await.problem(403, "forbidden");
    give_up(t.npp02(), "2").await.problem(404, "not_found");
    give_up(t.npp01(), "1").await.problem(412, "stale_version");
    t.npp01().delete(path).await.problem(400, "validation");
    let now = give_up(t.npp01(), "2").await.expect(200);
    assert_eq!((&now["tolerance"], &now["version"]), (&json!(0), &json!(0)));
    collected(&t, world::REP1, 10_000, "cash").await;
    t.npp01().post(PATH, brings(9_900)).await.problem(422, "receivables.hand_over_difference");
    let audited: i64 = sqlx::query_scalar(
        "select (before ->> 'tolerance')::bigint from audit_log where action = 'receivables.delete_cash_policy'",
    )
    .fetch_one(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(audited, 600);
}
