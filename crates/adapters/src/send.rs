//! What sending something to the outside can come to.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode};

/// Connecting may take so long,
const CONNECT: Duration = Duration::from_secs(3);
/// and all of it so long.
const ANSWER: Duration = Duration::from_secs(10);
/// What a provider says about an error, at most.
const SAID: usize = 300;

/// What a provider's method gives: its name for the message.
pub type Attempt<'a> = Pin<Box<dyn Future<Output = Result<String, SendError>> + Send + 'a>>;

/// A message wasn't sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nobody is there any more: the app was removed, the number doesn't exist.
    #[error("the receiver is gone: {0}")]
    Gone(String),
    /// It will never be taken as it is.
    #[error("refused: {0}")]
    Refused(String),
    /// Not now.
    #[error("not now: {why}")]
    Later {
        /// So long the provider wants to be left alone.
        after: Option<Duration>,
        /// What was wrong.
        why: String,
    },
}

impl SendError {
    pub(crate) fn later(why: impl Into<String>) -> SendError {
        SendError::Later { after: None, why: why.into() }
    }
}

/// A client of a provider.
///
/// # Errors
/// When TLS can't be set up.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("diligo-dms")
        .build()
}

/// That there was no answer. Addresses hold secrets: never repeated.
pub(crate) fn no_answer(error: reqwest::Error) -> SendError {
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    SendError::later(what)
}

/// What an answer with an error's status comes to, as far as the status alone tells.
pub(crate) fn by_status(status: StatusCode, headers: &HeaderMap, said: &str) -> SendError {
    let why = format!("{} {}", status.as_u16(), cut(said)).trim_end().to_owned();
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            SendError::Later { after: retry_after(headers), why }
        }
        s if s.is_server_error() => SendError::Later { after: retry_after(headers), why },
        _ => SendError::Refused(why),
    }
}

/// `Retry-After` in seconds; its other form, a date, isn't used by those we send to.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(24 * 3600)))
}

/// The beginning of what a provider says, in one line.
pub(crate) fn cut(said: &str) -> String {
    let mut line: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SAID).collect();
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_provider_that_says_nothing_is_asked_again_later_and_its_address_not_told() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/key=geheim", silent.local_addr().unwrap());
        let client = Client::builder().timeout(Duration::from_millis(50)).build().unwrap();
        let error = no_answer(client.get(&url).send().await.unwrap_err());
        assert_eq!(error, SendError::later("no answer in time"));
        drop(silent);
        let error = no_answer(client.get(&url).send().await.unwrap_err());
        assert_eq!(error, SendError::later("no connection"));
    }

    #[test]
    fn the_wait_a_provider_asks_for_is_believed_within_reason() {
        let asks = |value: &'static str| {
            let headers =
                HeaderMap::from_iter([(RETRY_AFTER, reqwest::header::HeaderValue::from_static(value))]);
            match by_status(StatusCode::TOO_MANY_REQUESTS, &headers, "slow\ndown") {
                SendError::Later { after, why } => (after.map(|a| a.as_secs()), why),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(asks("120"), (Some(120), "429 slow down".to_owned()));
        assert_eq!(asks("99999999").0, Some(24 * 3600));
        assert_eq!(asks("Wed, 21 Oct 2026 07:28:00 GMT").0, None);
    }
}
