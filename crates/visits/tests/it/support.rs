//! Looking into and preparing the database as its owner.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};
use test_kit::TestApp;
use test_kit::world::SHOP1;

/// Runs statements.
pub async fn sql(t: &TestApp, statements: impl Into<String>) {
    t.database.owner().await.execute(AssertSqlSafe(statements.into())).await.expect("the statements run");
}

/// The number that a query gives.
pub async fn count(t: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(&mut t.database.owner().await)
        .await
        .expect("the query gives a number")
}

/// Latitude and longitude of KH001, the first outlet.
pub const AT_SHOP1: (f64, f64) = (10.7769, 106.7009);

/// The application with the endpoints of visits.
pub async fn app() -> TestApp {
    TestApp::start(visits::router().merge(attendance::router())).await
}

/// A check-in of the caller at KH001's place.
pub fn check_in_at(customer: domain::CustomerId) -> Value {
    json!({ "customerId": customer, "latitude": AT_SHOP1.0, "longitude": AT_SHOP1.1, "accuracy": 8.5 })
}

/// Checks the first rep in at KH001; gives the visit's id.
pub async fn visit_shop1(t: &TestApp) -> String {
    let visit = t.rep1().post("/api/v1/visits/check-in", check_in_at(SHOP1)).await.expect(201);
    visit["visitId"].as_str().unwrap().to_owned()
}

/// A little PNG; each shade is another content.
pub fn png(shade: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let pixels = image::RgbImage::from_pixel(4, 4, image::Rgb([shade, 0, 0]));
    pixels.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Adds a photo to the first rep's visit.
pub async fn add_photo(t: &TestApp, visit: &str, album: &str, shade: u8) -> Value {
    let path = format!("/api/v1/visits/{visit}/photos");
    t.rep1().upload(&path, "photo", "a.png", &png(shade), &[("albumType", album)]).await.expect(201)
}

/// A check-out at KH001's place.
pub fn check_out(result: &str) -> Value {
    json!({ "latitude": AT_SHOP1.0, "longitude": AT_SHOP1.1, "visitResult": result, "notes": "Hết hàng" })
}
