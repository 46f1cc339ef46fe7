use serde_json::json;
use test_kit::world::REP2;

use crate::support::{PATH, app, register, sql, texts};

#[tokio::test]
async fn a_device_is_registered_once_and_its_token_never_told() {
    let t = app().await;
    let first = register(&t.rep1(), "token-1").await;
    assert_eq!(register(&t.rep1(), "token-1").await["deviceRegistrationId"], first["deviceRegistrationId"]);
    let listed = t.rep1().get(&format!("{PATH}/devices")).await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert!(!listed.to_string().contains("\"token-1\""));
    assert_eq!(t.rep2().get(&format!("{PATH}/devices")).await.expect(200)["data"], json!([]));
    // The app on the same device got another token.
    let body = json!({ "token": "token-2", "platform": "android", "deviceId": "phone of token-1" });
    t.rep1().post(&format!("{PATH}/devices"), body).await.expect(200);
    assert_eq!(texts(&t, "select token from notification_devices").await, ["token-2"]);
}

#[tokio::test]
async fn a_phone_that_changes_hands_tells_its_new_owner_only() {
    let t = app().await;
    register(&t.rep1(), "token-1").await;
    register(&t.rep2(), "token-1").await;
    assert_eq!(texts(&t, "select user_id::text from notification_devices").await, [REP2.to_string()]);
}

#[tokio::test]
async fn a_device_is_its_owners_to_take_away() {
    let t = app().await;
    let id = register(&t.rep1(), "token-1").await["deviceRegistrationId"].as_str().unwrap().to_owned();
    let path = format!("{PATH}/devices/{id}");
    t.rep2().delete(&path).await.problem(404, "not_found");
    t.admin().delete(&path).await.problem(404, "not_found");
    t.rep1().delete(&path).await.expect(204);
    t.rep1().delete(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_is_no_device_is_refused() {
    let t = app().await;
    let path = format!("{PATH}/devices");
    for body in [
        json!({ "token": "", "platform": "android" }),
        json!({ "token": "x".repeat(1001), "platform": "android" }),
        json!({ "token": "điện thoại", "platform": "android" }),
        json!({ "token": "x", "platform": "fridge" }),
    ] {
        t.rep1().post(&path, body).await.problem(400, "validation");
    }
}

#[tokio::test]
async fn somebody_with_many_devices_keeps_the_last_ten() {
    let t = app().await;
    for n in 0..12 {
        register(&t.rep1(), &format!("token-{n:02}")).await;
        t.clock.set(test_kit::minutes(n + 1));
    }
    let kept = texts(&t, "select token from notification_devices order by token").await;
    assert_eq!((kept.len(), kept[0].as_str()), (10, "token-02"));
    sql(
        &t,
        "update notification_devices set seen_at = seen_at - interval '61 days' where token = 'token-05'",
    )
    .await;
    assert_eq!(notifications::sweep(&t.app).await.unwrap(), 1);
}
