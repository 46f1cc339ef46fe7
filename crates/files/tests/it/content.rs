//! Who gets a file, and in which form.

use axum::http::Method;

use crate::support::{app, count, get, head, large_photo, path, photo, put, put_part, send, work};

#[tokio::test]
async fn a_file_is_seen_by_its_distributors_people_only() {
    let t = app().await;
    let bytes = photo(1);
    put(&t, "nvbh01", &bytes).await.expect(201);
    for friend in ["nvbh01", "nvbh02", "npp01", "gsbh01", "asm01", "admin"] {
        get(&t, friend, &path(&bytes)).await.expect(200);
        assert_eq!(head(&t, friend, &bytes).await.status, 200);
    }
    for foreigner in ["nvbh11", "npp02"] {
        get(&t, foreigner, &path(&bytes)).await.problem(404, "not_found");
        assert_eq!(head(&t, foreigner, &bytes).await.status, 404);
    }
    t.anonymous().get(&path(&bytes)).await.problem(401, "unauthorized");
    // Who has the bytes has the file: two rows, one content.
    put(&t, "nvbh11", &bytes).await.expect(201);
    get(&t, "npp02", &path(&bytes)).await.expect(200);
    assert_eq!(count(&t, "select count(*) from files").await, 2);
    assert_eq!(t.stored_files(), 1);
}

#[tokio::test]
async fn parts_of_others_are_nobodys_business() {
    let t = app().await;
    let bytes = large_photo(2);
    put_part(&t, "nvbh01", &bytes, 0, 100_000).await.expect(202);
    for other in ["nvbh02", "npp01", "nvbh11", "admin"] {
        assert_eq!(head(&t, other, &bytes).await.status, 404, "{other}");
    }
    // Nor can they spoil them.
    put_part(&t, "nvbh02", &bytes, 100_000, bytes.len()).await.problem(409, "files.gap");
    put_part(&t, "nvbh01", &bytes, 100_000, bytes.len()).await.expect(201);
}

#[tokio::test]
async fn a_client_that_has_a_file_is_told_so() {
    let t = app().await;
    let bytes = photo(3);
    put(&t, "nvbh01", &bytes).await.expect(201);
    let first = get(&t, "nvbh01", &path(&bytes)).await;
    assert_eq!(first.headers["content-type"], "image/jpeg");
    assert_eq!(first.headers["cache-control"], "private, max-age=31536000, immutable");
    assert_eq!(first.headers["x-content-type-options"], "nosniff");
    let etag = first.headers["etag"].to_str().unwrap();
    let again = send(&t, "nvbh01", Method::GET, &path(&bytes), &[("if-none-match", etag)], b"").await;
    assert_eq!(again.status, 304);
    assert!(again.bytes.is_empty());
    send(&t, "nvbh11", Method::GET, &path(&bytes), &[("if-none-match", etag)], b"")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn thumbnails_come_when_they_are_made() {
    let t = app().await;
    let bytes = photo(4);
    put(&t, "nvbh01", &bytes).await.expect(201);
    let small = format!("{}?size=320", path(&bytes));
    let before = get(&t, "nvbh01", &small).await;
    assert_eq!(before.bytes, bytes);
    assert_eq!(before.headers["cache-control"], "private, max-age=5");
    work(&t).await;
    let after = get(&t, "nvbh01", &small).await;
    assert_eq!(after.headers["cache-control"], "private, max-age=31536000, immutable");
    assert_ne!(after.headers["etag"], before.headers["etag"]);
    let picture = image::load_from_memory(&after.bytes).unwrap();
    assert_eq!((picture.width(), picture.height()), (320, 240));
    let large = get(&t, "nvbh01", &format!("{}?size=1080", path(&bytes))).await;
    assert_eq!(image::load_from_memory(&large.bytes).unwrap().width(), 800);
    get(&t, "nvbh01", &format!("{}?size=200", path(&bytes))).await.problem(400, "validation");
    get(&t, "nvbh11", &small).await.problem(404, "not_found");
}
