//! Papers of money and debts.

use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::{invoice, post, start};

async fn evil_shop(t: &TestApp) {
    sqlx::query(
        "update customers set name = '<script>alert(1)</script>', address = '1 \"Lê Lợi\"' where id = $1",
    )
    .bind(world::SHOP1.uuid())
    .execute(&mut t.database.owner().await)
    .await
    .unwrap();
}

#[track_caller]
fn has(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text} is missing: {page}");
    }
    assert!(!page.contains("<script"));
}

const PERSON: &str = "KH001 – &lt;script&gt;alert(1)&lt;/script&gt;";

async fn paid(t: &TestApp, amount: i64, method: &str) -> Value {
    let body =
        json!({ "customerId": world::SHOP1, "amount": amount, "method": method, "note": "Trả <b>đợt</b> 1" });
    t.npp01().post("/api/v1/receivables/receipts", body).await.expect(201)
}

#[tokio::test]
async fn a_receipt_prints_what_it_pays_and_the_amount_in_words() {
    let t = start().await;
    evil_shop(&t).await;
    post(&t, &[invoice("PX-1", 500_000, 30)]).await;
    let made = paid(&t, 1_205_000, "cash").await;
    let path = format!("/api/v1/receivables/receipts/{}", made["receiptId"].as_str().unwrap());
    let print = format!("{path}/print");
    has(
        &t.npp01().get(&print).await.page(),
        &[
            "PHIẾU THU",
            "Mẫu số 01 - TT",
            "Ngày 06 tháng 08 năm 2026",
            made["number"].as_str().unwrap(),
            PERSON,
            "1 &quot;Lê Lợi&quot;",
            "Trả &lt;b&gt;đợt&lt;/b&gt; 1",
            "1.205.000 ₫",
            "Một triệu hai trăm lẻ năm nghìn đồng",
            "<td>PX-1</td><td class=n>500.000</td>",
            "<td class=n>705.000</td>",
            "Người nộp tiền",
            "Thủ quỹ",
        ],
    );
    assert!(t.npp01().get(&format!("{print}?paper=a5")).await.page().contains("size:A5"));
    t.npp01().post(&format!("{path}/cancel"), json!({ "reason": "Nhầm <khách>" })).await.expect(200);
    has(&t.npp01().get(&print).await.page(), &["<div class=stamp>ĐÃ HỦY: Nhầm &lt;khách&gt;</div>"]);
    t.npp02().get(&print).await.problem(404, "not_found");
    t.rep1().get(&print).await.problem(403, "forbidden");
    // What came by bank is not on the ministry's form for cash.
    let made = paid(&t, 5_000, "transfer").await;
    let print = format!("/api/v1/receivables/receipts/{}/print", made["receiptId"].as_str().unwrap());
    let page = t.npp01().get(&print).await.page();
    assert!(page.contains("Chuyển khoản") && !page.contains("Mẫu số"), "{page}");
}

#[tokio::test]
async fn a_refund_prints() {
    let t = start().await;
    evil_shop(&t).await;
    paid(&t, 50_000, "cash").await;
    let body = json!({ "customerId": world::SHOP1, "amount": 20_000, "method": "cash" });
    let made = t.npp01().post("/api/v1/receivables/refunds", body).await.expect(201);
    let path = format!("/api/v1/receivables/refunds/{}/print", made["refundId"].as_str().unwrap());
    has(
        &t.npp01().get(&path).await.page(),
        &[
            "PHIẾU CHI",
            "Mẫu số 02 - TT",
            made["number"].as_str().unwrap(),
            PERSON,
            "Hai mươi nghìn đồng",
            "Người nhận tiền",
        ],
    );
    t.npp02().get(&path).await.problem(404, "not_found");
    t.rep1().get(&path).await.problem(403, "forbidden");
}

#[tokio::test]
async fn an_adjustment_of_a_debt_prints_without_a_sign() {
    let t = start().await;
    evil_shop(&t).await;
    post(&t, &[invoice("PX-1", 500_000, 30)]).await;
    let body =
        json!({ "customerId": world::SHOP1, "amount": -30_000, "kind": "discount", "reason": "Hàng <cũ>" });
    let made = t.npp01().post("/api/v1/receivables/adjustments", body).await.expect(201);
    let path = format!("/api/v1/receivables/adjustments/{}/print", made["adjustmentId"].as_str().unwrap());
    has(
        &t.npp01().get(&path).await.page(),
        &[
            "PHIẾU ĐIỀU CHỈNH CÔNG NỢ",
            made["number"].as_str().unwrap(),
            PERSON,
            "Hàng &lt;cũ&gt;",
            "Ghi giảm nợ:</span><b>30.000 ₫",
            "Ba mươi nghìn đồng",
        ],
    );
    t.npp02().get(&path).await.problem(404, "not_found");
    t.rep1().get(&path).await.problem(403, "forbidden");
}

#[tokio::test]
async fn a_hand_over_prints_for_the_office_and_the_rep_who_brought_the_cash() {
    let t = start().await;
    sqlx::query("update users set full_name = '<script>x</script>' where id = $1")
        .bind(world::REP1.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let body =
        json!({ "customerId": world::SHOP1, "amount": 10_000, "method": "cash", "collectedBy": world::REP1 });
    t.npp01().post("/api/v1/receivables/receipts", body).await.expect(201);
    let body = json!({ "repId": world::REP1, "date": "2026-08-06", "amount": 9_000, "acceptDifference": true,
                       "reason": "Rơi mất" });
    let made = t.npp01().post("/api/v1/receivables/hand-overs", body).await.expect(201);
    let path = format!("/api/v1/receivables/hand-overs/{}/print", made["handOverId"].as_str().unwrap());
    for actor in [t.npp01(), t.rep1(), t.supervisor()] {
        has(
            &actor.get(&path).await.page(),
            &[
                "PHIẾU NỘP TIỀN",
                made["number"].as_str().unwrap(),
                "&lt;script&gt;x&lt;/script&gt;",
                "Chín nghìn đồng",
                "-1.000 ₫",
                "Rơi mất",
                "Thủ quỹ",
            ],
        );
    }
    t.rep2().get(&path).await.problem(404, "not_found");
    t.npp02().get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_statement_prints_to_be_signed_by_both_sides() {
    let t = start().await;
    evil_shop(&t).await;
    post(&t, &[invoice("PX-1", 500_000, 30)]).await;
    paid(&t, 120_000, "cash").await;
    let path = format!("/api/v1/customers/{}/statement/print", world::SHOP1);
    has(
        &t.rep1().get(&format!("{path}?paper=a5")).await.page(),
        &[
            "BIÊN BẢN ĐỐI CHIẾU CÔNG NỢ",
            "từ ngày 01/08/2026 đến ngày 06/08/2026",
            PERSON,
            "<td class=k>PX-1</td><td>Bán hàng</td><td class=k>05/09/2026</td><td class=n>500.000</td>",
            "Bên B còn nợ Bên A:</span><b>380.000 ₫",
            "Ba trăm tám mươi nghìn đồng",
            "Đại diện Bên B",
        ],
    );
    paid(&t, 400_000, "cash").await;
    has(&t.npp01().get(&path).await.page(), &["Bên A còn phải trả Bên B:</span><b>20.000 ₫"]);
    let earlier = "update receivable_entries set business_date = '2026-07-31' where amount = 500000";
    let mut owner = t.database.owner().await;
    sqlx::raw_sql("alter table receivable_entries disable trigger user").execute(&mut owner).await.unwrap();
    sqlx::query(earlier).execute(&mut owner).await.unwrap();
    has(
        &t.npp01().get(&path).await.page(),
        &["Số dư đầu kỳ:</span><b>500.000 ₫", "<td class=n>380.000</td>", "<td class=n>-20.000</td>"],
    );
    t.npp01().get(&format!("{path}?from=2026-08-07&to=2026-08-06")).await.problem(400, "validation");
    t.npp01().get(&format!("{path}?to=2026-08-07")).await.problem(400, "validation");
    t.npp02().get(&path).await.problem(404, "not_found");
}
