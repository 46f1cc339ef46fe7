use receivables::ledger::Charge;
use serde_json::{Value, json};
use test_kit::world;

use crate::{day, invoice, post, start};

const PATH: &str = "/api/v1/receivables/balances";

fn codes(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|c| c["customerCode"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn balances_show_who_owes_most_and_what_is_overdue() {
    let t = start().await;
    let other = Charge { customer: world::SHOP2, ..invoice("PX-3", 900, 9) };
    post(&t, &[invoice("PX-1", 300, -10), invoice("PX-2", 200, 5), other]).await;
    let list = t.npp01().get(PATH).await.expect(200);
    assert_eq!(codes(&list), ["KH002", "KH001"]);
    assert_eq!(list["totals"], json!({ "balance": 1_400, "overdue": 300 }));
    let shop1 = &list["data"][1];
    assert_eq!(
        (&shop1["balance"], &shop1["overdue"], &shop1["overdueDays"]),
        (&json!(500), &json!(300), &json!(10))
    );
    assert_eq!(shop1["creditLimit"], 5_000_000);
    assert_eq!(codes(&t.npp01().get(&format!("{PATH}?overdueOnly=true")).await.expect(200)), ["KH001"]);
    assert_eq!(codes(&t.npp01().get(&format!("{PATH}?search=dong%20tam")).await.expect(200)), ["KH002"]);
    assert_eq!(t.npp01().get(&format!("{PATH}?page=7")).await.expect(200)["pagination"]["totalItems"], 2);
}

#[tokio::test]
async fn one_sees_the_debts_of_the_outlets_one_sees() {
    let t = start().await;
    post(&t, &[invoice("PX-1", 300, 5), Charge { customer: world::SHOP_PENDING, ..invoice("PX-2", 100, 5) }])
        .await;
    assert_eq!(codes(&t.rep1().get(PATH).await.expect(200)), ["KH001"]);
    assert_eq!(codes(&t.rep2().get(PATH).await.expect(200)), [""; 0]);
    assert_eq!(codes(&t.supervisor().get(PATH).await.expect(200)), ["KH001"]);
    assert_eq!(codes(&t.npp01().get(PATH).await.expect(200)), ["KH001", "KH003"]);
    assert_eq!(codes(&t.npp02().get(PATH).await.expect(200)), [""; 0]);
    assert_eq!(codes(&t.admin().get(PATH).await.expect(200)), ["KH001", "KH003"]);

    let account = |customer| format!("/api/v1/receivables/customers/{customer}");
    t.rep1().get(&account(world::SHOP1)).await.expect(200);
    t.rep2().get(&account(world::SHOP1)).await.problem(404, "not_found");
    t.npp02().get(&account(world::SHOP1)).await.problem(404, "not_found");
    // Somebody who never bought has an empty account.
    let empty = t.npp01().get(&account(world::SHOP2)).await.expect(200);
    assert_eq!((&empty["customer"]["balance"], &empty["entries"]), (&json!(0), &json!([])));
    assert_eq!(empty["customer"]["creditLimit"], json!(null));
    assert_eq!(day(0), world::today());
}
