//! Photos of distributors.

use std::io::Cursor;

use chrono::TimeDelta;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{NPP01, NPP02};
use uuid::Uuid;

async fn start() -> TestApp {
    TestApp::start(org::router().merge(files::router())).await
}

fn png(shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(400, 200, Rgb([shade, 0, 0])).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn photos() -> String {
    format!("/api/v1/distributors/{NPP01}/photos")
}

fn one(photo: &Value) -> String {
    format!("{}/{}", photos(), photo["photoId"].as_str().unwrap())
}

fn file(photo: &Value) -> String {
    format!("/api/v1/files/{}", photo["sha256"].as_str().unwrap())
}

async fn add(t: &TestApp, shade: u8, fields: &[(&str, &str)]) -> Value {
    t.admin().upload(&photos(), "photo", "a", &png(shade), fields).await.expect(201)
}

#[tokio::test]
async fn photos_are_seen_in_every_size_by_those_who_see_the_distributor() {
    let t = start().await;
    let licence = add(&t, 1, &[("kind", "licence"), ("caption", " Giấy phép ")]).await;
    assert_eq!(
        (&licence["kind"], &licence["caption"], &licence["contentType"]),
        (&json!("licence"), &json!("Giấy phép"), &json!("image/png"))
    );
    let store = add(&t, 2, &[]).await;
    assert_eq!((&store["kind"], &store["caption"]), (&json!("store"), &json!("")));
    while files::worker::make_next(&t.app).await.unwrap() {}
    for seer in [t.admin(), t.area_manager(), t.npp01(), t.supervisor(), t.rep1()] {
        let seen = seer.get(&photos()).await.expect(200);
        let digests: Vec<&Value> = seen["data"].as_array().unwrap().iter().map(|p| &p["sha256"]).collect();
        assert_eq!(digests, [&licence["sha256"], &store["sha256"]]);
        assert_eq!(seer.get(&file(&licence)).await.bytes, png(1));
        let small = seer.get(&format!("{}?size=320", file(&licence))).await;
        assert_eq!(small.headers["content-type"], "image/jpeg");
        assert_eq!(image::load_from_memory(&small.bytes).unwrap().width(), 320);
    }
    for other in [t.npp02(), t.rep11()] {
        other.get(&photos()).await.problem(404, "not_found");
        other.get(&file(&licence)).await.problem(404, "not_found");
    }
    t.anonymous().get(&photos()).await.problem(401, "unauthorized");
    let audited: Value =
        sqlx::query_scalar("select after from audit_log where action = 'distributors.add_photo' order by id")
            .fetch_one(&mut t.database.owner().await)
            .await
            .unwrap();
    assert_eq!((&audited["kind"], &audited["sha256"]), (&licence["kind"], &licence["sha256"]));
}

#[tokio::test]
async fn the_same_photo_again_is_one_photo() {
    let t = start().await;
    let id = Uuid::now_v7().to_string();
    let send = async |path: &str, shade: u8| {
        t.admin().upload(path, "photo", "a", &png(shade), &[("id", &*id), ("kind", "owner")]).await
    };
    let first = send(&photos(), 1).await.expect(201);
    assert_eq!(first["photoId"], json!(id));
    assert_eq!(send(&photos(), 1).await.expect(201), first);
    assert_eq!(add(&t, 1, &[]).await, first, "the same bytes under no id");
    send(&photos(), 2).await.problem(409, "distributors.photo_id_taken");
    let other = format!("/api/v1/distributors/{NPP02}/photos");
    send(&other, 1).await.problem(409, "distributors.photo_id_taken");
    assert_eq!(t.admin().get(&photos()).await.expect(200)["data"], json!([first]));
    assert_eq!(t.admin().get(&other).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn only_images_are_taken_and_only_from_the_company() {
    let t = start().await;
    let send = async |bytes: &[u8], fields: &[(&str, &str)]| {
        t.admin().upload(&photos(), "photo", "a", bytes, fields).await
    };
    send(b"<html>", &[]).await.problem(422, "files.not_an_image");
    send(b"", &[]).await.problem(400, "validation");
    send(&png(1), &[("kind", "selfie")]).await.problem(400, "validation");
    send(&png(1), &[("caption", &"x".repeat(201))]).await.problem(400, "validation");
    send(&png(1), &[("id", "x")]).await.problem(400, "validation");
    send(&png(1), &[("colour", "x")]).await.problem(400, "validation");
    t.admin().post(&photos(), json!({})).await.problem(400, "malformed_form");
    let nobody = format!("/api/v1/distributors/{}/photos", Uuid::from_u128(1));
    t.admin().upload(&nobody, "photo", "a", &png(1), &[]).await.problem(404, "not_found");
    for other in [t.area_manager(), t.supervisor(), t.npp01(), t.rep1(), t.npp02()] {
        other.upload(&photos(), "photo", "a", &png(1), &[]).await.problem(403, "forbidden");
    }
    assert_eq!(t.stored_files(), 0);
    for shade in 0..20 {
        add(&t, shade, &[]).await;
    }
    send(&png(20), &[]).await.problem(422, "distributors.too_many_photos");
    send(&png(19), &[]).await.expect(201);
    let large = [png(1), vec![0; 15 * 1024 * 1024]].concat();
    send(&large, &[]).await.problem(413, "too_large");
}

#[tokio::test]
async fn a_photo_that_is_taken_away_is_swept_when_nothing_else_shows_it() {
    let t = start().await;
    let (gone, kept) = (add(&t, 1, &[]).await, add(&t, 2, &[]).await);
    for other in [t.supervisor(), t.npp01()] {
        other.delete(&one(&gone)).await.problem(403, "forbidden");
    }
    let elsewhere = one(&gone).replace(&NPP01.to_string(), &NPP02.to_string());
    t.admin().delete(&elsewhere).await.problem(404, "not_found");
    t.admin().delete(&one(&gone)).await.expect(204);
    t.admin().delete(&one(&gone)).await.problem(404, "not_found");
    assert_eq!(t.admin().get(&photos()).await.expect(200)["data"], json!([kept]));
    t.clock.advance(TimeDelta::days(31));
    files::worker::sweep(&t.app).await.unwrap();
    t.admin().get(&file(&gone)).await.problem(404, "not_found");
    assert_eq!(t.admin().get(&file(&kept)).await.bytes, png(2));
}

#[tokio::test]
async fn a_distributor_that_waits_has_photos_too_as_large_as_phones_make_them() {
    let t = start().await;
    let proposed = t.supervisor().post("/api/v1/distributors", json!({"name": "NPP Mới"})).await.expect(201);
    let photos = format!("/api/v1/distributors/{}/photos", proposed["distributorId"].as_str().unwrap());
    let large = [png(1), vec![0; 5_000_000]].concat();
    let photo = t.admin().upload(&photos, "photo", "a", &large, &[("kind", "meeting")]).await.expect(201);
    assert_eq!(photo["sizeBytes"], large.len());
    assert_eq!(t.admin().get(&photos).await.expect(200)["data"], json!([photo]));
}
