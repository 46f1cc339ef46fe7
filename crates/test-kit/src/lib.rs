//! For tests: the application around one capability's router, on a real PostgreSQL, with actors of every role.
//!
//! ```ignore
//! let t = TestApp::start(orders::router()).await;
//! let answer = t.rep1().post("/api/v1/orders", json!({...})).await;
//! answer.expect(201);
//! ```
//! Each test has a database of its own, copied from a template that holds the schema and the small company of
//! [`world`]. The server is named by `DMS_TEST_DATABASE_URL` (a superuser's); `scripts/with-postgres` starts one.
//! The clock stands at 09:00 of Thursday 2026-08-06 in Việt Nam until a test moves it.

mod answer;
mod database;
pub mod world;

use std::sync::Arc;

use adapters::blob::FolderStore;
use adapters::redis::Shared;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use chrono::{DateTime, Utc};
use db::{Context, Tenants};
use domain::UserId;
use platform::{
    ApiError, App, AppParts, Authenticator, BoxFuture, Clock as _, Config, Identity, TestClock, Wake,
};
use serde_json::Value;
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

pub use answer::Answer;
pub use database::TestDatabase;

/// The application under test.
pub struct TestApp {
    /// The parts, to call a capability's functions directly.
    pub app: App,
    /// The clock, to move it.
    pub clock: Arc<TestClock>,
    /// The database, to look into it as its owner.
    pub database: TestDatabase,
    router: Router,
}

impl TestApp {
    /// The capability's router under `/api/v1`, with the actors of [`world`].
    pub async fn start(capability: OpenApiRouter<App>) -> TestApp {
        Self::start_with(capability, |_, _| Arc::new(Names)).await
    }

    /// Like [`TestApp::start`], with an authenticator of the test's choice instead of bearer tokens that are user names.
    pub async fn start_with(
        capability: OpenApiRouter<App>,
        authenticator: impl FnOnce(&db::Db, &Arc<TestClock>) -> Arc<dyn Authenticator>,
    ) -> TestApp {
        let database = TestDatabase::create().await;
        let db = database.pools().await;
        let clock = Arc::new(TestClock::at(world::now()));
        let app = App::new(AppParts {
            auth: authenticator(&db, &clock),
            db,
            clock: clock.clone(),
            config: Config::default(),
            blobs: Arc::new(FolderStore::new(database.folder().join("files"))),
            shared: Shared::in_process(),
            wake: Wake::default(),
        });
        let (router, _) = OpenApiRouter::new().nest("/api/v1", capability).split_for_parts();
        let router =
            router.layer(axum::middleware::from_fn(platform::observe::observe)).with_state(app.clone());
        TestApp { app, clock, database, router }
    }

    /// Company admin.
    pub fn admin(&self) -> Actor<'_> {
        self.actor("admin")
    }
    /// Admin of the first distributor.
    pub fn npp01(&self) -> Actor<'_> {
        self.actor("npp01")
    }
    /// Admin of the second distributor.
    pub fn npp02(&self) -> Actor<'_> {
        self.actor("npp02")
    }
    /// Supervisor of the first distributor's team.
    pub fn supervisor(&self) -> Actor<'_> {
        self.actor("gsbh01")
    }
    /// Area manager above both distributors.
    pub fn area_manager(&self) -> Actor<'_> {
        self.actor("asm01")
    }
    /// First rep of the first distributor; has a route every day.
    pub fn rep1(&self) -> Actor<'_> {
        self.actor("nvbh01")
    }
    /// Second rep of the first distributor.
    pub fn rep2(&self) -> Actor<'_> {
        self.actor("nvbh02")
    }
    /// Rep of the second distributor.
    pub fn rep11(&self) -> Actor<'_> {
        self.actor("nvbh11")
    }
    /// Somebody without a token.
    pub fn anonymous(&self) -> Actor<'_> {
        Actor { app: self, token: None }
    }
    /// Somebody with this bearer token (with the default authenticator: a user name).
    pub fn actor(&self, token: &str) -> Actor<'_> {
        Actor { app: self, token: Some(token.to_owned()) }
    }

    /// The context of a user of [`world`], to call functions directly.
    pub fn context(&self, username: &str) -> Context {
        let identity = identity(username).expect("a user of the test's world");
        Context {
            user: Some(identity.user_id),
            name: identity.username,
            tenants: identity.tenants,
            address: None,
            trace_id: None,
        }
    }

    /// How many files lie in the store.
    pub fn stored_files(&self) -> usize {
        fn files(folder: &std::path::Path) -> usize {
            let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
            entries
                .map(|entry| entry.expect("a folder that can be read").path())
                .map(|path| if path.is_dir() { files(&path) } else { 1 })
                .sum()
        }
        files(&self.database.folder().join("files"))
    }

    /// Sends any request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        Answer::read(response).await
    }
}

/// Somebody who sends requests.
pub struct Actor<'a> {
    app: &'a TestApp,
    token: Option<String>,
}

impl Actor<'_> {
    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, None, &[]).await
    }
    /// POST of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path, Some(body), &[]).await
    }
    /// POST of JSON with an `Idempotency-Key`.
    pub async fn post_once(&self, path: &str, key: &str, body: Value) -> Answer {
        self.request(Method::POST, path, Some(body), &[("idempotency-key", key)]).await
    }
    /// PUT of JSON.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PUT, path, Some(body), &[]).await
    }
    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path, None, &[]).await
    }
    /// Any method, JSON or nothing, with headers.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.builder(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        self.app.send(request.body(body).expect("a valid request")).await
    }
    /// POST of one file and plain fields as `multipart/form-data`.
    pub async fn upload(
        &self,
        path: &str,
        field: &str,
        file_name: &str,
        bytes: &[u8],
        fields: &[(&str, &str)],
    ) -> Answer {
        self.send_form(self.builder(Method::POST, path), field, file_name, bytes, fields).await
    }
    /// PUT of a photo as `multipart/form-data`.
    pub async fn put_photo(&self, path: &str, bytes: &[u8]) -> Answer {
        self.send_form(self.builder(Method::PUT, path), "photo", "a.jpg", bytes, &[]).await
    }
    /// PUT of a photo by a client that loaded this version.
    pub async fn put_photo_if(&self, path: &str, version: i64, bytes: &[u8]) -> Answer {
        let request = self.builder(Method::PUT, path).header("if-match", format!("\"{version}\""));
        self.send_form(request, "photo", "a.jpg", bytes, &[]).await
    }

    async fn send_form(
        &self,
        request: axum::http::request::Builder,
        field: &str,
        file_name: &str,
        bytes: &[u8],
        fields: &[(&str, &str)],
    ) -> Answer {
        let boundary = "test-kit-boundary";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(
                format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        body.extend(format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{file_name}\"\r\ncontent-type: application/octet-stream\r\n\r\n").bytes());
        body.extend_from_slice(bytes);
        body.extend(format!("\r\n--{boundary}--\r\n").bytes());
        let request = request
            .header("content-type", format!("multipart/form-data; boundary={boundary}"))
            .body(Body::from(body))
            .expect("a valid request");
        self.app.send(request).await
    }

    fn builder(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(method).uri(path).header("accept-language", "en");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request
    }
}

/// Bearer tokens are user names of [`world`].
struct Names;

impl Authenticator for Names {
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Identity>, ApiError>> {
        Box::pin(async move { identity(token).map(Arc::new).ok_or_else(ApiError::unauthorized) })
    }
}

fn identity(username: &str) -> Option<Identity> {
    let person = world::PEOPLE.iter().find(|p| p.username == username)?;
    Some(Identity {
        user_id: person.id,
        session_id: Uuid::from_u128(person.id.uuid().as_u128() + (1 << 64)).into(),
        username: person.username.to_owned(),
        full_name: person.full_name.to_owned(),
        role: person.role,
        distributor_id: person.distributor,
        distributor_name: person.distributor.map(|_| "NPP".to_owned()),
        tenants: if person.tenants.is_empty() {
            Tenants::Company
        } else {
            Tenants::Distributors(person.tenants.to_vec())
        },
        primary_unit: Some(person.units[0]),
        unit_path: world::path_to(person.units[0]),
        units: person.units.to_vec(),
        must_change_password: false,
    })
}

/// The instant `minutes` after the world's start.
pub fn minutes(minutes: i64) -> DateTime<Utc> {
    world::now() + chrono::Duration::minutes(minutes)
}

/// The person's id, for assertions.
pub fn user_id(username: &str) -> UserId {
    identity(username).expect("a user of the test's world").user_id
}

impl std::fmt::Debug for TestApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestApp").field("now", &self.clock.now()).finish_non_exhaustive()
    }
}
