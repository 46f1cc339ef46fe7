//! What the user was told comes along.

use test_kit::{TestApp, minutes};

use crate::phone::{Phone, run};

/// Something a user was told: its number, whom, when.
fn told(number: &str, user: &str, at: &str) -> String {
    format!(
        "insert into notifications (user_id, id, event_id, kind, title_vi, title_en, body_vi, body_en, in_app, created_at)
         values (#{user}, #{number}, #{number}, 'issue', 'Vấn đề', 'Issue', '', '', true, '{at}');"
    )
}

#[tokio::test]
async fn ones_own_notifications_come_and_change_and_grow_old() {
    let t = TestApp::start(sync::router()).await;
    let mut owner = t.database.owner().await;
    run(
        &mut owner,
        &(told("e001", "3011", "2026-07-10T02:00Z") + &told("e002", "3012", "2026-08-06T01:00Z")),
    )
    .await;
    let mut phone = Phone::new("nvbh01");
    phone.sync(&t).await;
    assert_eq!(phone.short("notifications"), ["e001"], "nobody else's");
    run(
        &mut owner,
        &(told("e003", "3011", "2026-08-06T01:00Z") + &told("e004", "3012", "2026-08-06T01:00Z")),
    )
    .await;
    run(&mut owner, "update notifications set in_app = false where id = #e004").await;
    let answer = phone.ask(&t, 500).await.expect(200);
    assert_eq!(answer["changes"]["notifications"]["upserted"].as_array().unwrap().len(), 1);
    phone.take(&answer);
    assert_eq!(phone.thing("notifications", 0xe003)["titleEn"], "Issue");
    run(
        &mut owner,
        "update notifications set read_at = '2026-08-06T02:00Z', xid = pg_current_xact_id()::text::bigint where id = #e003",
    )
    .await;
    phone.sync(&t).await;
    assert!(phone.thing("notifications", 0xe003)["readAt"].is_string());
    phone.assert_holds(&phone.fresh(&t).await);
    // A month later the first is too old for the phone.
    t.clock.set(minutes(60 * 24 * 5));
    phone.sync(&t).await;
    assert_eq!(phone.short("notifications"), ["e003"]);
    phone.assert_holds(&phone.fresh(&t).await);
}
