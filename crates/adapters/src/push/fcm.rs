use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::token::{Account, Tokens};
use super::{Push, PushMessage};
use crate::send::{self, by_status, cut, no_answer};
use crate::{Attempt, SendError};

const GOOGLE: &str = "https://fcm.googleapis.com";

/// Push messages can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum FcmError {
    /// Not the key file of a service account.
    #[error("it is not the key file of a service account")]
    Account(#[source] serde_json::Error),
    /// Its key is broken.
    #[error("the private key in it can't be read")]
    Key,
    /// No client.
    #[error("no HTTP client")]
    Http(#[from] reqwest::Error),
}

/// Firebase Cloud Messaging, HTTP v1.
pub struct Fcm {
    http: Client,
    url: String,
    tokens: Tokens,
}

impl Fcm {
    /// With the content of a service account's key file; `endpoint` in the place of Google's.
    ///
    /// # Errors
    /// When the content is something else.
    pub fn new(key_file: &str, endpoint: Option<&str>) -> Result<Fcm, FcmError> {
        let account: Account = serde_json::from_str(key_file).map_err(FcmError::Account)?;
        let endpoint = endpoint.unwrap_or(GOOGLE).trim_end_matches('/');
        let url = format!("{endpoint}/v1/projects/{}/messages:send", account.project_id);
        Ok(Fcm { http: send::client()?, url, tokens: Tokens::new(account)? })
    }

    async fn hand_over(&self, message: &PushMessage) -> Result<String, SendError> {
        let content = content(message);
        let mut token = self.tokens.get(&self.http).await?;
        for last in [false, true] {
            let request = self.http.post(&self.url).bearer_auth(&token).json(&content);
            let answer = request.send().await.map_err(no_answer)?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            if status.is_success() {
                let sent: Sent = answer.json().await.unwrap_or_default();
                return Ok(sent.name);
            }
            if status == StatusCode::UNAUTHORIZED && !last {
                self.tokens.spoilt(&token).await;
                token = self.tokens.get(&self.http).await?;
                continue;
            }
            let refusal: Refusal = answer.json().await.unwrap_or_default();
            return Err(refusal.error.meaning(status, |said| by_status(status, &headers, said)));
        }
        Err(SendError::later("no access token is good"))
    }
}

impl Push for Fcm {
    fn send<'a>(&'a self, message: &'a PushMessage) -> Attempt<'a> {
        Box::pin(self.hand_over(message))
    }
}

/// One message for all platforms. `tag`, `apns-collapse-id` and `Topic` are what each calls the key by which a later
/// message takes an earlier one's place.
fn content(message: &PushMessage) -> Value {
    let seconds = message.valid.as_secs();
    let data: Map<String, Value> =
        message.data.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect();
    // Apple takes 64 bytes, browsers 32 letters.
    let collapse: String = message.collapse.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    json!({ "message": {
        "token": message.token,
        "notification": { "title": message.title, "body": message.body },
        "data": data,
        "android": {
            "priority": "HIGH",
            "ttl": format!("{seconds}s"),
            "notification": { "tag": collapse },
        },
        "apns": { "headers": { "apns-priority": "10", "apns-collapse-id": collapse } },
        "webpush": { "headers": { "TTL": seconds.to_string(), "Topic": collapse, "Urgency": "high" } },
    } })
}

#[derive(Default, Deserialize)]
struct Sent {
    #[serde(default)]
    name: String,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: Complaint,
}

#[derive(Default, Deserialize)]
struct Complaint {
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default, rename = "errorCode")]
    error_code: Option<String>,
}

impl Complaint {
    fn meaning(&self, status: StatusCode, by_status: impl FnOnce(&str) -> SendError) -> SendError {
        let code = self.details.iter().find_map(|detail| detail.error_code.as_deref()).unwrap_or_default();
        let said = format!("{code} {}", self.message);
        match code {
            // The app was removed, or the token is another sender's: it reaches nobody ever again.
            "UNREGISTERED" | "SENDER_ID_MISMATCH" => SendError::Gone(cut(&said)),
            // Of the token it says this, too, where it isn't one at all.
            "INVALID_ARGUMENT" if self.message.contains("registration token") => SendError::Gone(cut(&said)),
            // Our rights, Apple's or the browser's key: a person mends it, meanwhile messages wait.
            "THIRD_PARTY_AUTH_ERROR" => SendError::later(cut(&said)),
            _ if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                SendError::later(format!("{} {}", status.as_u16(), cut(&said)))
            }
            _ => by_status(&said),
        }
    }
}
