//! Photos of outlets.

use std::io::Cursor;

use chrono::TimeDelta;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{SHOP_PENDING, SHOP1, SHOP21};
use uuid::Uuid;

use crate::path;

async fn start() -> TestApp {
    TestApp::start(customers::router().merge(files::router())).await
}

fn png(shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(4, 4, Rgb([shade, 0, 0])).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn photos() -> String {
    format!("{}/photos", path(SHOP1.uuid()))
}

async fn add(t: &TestApp, shade: u8) -> Value {
    t.rep1().upload(&photos(), "photo", "a", &png(shade), &[("caption", " Mặt tiền ")]).await.expect(201)
}

#[tokio::test]
async fn photos_are_seen_by_those_who_see_the_outlet() {
    let t = start().await;
    let photo = add(&t, 1).await;
    assert_eq!((&photo["caption"], &photo["contentType"]), (&json!("Mặt tiền"), &json!("image/png")));
    let file = format!("/api/v1/files/{}", photo["sha256"].as_str().unwrap());
    for seer in [t.rep1(), t.supervisor(), t.npp01(), t.admin()] {
        assert_eq!(seer.get(&photos()).await.expect(200)["data"], json!([photo]));
        assert_eq!(seer.get(&file).await.bytes, png(1));
    }
    for other in [t.rep2(), t.rep11(), t.npp02()] {
        other.get(&photos()).await.problem(404, "not_found");
    }
    t.npp02().get(&file).await.problem(404, "not_found");
    let history = t.npp01().get(&format!("{}/history", path(SHOP1.uuid()))).await.expect(200);
    assert_eq!(history["data"][0]["action"], "customers.add_photo");
    assert_eq!(history["data"][0]["after"]["sha256"], photo["sha256"]);
}

#[tokio::test]
async fn a_photo_as_large_as_phones_make_them_is_taken() {
    let t = start().await;
    let large = [png(1), vec![0; 5_000_000]].concat();
    let photo = t.rep1().upload(&photos(), "photo", "a", &large, &[]).await.expect(201);
    assert_eq!(photo["sizeBytes"], large.len());
}

#[tokio::test]
async fn the_same_photo_again_is_one_photo() {
    let t = start().await;
    let id = Uuid::now_v7().to_string();
    let send = async |path: String, bytes: Vec<u8>| {
        t.admin().upload(&path, "photo", "a", &bytes, &[("id", &*id)]).await
    };
    let first = send(photos(), png(1)).await.expect(201);
    assert_eq!(first["photoId"], json!(id));
    assert_eq!(send(photos(), png(1)).await.expect(201), first);
    assert_eq!(add(&t, 1).await, first, "the same bytes under no id");
    send(photos(), png(2)).await.problem(409, "customers.photo_id_taken");
    for other in [SHOP_PENDING, SHOP21] {
        let other = format!("{}/photos", path(other.uuid()));
        send(other, png(1)).await.problem(409, "customers.photo_id_taken");
    }
    assert_eq!(t.rep1().get(&photos()).await.expect(200)["data"], json!([first]));
}

#[tokio::test]
async fn only_images_are_taken_and_only_from_those_who_may() {
    let t = start().await;
    let send = async |bytes: &[u8], fields: &[(&str, &str)]| {
        t.npp01().upload(&photos(), "photo", "a", bytes, fields).await
    };
    send(b"<html>", &[]).await.problem(422, "files.not_an_image");
    send(b"", &[]).await.problem(400, "validation");
    send(&png(1), &[("caption", &"x".repeat(201))]).await.problem(400, "validation");
    send(&png(1), &[("id", "x")]).await.problem(400, "validation");
    send(&png(1), &[("colour", "x")]).await.problem(400, "validation");
    t.npp01().post(&photos(), json!({})).await.problem(400, "malformed_form");
    for (other, status) in [(t.area_manager(), 403), (t.rep2(), 404), (t.npp02(), 404)] {
        other.upload(&photos(), "photo", "a", &png(1), &[]).await.expect(status);
    }
    for shade in 0..20 {
        add(&t, shade).await;
    }
    send(&png(20), &[]).await.problem(422, "customers.too_many_photos");
}

#[tokio::test]
async fn a_photo_that_is_taken_away_is_swept_when_nothing_else_shows_it() {
    let t = start().await;
    let (gone, kept) = (add(&t, 1).await, add(&t, 2).await);
    let one = |photo: &Value| format!("{}/{}", photos(), photo["photoId"].as_str().unwrap());
    t.rep1().delete(&one(&gone)).await.problem(403, "forbidden");
    t.npp02().delete(&one(&gone)).await.problem(404, "not_found");
    t.npp01().delete(&one(&gone)).await.expect(204);
    t.npp01().delete(&one(&gone)).await.problem(404, "not_found");
    assert_eq!(t.rep1().get(&photos()).await.expect(200)["data"], json!([kept]));
    t.clock.advance(TimeDelta::days(31));
    files::worker::sweep(&t.app).await.unwrap();
    let file = |photo: &Value| format!("/api/v1/files/{}", photo["sha256"].as_str().unwrap());
    t.npp01().get(&file(&gone)).await.problem(404, "not_found");
    assert_eq!(t.npp01().get(&file(&kept)).await.status, 200);
}

#[tokio::test]
async fn the_photos_of_a_locked_record_stay() {
    let t = start().await;
    let photo = add(&t, 1).await;
    t.npp01().put(&path(SHOP1.uuid()), json!({"version": 1, "recordLocked": true})).await.expect(200);
    let refused = t.npp01().upload(&photos(), "photo", "a", &png(2), &[]).await;
    refused.problem(422, "customers.record_locked");
    let one = format!("{}/{}", photos(), photo["photoId"].as_str().unwrap());
    t.npp01().delete(&one).await.problem(422, "customers.record_locked");
    assert_eq!(add(&t, 1).await, photo, "a repeat changes nothing");
}
