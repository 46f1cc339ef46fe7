//! Sending files, whole and in parts.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use test_kit::world::{NPP01, NPP02};

use crate::support::{app, count, get, head, large_photo, name, path, photo, put, put_part, send};

#[tokio::test]
async fn a_photo_is_stored_once_however_often_it_comes() {
    let t = app().await;
    let bytes = photo(1);
    let stored = put(&t, "nvbh01", &bytes).await.expect(201);
    assert_eq!(
        stored,
        json!({ "sha256": name(&bytes), "complete": true, "received": bytes.len(), "contentType": "image/jpeg",
                "width": 800, "height": 600 })
    );
    put(&t, "nvbh01", &bytes).await.expect(200);
    put(&t, "nvbh02", &bytes).await.expect(200);
    assert_eq!(count(&t, "select count(*) from files").await, 1);
    assert_eq!(t.stored_files(), 1);
    assert_eq!(get(&t, "nvbh02", &path(&bytes)).await.bytes, bytes);
}

#[tokio::test]
async fn a_photo_that_breaks_off_goes_on_where_it_stopped() {
    let t = app().await;
    let bytes = large_photo(1);
    assert!(bytes.len() > 300_000);
    head(&t, "nvbh01", &bytes).await.expect(404);
    let first = put_part(&t, "nvbh01", &bytes, 0, 100_000).await.expect(202);
    assert_eq!((&first["received"], &first["complete"]), (&json!(100_000), &json!(false)));
    // What was sent comes again, and overlaps.
    put_part(&t, "nvbh01", &bytes, 0, 100_000).await.expect(202);
    let more = put_part(&t, "nvbh01", &bytes, 50_000, 200_000).await.expect(202);
    assert_eq!(more["received"], 200_000);
    let here = head(&t, "nvbh01", &bytes).await;
    assert_eq!(here.status, 204);
    assert_eq!(here.headers["upload-offset"], "200000");
    assert_eq!(here.headers["upload-length"], bytes.len().to_string());
    assert_eq!(here.headers["upload-complete"], "?0");
    let whole = put_part(&t, "nvbh01", &bytes, 200_000, bytes.len()).await.expect(201);
    assert_eq!(whole["complete"], true);
    let here = head(&t, "nvbh01", &bytes).await;
    assert_eq!(here.status, 200);
    assert_eq!(here.headers["content-length"], bytes.len().to_string());
    assert_eq!(here.headers["upload-complete"], "?1");
    assert_eq!(get(&t, "nvbh01", &path(&bytes)).await.bytes, bytes);
    // A late part changes nothing; nothing of the parts is left.
    put_part(&t, "nvbh01", &bytes, 0, 100_000).await.expect(200);
    assert_eq!(count(&t, "select count(*) from file_parts").await, 0);
    assert_eq!(t.stored_files(), 1);
}

#[tokio::test]
async fn a_part_must_follow_on_what_is_here() {
    let t = app().await;
    let bytes = large_photo(2);
    let gap = put_part(&t, "nvbh01", &bytes, 100_000, 200_000).await.problem(409, "files.gap");
    assert_eq!(gap["received"], 0);
    put_part(&t, "nvbh01", &bytes, 0, 1_000).await.problem(400, "files.part_too_small");
    for wrong in ["bytes 0-9/5", "bytes 0-/9", "items 0-1/2", "bytes 0-70000/100000"] {
        send(&t, "nvbh01", Method::PUT, &path(&bytes), &[("content-range", wrong)], &bytes[..70_000])
            .await
            .problem(400, "validation");
    }
    send(&t, "nvbh01", Method::PUT, "/api/v1/files/..%2f..%2fetc", &[], &bytes)
        .await
        .problem(400, "validation");
    // Another size is another file: what was here is forgotten.
    put_part(&t, "nvbh01", &bytes, 0, 100_000).await.expect(202);
    let range = "bytes 100000-199999/250000";
    send(&t, "nvbh01", Method::PUT, &path(&bytes), &[("content-range", range)], &bytes[100_000..200_000])
        .await
        .problem(409, "files.size_changed");
    head(&t, "nvbh01", &bytes).await.expect(404);
}

#[tokio::test]
async fn bytes_of_another_digest_leave_nothing() {
    let t = app().await;
    let (bytes, other) = (large_photo(3), large_photo(4));
    let problem = send(&t, "nvbh01", Method::PUT, &path(&bytes), &[], &other)
        .await
        .problem(422, "files.digest_mismatch");
    assert_eq!(problem["actual"], name(&other));
    put_part(&t, "nvbh01", &bytes, 0, 100_000).await.expect(202);
    let range = format!("bytes 100000-{}/{}", bytes.len() - 1, bytes.len());
    let mut tail = bytes[100_000..].to_vec();
    tail[7] ^= 1;
    send(&t, "nvbh01", Method::PUT, &path(&bytes), &[("content-range", &range)], &tail)
        .await
        .problem(422, "files.digest_mismatch");
    head(&t, "nvbh01", &bytes).await.expect(404);
    assert_eq!(t.stored_files(), 0);
    assert_eq!(count(&t, "select count(*) from files").await, 0);
}

#[tokio::test]
async fn only_images_of_at_most_15_megabytes_are_taken() {
    let t = app().await;
    put(&t, "nvbh01", b"<html><script>").await.problem(422, "files.not_an_image");
    put(&t, "nvbh01", b"GIF89a\x01\x00\x01\x00").await.problem(422, "files.not_an_image");
    put(&t, "nvbh01", b"").await.problem(422, "files.not_an_image");
    let large = vec![7; 15 * 1024 * 1024 + 1];
    put(&t, "nvbh01", &large).await.problem(413, "too_large");
    let range = format!("bytes 0-69999/{}", large.len());
    send(&t, "nvbh01", Method::PUT, &path(&large), &[("content-range", &range)], &large[..70_000])
        .await
        .problem(413, "too_large");
    assert_eq!(t.stored_files(), 0);
    send(&t, "nobody", Method::PUT, &path(b"x"), &[], b"x").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn parts_that_race_become_one_file() {
    let t = app().await;
    let bytes = large_photo(5);
    let middle = bytes.len() / 2;
    let uploads = (0..6).map(|_| async {
        for (first, end) in [(0, middle), (middle, bytes.len())] {
            loop {
                let status = put_part(&t, "nvbh01", &bytes, first, end).await.status.as_u16();
                match status {
                    200..=202 => break,
                    // Another was just making it whole.
                    409 => tokio::time::sleep(Duration::from_millis(5)).await,
                    _ => unreachable!("{status}"),
                }
                if head(&t, "nvbh01", &bytes).await.status == 200 {
                    break;
                }
            }
        }
    });
    futures_util::future::join_all(uploads).await;
    assert_eq!(get(&t, "nvbh01", &path(&bytes)).await.bytes, bytes);
    assert_eq!(count(&t, "select count(*) from file_parts").await, 0);
    assert_eq!(t.stored_files(), 1);
}

#[tokio::test]
async fn whose_it_is_must_be_clear() {
    let t = app().await;
    let bytes = photo(6);
    put(&t, "asm01", &bytes).await.problem(400, "distributor_required");
    put(&t, "admin", &bytes).await.problem(400, "distributor_required");
    let at = |distributor: domain::DistributorId| format!("{}?distributorId={distributor}", path(&bytes));
    send(&t, "asm01", Method::PUT, &at(NPP02), &[], &bytes).await.expect(201);
    send(&t, "nvbh01", Method::PUT, &at(NPP02), &[], &bytes).await.problem(404, "not_found");
    get(&t, "nvbh11", &path(&bytes)).await.expect(200);
    head(&t, "nvbh01", &bytes).await.expect(404);
    assert_eq!(send(&t, "admin", Method::HEAD, &at(NPP01), &[], b"").await.status, 404);
    assert_eq!(send(&t, "admin", Method::HEAD, &at(NPP02), &[], b"").await.status, 200);
}

#[tokio::test]
async fn a_folder_gives_no_links() {
    let t = app().await;
    let bytes = photo(7);
    let wanted = json!({ "sha256": name(&bytes), "sizeBytes": bytes.len() });
    t.rep1().post("/api/v1/files/upload-url", wanted.clone()).await.problem(409, "files.no_links");
    put(&t, "nvbh01", &bytes).await.expect(201);
    let known = t.rep1().post("/api/v1/files/upload-url", wanted.clone()).await.expect(200);
    assert_eq!((&known["complete"], &known["url"]), (&json!(true), &json!(null)));
    // Another distributor isn't told.
    t.rep11().post("/api/v1/files/upload-url", wanted).await.problem(409, "files.no_links");
    let unknown = json!({ "uploadId": "01890000-0000-7000-8000-000000000000" });
    let complete = format!("{}/complete", path(&bytes));
    t.rep1().post(&complete, unknown).await.problem(404, "not_found");
    let large = json!({ "sha256": name(&bytes), "sizeBytes": 15 * 1024 * 1024 + 1 });
    t.rep1().post("/api/v1/files/upload-url", large).await.problem(413, "too_large");
}
