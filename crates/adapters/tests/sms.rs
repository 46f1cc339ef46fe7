//! SMS, against local providers that speak their HTTP.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails is a test that fails")]

mod outside;

use std::time::Duration;

use adapters::SendError;
use adapters::sms::{Esms, PhoneNumber, Sms, SmsAccount, SmsMessage, Twilio};
use outside::{Outside, Said, json_answer};
use serde_json::{Value, json};
use uuid::Uuid;

fn account(outside: &Outside) -> SmsAccount {
    SmsAccount {
        account: "AC1".to_owned(),
        secret: "s3cret".to_owned(),
        sender: "DILIGO".to_owned(),
        endpoint: Some(outside.url.clone()),
    }
}

fn message() -> SmsMessage {
    SmsMessage {
        id: Uuid::from_u128(7),
        to: PhoneNumber::parse("0901234567").unwrap(),
        text: "Đơn DH-1 bị từ chối".to_owned(),
    }
}

async fn by_esms(said: Said) -> Result<String, SendError> {
    let outside = Outside::start(vec![said]).await;
    Esms::new(account(&outside)).unwrap().send(&message()).await
}

async fn by_twilio(said: Said) -> Result<String, SendError> {
    let outside = Outside::start(vec![said]).await;
    Twilio::new(account(&outside)).unwrap().send(&message()).await
}

fn is_later(outcome: &Result<String, SendError>) -> bool {
    matches!(outcome, Err(SendError::Later { .. }))
}

#[tokio::test]
async fn esms_gets_what_it_wants() {
    let outside = Outside::start(vec![json_answer(200, json!({ "CodeResult": "100", "SMSID": "x1" }))]).await;
    assert_eq!(Esms::new(account(&outside)).unwrap().send(&message()).await.unwrap(), "x1");
    let heard = &outside.heard()[0];
    assert_eq!(heard.path, "/MainService.svc/json/SendMultipleMessage_V4_post_json/");
    let body: Value = serde_json::from_str(&heard.body).unwrap();
    assert_eq!(
        body,
        json!({
            "ApiKey": "AC1", "SecretKey": "s3cret", "Brandname": "DILIGO", "SmsType": "2", "IsUnicode": "1",
            "Phone": "84901234567", "Content": "Đơn DH-1 bị từ chối", "RequestId": Uuid::from_u128(7),
        })
    );
}

#[tokio::test]
async fn what_esms_says_in_its_body_counts() {
    let said = |code: &str| json_answer(200, json!({ "CodeResult": code, "ErrorMessage": "why" }));
    assert_eq!(by_esms(said("124")).await, Ok(String::new()), "it has it already");
    for code in ["99", "101", "103"] {
        assert!(is_later(&by_esms(said(code)).await), "{code}");
    }
    assert_eq!(by_esms(said("104")).await, Err(SendError::Refused("104 why".to_owned())));
    assert!(is_later(&by_esms(Said::text(200, "<html>")).await));
    assert!(is_later(&by_esms(Said::text(503, "")).await));
    assert!(is_later(&by_esms(Said::hang_up()).await));
}

#[tokio::test]
async fn twilio_gets_what_it_wants() {
    let outside = Outside::start(vec![json_answer(201, json!({ "sid": "SM1", "status": "queued" }))]).await;
    assert_eq!(Twilio::new(account(&outside)).unwrap().send(&message()).await.unwrap(), "SM1");
    let heard = &outside.heard()[0];
    assert_eq!(heard.path, "/2010-04-01/Accounts/AC1/Messages.json");
    assert_eq!(heard.authorization, "Basic QUMxOnMzY3JldA==");
    assert!(
        heard.body.starts_with("To=%2B84901234567&From=DILIGO&Body=%C4%90%C6%A1n+DH-1"),
        "{}",
        heard.body
    );
}

#[tokio::test]
async fn what_twilio_complains_of_counts() {
    let said = |status: u16, code: u32| {
        json_answer(status, json!({ "code": code, "message": "why", "status": status }))
    };
    let busy = by_twilio(said(429, 20429).header("retry-after", "30")).await;
    let after = Some(Duration::from_secs(30));
    assert_eq!(busy, Err(SendError::Later { after, why: "429 20429 why".to_owned() }));
    assert_eq!(by_twilio(said(400, 21211)).await, Err(SendError::Gone("21211 why".to_owned())));
    assert_eq!(by_twilio(said(400, 21617)).await, Err(SendError::Refused("400 21617 why".to_owned())));
    assert!(is_later(&by_twilio(said(401, 20003)).await), "a person mends the account");
    assert!(is_later(&by_twilio(said(500, 20500)).await));
    assert!(is_later(&by_twilio(Said::hang_up()).await));
    assert_eq!(by_twilio(Said::text(201, "?")).await, Ok(String::new()), "taken is taken");
}
