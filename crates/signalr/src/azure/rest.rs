//! What we tell the service.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, Response, StatusCode, Url, header};
use tokio::time::sleep;

use super::{Service, jwt};
use crate::{
    Arguments, Audience, BackplaneError, ConnectionId,
    proto::{
        Protocol,
        value::{Encode, EncodeError},
    },
};

const API_VERSION: &str = "2022-06-01";
const TOKEN_LIFE: Duration = Duration::from_secs(300);

/// How often a request is tried that the service cannot take now, and how long a pause may be that it asks for.
const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// `{"target":…,"arguments":[…]}`
pub(crate) fn body(target: &str, arguments: &impl Arguments) -> Result<Bytes, EncodeError> {
    let mut body = b"{\"target\":".to_vec();
    target.encode(Protocol::Json, &mut body)?;
    body.extend_from_slice(b",\"arguments\":");
    arguments.encode(Protocol::Json, &mut body)?;
    body.push(b'}');
    Ok(body.into())
}

impl Service {
    /// Sends an event. A connection in several of the groups gets it once for each: the service cannot tell.
    pub(crate) async fn send(
        &self,
        audience: &Audience,
        except: &[ConnectionId],
        body: Bytes,
    ) -> Result<(), BackplaneError> {
        let paths: Vec<Vec<&str>> = match audience {
            Audience::All => vec![vec![":send"]],
            Audience::Groups(groups) => groups.iter().map(|group| vec!["groups", group, ":send"]).collect(),
            Audience::Users(users) => users.iter().map(|user| vec!["users", user, ":send"]).collect(),
            Audience::Connections(ids) => ids
                .iter()
                .filter(|id| !except.contains(id))
                .map(|id| vec!["connections", id.as_str(), ":send"])
                .collect(),
        };
        // Only these two know exceptions.
        let excluded = match audience {
            Audience::All | Audience::Groups(_) => except,
            Audience::Users(_) | Audience::Connections(_) => &[],
        };
        for path in paths {
            self.request(Method::POST, &path, excluded, Some(body.clone())).await?;
        }
        Ok(())
    }

    pub(crate) async fn add_to_group(&self, id: &ConnectionId, group: &str) -> Result<bool, BackplaneError> {
        self.membership(Method::PUT, id, group).await
    }

    pub(crate) async fn remove_from_group(
        &self,
        id: &ConnectionId,
        group: &str,
    ) -> Result<bool, BackplaneError> {
        self.membership(Method::DELETE, id, group).await
    }

    async fn membership(
        &self,
        method: Method,
        id: &ConnectionId,
        group: &str,
    ) -> Result<bool, BackplaneError> {
        let path = ["groups", group, "connections", id.as_str()];
        let status = self.request(method, &path, &[], None).await?;
        Ok(status != StatusCode::NOT_FOUND)
    }

    pub(crate) async fn close_connection(&self, id: &ConnectionId) -> Result<(), BackplaneError> {
        self.request(Method::DELETE, &["connections", id.as_str()], &[], None).await.map(|_| ())
    }

    pub(crate) async fn close_user(&self, user: &str) -> Result<(), BackplaneError> {
        self.request(Method::POST, &["users", user, ":closeConnections"], &[], None).await.map(|_| ())
    }

    /// A request; `404` is an answer like others, for connections come and go.
    async fn request(
        &self,
        method: Method,
        path: &[&str],
        excluded: &[ConnectionId],
        body: Option<Bytes>,
    ) -> Result<StatusCode, BackplaneError> {
        let mut url = Url::parse(&self.settings.server_endpoint)
            .map_err(|error| BackplaneError::new("the address of the service is not valid", error))?;
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "hubs", self.hub.as_str()]).extend(path);
        }
        // The token is for the address without its query.
        let token = jwt::sign(&self.settings.key, url.as_str(), None, TOKEN_LIFE);
        url.query_pairs_mut()
            .append_pair("api-version", API_VERSION)
            .extend_pairs(excluded.iter().map(|id| ("excluded", id.as_str())));
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let mut request = self.http.request(method.clone(), url.clone()).bearer_auth(&token);
            if let Some(body) = &body {
                request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
            }
            let failure = match request.send().await {
                Ok(answer) if answer.status().is_success() || answer.status() == StatusCode::NOT_FOUND => {
                    return Ok(answer.status());
                }
                Ok(answer) => {
                    let status = answer.status();
                    let error = BackplaneError::text(format!("the service has answered {status}"));
                    if status != StatusCode::TOO_MANY_REQUESTS && !status.is_server_error() {
                        return Err(error);
                    }
                    pause = asked_pause(&answer).unwrap_or(pause);
                    error
                }
                // Without the address, which names connections and users.
                Err(error) => BackplaneError::new("the service cannot be reached", error.without_url()),
            };
            if attempt == ATTEMPTS {
                return Err(failure);
            }
            tracing::debug!(%failure, attempt, "the service is tried again");
            sleep(pause.min(LONGEST_PAUSE)).await;
            attempt += 1;
            pause *= 2;
        }
    }
}

fn asked_pause(answer: &Response) -> Option<Duration> {
    answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}
