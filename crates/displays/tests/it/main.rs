//! Displays through their endpoints, on a real database; photos come through visits.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod programs;
mod scores;

use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{MILK, SHOP1};

const PROGRAMS: &str = "/api/v1/display-programs";
const SCORES: &str = "/api/v1/display-scores";

async fn app() -> TestApp {
    TestApp::start(displays::router().merge(visits::router())).await
}

fn program(code: &str, levels: i16) -> Value {
    json!({ "code": code, "name": "Trưng bày sữa", "validFrom": "2026-08-01", "validTo": "2026-08-31", "products": [MILK],
            "requiredPhotos": 2, "levels": levels, "rewardNote": "1 thùng mỗi tháng" })
}

/// A program for which KH001 is registered.
async fn running(t: &TestApp, levels: i16) -> String {
    let made = t.admin().post(PROGRAMS, program(&format!("TB{levels}"), levels)).await.expect(201);
    let id = made["programId"].as_str().unwrap().to_owned();
    register(t, &id).await;
    id
}

async fn register(t: &TestApp, program: &str) {
    let body = json!({ "customerIds": [SHOP1], "validFrom": "2026-08-01" });
    let told = t.supervisor().post(&format!("{PROGRAMS}/{program}/customers"), body).await.expect(200);
    assert_eq!(told["registered"], 1);
}

fn png(shade: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let pixels = image::RgbImage::from_pixel(4, 4, image::Rgb([shade, 0, 0]));
    pixels.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The first rep's visit at KH001.
async fn visit(t: &TestApp) -> String {
    let body = json!({ "customerId": SHOP1, "latitude": 10.7769, "longitude": 106.7009 });
    let visit = t.rep1().post("/api/v1/visits/check-in", body).await.expect(201);
    visit["visitId"].as_str().unwrap().to_owned()
}

async fn photograph(t: &TestApp, visit: &str, program: &str, shade: u8) -> test_kit::Answer {
    let fields = [("albumType", "Trưng bày"), ("displayProgramId", program)];
    t.rep1().upload(&format!("/api/v1/visits/{visit}/photos"), "photo", "a.png", &png(shade), &fields).await
}

/// A record of the program, of a visit that goes on.
async fn record(t: &TestApp, program: &str) -> String {
    let visit = visit(t).await;
    photograph(t, &visit, program, 1).await.expect(201);
    let list = t.supervisor().get(&format!("{SCORES}?programId={program}")).await.expect(200);
    list["data"][0]["displayScoreId"].as_str().unwrap().to_owned()
}
