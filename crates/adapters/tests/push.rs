//! Push messages, against a local Firebase that speaks its HTTP.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails is a test that fails")]

mod outside;

use std::sync::Arc;
use std::time::Duration;

use adapters::SendError;
use adapters::push::{Fcm, Push as _, PushMessage};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use outside::{Outside, Said, json_answer};
use serde::Deserialize;
use serde_json::{Value, json};

/// Made for one test; nobody else has it.
struct Key {
    pem: String,
    public: Vec<u8>,
}

fn key() -> Key {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let body = STANDARD.encode(der.as_ref());
    Key {
        pem: format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"),
        public: pair.public_key().as_ref().to_vec(),
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    scope: String,
    aud: String,
    iat: u64,
    exp: u64,
}

fn fcm(outside: &Outside, key: &Key) -> Fcm {
    let file = json!({
        "type": "service_account", "project_id": "dms-test", "private_key_id": "k1", "private_key": key.pem,
        "client_email": "dms@dms-test.iam.gserviceaccount.com", "token_uri": format!("{}/token", outside.url),
    });
    Fcm::new(&file.to_string(), Some(&outside.url)).unwrap()
}

fn message() -> PushMessage {
    PushMessage {
        token: "device-1".to_owned(),
        title: "Đơn DH-1 đã được duyệt".to_owned(),
        body: "Tạp hóa Lan".to_owned(),
        collapse: "order:0198".to_owned(),
        data: vec![("notificationId", "n1".to_owned())],
        valid: Duration::from_secs(3600),
    }
}

fn token(n: u32) -> Said {
    json_answer(
        200,
        json!({ "access_token": format!("access-{n}"), "expires_in": 3599, "token_type": "Bearer" }),
    )
}

fn complaint(status: u16, code: &str, message: &str) -> Said {
    json_answer(
        status,
        json!({ "error": { "code": status, "message": message, "status": "X", "details": [
            { "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code },
        ] } }),
    )
}

fn sent() -> Said {
    json_answer(200, json!({ "name": "projects/dms-test/messages/7" }))
}

/// What Firebase says to one message comes to this.
async fn outcome(said: Said) -> Result<String, SendError> {
    let outside = Outside::start(vec![token(1), said]).await;
    fcm(&outside, &key()).send(&message()).await
}

#[tokio::test]
async fn a_message_goes_out_as_firebase_wants_it() {
    let outside = Outside::start(vec![token(1), sent(), sent()]).await;
    let key = key();
    let fcm = fcm(&outside, &key);
    assert_eq!(fcm.send(&message()).await.unwrap(), "projects/dms-test/messages/7");
    fcm.send(&message()).await.unwrap();
    let heard = outside.heard();
    assert_eq!(heard.len(), 3, "one token for both messages");
    assert_eq!(heard[0].path, "/token");
    let form: Vec<&str> = heard[0].body.split('&').collect();
    assert!(form.contains(&"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"), "{form:?}");
    let assertion = form.iter().find_map(|field| field.strip_prefix("assertion=")).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[format!("{}/token", outside.url)]);
    let claims =
        jsonwebtoken::decode::<Claims>(assertion, &DecodingKey::from_rsa_der(&key.public), &validation)
            .unwrap();
    assert_eq!(claims.header.kid.as_deref(), Some("k1"));
    let claims = claims.claims;
    assert_eq!(claims.iss, "dms@dms-test.iam.gserviceaccount.com");
    assert_eq!(claims.scope, "https://www.googleapis.com/auth/firebase.messaging");
    assert_eq!(claims.aud, format!("{}/token", outside.url));
    assert_eq!(claims.exp - claims.iat, 3600);

    assert_eq!(heard[1].path, "/v1/projects/dms-test/messages:send");
    assert_eq!(heard[1].authorization, "Bearer access-1");
    let body: Value = serde_json::from_str(&heard[1].body).unwrap();
    let message = &body["message"];
    assert_eq!(message["token"], "device-1");
    assert_eq!(message["notification"], json!({ "title": "Đơn DH-1 đã được duyệt", "body": "Tạp hóa Lan" }));
    assert_eq!(message["data"], json!({ "notificationId": "n1" }));
    assert_eq!(message["android"]["ttl"], "3600s");
    assert_eq!(message["android"]["notification"]["tag"], "order0198");
}

#[tokio::test]
async fn a_device_without_the_app_is_gone() {
    let gone = outcome(complaint(404, "UNREGISTERED", "Requested entity was not found.")).await;
    assert_eq!(gone, Err(SendError::Gone("UNREGISTERED Requested entity was not found.".to_owned())));
    let other = outcome(complaint(403, "SENDER_ID_MISMATCH", "SenderId mismatch")).await;
    assert!(matches!(other, Err(SendError::Gone(_))), "{other:?}");
    let nonsense = "The registration token is not a valid FCM registration token";
    let broken = outcome(complaint(400, "INVALID_ARGUMENT", nonsense)).await;
    assert!(matches!(broken, Err(SendError::Gone(_))), "{broken:?}");
}

#[tokio::test]
async fn a_message_that_is_wrong_is_refused_for_good() {
    let refused = outcome(complaint(400, "INVALID_ARGUMENT", "Message too big")).await;
    assert_eq!(refused, Err(SendError::Refused("400 INVALID_ARGUMENT Message too big".to_owned())));
}

#[tokio::test]
async fn too_many_messages_wait_as_long_as_firebase_says() {
    let later = outcome(complaint(429, "QUOTA_EXCEEDED", "Quota").header("retry-after", "120")).await;
    let Err(SendError::Later { after, why }) = later else { panic!("{later:?}") };
    assert_eq!((after, why.as_str()), (Some(Duration::from_secs(120)), "429 QUOTA_EXCEEDED Quota"));
}

#[tokio::test]
async fn firebases_own_trouble_is_a_reason_to_try_again() {
    for said in [
        complaint(503, "UNAVAILABLE", "busy"),
        complaint(500, "INTERNAL", "oops"),
        Said::text(502, "<html>Bad Gateway</html>"),
        complaint(403, "", "Permission denied"),
        complaint(401, "THIRD_PARTY_AUTH_ERROR", "APNs key"),
        Said::hang_up(),
    ] {
        let later = outcome(said.clone()).await;
        assert!(matches!(later, Err(SendError::Later { .. })), "{said:?}: {later:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_asked_for_anew_once() {
    let unauthorized = || complaint(401, "", "Request had invalid authentication credentials");
    let outside = Outside::start(vec![token(1), unauthorized(), token(2), sent()]).await;
    fcm(&outside, &key()).send(&message()).await.unwrap();
    assert_eq!(outside.heard()[3].authorization, "Bearer access-2");
    let outside = Outside::start(vec![token(1), unauthorized(), token(2), unauthorized()]).await;
    let later = fcm(&outside, &key()).send(&message()).await;
    assert!(matches!(later, Err(SendError::Later { .. })), "{later:?}");
    assert_eq!(outside.heard().len(), 4);
}

#[tokio::test]
async fn an_account_that_google_refuses_keeps_messages_waiting() {
    let refused = json_answer(400, json!({ "error": "invalid_grant", "error_description": "Invalid JWT" }));
    let outside = Outside::start(vec![refused]).await;
    let fcm = fcm(&outside, &key());
    for _ in 0..3 {
        let later = fcm.send(&message()).await;
        let Err(SendError::Later { why, .. }) = later else { panic!("{later:?}") };
        assert_eq!(why, "400 no access token: invalid_grant");
    }
    assert_eq!(outside.heard().len(), 1, "one answer is believed for a while");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_messages_at_once_ask_for_one_token() {
    let outside = Outside::always(|path| if path == "/token" { token(1) } else { sent() }).await;
    let fcm = Arc::new(fcm(&outside, &key()));
    let sending: Vec<_> = (0..20)
        .map(|_| {
            let fcm = fcm.clone();
            tokio::spawn(async move { fcm.send(&message()).await })
        })
        .collect();
    for one in sending {
        one.await.unwrap().unwrap();
    }
    assert_eq!(outside.heard().iter().filter(|request| request.path == "/token").count(), 1);
}

#[test]
fn what_is_no_key_file_is_not_taken() {
    for file in ["", "{}", r#"{"project_id":"p","client_email":"e","private_key":"none"}"#] {
        let error = Fcm::new(file, None).err().unwrap();
        assert!(!error.to_string().is_empty());
    }
}
