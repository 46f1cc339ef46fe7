use std::time::Duration;

use adapters::SendError;
use serde_json::json;
use test_kit::world::SUPERVISOR;
use test_kit::{TestApp, minutes};

use crate::support::{
    PATH, Told, app, deliveries, inbox, register, sql, tell, texts, waiting_order, with_ways,
};

fn later(seconds: Option<u64>) -> SendError {
    SendError::Later { after: seconds.map(Duration::from_secs), why: "503 busy".to_owned() }
}

/// A supervisor with one device, and an order that waits for them.
async fn somebody() -> TestApp {
    let t = app().await;
    register(&t.supervisor(), "token-1").await;
    tell(&with_ways(&t), &waiting_order()).await;
    t
}

#[tokio::test]
async fn a_message_goes_to_the_device_in_the_users_language() {
    let t = somebody().await;
    let told = Told::default();
    let mut sender = told.sender(&t);
    assert_eq!(sender.send_due().await.unwrap(), 1);
    assert_eq!(sender.send_due().await.unwrap(), 0);
    let pushed = told.pushed.lock().clone();
    assert_eq!(pushed.len(), 1);
    assert_eq!((pushed[0].token.as_str(), pushed[0].collapse.as_str()), ("token-1", "order_waiting"));
    assert_eq!(pushed[0].title, "Đơn DH-20260806-0001 chờ duyệt");
    assert_eq!(pushed[0].valid, Duration::from_secs(24 * 3600));
    let id = inbox(&t.supervisor()).await[0]["notificationId"].as_str().unwrap().to_owned();
    assert_eq!(pushed[0].data[0], ("notificationId", id.clone()));
    let shown = t.supervisor().get(&format!("{PATH}/{id}")).await.expect(200);
    assert_eq!(shown["deliveries"][0]["state"], "sent");
    assert_eq!(shown["deliveries"][0]["attempts"], 1);
    assert_eq!(texts(&t, "select provider_id from notification_deliveries").await, ["m1"]);
}

#[tokio::test]
async fn an_sms_goes_to_the_number() {
    let t = app().await;
    sql(&t, &format!("update users set phone = '090 123 4567' where id = '{SUPERVISOR}'")).await;
    let kinds = json!({ "order_waiting": { "inApp": true, "push": false, "sms": true } });
    let body = json!({ "language": "vi", "quietHours": null, "kinds": kinds });
    t.supervisor().put(&format!("{PATH}/preferences"), body).await.expect(200);
    tell(&with_ways(&t), &waiting_order()).await;
    let told = Told::default();
    told.sender(&t).send_due().await.unwrap();
    let texted = told.texted.lock().clone();
    assert_eq!(texted[0].to.as_str(), "+84901234567");
    let text = "Đơn DH-20260806-0001 chờ duyệt. Minh đặt cho Tạp hóa Lan: 1.250.000 ₫";
    assert_eq!(texted[0].text, text);
}

#[tokio::test]
async fn a_message_that_is_not_taken_is_tried_again_later_and_not_before() {
    let t = somebody().await;
    let told = Told::default();
    let mut sender = told.sender(&t);
    told.answer(later(None));
    sender.send_due().await.unwrap();
    assert_eq!(deliveries(&t).await, ["waiting 503 busy"]);
    assert_eq!(sender.send_due().await.unwrap(), 0, "not at once");
    t.clock.set(minutes(1));
    assert_eq!(sender.send_due().await.unwrap(), 1);
    assert_eq!(deliveries(&t).await, ["sent"]);
    assert_eq!(told.pushed.lock().len(), 2);
}

#[tokio::test]
async fn a_provider_that_wants_to_be_left_alone_is() {
    let t = somebody().await;
    tell(&with_ways(&t), &waiting_order()).await;
    let told = Told::default();
    let mut sender = told.sender(&t);
    told.answer(later(Some(600)));
    told.answer(later(Some(600)));
    sender.send_due().await.unwrap();
    tell(&with_ways(&t), &waiting_order()).await;
    t.clock.set(minutes(9));
    assert_eq!(sender.send_due().await.unwrap(), 0, "not even new messages");
    t.clock.set(minutes(20));
    assert_eq!(sender.send_due().await.unwrap(), 3);
    assert_eq!(deliveries(&t).await, ["sent", "sent", "sent"]);
}

#[tokio::test]
async fn a_device_that_is_gone_is_forgotten() {
    let t = somebody().await;
    let told = Told::default();
    told.answer(SendError::Gone("UNREGISTERED".to_owned()));
    told.sender(&t).send_due().await.unwrap();
    assert_eq!(deliveries(&t).await, ["failed UNREGISTERED"]);
    assert!(texts(&t, "select token from notification_devices").await.is_empty());
    tell(&with_ways(&t), &waiting_order()).await;
    assert_eq!(deliveries(&t).await.len(), 1, "no device, no message");
}

#[tokio::test]
async fn a_message_is_given_up_in_the_end() {
    let t = somebody().await;
    let told = Told::default();
    let mut sender = told.sender(&t);
    for hour in 0..8 {
        told.answer(later(None));
        t.clock.set(minutes(hour * 90));
        assert_eq!(sender.send_due().await.unwrap(), 1, "{hour}");
    }
    assert_eq!(deliveries(&t).await, ["failed given up after 8 attempts: 503 busy"]);
}

#[tokio::test]
async fn no_phone_rings_in_quiet_hours() {
    let t = somebody().await;
    let quiet = async |mode: &str| {
        // It is nine.
        let body =
            json!({ "language": "vi", "quietHours": { "from": "08:30", "to": "10:00", "mode": mode } });
        t.supervisor().put(&format!("{PATH}/preferences"), body).await.expect(200);
    };
    let told = Told::default();
    let mut sender = told.sender(&t);
    quiet("wait").await;
    sender.send_due().await.unwrap();
    assert_eq!(deliveries(&t).await, ["waiting quiet hours"]);
    assert_eq!(texts(&t, "select attempts::text from notification_deliveries").await, ["0"]);
    t.clock.set(minutes(59));
    assert_eq!(sender.send_due().await.unwrap(), 0);
    t.clock.set(minutes(60));
    assert_eq!(sender.send_due().await.unwrap(), 1);
    assert_eq!(deliveries(&t).await, ["sent"]);

    t.clock.set(minutes(30));
    quiet("drop").await;
    tell(&with_ways(&t), &waiting_order()).await;
    sender.send_due().await.unwrap();
    let mut states = deliveries(&t).await;
    states.sort();
    assert_eq!(states, ["dropped quiet hours", "sent"]);
    assert_eq!(told.pushed.lock().len(), 1);
}

#[tokio::test]
async fn what_was_read_or_whose_phone_was_signed_out_is_not_sent() {
    let t = somebody().await;
    t.supervisor().post(&format!("{PATH}/read-all"), json!({})).await.expect(200);
    let told = Told::default();
    told.sender(&t).send_due().await.unwrap();
    assert_eq!(deliveries(&t).await, ["dropped read already"]);
    tell(&with_ways(&t), &waiting_order()).await;
    sql(
        &t,
        "insert into sessions (id, user_id, created_at, seen_at, revoked_at, revoked_why)
         select session_id, user_id, now(), now(), now(), 'logout' from notification_devices",
    )
    .await;
    told.sender(&t).send_due().await.unwrap();
    let mut states = deliveries(&t).await;
    states.sort();
    assert_eq!(states, ["dropped read already", "dropped signed out, or no such device"]);
    assert!(told.pushed.lock().is_empty());
    assert_eq!(notifications::sweep(&t.app).await.unwrap(), 1, "the device goes with its log-in");
}

#[tokio::test]
async fn two_who_send_at_once_send_each_message_once() {
    let t = app().await;
    for n in 0..10 {
        register(&t.supervisor(), &format!("token-{n}")).await;
    }
    tell(&with_ways(&t), &waiting_order()).await;
    let told = Told::default();
    let (mut one, mut other) = (told.sender(&t), told.sender(&t));
    let (first, second) = tokio::join!(one.send_due(), other.send_due());
    assert_eq!(first.unwrap() + second.unwrap(), 10);
    let mut tokens: Vec<String> = told.pushed.lock().iter().map(|m| m.token.clone()).collect();
    tokens.sort();
    tokens.dedup();
    assert_eq!((tokens.len(), told.pushed.lock().len()), (10, 10));
}
