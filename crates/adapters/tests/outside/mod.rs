//! A server that says what the test tells it to, and remembers what it heard.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Response, Uri};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request that came.
#[derive(Debug, Clone)]
pub struct Heard {
    pub path: String,
    pub authorization: String,
    pub body: String,
}

/// What to answer.
#[derive(Debug, Clone)]
pub struct Said {
    /// 0 = hang up.
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
}

impl Said {
    pub fn text(status: u16, body: &str) -> Said {
        Said { status, headers: Vec::new(), body: body.to_owned() }
    }

    /// The connection breaks in the middle of the answer's head.
    pub fn hang_up() -> Said {
        Said::text(0, "")
    }

    pub fn header(mut self, name: &'static str, value: &'static str) -> Said {
        self.headers.push((name, value));
        self
    }
}

pub fn json_answer(status: u16, body: Value) -> Said {
    Said::text(status, &body.to_string()).header("content-type", "application/json")
}

type Answers = Box<dyn FnMut(&str) -> Said + Send>;

/// The server. It ends with the test.
pub struct Outside {
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    server: JoinHandle<()>,
}

impl Outside {
    /// Answers so, one after the other.
    pub async fn start(answers: Vec<Said>) -> Outside {
        let mut answers = VecDeque::from(answers);
        Self::always(move |path| answers.pop_front().unwrap_or_else(|| panic!("nobody expected {path}")))
            .await
    }

    /// Answers by path.
    pub async fn always(answers: impl FnMut(&str) -> Said + Send + 'static) -> Outside {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let answers: Arc<Mutex<Answers>> = Arc::new(Mutex::new(Box::new(answers)));
        let all = heard.clone();
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let path = uri.path().to_owned();
            let authorization = headers.get("authorization").map(|v| v.to_str().unwrap().to_owned());
            all.lock().unwrap().push(Heard {
                path: path.clone(),
                authorization: authorization.unwrap_or_default(),
                body: String::from_utf8(body.to_vec()).unwrap(),
            });
            let said = (answers.lock().unwrap())(&path);
            async move {
                if said.status == 0 {
                    // Promises a body and breaks off: as a server that dies.
                    let broken = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("gone"))]);
                    return Response::builder()
                        .header("content-length", 10)
                        .status(500)
                        .body(Body::from_stream(broken))
                        .unwrap();
                }
                let mut answer = Response::builder().status(said.status);
                for (name, value) in said.headers {
                    answer = answer.header(name, value);
                }
                answer.body(Body::from(said.body)).unwrap()
            }
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Outside { url, heard, server }
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.server.abort();
    }
}
