use axum::http::Method;
use calamine::{Data, Reader as _, Xlsx};
use serde_json::{Value, json};

use crate::{app, order, placed};

#[tokio::test]
async fn an_order_prints_with_both_parties_vat_per_rate_and_the_amount_in_words() {
    let t = app().await;
    let id = placed(&t, order()).await;
    let path = format!("/api/v1/orders/{id}/print");
    let form = t.rep1().get(&path).await.expect(200);
    assert_eq!((&form["title"], &form["number"]), (&json!("PHIẾU ĐẶT HÀNG"), &json!("DH-20260806-0001")));
    assert_eq!(form["buyer"]["code"], "KH001");
    assert!(!form["seller"]["name"].as_str().unwrap().is_empty());
    assert_eq!(
        form["vatByRate"],
        json!([
            {"vat": 8, "netAmount": 120_000, "taxAmount": 9_600},
            {"vat": 10, "netAmount": 180_000, "taxAmount": 18_000}
        ])
    );
    assert_eq!(form["amountInWords"], "Ba trăm hai mươi bảy nghìn sáu trăm đồng");
    t.npp02().get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn the_printable_page_shows_names_as_text() {
    let t = app().await;
    sqlx::query("update customers set name = 'Cô <b>Ba</b> & \"Tư\"' where code = 'KH001'")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let id = placed(&t, order()).await;
    t.supervisor().post(&format!("/api/v1/orders/{id}/approve"), json!({})).await.expect(200);
    let invoice = t.npp01().post("/api/v1/invoices", json!({"orderIds": [id]})).await.expect(201);
    let path = format!("/api/v1/invoices/{}/print?paper=a5", invoice["invoiceId"].as_str().unwrap());
    let page = t.npp01().request(Method::GET, &path, None, &[("accept", "text/html")]).await;
    let text = String::from_utf8(page.bytes.to_vec()).unwrap();
    assert!(text.contains("Cô &lt;b&gt;Ba&lt;/b&gt; &amp; &quot;Tư&quot;"), "{text}");
    assert!(text.contains("size:A5") && text.contains("PB-20260806-0001"));
    t.npp02().get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn the_list_is_a_file_with_totals_and_names_the_distributor() {
    let t = app().await;
    placed(&t, order()).await;
    placed(&t, order()).await;
    let page = t.admin().get("/api/v1/orders?pageSize=1").await.expect(200);
    assert_eq!(
        (&page["data"][0]["distributorCode"], &page["pagination"]["totalItems"]),
        (&json!("NPP01"), &json!(2))
    );
    let other = format!("/api/v1/orders?distributorId={}", test_kit::world::NPP02);
    assert_eq!(t.admin().get(&other).await.expect(200)["pagination"]["totalItems"], 0);
    let file = t.npp01().get("/api/v1/orders?format=xlsx&from=2026-08-01").await;
    assert_eq!(file.status.as_u16(), 200);
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(file.bytes.to_vec())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let rows: Vec<&[Data]> = sheet.rows().collect();
    let last = rows.last().unwrap();
    assert_eq!(rows.len(), 4 + 2 + 1);
    assert_eq!((last[0].to_string(), last[9].to_string()), ("Tổng cộng".to_owned(), "655200".to_owned()));
    let theirs = t.npp02().get("/api/v1/orders?format=xlsx").await;
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(theirs.bytes.to_vec())).unwrap();
    assert_eq!(book.worksheet_range_at(0).unwrap().unwrap().rows().count(), 5);
}

#[tokio::test]
async fn many_are_rejected_for_one_reason() {
    let t = app().await;
    let (a, b) = (placed(&t, order()).await, placed(&t, order()).await);
    t.supervisor().post(&format!("/api/v1/orders/{b}/approve"), json!({})).await.expect(200);
    let body = json!({"orderIds": [a, a, b], "reason": "hết hàng"});
    t.rep1().post("/api/v1/orders/bulk-reject", body.clone()).await.problem(403, "forbidden");
    let empty = json!({"orderIds": [a], "reason": " "});
    t.supervisor().post("/api/v1/orders/bulk-reject", empty).await.problem(400, "validation");
    let answer: Value = t.supervisor().post("/api/v1/orders/bulk-reject", body).await.expect(200);
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "one named twice counts once");
    assert_eq!(
        (&results[0]["status"], &results[1]["code"]),
        (&json!("Rejected"), &json!("orders.wrong_state"))
    );
}

#[tokio::test]
async fn invoices_and_returns_are_files_too() {
    let t = app().await;
    let order = placed(&t, order()).await;
    let done = t.npp01().post(&format!("/api/v1/orders/{order}/fulfil"), json!({})).await.expect(200);
    let back = json!({
        "invoiceId": done["invoiceId"], "customerId": test_kit::world::SHOP1, "reason": "móp",
        "lines": [{"invoiceLineNo": 1, "quantity": 1, "unit": "retail", "condition": "saleable"}],
    });
    t.npp01().post("/api/v1/returns", back).await.expect(201);
    for (path, state, amount) in [("/api/v1/invoices", "Đã xuất kho", 8), ("/api/v1/returns", "Chờ duyệt", 8)]
    {
        let listed = t.npp01().get(path).await.expect(200)["data"][0]["totalAmount"].to_string();
        let file = t.npp01().get(&format!("{path}?format=xlsx")).await;
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(file.bytes.to_vec())).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        let rows: Vec<&[Data]> = sheet.rows().collect();
        assert_eq!(rows.len(), 4 + 1 + 1, "{path}");
        assert_eq!(
            (rows[4][2].to_string(), rows[5][amount].to_string()),
            (state.to_owned(), listed),
            "{path}"
        );
        let theirs = t.npp02().get(&format!("{path}?format=xlsx")).await;
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(theirs.bytes.to_vec())).unwrap();
        assert_eq!(book.worksheet_range_at(0).unwrap().unwrap().rows().count(), 5, "{path}");
    }
}
