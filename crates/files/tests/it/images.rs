//! What the worker makes of images, and what it does with those it can't.

use chrono::TimeDelta;

use crate::support::{app, count, encoded, get, path, photo, put, shelf, sql, work};

#[tokio::test]
async fn a_broken_image_is_marked_and_holds_nobody_up() {
    let t = app().await;
    let whole = encoded(&shelf(1, 400, 300), image::ImageFormat::Png);
    let broken = &whole[..whole.len() / 2];
    put(&t, "nvbh01", broken).await.expect(201);
    put(&t, "nvbh01", &photo(2)).await.expect(201);
    work(&t).await;
    assert_eq!(count(&t, "select count(*) from files where image_state = 'ready'").await, 1);
    assert_eq!(
        count(
            &t,
            "select count(*) from files where image_state = 'broken' and failure <> '' and attempts = 1"
        )
        .await,
        1
    );
    get(&t, "nvbh01", &format!("{}?size=320", path(broken))).await.problem(422, "files.broken_image");
    assert_eq!(get(&t, "nvbh01", &path(broken)).await.bytes, broken);
}

#[tokio::test]
async fn an_image_that_kills_its_worker_is_given_up() {
    let t = app().await;
    put(&t, "nvbh01", &photo(3)).await.expect(201);
    // Workers that took it and never came back.
    sql(&t, "update files set attempts = 6").await;
    work(&t).await;
    assert_eq!(count(&t, "select count(*) from files where image_state = 'broken'").await, 1);
}

#[tokio::test]
async fn an_image_whose_bytes_can_not_be_read_is_tried_again_later() {
    let t = app().await;
    let bytes = photo(4);
    put(&t, "nvbh01", &bytes).await.expect(201);
    let folder = t.database.folder().join("files");
    std::fs::rename(&folder, t.database.folder().join("away")).unwrap();
    assert!(files::worker::make_next(&t.app).await.unwrap());
    assert!(!files::worker::make_next(&t.app).await.unwrap(), "it waits");
    assert_eq!(
        count(&t, "select count(*) from files where image_state = 'waiting' and failure <> ''").await,
        1
    );
    std::fs::remove_dir_all(&folder).unwrap_or_default();
    std::fs::rename(t.database.folder().join("away"), &folder).unwrap();
    t.clock.advance(TimeDelta::minutes(1));
    work(&t).await;
    assert_eq!(count(&t, "select count(*) from files where image_state = 'ready'").await, 1);
}

#[tokio::test]
async fn workers_at_once_share_the_images() {
    let t = app().await;
    for seed in 0..6 {
        put(&t, "nvbh01", &photo(seed)).await.expect(201);
    }
    tokio::join!(work(&t), work(&t), work(&t));
    assert_eq!(count(&t, "select count(*) from files where image_state = 'ready' and attempts = 1").await, 6);
}
