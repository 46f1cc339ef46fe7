//! Photos of a visit.

use axum::http::Method;
use serde_json::json;
use test_kit::minutes;
use uuid::Uuid;

use crate::support::{add_photo, app, count, png, visit_shop1};

fn path(visit: &str) -> String {
    format!("/api/v1/visits/{visit}/photos")
}

#[tokio::test]
async fn a_photo_comes_back_as_it_was_sent() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let id = Uuid::now_v7();
    let at = minutes(-1).to_rfc3339();
    let fields = [
        ("id", &*id.to_string()),
        ("albumType", "Trưng bày"),
        ("latitude", "10.7769"),
        ("longitude", "106.7009"),
        ("capturedAt", &*at),
    ];
    let photo = t.rep1().upload(&path(&visit), "photo", "x.exe", &png(7), &fields).await.expect(201);
    assert_eq!(photo["photoId"], json!(id));
    assert_eq!(photo["contentType"], "image/png");
    assert_eq!(photo["albumType"], "Trưng bày");
    assert_eq!(photo["capturedAt"], "2026-08-06T01:59:00Z");

    let content = format!("{}/{id}/content", path(&visit));
    let answer = t.supervisor().get(&content).await;
    answer.expect(200);
    assert_eq!(answer.bytes, png(7));
    assert_eq!(answer.headers["content-type"], "image/png");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    let etag = answer.headers["etag"].to_str().unwrap();
    let again = t.supervisor().request(Method::GET, &content, None, &[("if-none-match", etag)]).await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
}

#[tokio::test]
async fn the_same_photo_again_is_one_photo() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let first = add_photo(&t, &visit, "Mặt tiền", 1).await;
    assert_eq!(add_photo(&t, &visit, "Mặt tiền", 1).await, first);
    let by_id = [("id", first["photoId"].as_str().unwrap()), ("albumType", "Mặt tiền")];
    assert_eq!(t.rep1().upload(&path(&visit), "photo", "a", &png(1), &by_id).await.expect(201), first);
    assert_eq!(count(&t, "select count(*) from visit_photos").await, 1);
    // Other bytes under the same id are another photo; the same bytes in another album too.
    t.rep1().upload(&path(&visit), "photo", "a", &png(2), &by_id).await.problem(409, "visits.photo_id_taken");
    add_photo(&t, &visit, "POSM", 1).await;
    assert_eq!(count(&t, "select count(*) from visit_photos").await, 2);
}

#[tokio::test]
async fn only_images_are_photos() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let album = [("albumType", "Mặt tiền")];
    for bytes in [&b"<script>alert(1)</script>"[..], b"\xff\xd8\xff\xe0 not a photo", b"\x89PNG\r\n\x1a\n"] {
        t.rep1()
            .upload(&path(&visit), "photo", "a.jpg", bytes, &album)
            .await
            .problem(422, "files.not_an_image");
    }
    let large = vec![0; 15 * 1024 * 1024 + 1];
    t.rep1().upload(&path(&visit), "photo", "a.jpg", &large, &album).await.problem(413, "too_large");
    let huge = vec![0; 17 * 1024 * 1024];
    t.rep1().upload(&path(&visit), "photo", "a.jpg", &huge, &album).await.problem(413, "too_large");
    assert_eq!(count(&t, "select count(*) from visit_photos").await, 0);
}

#[tokio::test]
async fn a_form_that_lacks_something_is_refused() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let album = ("albumType", "Mặt tiền");
    for (fields, wrong) in [
        (vec![], "albumType"),
        (vec![album, ("latitude", "10")], "longitude"),
        (vec![album, ("latitude", "NaN"), ("longitude", "1")], "latitude"),
        (vec![album, ("capturedAt", "yesterday")], "capturedAt"),
        (vec![album, ("colour", "red")], "colour"),
    ] {
        let answer = t.rep1().upload(&path(&visit), "photo", "a", &png(1), &fields).await;
        assert!(answer.problem(400, "validation")["errors"].get(wrong).is_some());
    }
    t.rep1().upload(&path(&visit), "photo", "a", b"", &[album]).await.problem(400, "validation");
    t.rep1().post(&path(&visit), json!({})).await.problem(400, "malformed_form");
    let old = [album, ("capturedAt", "2026-07-01T00:00:00Z")];
    t.rep1().upload(&path(&visit), "photo", "a", &png(1), &old).await.problem(422, "visits.time_refused");
}

#[tokio::test]
async fn photos_belong_to_those_who_may_see_the_visit() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let photo = add_photo(&t, &visit, "Mặt tiền", 1).await;
    let content = format!("{}/{}/content", path(&visit), photo["photoId"].as_str().unwrap());
    for seer in [t.rep1(), t.supervisor(), t.area_manager(), t.npp01(), t.admin()] {
        assert_eq!(seer.get(&content).await.status, 200);
    }
    for other in [t.rep2(), t.rep11(), t.npp02()] {
        other.get(&content).await.problem(404, "not_found");
    }
    t.rep1().get(&format!("{}/{}/content", path(&visit), Uuid::nil())).await.problem(404, "not_found");
    for other in [t.rep2(), t.supervisor(), t.rep11()] {
        other
            .upload(&path(&visit), "photo", "a", &png(3), &[("albumType", "x")])
            .await
            .problem(404, "not_found");
    }
    t.npp01()
        .upload(&path(&visit), "photo", "a", &png(3), &[("albumType", "x")])
        .await
        .problem(403, "forbidden");
}

#[tokio::test]
async fn albums_are_the_companys_and_known_however_they_are_spelt() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let unknown = t.rep1().upload(&path(&visit), "photo", "a", &png(1), &[("albumType", "Kho")]).await;
    assert_eq!(unknown.problem(422, "visits.unknown_album")["album"], "Kho");
    let albums = t.rep1().get("/api/v1/photo-albums").await.expect(200);
    let mut names: Vec<String> =
        albums["data"].as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["Hình đại diện", "Mặt tiền", "Trưng bày", "POSM", "Đóng cửa", "Khác"]);
    names.push("Kho".to_owned());
    let list = |names: &[String]| json!({ "albums": names.iter().map(|n| json!({ "name": n })).collect::<Vec<_>>() });
    for other in [t.supervisor(), t.area_manager()] {
        other.put("/api/v1/photo-albums", list(&names)).await.problem(403, "forbidden");
    }
    let kept = t.admin().put("/api/v1/photo-albums", list(&names)).await.expect(200);
    assert_eq!(kept["data"].as_array().unwrap().len(), 7);
    assert_eq!(add_photo(&t, &visit, " KHO", 1).await["albumType"], "Kho");
    // What rules know stays.
    names.retain(|name| name != "Đóng cửa");
    t.admin().put("/api/v1/photo-albums", list(&names)).await.problem(400, "validation");
    names.push("đóng CỬA".to_owned());
    names.retain(|name| name != "POSM");
    t.admin().put("/api/v1/photo-albums", list(&names)).await.expect(200);
    t.rep1()
        .upload(&path(&visit), "photo", "a", &png(2), &[("albumType", "POSM")])
        .await
        .problem(422, "visits.unknown_album");
}

#[tokio::test]
async fn a_photo_that_was_used_before_is_shown_with_where() {
    let t = app().await;
    let first = visit_shop1(&t).await;
    add_photo(&t, &first, "Mặt tiền", 1).await;
    t.rep1()
        .post(&format!("/api/v1/visits/{first}/check-out"), crate::support::check_out("NoOrder"))
        .await
        .expect(200);
    let second = t
        .rep1()
        .post("/api/v1/visits/check-in", crate::support::check_in_at(test_kit::world::SHOP2))
        .await
        .expect(201)["visitId"]
        .as_str()
        .unwrap()
        .to_owned();
    let again = add_photo(&t, &second, "Mặt tiền", 1).await;
    let seen = t.supervisor().get(&format!("/api/v1/visits/{second}")).await.expect(200);
    let twin = &seen["duplicates"][0];
    assert_eq!((&twin["photoId"], &twin["otherVisitId"]), (&again["photoId"], &json!(first)));
    assert_eq!(twin["distance"], 0);
    assert!(twin["otherCustomerName"].is_string());
}
