//! Lists as Excel files.

use calamine::{Data, Reader as _, Xlsx};
use serde_json::json;
use test_kit::{Answer, world};

use crate::start;
use crate::transfers::vans;

/// The rows of a file's only sheet, below its title.
fn rows(answer: &Answer) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(answer.bytes.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    sheet.rows().skip(3).map(<[Data]>::to_vec).collect()
}

#[tokio::test]
async fn every_list_is_a_file_too() {
    let t = start().await;
    let [van, _] = vans(&t).await;
    let line = |quantity: i64| json!({ "productId": world::SOAP, "quantity": quantity, "unit": "retail" });
    let receipt = json!({ "warehouseId": world::MAIN1, "lines": [line(12)] });
    t.npp01().post("/api/v1/inventory/receipts", receipt).await.expect(201);
    let adjustment = json!({ "warehouseId": world::MAIN1, "reason": "Vỡ", "lines": [line(-2)] });
    t.npp01().post("/api/v1/inventory/adjustments", adjustment).await.expect(201);
    let transfer =
        json!({ "fromWarehouseId": world::MAIN1, "toWarehouseId": van, "twoStep": true, "lines": [line(5)] });
    t.npp01().post("/api/v1/inventory/transfers", transfer).await.expect(201);
    let count = json!({ "warehouseId": van });
    t.npp01().post("/api/v1/inventory/counts", count).await.expect(201);
    for (list, column, cell) in [
        ("/inventory/receipts", 4, Data::Float(1.0)),
        ("/inventory/adjustments", 4, Data::String("Vỡ".into())),
        ("/inventory/transfers", 2, Data::String("Đang chuyển".into())),
        ("/inventory/counts", 2, Data::String("Đang đếm".into())),
    ] {
        let path = format!("/api/v1{list}");
        assert_eq!(t.npp01().get(&path).await.expect(200)["pagination"]["totalItems"], 1, "{list}");
        let file = rows(&t.npp01().get(&format!("{path}?format=xlsx")).await);
        assert_eq!(file[1][column], cell, "{list}: {file:?}");
        let theirs = rows(&t.npp02().get(&format!("{path}?format=xlsx")).await);
        assert!(theirs.iter().all(|row| row[column] != cell), "{list}: {theirs:?}");
    }
    let ledger = rows(&t.npp01().get("/api/v1/inventory/movements?format=xlsx&from=2026-08-06").await);
    assert!(ledger.iter().any(|row| row[2] == Data::String("Nhập hàng".into())), "{ledger:?}");
    let path = format!("/api/v1/warehouses/{}/stock", world::MAIN1);
    let products = t.npp01().get(&path).await.expect(200)["pagination"]["totalItems"].as_u64().unwrap();
    assert_eq!(rows(&t.npp01().get(&format!("{path}?format=xlsx")).await).len() as u64, products + 2);
    t.npp02().get(&format!("{path}?format=xlsx")).await.problem(404, "not_found");
}
