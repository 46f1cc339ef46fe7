//! Pictures of products.

use std::io::Cursor;

use axum::http::Method;
use chrono::TimeDelta;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::json;
use test_kit::TestApp;
use test_kit::world::{MILK, SOAP, WATER};

use crate::{path, start, tea};

fn png(shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(400, 200, Rgb([shade, 0, 0])).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn a_product_s_picture_is_shown_to_everyone_in_every_size() {
    let t = start().await;
    let image = format!("{}/image", path(MILK));
    t.rep1().get(&image).await.problem(404, "not_found");
    assert_eq!(t.rep1().get(&path(MILK)).await.expect(200)["imageUrl"], json!(null));

    let product = t.admin().put_photo(&image, &png(1)).await.expect(200);
    assert_eq!(product["version"], 2);
    let url = product["imageUrl"].as_str().unwrap();
    assert!(url.starts_with(&format!("/products/{MILK}/image?v=")), "{url}");
    for seer in [t.rep1(), t.npp02(), t.supervisor()] {
        assert_eq!(seer.get(&path(MILK)).await.expect(200)["imageUrl"], url);
        let answer = seer.get(&format!("/api/v1{url}")).await;
        assert_eq!((answer.status.as_u16(), &answer.bytes), (200, &png(1)));
        assert_eq!(answer.headers["content-type"], "image/png");
        assert!(answer.headers["cache-control"].to_str().unwrap().contains("immutable"));
        let small = seer.get(&format!("/api/v1{url}&size=320")).await;
        assert_eq!(
            (small.status.as_u16(), &small.headers["content-type"]),
            (200, &"image/jpeg".parse().unwrap())
        );
        let small = image::load_from_memory(&small.bytes).unwrap();
        assert_eq!((small.width(), small.height()), (320, 160));
    }
    // Under the bare address a client asks again.
    let answer = t.rep1().get(&image).await;
    assert_eq!(answer.headers["cache-control"], "private, no-cache");
    let etag = answer.headers["etag"].to_str().unwrap();
    let again = t.rep1().request(Method::GET, &image, None, &[("if-none-match", etag)]).await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    t.rep1().get(&format!("{image}?size=100")).await.problem(400, "validation");
    t.anonymous().get(&image).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_picture_is_replaced_and_taken_away() {
    let t = start().await;
    let image = format!("{}/image", path(MILK));
    let first = t.admin().put_photo(&image, &png(1)).await.expect(200);
    assert_eq!(t.admin().put_photo(&image, &png(1)).await.expect(200), first, "the same changes nothing");
    let second = t.admin().put_photo(&image, &png(2)).await.expect(200);
    assert_ne!(second["imageUrl"], first["imageUrl"]);
    assert_eq!(t.rep1().get(&image).await.bytes, png(2));
    let stale = t.admin().request(Method::DELETE, &image, None, &[("if-match", "\"2\"")]).await;
    stale.problem(412, "stale_version");
    // Other changes leave it.
    let renamed = t.admin().put(&path(MILK), json!({"version": 3, "name": "Sữa"})).await.expect(200);
    assert_eq!(renamed["imageUrl"], second["imageUrl"]);
    t.admin().delete(&image).await.expect(204);
    t.admin().delete(&image).await.expect(204);
    t.rep1().get(&image).await.problem(404, "not_found");
    let actions: Vec<String> = sqlx::query_scalar(
        "select action from audit_log where entity = 'product' and action like '%image' order by id",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(actions, ["products.set_image", "products.set_image", "products.remove_image"]);
}

#[tokio::test]
async fn a_client_that_loaded_an_older_version_is_refused_before_the_picture_is_looked_at() {
    let t = start().await;
    let image = format!("{}/image", path(MILK));
    t.admin().put_photo_if(&image, 7, b"no picture").await.problem(412, "stale_version");
    t.admin().put_photo_if(&image, 1, b"no picture").await.problem(422, "files.not_an_image");
    assert_eq!(t.admin().put_photo_if(&image, 1, &png(1)).await.expect(200)["version"], 2);
    t.admin().put_photo_if(&image, 1, &png(2)).await.problem(412, "stale_version");
    assert_eq!(t.stored_files(), 3);
}

/// Days pass, then the sweeper comes; gives how many files are left in the store.
async fn files_after(t: &TestApp, days: i64) -> usize {
    t.clock.advance(TimeDelta::days(days));
    files::worker::sweep(&t.app).await.unwrap();
    t.stored_files()
}

#[tokio::test]
async fn a_picture_that_no_product_shows_any_more_is_swept_after_a_month() {
    let t = start().await;
    let image = |product| format!("{}/image", path(product));
    t.admin().put_photo(&image(MILK), &png(1)).await.expect(200);
    t.admin().put_photo(&image(SOAP), &png(2)).await.expect(200);
    assert_eq!(files_after(&t, 31).await, 6);
    t.admin().put_photo(&image(MILK), &png(3)).await.expect(200);
    t.admin().delete(&image(SOAP)).await.expect(204);
    assert_eq!(files_after(&t, 29).await, 9);
    assert_eq!(files_after(&t, 2).await, 3);
    let answer = t.rep1().get(&format!("{}?size=320", image(MILK))).await;
    assert_eq!(answer.status, 200);
    t.rep1().get(&image(SOAP)).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_picture_that_another_product_shows_or_that_came_back_stays() {
    let t = start().await;
    let image = |product| format!("{}/image", path(product));
    for product in [MILK, SOAP] {
        t.admin().put_photo(&image(product), &png(1)).await.expect(200);
    }
    t.admin().put_photo(&image(WATER), &png(2)).await.expect(200);
    t.admin().delete(&image(MILK)).await.expect(204);
    t.admin().delete(&image(WATER)).await.expect(204);
    t.admin().put_photo(&image(WATER), &png(2)).await.expect(200);
    assert_eq!(files_after(&t, 31).await, 6);
    assert_eq!(t.rep1().get(&image(SOAP)).await.bytes, png(1));
    assert_eq!(t.rep1().get(&image(WATER)).await.bytes, png(2));
    // The last one that shows it goes.
    t.admin().delete(&image(SOAP)).await.expect(204);
    assert_eq!(files_after(&t, 31).await, 3);
}

#[tokio::test]
async fn a_picture_as_large_as_phones_make_them_is_taken() {
    let t = start().await;
    let large = [png(1), vec![0; 5_000_000]].concat();
    t.admin().put_photo(&format!("{}/image", path(MILK)), &large).await.expect(200);
    assert_eq!(t.rep1().get(&format!("{}/image", path(MILK))).await.bytes, large);
}

#[tokio::test]
async fn only_pictures_from_the_company_are_taken() {
    let t = start().await;
    let image = format!("{}/image", path(MILK));
    for actor in [t.rep1(), t.supervisor(), t.npp01()] {
        actor.put_photo(&image, &png(1)).await.problem(403, "forbidden");
        actor.delete(&image).await.problem(403, "forbidden");
    }
    let broken = &png(1)[..60];
    for bytes in [&b"<script>alert(1)</script>"[..], broken] {
        t.admin().put_photo(&image, bytes).await.problem(422, "files.not_an_image");
    }
    t.admin().put_photo(&image, b"").await.problem(400, "validation");
    t.admin().put_photo(&image, &vec![0; 15 * 1024 * 1024 + 1]).await.problem(413, "too_large");
    t.admin().put(&image, json!({})).await.problem(400, "malformed_form");
    let made = t.admin().post("/api/v1/products", tea()).await.expect(201);
    let gone = format!("/api/v1/products/{}", made["id"].as_str().unwrap());
    t.admin().delete(&gone).await.expect(204);
    t.admin().put_photo(&format!("{gone}/image"), &png(1)).await.problem(404, "not_found");
}
