//! Goods issues and returns on paper.

use serde_json::json;
use test_kit::{TestApp, world};

use crate::parts::invoiced;
use crate::{app, order, placed};

/// The shop's name tries to become a part of the page.
async fn evil_shop(t: &TestApp) {
    sqlx::query("update customers set name = '<script>alert(1)</script>' where id = $1")
        .bind(world::SHOP1.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_goods_issue_prints_with_lots_what_was_asked_for_and_the_amount_in_words() {
    let t = app().await;
    evil_shop(&t).await;
    let order = placed(&t, order()).await;
    let done = t.npp01().post(&format!("/api/v1/orders/{order}/fulfil"), json!({})).await.expect(200);
    let invoice = format!("/api/v1/invoices/{}", done["invoiceId"].as_str().unwrap());
    let issue = t.npp01().get(&invoice).await.expect(200)["issue"]["issueId"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/goods-issues/{issue}/print");
    let page = t.npp01().get(&path).await.page();
    for text in [
        "size:A4",
        "PHIẾU XUẤT KHO",
        "Mẫu số 02 - VT",
        "PX-20260806-0001",
        "Bán hàng theo phiếu PB-20260806-0001, đơn DH-20260806-0001",
        "KH001 – &lt;script&gt;alert(1)&lt;/script&gt;",
        // 12 boxes of milk out of the lot that expires first, one given, and a case of soap.
        "<td class=k>31/10/2026</td>",
        "<td class=n>12</td><td class=n>12</td><td class=n>10.000</td><td class=n>120.000</td>",
        "(khuyến mại)",
        "<td class=n>1</td><td class=n>1</td><td class=n>180.000</td><td class=n>180.000</td>",
        "Ba trăm hai mươi bảy nghìn sáu trăm đồng",
        "Thủ kho",
    ] {
        assert!(page.contains(text), "{text} is missing: {page}");
    }
    assert!(!page.contains("<script"));
    assert!(t.rep1().get(&format!("{path}?paper=a5")).await.page().contains("size:A5 landscape"));
    t.npp01().get(&format!("{path}?paper=a3")).await.expect(400);
    t.rep2().get(&path).await.problem(404, "not_found");
    t.npp02().get(&path).await.problem(404, "not_found");
    t.anonymous().get(&path).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_part_of_a_case_is_issued_in_pieces() {
    let t = app().await;
    // The lot that expires first has 100 pieces: four cases and four pieces of the fifth.
    let body = json!({
        "orderType": "PreSales", "customerId": world::SHOP2,
        "items": [{"productId": world::MILK, "quantity": 5, "unit": "whole"}],
    });
    sqlx::query("update promotions set status = 'paused'")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let order = placed(&t, body).await;
    let done = t.npp01().post(&format!("/api/v1/orders/{order}/fulfil"), json!({})).await.expect(200);
    let invoice = format!("/api/v1/invoices/{}", done["invoiceId"].as_str().unwrap());
    let issue = t.npp01().get(&invoice).await.expect(200)["issue"]["issueId"].as_str().unwrap().to_owned();
    let page = t.npp01().get(&format!("/api/v1/goods-issues/{issue}/print")).await.page();
    assert!(page.contains("<td class=n>120</td><td class=n>100</td><td class=n>10.000</td>"), "{page}");
    assert!(page.contains("<td class=n></td><td class=n>20</td><td class=n>10.000</td>"), "{page}");
}

#[tokio::test]
async fn a_return_prints_and_says_that_it_waits_or_was_refused() {
    let t = app().await;
    evil_shop(&t).await;
    let order = placed(&t, order()).await;
    let done = t.npp01().post(&format!("/api/v1/orders/{order}/fulfil"), json!({})).await.expect(200);
    let back = json!({
        "invoiceId": done["invoiceId"], "customerId": world::SHOP1, "reason": "Móp & vỡ",
        "lines": [{"invoiceLineNo": 3, "quantity": 1, "unit": "retail", "condition": "damaged"}],
    });
    let made = t.npp01().post("/api/v1/returns", back).await.expect(201);
    let id = made["returnId"].as_str().unwrap();
    let path = format!("/api/v1/returns/{id}/print");
    let page = t.rep1().get(&format!("{path}?paper=a5")).await.page();
    for text in [
        "size:A5",
        "PHIẾU TRẢ HÀNG",
        "PT-20260806-0001",
        "<div class=stamp>CHỜ DUYỆT</div>",
        "PB-20260806-0001",
        "Móp &amp; vỡ",
        "&lt;script&gt;",
        "Hư hỏng",
        made["totalInWords"].as_str().unwrap(),
        "Kế toán trưởng",
    ] {
        assert!(page.contains(text), "{text} is missing: {page}");
    }
    t.npp01()
        .post(&format!("/api/v1/returns/{id}/reject"), json!({"reason": "<b>Quá hạn</b>"}))
        .await
        .expect(200);
    let page = t.npp01().get(&path).await.page();
    assert!(page.contains("<div class=stamp>TỪ CHỐI: &lt;b&gt;Quá hạn&lt;/b&gt;</div>"), "{page}");
    t.rep2().get(&path).await.problem(404, "not_found");
    t.npp02().get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_cancelled_order_says_so_on_paper() {
    let t = app().await;
    let order = placed(&t, order()).await;
    t.npp01().post(&format!("/api/v1/orders/{order}/cancel"), json!({"reason": "nhầm"})).await.expect(200);
    let path = format!("/api/v1/orders/{order}/print");
    let page =
        t.npp01().request(axum::http::Method::GET, &path, None, &[("accept", "text/html")]).await.page();
    assert!(page.contains("<div class=stamp>ĐÃ HỦY</div>"), "{page}");
}

#[tokio::test]
async fn a_later_issue_asks_for_what_is_left_and_a_closed_invoice_says_what_is_owed() {
    let t = app().await;
    let (invoice, _) = invoiced(&t, &[order()]).await;
    for quantity in [5, 6] {
        let part = json!({"lines": [{"lineNo": 1, "quantity": quantity, "unit": "retail"}]});
        t.npp01().post(&format!("{invoice}/issue"), part).await.expect(200);
    }
    let issues = "select id from goods_issues order by created_at, id";
    let issues: Vec<uuid::Uuid> =
        sqlx::query_scalar(issues).fetch_all(&mut t.database.owner().await).await.unwrap();
    for (issue, figures) in issues.iter().zip([(12, 5), (7, 6)]) {
        let page = t.npp01().get(&format!("/api/v1/goods-issues/{issue}/print")).await.page();
        let figures =
            format!("<td class=n>{}</td><td class=n>{}</td><td class=n>10.000</td>", figures.0, figures.1);
        assert!(page.contains(&figures), "{figures} is missing: {page}");
    }
    let reason = json!({"reason": "Hết <hàng>"});
    t.npp01().post(&format!("{invoice}/close"), reason).await.expect(200);
    let path = format!("{invoice}/print");
    let page =
        t.npp01().request(axum::http::Method::GET, &path, None, &[("accept", "text/html")]).await.page();
    let stamp = "<div class=stamp>ĐÃ ĐÓNG, CHỈ TÍNH TIỀN PHẦN ĐÃ XUẤT 118.800 ₫: Hết &lt;hàng&gt;</div>";
    assert!(page.contains(stamp), "{page}");
    // 12 boxes at 10,000, before discounts and VAT, as the sum below the column.
    assert!(page.contains("<td class=n>120.000</td>"), "{page}");
}
