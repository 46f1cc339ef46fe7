use reqwest::Client;
use serde::Deserialize;
use serde_json::json;

use super::{Sms, SmsAccount, SmsMessage};
use crate::send::{self, by_status, cut, no_answer};
use crate::{Attempt, SendError};

const ESMS: &str = "https://rest.esms.vn";
/// Messages of customer care, under a brand name.
const CARE: &str = "2";

/// eSMS.vn. It answers 200 to everything and says in the body what it means.
pub struct Esms {
    http: Client,
    url: String,
    account: SmsAccount,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code_result: String,
    #[serde(rename = "SMSID", default)]
    sms_id: String,
    #[serde(default)]
    error_message: String,
}

impl Esms {
    /// With an account.
    ///
    /// # Errors
    /// When there is no HTTP client.
    pub fn new(account: SmsAccount) -> Result<Esms, reqwest::Error> {
        let endpoint = account.endpoint.as_deref().unwrap_or(ESMS).trim_end_matches('/');
        let url = format!("{endpoint}/MainService.svc/json/SendMultipleMessage_V4_post_json/");
        Ok(Esms { http: send::client()?, url, account })
    }

    async fn hand_over(&self, message: &SmsMessage) -> Result<String, SendError> {
        let content = json!({
            "ApiKey": self.account.account,
            "SecretKey": self.account.secret,
            "Brandname": self.account.sender,
            "SmsType": CARE,
            "IsUnicode": if message.text.is_ascii() { "0" } else { "1" },
            "Phone": message.to.as_str().trim_start_matches('+'),
            "Content": message.text,
            "RequestId": message.id,
        });
        let answer = self.http.post(&self.url).json(&content).send().await.map_err(no_answer)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        if !status.is_success() {
            return Err(by_status(status, &headers, &answer.text().await.unwrap_or_default()));
        }
        let answer: Answer = answer.json().await.map_err(|_| SendError::later("an answer that is none"))?;
        let said = format!("{} {}", answer.code_result, cut(&answer.error_message));
        match answer.code_result.as_str() {
            "100" => Ok(answer.sms_id),
            // It has it already, under this id.
            "124" => Ok(answer.sms_id),
            // The account: wrong, locked, out of money. A person mends it, meanwhile messages wait.
            "101" | "102" | "103" => Err(SendError::later(said)),
            // Its own trouble.
            "99" => Err(SendError::later(said)),
            _ => Err(SendError::Refused(said)),
        }
    }
}

impl Sms for Esms {
    fn send<'a>(&'a self, message: &'a SmsMessage) -> Attempt<'a> {
        Box::pin(self.hand_over(message))
    }
}
