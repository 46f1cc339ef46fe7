//! Photos that were used before.

use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{NPP01, NPP02, REP1, REP2, REP11, SHOP1, SHOP2, SHOP21};

use crate::support::{app, encoded, name, photo, put, shelf, sql, work};

const DUPLICATES: &str = "/api/v1/files/duplicates?from=2026-08-01&to=2026-08-06";

/// A visit on a day of August with a photo; gives their ids.
async fn visit(t: &TestApp, n: u32, day: u32, photo: &[u8]) -> (String, String) {
    let (distributor, user, shop) = match n {
        1..=9 => (NPP01, REP1, SHOP1),
        10..=19 => (NPP01, REP2, SHOP2),
        _ => (NPP02, REP11, SHOP21),
    };
    let visit = format!("00000000-0000-7000-8000-0000000000{n:02}");
    let id = format!("00000000-0000-7000-8000-0000000001{n:02}");
    sql(
        t,
        format!(
            "insert into visits (distributor_id, id, customer_id, user_id, unit_id, visit_type, business_date, check_in_at,
                                 check_out_at, result, latitude, longitude, received_at)
             select '{distributor}', '{visit}', '{shop}', '{user}', uu.unit_id, 'InRoute', '2026-08-{day:02}',
                    '2026-08-{day:02}T02:00Z', '2026-08-{day:02}T03:00Z', 'NoOrder', 10, 106, now()
             from user_units uu where uu.user_id = '{user}' and uu.is_primary;
             insert into visit_photos (distributor_id, id, visit_id, sha256, content_type, size_bytes, album, captured_at,
                                       received_at)
             values ('{distributor}', '{id}', '{visit}', '{}', 'image/jpeg', 1, 'Mặt tiền', '2026-08-{day:02}T02:30Z', now())",
            name(photo)
        ),
    )
    .await;
    (visit, id)
}

async fn list(t: &TestApp, user: &str) -> Vec<Value> {
    t.actor(user).get(DUPLICATES).await.expect(200)["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_photo_that_was_used_at_another_visit_is_found() {
    let t = app().await;
    let original = photo(1);
    // The same picture, saved smaller and coarser.
    let copy = encoded(&shelf(1, 800, 600).thumbnail(640, 480).brighten(8), image::ImageFormat::Jpeg);
    let other = photo(2);
    for bytes in [&original, &copy, &other] {
        put(&t, "nvbh01", bytes).await.expect(201);
    }
    work(&t).await;
    let (first_visit, first) = visit(&t, 1, 3, &original).await;
    let (_, second) = visit(&t, 10, 4, &copy).await;
    visit(&t, 2, 5, &other).await;
    let (third_visit, third) = visit(&t, 3, 6, &original).await;

    let found = list(&t, "gsbh01").await;
    let pairs: Vec<_> = found
        .iter()
        .map(|d| {
            (d["photoId"].as_str().unwrap(), d["otherPhotoId"].as_str().unwrap(), d["identical"] == true)
        })
        .collect();
    assert_eq!(
        pairs,
        [(third.as_str(), first.as_str(), true), (&third, &second, false), (&second, &first, false)]
    );
    let again = &found[0];
    assert_eq!(again["otherVisitId"], first_visit);
    assert_eq!(again["otherCapturedAt"], "2026-08-03T02:30:00Z");
    assert_eq!(again["distance"], 0);
    assert_eq!(again["fullName"], "Nhân viên 1");
    assert_eq!(found[2]["otherFullName"], "Nhân viên 1");
    assert_eq!(found[2]["fullName"], "Nhân viên 2");
    assert!(found[1]["distance"].as_i64().unwrap() <= 7);

    let one = t.supervisor().get(&format!("{DUPLICATES}&visitId={third_visit}")).await.expect(200);
    assert_eq!(one["pagination"]["totalItems"], 2);
    let mine = t.supervisor().get(&format!("{DUPLICATES}&userId={REP2}")).await.expect(200);
    assert_eq!(mine["data"][0]["photoId"], json!(second));
    t.rep1().get(DUPLICATES).await.problem(403, "forbidden");
    assert!(list(&t, "npp02").await.is_empty());
}

#[tokio::test]
async fn photos_of_one_visit_or_of_two_distributors_do_not_repeat_each_other() {
    let t = app().await;
    let bytes = photo(3);
    put(&t, "nvbh01", &bytes).await.expect(201);
    put(&t, "nvbh11", &bytes).await.expect(201);
    work(&t).await;
    let (first, _) = visit(&t, 1, 3, &bytes).await;
    visit(&t, 21, 4, &bytes).await;
    sql(
        &t,
        format!(
            "insert into visit_photos select distributor_id, gen_random_uuid(), visit_id, sha256, content_type, size_bytes,
               'POSM', latitude, longitude, captured_at, received_at from visit_photos where visit_id = '{first}'"
        ),
    )
    .await;
    for user in ["gsbh01", "admin"] {
        assert!(list(&t, user).await.is_empty(), "{user}");
    }
}

#[tokio::test]
async fn pictures_that_come_at_once_find_each_other() {
    let t = app().await;
    let copies: Vec<Vec<u8>> = [800, 700, 640, 512]
        .map(|side| encoded(&shelf(5, 800, 600).thumbnail(side, side), image::ImageFormat::Jpeg))
        .into();
    for bytes in &copies {
        put(&t, "nvbh01", bytes).await.expect(201);
    }
    tokio::join!(work(&t), work(&t), work(&t), work(&t));
    let pairs: i64 = sqlx::query_scalar("select count(*) from file_duplicates")
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(pairs, 12);
}

#[tokio::test]
async fn looking_for_a_picture_takes_an_index() {
    let t = app().await;
    sql(
        &t,
        format!(
            "insert into files (distributor_id, sha256, state, size_bytes, content_type, created_at, stored_at)
             select '{NPP01}', lpad(to_hex(n), 64, '0'), 'stored', 1, 'image/jpeg', now(), now() from generate_series(1, 20000) n;
             insert into photo_hash_bands select '{NPP01}', b, (hashint4(n * 4 + b) & 65535), lpad(to_hex(n), 64, '0'), n
             from generate_series(1, 20000) n, generate_series(0, 3) b;
             analyze photo_hash_bands"
        ),
    )
    .await;
    let plan: Vec<String> = sqlx::query_scalar(
        "explain select distinct b.sha256 from unnest(array[0, 1]::smallint[], array[17, 99]) as n (band, value)
         join photo_hash_bands b on b.distributor_id = '00000000-0000-0000-0000-000000001001' and b.band = n.band
           and b.value = n.value
         where bit_count((b.dhash # 5::bigint)::bit(64)) <= 7",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap();
    assert!(plan.iter().any(|line| line.contains("photo_hash_bands_pkey")), "{plan:#?}");
}

#[tokio::test]
async fn a_list_spans_at_most_92_days() {
    let t = app().await;
    for query in
        ["from=2026-01-01&to=2026-08-06", "from=2026-08-07&to=2026-08-06", "to=-4800-01-01", "pageSize=101"]
    {
        t.supervisor().get(&format!("/api/v1/files/duplicates?{query}")).await.problem(400, "validation");
    }
}
