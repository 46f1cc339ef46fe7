//! What nobody needs goes away, and nothing else.

use std::time::SystemTime;

use adapters::blob::BlobId;
use chrono::{DateTime, TimeDelta, Utc};
use files::worker::sweep;
use test_kit::TestApp;
use test_kit::world::{MILK, NPP01, REP1};

use crate::support::{app, count, get, head, large_photo, name, path, photo, put, put_part, sql, work};

/// Files on disk have the machine's time.
fn stand_at_the_machines_time(t: &TestApp) {
    t.clock.set(DateTime::<Utc>::from(SystemTime::now()));
}

#[tokio::test]
async fn parts_that_nobody_goes_on_with_are_gone_after_a_day() {
    let t = app().await;
    stand_at_the_machines_time(&t);
    let bytes = large_photo(1);
    put_part(&t, "nvbh01", &bytes, 0, 100_000).await.expect(202);
    // A part whose row was never written.
    let orphan = adapters::blob::Key::passing(adapters::blob::Passing::Part, uuid::Uuid::from_u128(1));
    t.app.blobs.write(&orphan, "x".into()).await.unwrap();
    t.clock.advance(TimeDelta::hours(23));
    assert_eq!(sweep(&t.app).await.unwrap().passing, 0);
    t.clock.advance(TimeDelta::hours(2));
    assert_eq!(sweep(&t.app).await.unwrap().passing, 2);
    assert_eq!(t.stored_files(), 0);
    head(&t, "nvbh01", &bytes).await.expect(404);
}

#[tokio::test]
async fn a_content_that_no_record_refers_to_is_gone_after_a_month() {
    let t = app().await;
    let (unused, registered, used) = (photo(1), photo(2), photo(3));
    for bytes in [&unused, &registered, &used] {
        put(&t, "nvbh01", bytes).await.expect(201);
    }
    put(&t, "nvbh11", &registered).await.expect(201);
    work(&t).await;
    let mut tx = t.app.db.begin(&t.context("nvbh01")).await.unwrap();
    files::store::register(&mut tx, NPP01, &BlobId::parse(&name(&registered)).unwrap(), t.app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    sql(
        &t,
        format!(
            "insert into clock_events (distributor_id, id, user_id, kind, at, business_date, photo_sha256, received_at)
             values ('{NPP01}', gen_random_uuid(), '{REP1}', 'in', now(), '2026-08-06', '{}', now())",
            name(&used)
        ),
    )
    .await;
    t.clock.advance(TimeDelta::days(29));
    assert_eq!(sweep(&t.app).await.unwrap().contents, 0);
    t.clock.advance(TimeDelta::days(2));
    // The second distributor's row goes, its bytes stay for the first.
    assert_eq!(sweep(&t.app).await.unwrap().contents, 1);
    get(&t, "nvbh01", &path(&unused)).await.problem(404, "not_found");
    get(&t, "nvbh11", &path(&registered)).await.problem(404, "not_found");
    get(&t, "nvbh01", &path(&registered)).await.expect(200);
    get(&t, "nvbh01", &format!("{}?size=320", path(&used))).await.expect(200);
    assert_eq!(t.stored_files(), 6);
    assert_eq!(count(&t, "select count(*) from photo_hash_bands").await, 8);
    assert_eq!(sweep(&t.app).await.unwrap().contents, 0);
    // And it can come again.
    put(&t, "nvbh01", &unused).await.expect(201);
    get(&t, "nvbh01", &path(&unused)).await.expect(200);
}

/// A picture of the company itself is stored.
async fn store_picture(t: &TestApp, bytes: &[u8]) {
    let picture = files::Picture::read(bytes.to_vec().into()).await.unwrap();
    picture.store(&t.app, &t.context("admin")).await.unwrap();
}

#[tokio::test]
async fn a_picture_whose_record_never_comes_is_gone_after_a_month_with_what_was_made_of_it() {
    let t = app().await;
    store_picture(&t, &photo(5)).await;
    assert_eq!(t.stored_files(), 3);
    t.clock.advance(TimeDelta::days(29));
    assert_eq!(sweep(&t.app).await.unwrap().contents, 0);
    // It came again.
    store_picture(&t, &photo(5)).await;
    t.clock.advance(TimeDelta::days(29));
    assert_eq!(sweep(&t.app).await.unwrap().contents, 0);
    t.clock.advance(TimeDelta::days(2));
    assert_eq!(sweep(&t.app).await.unwrap().contents, 1);
    assert_eq!(t.stored_files(), 0);
}

#[tokio::test]
async fn what_the_company_and_a_distributor_have_is_kept_for_the_one_that_needs_it() {
    let t = app().await;
    let (shown, photographed, neither) = (photo(6), photo(7), photo(8));
    for bytes in [&shown, &photographed, &neither] {
        put(&t, "nvbh01", bytes).await.expect(201);
        store_picture(&t, bytes).await;
    }
    let product = format!(
        "update products set image_sha256 = '{}', image_type = 'image/jpeg' where id = '{MILK}'",
        name(&shown)
    );
    sql(&t, product).await;
    let mut tx = t.app.db.begin(&t.context("nvbh01")).await.unwrap();
    files::store::register(&mut tx, NPP01, &BlobId::parse(&name(&photographed)).unwrap(), t.app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    t.clock.advance(TimeDelta::days(20));
    store_picture(&t, &neither).await;
    t.clock.advance(TimeDelta::days(11));
    // The distributor's is forgotten, the company's came eleven days ago.
    assert_eq!(sweep(&t.app).await.unwrap().contents, 0);
    get(&t, "nvbh01", &path(&neither)).await.problem(404, "not_found");
    assert_eq!(t.stored_files(), 9);
    t.clock.advance(TimeDelta::days(20));
    assert_eq!(sweep(&t.app).await.unwrap().contents, 1);
    assert_eq!(t.stored_files(), 6);
    get(&t, "nvbh01", &path(&photographed)).await.expect(200);
    assert_eq!(count(&t, "select count(*) from loose_contents").await, 0);
}

#[tokio::test]
async fn a_record_may_come_before_its_content() {
    let t = app().await;
    let bytes = photo(4);
    let id = BlobId::parse(&name(&bytes)).unwrap();
    let mut tx = t.app.db.begin(&t.context("nvbh01")).await.unwrap();
    files::store::register(&mut tx, NPP01, &id, t.app.now()).await.unwrap();
    assert!(!files::store::exists(&mut tx, NPP01, &id).await.unwrap());
    tx.commit().await.unwrap();
    get(&t, "nvbh01", &path(&bytes)).await.problem(404, "not_found");
    work(&t).await;
    put(&t, "nvbh01", &bytes).await.expect(201);
    work(&t).await;
    assert_eq!(
        count(&t, "select count(*) from files where referred and state = 'stored' and image_state = 'ready'")
            .await,
        1
    );
}
