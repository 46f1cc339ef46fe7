use receivables::ledger::{self, Allocate, Charge, Credit};
use serde_json::json;
use test_kit::world;

use crate::{day, invoice, post, returned, start};

const PATH: &str = "/api/v1/receivables/ageing";

#[tokio::test]
async fn debts_fall_into_the_buckets_of_their_age() {
    let t = start().await;
    let old = |number, amount, due_in| Charge { business_date: day(-100), ..invoice(number, amount, due_in) };
    post(
        &t,
        &[
            old("1", 1, 0),
            old("2", 10, -1),
            old("3", 20, -7),
            old("4", 100, -8),
            old("5", 1_000, -31),
            old("6", 10_000, -61),
            old("7", 20_000, -90),
            old("8", 100_000, -91),
        ],
    )
    .await;
    let list = t.npp01().get(PATH).await.expect(200);
    let amounts = json!({
        "notDue": 1, "days1To7": 30, "days8To30": 100, "days31To60": 1_000, "days61To90": 30_000,
        "over90Days": 100_000, "credit": 0, "balance": 131_131,
    });
    assert_eq!(
        list["data"],
        json!([{
            "customerId": world::SHOP1, "customerCode": "KH001", "customerName": "Tạp hóa Cô Ba", "amounts": amounts,
        }])
    );
    assert_eq!(list["totals"], amounts);
    assert_eq!(list["asOf"], "2026-08-06");
    assert_eq!(list["pagination"]["totalItems"], 1);
}

#[tokio::test]
async fn a_past_day_shows_what_was_known_then() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let on = |charge, business_date| Charge { business_date, ..charge };
    ledger::charge(&mut tx, &on(invoice("PX-1", 1_000, -20), day(-30))).await.unwrap();
    // Paid with more than was owed ten days ago; the rest paid an invoice of today.
    let credit = Credit { business_date: day(-10), ..returned("PT-1", 1_200) };
    ledger::credit(&mut tx, &credit, Allocate::OldestDueFirst).await.unwrap();
    ledger::charge(&mut tx, &invoice("PX-2", 500, 30)).await.unwrap();
    tx.commit().await.unwrap();

    let totals = async |offset: i64| {
        let list = t.npp01().get(&format!("{PATH}?asOf={}", day(offset))).await.expect(200);
        let totals = &list["totals"];
        (
            totals["notDue"].clone(),
            totals["days1To7"].clone(),
            totals["credit"].clone(),
            totals["balance"].clone(),
        )
    };
    assert_eq!(totals(-31).await, (json!(0), json!(0), json!(0), json!(0)));
    assert_eq!(totals(-20).await, (json!(1_000), json!(0), json!(0), json!(1_000)));
    assert_eq!(totals(-15).await, (json!(0), json!(1_000), json!(0), json!(1_000)));
    assert_eq!(totals(-10).await, (json!(0), json!(0), json!(-200), json!(-200)));
    assert_eq!(totals(0).await, (json!(300), json!(0), json!(0), json!(300)));
    t.npp01().get(&format!("{PATH}?asOf={}", day(1))).await.problem(400, "validation");
    assert_eq!(t.npp02().get(PATH).await.expect(200)["data"], json!([]));
    assert_eq!(t.rep2().get(PATH).await.expect(200)["data"], json!([]));
    assert_eq!(t.rep1().get(PATH).await.expect(200)["totals"]["balance"], 300);
}
