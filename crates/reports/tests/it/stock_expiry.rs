use serde_json::{Value, json};

use crate::{prepare, start};

const PATH: &str = "/api/v1/reports/stock-expiry";

fn lots(report: &Value) -> Vec<(&Value, &Value, &Value)> {
    report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (&r["lotNumber"], &r["daysLeft"], &r["onHand"]))
        .collect()
}

#[tokio::test]
async fn lots_that_expire_soon_are_listed_with_the_days_that_are_left() {
    let t = start().await;
    let soon = t.npp01().get(PATH).await.expect(200);
    assert_eq!(lots(&soon), [(&json!("A"), &json!(86), &json!(100))]);
    assert_eq!(soon["columns"][6], json!({ "key": "expiry", "title": "Hạn dùng" }));
    let year = t.npp01().get(&format!("{PATH}?days=365")).await.expect(200);
    assert_eq!(
        lots(&year),
        [(&json!("A"), &json!(86), &json!(100)), (&json!("B"), &json!(237), &json!(500))]
    );
    assert_eq!(lots(&t.npp01().get(&format!("{PATH}?days=85")).await.expect(200)), []);
    assert_eq!(lots(&t.admin().get(PATH).await.expect(200)).len(), 2);
    t.npp01().get(&format!("{PATH}?days=-1")).await.problem(400, "validation");
    t.rep1().get(PATH).await.problem(403, "forbidden");
}

#[tokio::test]
async fn the_list_is_an_excel_file_too() {
    let t = start().await;
    // A date that Excel can't hold, as old files have them.
    prepare(&t, "update lots set expiry = '0001-01-01' where lot_number = 'B'").await;
    let answer = t.npp01().get(&format!("{PATH}?format=xlsx")).await;
    answer.expect(200);
    assert_eq!(
        answer.headers["content-disposition"],
        "attachment; filename=\"hang-sap-het-han_2026-11-04.xlsx\""
    );
    assert!(answer.bytes.starts_with(b"PK"));
}
