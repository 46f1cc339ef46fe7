use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Client;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::fcm::FcmError;
use crate::SendError;
use crate::send::{by_status, no_answer};

const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// What Google allows at most.
const ASSERTED_FOR: u64 = 3600;
/// A token is renewed so long before its end: clocks differ, and messages take their time.
const EARLY: Duration = Duration::from_secs(120);
/// That there is no token is believed so long: a hundred messages shall not each wait for the same answer.
const BELIEVED: Duration = Duration::from_secs(5);

/// The key file of a service account, as far as we need it.
#[derive(Deserialize)]
pub(super) struct Account {
    pub project_id: String,
    client_email: String,
    private_key: String,
    #[serde(default)]
    private_key_id: Option<String>,
    #[serde(default = "google")]
    token_uri: String,
}

fn google() -> String {
    "https://oauth2.googleapis.com/token".to_owned()
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

#[derive(Deserialize)]
struct NotGranted {
    #[serde(default)]
    error: String,
}

struct Token {
    text: String,
    good_until: SystemTime,
}

/// Access tokens of a service account, each used until shortly before its end.
pub(super) struct Tokens {
    account: Account,
    key: EncodingKey,
    latest: Mutex<Latest>,
}

#[derive(Default)]
struct Latest {
    token: Option<Token>,
    failed: Option<(Instant, SendError)>,
}

impl Tokens {
    pub fn new(account: Account) -> Result<Tokens, FcmError> {
        let key = EncodingKey::from_rsa_pem(account.private_key.as_bytes()).map_err(|_| FcmError::Key)?;
        Ok(Tokens { account, key, latest: Mutex::default() })
    }

    /// A token that is good now; all who need a new one wait for the same. When there was none just now, there is none.
    pub async fn get(&self, http: &Client) -> Result<String, SendError> {
        let mut latest = self.latest.lock().await;
        if let Some(token) = latest.token.as_ref().filter(|token| token.good_until > SystemTime::now()) {
            return Ok(token.text.clone());
        }
        if let Some((_, error)) = latest.failed.as_ref().filter(|(at, _)| at.elapsed() < BELIEVED) {
            return Err(error.clone());
        }
        match self.ask(http).await {
            Ok(granted) => {
                let good_for = Duration::from_secs(granted.expires_in).saturating_sub(EARLY);
                let text = granted.access_token;
                let good_until = SystemTime::now() + good_for;
                *latest = Latest { token: Some(Token { text: text.clone(), good_until }), failed: None };
                Ok(text)
            }
            Err(error) => {
                latest.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// That this one was refused before its end.
    pub async fn spoilt(&self, text: &str) {
        let mut latest = self.latest.lock().await;
        if latest.token.as_ref().is_some_and(|token| token.text == text) {
            latest.token = None;
        }
    }

    async fn ask(&self, http: &Client) -> Result<Granted, SendError> {
        let assertion = self.assertion()?;
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion.as_str()),
        ];
        let answer = http.post(&self.account.token_uri).form(&form).send().await.map_err(no_answer)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        if status.is_success() {
            return answer.json().await.map_err(|_| SendError::later("no access token in the answer"));
        }
        let said = answer.json().await.unwrap_or(NotGranted { error: String::new() }).error;
        Err(match by_status(status, &headers, &format!("no access token: {said}")) {
            // The account is wrong, not the message: it may be mended while messages wait.
            SendError::Refused(why) => SendError::later(why),
            other => other,
        })
    }

    fn assertion(&self) -> Result<String, SendError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let claims = Claims {
            iss: &self.account.client_email,
            scope: SCOPE,
            aud: &self.account.token_uri,
            iat: now,
            exp: now + ASSERTED_FOR,
        };
        let mut header = Header::new(Algorithm::RS256);
        header.kid.clone_from(&self.account.private_key_id);
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map_err(|_| SendError::later("the service account's key can't sign"))
    }
}
