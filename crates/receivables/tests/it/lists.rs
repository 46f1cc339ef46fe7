//! Statement, overdue debts, credit alerts, and their files.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use receivables::ledger::Charge;
use serde_json::json;
use test_kit::{Answer, TestApp, world};

use crate::{day, invoice, post, start};

const BASE: &str = "/api/v1/receivables";

/// The rows of a file's only sheet, below its title.
fn rows(answer: &Answer) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(answer.bytes.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    sheet.rows().skip(3).map(<[Data]>::to_vec).collect()
}

async fn three_debts(t: &TestApp) {
    let old = Charge { business_date: day(-40), ..invoice("PX-1", 500, -10) };
    let other = Charge { customer: world::SHOP2, ..invoice("PX-3", 900, -3) };
    post(t, &[old, invoice("PX-2", 300, 1), other]).await;
}

#[tokio::test]
async fn a_statement_opens_and_closes_with_the_balance() {
    let t = start().await;
    three_debts(&t).await;
    let pay = json!({ "customerId": world::SHOP1, "amount": 200, "method": "cash" });
    t.npp01().post(&format!("{BASE}/receipts"), pay).await.expect(201);
    let path = format!("/api/v1/customers/{}/statement", world::SHOP1);
    let statement = t.npp01().get(&path).await.expect(200);
    let sums = ["opening", "debit", "credit", "closing"].map(|f| statement[f].as_i64().unwrap());
    assert_eq!(sums, [500, 300, 200, 600]);
    assert_eq!((&statement["from"], &statement["to"]), (&json!("2026-08-01"), &json!("2026-08-06")));
    let lines: Vec<_> = statement["data"].as_array().unwrap().iter().map(|l| &l["balance"]).collect();
    assert_eq!(lines, [800, 600]);
    let second = t.npp01().get(&format!("{path}?pageSize=1&page=2")).await.expect(200);
    assert_eq!(second["data"][0]["documentNumber"], "TN-20260806-0001");
    assert_eq!((&second["data"][0]["balance"], &second["opening"]), (&json!(600), &json!(500)));
    let before = t.npp01().get(&format!("{path}?from=2026-06-01&to=2026-06-26")).await.expect(200);
    assert_eq!((&before["closing"], &before["data"]), (&json!(0), &json!([])));
    t.npp01().get(&format!("{path}?from=2026-08-02&to=2026-08-01")).await.problem(400, "validation");

    t.rep1().get(&path).await.expect(200);
    t.rep2().get(&path).await.problem(404, "not_found");
    t.npp02().get(&path).await.problem(404, "not_found");

    let file = rows(&t.npp01().get(&format!("{path}?format=xlsx")).await);
    assert_eq!(file.len(), 5);
    assert_eq!(file[0][6], Data::String("Còn nợ".into()));
    assert_eq!((&file[1][6], &file[4][6]), (&Data::Float(500.0), &Data::Float(600.0)));
    assert_eq!((&file[3][2], &file[3][5]), (&Data::String("Thu tiền".into()), &Data::Float(200.0)));
}

#[tokio::test]
async fn overdue_debts_are_listed_by_age_and_rep() {
    let t = start().await;
    three_debts(&t).await;
    let path = format!("{BASE}/overdue");
    let numbers = async |query: String| -> Vec<String> {
        let list = t.npp01().get(&format!("{path}?{query}")).await.expect(200);
        let items = list["data"].as_array().unwrap();
        items.iter().map(|i| i["documentNumber"].as_str().unwrap().to_owned()).collect()
    };
    let list = t.npp01().get(&path).await.expect(200);
    assert_eq!(list["totals"], json!({ "items": 2, "customers": 2, "openAmount": 1_400 }));
    assert_eq!((&list["data"][0]["days"], &list["data"][0]["amount"]), (&json!(10), &json!(500)));
    assert_eq!(numbers("days=3".into()).await, ["PX-1", "PX-3"]);
    assert_eq!(numbers("days=4".into()).await, ["PX-1"]);
    assert_eq!(numbers(format!("customerId={}", world::SHOP2)).await, ["PX-3"]);
    assert_eq!(numbers(format!("repId={}", world::REP1)).await, ["PX-1", "PX-3"]);
    assert_eq!(numbers(format!("repId={}", world::REP2)).await, [""; 0]);
    assert_eq!(numbers("search=co%20ba".into()).await, ["PX-1"]);
    t.npp01().get(&format!("{path}?days=0")).await.problem(400, "validation");
    assert_eq!(t.npp02().get(&path).await.expect(200)["data"], json!([]));
    assert_eq!(t.rep2().get(&path).await.expect(200)["data"], json!([]));
    let file = rows(&t.npp01().get(&format!("{path}?format=xlsx")).await);
    assert_eq!(file.len(), 3);
    assert_eq!((&file[1][3], &file[1][8]), (&Data::String("PX-1".into()), &Data::Float(500.0)));
}

#[tokio::test]
async fn the_ageing_of_all_is_a_file() {
    let t = start().await;
    three_debts(&t).await;
    let file = rows(&t.npp01().get(&format!("{BASE}/ageing?format=xlsx&pageSize=1")).await);
    assert_eq!(file.len(), 4);
    let numbers = |row: &[Data]| -> Vec<f64> {
        row[2..].iter().map(|c| if let Data::Float(n) = c { *n } else { f64::NAN }).collect()
    };
    assert_eq!(numbers(&file[1]), [300.0, 0.0, 500.0, 0.0, 0.0, 0.0, 0.0, 800.0]);
    assert_eq!(numbers(&file[3]), [300.0, 900.0, 500.0, 0.0, 0.0, 0.0, 0.0, 1_700.0]);
}

#[tokio::test]
async fn customers_near_their_credit_limit_are_named() {
    let t = start().await;
    let path = format!("{BASE}/credit-alerts");
    post(&t, &[invoice("PX-1", 3_999_999, 10)]).await;
    assert_eq!(t.npp01().get(&path).await.expect(200)["data"], json!([]));
    post(&t, &[invoice("PX-2", 1, 10)]).await;
    let list = t.npp01().get(&path).await.expect(200);
    assert_eq!(
        list["data"],
        json!([{ "customerId": world::SHOP1, "customerCode": "KH001", "customerName": "Tạp hóa Cô Ba",
            "creditLimit": 5_000_000, "balance": 4_000_000, "committed": 0, "over": 0 }])
    );
    post(&t, &[invoice("PX-3", 2_000_000, 10)]).await;
    assert_eq!(t.npp01().get(&path).await.expect(200)["data"][0]["over"], 1_000_000);
    assert_eq!(t.npp01().get(&format!("{path}?percent=121")).await.expect(200)["data"], json!([]));
    t.npp01().get(&format!("{path}?percent=0")).await.problem(400, "validation");
    assert_eq!(t.npp02().get(&path).await.expect(200)["data"], json!([]));
    assert_eq!(t.rep2().get(&path).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn every_list_is_a_file_too() {
    let t = start().await;
    three_debts(&t).await;
    let pay = json!({ "customerId": world::SHOP1, "amount": 2_000, "method": "cash" });
    t.npp01().post(&format!("{BASE}/receipts"), pay).await.expect(201);
    let back = json!({ "customerId": world::SHOP1, "amount": 100, "method": "transfer" });
    t.npp01().post(&format!("{BASE}/refunds"), back).await.expect(201);
    let less = json!({ "customerId": world::SHOP2, "amount": -50, "kind": "discount", "reason": "Hàng móp" });
    t.npp01().post(&format!("{BASE}/adjustments"), less).await.expect(201);
    for (list, amount, sum) in
        [("receipts", 6, 2_000.0), ("refunds", 5, 100.0), ("adjustments", 5, -50.0), ("balances", 3, -250.0)]
    {
        let path = format!("{BASE}/{list}");
        let total = t.npp01().get(&path).await.expect(200)["pagination"]["totalItems"].as_u64().unwrap();
        let file = rows(&t.npp01().get(&format!("{path}?format=xlsx&pageSize=1")).await);
        assert_eq!(file.len() as u64, total + 2, "{list}: a header, the rows, the sums");
        assert_eq!(file.last().unwrap()[amount], Data::Float(sum), "{list}: {file:?}");
        // Nothing of it for others.
        assert_eq!(rows(&t.npp02().get(&format!("{path}?format=xlsx")).await).len(), 2, "{list}");
    }
    let days = rows(&t.npp01().get(&format!("{BASE}/hand-overs?format=xlsx")).await);
    assert_eq!(days[0][0], Data::String("Nhân viên".into()));
}
