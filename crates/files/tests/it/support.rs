//! Pictures, and ways to send them.

use std::io::Cursor;

use adapters::blob::BlobId;
use axum::body::Body;
use axum::http::{Method, Request};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use sqlx::{AssertSqlSafe, Executor as _};
use test_kit::{Answer, TestApp};

pub async fn app() -> TestApp {
    TestApp::start(files::router()).await
}

/// Blocks of many colours, each `seed` others.
pub fn shelf(seed: u32, width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        let block = (x * 7 / width) * 31 + (y * 5 / height) * 17 + seed;
        let n = block.wrapping_mul(2_654_435_761) >> 8;
        Rgb([n as u8, (n >> 8) as u8, (n >> 16) as u8])
    }))
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A photo of its own.
pub fn photo(seed: u32) -> Vec<u8> {
    encoded(&shelf(seed, 800, 600), ImageFormat::Jpeg)
}

/// A photo of a few hundred kilobytes: noise can't be made smaller.
pub fn large_photo(seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_add(1);
    let noise = RgbImage::from_fn(400, 400, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
    });
    encoded(&DynamicImage::ImageRgb8(noise), ImageFormat::Png)
}

pub fn name(bytes: &[u8]) -> String {
    BlobId::of(bytes).as_str().to_owned()
}

pub fn path(bytes: &[u8]) -> String {
    format!("/api/v1/files/{}", name(bytes))
}

/// Any request with bytes, by the user of this name.
pub async fn send(
    t: &TestApp,
    user: &str,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    bytes: &[u8],
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {user}"))
        .header("accept-language", "en");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    t.send(request.body(Body::from(bytes.to_vec())).unwrap()).await
}

/// The whole photo.
pub async fn put(t: &TestApp, user: &str, bytes: &[u8]) -> Answer {
    send(t, user, Method::PUT, &path(bytes), &[], bytes).await
}

/// Bytes `first` to before `end` of it.
pub async fn put_part(t: &TestApp, user: &str, bytes: &[u8], first: usize, end: usize) -> Answer {
    let range = format!("bytes {first}-{}/{}", end - 1, bytes.len());
    send(t, user, Method::PUT, &path(bytes), &[("content-range", &range)], &bytes[first..end]).await
}

pub async fn head(t: &TestApp, user: &str, bytes: &[u8]) -> Answer {
    send(t, user, Method::HEAD, &path(bytes), &[], b"").await
}

pub async fn get(t: &TestApp, user: &str, path: &str) -> Answer {
    send(t, user, Method::GET, path, &[], b"").await
}

/// Lets the worker do all it has to do.
pub async fn work(t: &TestApp) {
    while files::worker::make_next(&t.app).await.unwrap() {}
}

/// Runs statements as the owner.
pub async fn sql(t: &TestApp, statements: impl Into<String>) {
    t.database.owner().await.execute(AssertSqlSafe(statements.into())).await.unwrap();
}

/// The number that a query gives.
pub async fn count(t: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&mut t.database.owner().await).await.unwrap()
}
