use reqwest::{Client, StatusCode};
use serde::Deserialize;

use super::{Sms, SmsAccount, SmsMessage};
use crate::send::{self, by_status, cut, no_answer};
use crate::{Attempt, SendError};

const TWILIO: &str = "https://api.twilio.com";

/// Twilio, and those that copy its API.
pub struct Twilio {
    http: Client,
    url: String,
    account: SmsAccount,
}

#[derive(Deserialize)]
struct Taken {
    sid: String,
}

#[derive(Default, Deserialize)]
struct Complaint {
    #[serde(default)]
    code: u32,
    #[serde(default)]
    message: String,
}

impl Twilio {
    /// With an account.
    ///
    /// # Errors
    /// When there is no HTTP client.
    pub fn new(account: SmsAccount) -> Result<Twilio, reqwest::Error> {
        let endpoint = account.endpoint.as_deref().unwrap_or(TWILIO).trim_end_matches('/');
        let url = format!("{endpoint}/2010-04-01/Accounts/{}/Messages.json", account.account);
        Ok(Twilio { http: send::client()?, url, account })
    }

    async fn hand_over(&self, message: &SmsMessage) -> Result<String, SendError> {
        let form = [("To", message.to.as_str()), ("From", &self.account.sender), ("Body", &message.text)];
        let request = self
            .http
            .post(&self.url)
            .basic_auth(&self.account.account, Some(&self.account.secret))
            .form(&form);
        let answer = request.send().await.map_err(no_answer)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        if status.is_success() {
            // Taken is taken: asking again would send it twice.
            return Ok(answer.json().await.unwrap_or(Taken { sid: String::new() }).sid);
        }
        let complaint: Complaint = answer.json().await.unwrap_or_default();
        let said = format!("{} {}", complaint.code, cut(&complaint.message));
        Err(match complaint.code {
            // Not a number, not one that gets SMS, or one whose owner wants none.
            21211 | 21214 | 21610 | 21614 => SendError::Gone(said),
            _ if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => SendError::later(said),
            _ => by_status(status, &headers, &said),
        })
    }
}

impl Sms for Twilio {
    fn send<'a>(&'a self, message: &'a SmsMessage) -> Attempt<'a> {
        Box::pin(self.hand_over(message))
    }
}
