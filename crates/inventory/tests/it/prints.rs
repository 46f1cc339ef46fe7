//! Papers of stock.

use serde_json::json;
use test_kit::{TestApp, world};

use crate::start;

async fn evil_names(t: &TestApp) {
    sqlx::query("update warehouses set name = '<script>alert(1)</script>' where id = $1")
        .bind(world::MAIN1.uuid())
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

#[tokio::test]
async fn a_receipt_of_goods_prints_with_prices_and_the_amount_in_words() {
    let t = start().await;
    evil_names(&t).await;
    let line = |lot: &str, quantity: i64, unit: &str| json!({"productId": world::MILK, "lotNumber": lot, "expiry": "2027-05-31", "quantity": quantity, "unit": unit});
    let body = json!({
        "warehouseId": world::MAIN1, "note": "Xe \"51C\"", "lines": [line("L1", 2, "whole"), line("L2", 5, "retail")],
    });
    let made = t.npp01().post("/api/v1/inventory/receipts", body).await.expect(201);
    let path = format!("/api/v1/inventory/receipts/{}/print", made["receiptId"].as_str().unwrap());
    let page = t.npp01().get(&path).await.page();
    let total = domain::Money::new(made["costValue"].as_i64().unwrap());
    has(
        &page,
        &[
            "PHIẾU NHẬP KHO",
            "Mẫu số 01 - VT",
            made["number"].as_str().unwrap(),
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "Xe &quot;51C&quot;",
            "<td>L1</td><td class=k>31/05/2027</td>",
            total.to_string().trim_end_matches(" ₫"),
            &total.in_words(),
            "Người giao hàng",
        ],
    );
    assert!(t.npp01().get(&format!("{path}?paper=a5")).await.page().contains("size:A5"));
    t.npp02().get(&path).await.problem(404, "not_found");
    t.rep1().get(&path).await.problem(403, "forbidden");
    t.supervisor().get(&path).await.problem(403, "forbidden");
}

#[tokio::test]
async fn a_transfer_prints_lot_by_lot_for_whom_it_concerns() {
    let t = start().await;
    evil_names(&t).await;
    let van = json!({"code": "XE01", "name": "Xe 1", "kind": "van", "repId": world::REP1});
    let van = t.npp01().post("/api/v1/warehouses", van).await.expect(201);
    let body = json!({
        "fromWarehouseId": world::MAIN1, "toWarehouseId": van["warehouseId"], "twoStep": true, "note": "Chuyến sáng",
        "lines": [{"productId": world::MILK, "quantity": 5, "unit": "whole"}],
    });
    let made = t.npp01().post("/api/v1/inventory/transfers", body).await.expect(201);
    let path = format!("/api/v1/inventory/transfers/{}", made["transferId"].as_str().unwrap());
    let print = format!("{path}/print");
    let page = t.rep1().get(&print).await.page();
    has(
        &page,
        &[
            "PHIẾU CHUYỂN KHO",
            made["number"].as_str().unwrap(),
            "&lt;script&gt;",
            "XE01 – Xe 1",
            // 120 pieces out of two lots; what arrives is written in by hand.
            "<td class=n>5</td><td>A</td><td class=k>31/10/2026</td><td class=n>100</td><td class=n></td>",
            "<td class=n></td><td>B</td><td class=k>31/03/2027</td><td class=n>20</td><td class=n></td>",
            "Chuyến sáng",
            "Thủ kho nhập",
        ],
    );
    t.rep2().get(&print).await.problem(404, "not_found");
    t.npp02().get(&print).await.problem(404, "not_found");
    t.npp01().post(&format!("{path}/cancel"), json!({})).await.expect(200);
    has(&t.npp01().get(&print).await.page(), &["<div class=stamp>ĐÃ HỦY</div>"]);
}

#[tokio::test]
async fn a_count_prints_empty_to_be_filled_and_then_with_its_differences() {
    let t = start().await;
    evil_names(&t).await;
    let body = json!({"warehouseId": world::MAIN1, "date": "2026-08-06", "products": [world::MILK]});
    let made = t.npp01().post("/api/v1/inventory/counts", body).await.expect(201);
    let path = format!("/api/v1/inventory/counts/{}", made["countId"].as_str().unwrap());
    let print = format!("{path}/print?paper=a5");
    has(
        &t.npp01().get(&print).await.page(),
        &[
            "BIÊN BẢN KIỂM KÊ HÀNG HÓA",
            "Mẫu số 05 - VT",
            made["number"].as_str().unwrap(),
            "&lt;script&gt;",
            "<td class=n>100</td><td class=n></td><td class=n></td><td class=n></td><td class=n></td>",
            "Trưởng ban kiểm kê",
        ],
    );
    let counted = json!({"lines": [
        {"productId": world::MILK, "lotNumber": "A", "expiry": "2026-10-31", "quantity": 90, "unit": "retail"},
        {"productId": world::MILK, "lotNumber": "B", "expiry": "2027-03-31", "quantity": 503, "unit": "retail"},
    ]});
    t.npp01().put(&format!("{path}/lines"), counted).await.expect(200);
    t.npp01().post(&format!("{path}/close"), json!({})).await.expect(200);
    let page = t.npp01().get(&print).await.page();
    has(
        &page,
        &[
            "<td class=n>100</td><td class=n>90</td><td class=n></td><td class=n>10</td><td class=n>-",
            "<td class=n>500</td><td class=n>503</td><td class=n>3</td><td class=n></td><td class=n>",
            "Giá trị chênh lệch (viết bằng chữ):</span><b>Âm ",
        ],
    );
    t.npp02().get(&print).await.problem(404, "not_found");
    t.rep1().get(&print).await.problem(403, "forbidden");
}

#[tokio::test]
async fn an_adjustment_prints_what_came_in_and_what_went_out() {
    let t = start().await;
    evil_names(&t).await;
    let body = json!({
        "warehouseId": world::MAIN1, "reason": "Vỡ <i>khi</i> bốc xếp", "note": "Biên bản số 7",
        "lines": [
            { "productId": world::MILK, "lotNumber": "B", "expiry": "2027-03-31", "quantity": -30, "unit": "retail" },
            { "productId": world::WATER, "lotNumber": "W", "quantity": 2, "unit": "whole" },
        ],
    });
    let made = t.npp01().post("/api/v1/inventory/adjustments", body).await.expect(201);
    let path = format!("/api/v1/inventory/adjustments/{}/print", made["adjustmentId"].as_str().unwrap());
    has(
        &t.npp01().get(&path).await.page(),
        &[
            "PHIẾU ĐIỀU CHỈNH KHO",
            made["number"].as_str().unwrap(),
            "&lt;script&gt;",
            "Vỡ &lt;i&gt;khi&lt;/i&gt; bốc xếp",
            "<td class=n></td><td class=n>30</td>",
            "<td class=n>2</td><td class=n></td>",
            made["costInWords"].as_str().unwrap(),
        ],
    );
    t.npp02().get(&path).await.problem(404, "not_found");
    t.rep1().get(&path).await.problem(403, "forbidden");
}
