//! The moving part of the live board: from the database, and from what all processes share.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use adapters::redis::{Shared, client};
use axum::body::Body;
use axum::http::Request;
use platform::{App, AppParts, Config};
use serde_json::{Value, json};
use test_kit::world::{REP1, REP11};
use test_kit::{TestApp, minutes};
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;

const PATH: &str = "/api/v1/tracking/live/positions";

async fn send(actor: test_kit::Actor<'_>, latitude: f64, minute: i64) {
    let point = json!({ "latitude": latitude, "longitude": 106.7, "speed": 0.1, "at": minutes(minute) });
    actor.post("/api/v1/locations", json!({ "points": [point] })).await.expect(200);
}

#[tokio::test]
async fn positions_are_those_of_the_people_under_ones_eyes() {
    let t = TestApp::start(tracking::router()).await;
    send(t.rep1(), 10.5, -2).await;
    send(t.rep11(), 10.6, -1).await;
    let seen = async |actor: test_kit::Actor<'_>| {
        let all = actor.get(PATH).await.expect(200)["data"].as_array().unwrap().clone();
        let mut people: Vec<Value> = all.iter().map(|p| p["userId"].clone()).collect();
        people.sort_by_key(Value::to_string);
        people
    };
    assert_eq!(seen(t.supervisor()).await, [json!(REP1)]);
    assert_eq!(seen(t.npp02()).await, [json!(REP11)]);
    assert_eq!(seen(t.area_manager()).await, [json!(REP1), json!(REP11)]);
    assert_eq!(seen(t.admin()).await, [json!(REP1), json!(REP11)]);
    t.rep1().get(PATH).await.problem(403, "forbidden");
    let first = t.supervisor().get(PATH).await.expect(200)["data"][0]["position"].clone();
    assert_eq!((&first["latitude"], &first["motion"]), (&json!(10.5), &json!("standing")));
    assert_eq!(first["ageSeconds"], 120);
}

/// A redis-server that ends with the test.
struct Redis(Child);

impl Drop for Redis {
    fn drop(&mut self) {
        // Whether it has ended by itself is all the same.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn redis() -> (Redis, Shared) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let child = Command::new("redis-server")
        .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is needed for this test: run scripts/setup test, or install it");
    let server = Redis(child);
    let shared = Shared::by(client(&format!("127.0.0.1:{port}")).unwrap()).unwrap();
    let mut answers = false;
    for _ in 0..500 {
        shared.fill(uuid::Uuid::nil(), &[one()], std::time::Duration::from_secs(60)).await;
        answers = shared.latest(uuid::Uuid::nil()).await.is_some();
        if answers {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(answers, "the redis-server doesn't answer");
    (server, shared)
}

fn one() -> adapters::redis::Latest {
    adapters::redis::Latest { member: uuid::Uuid::nil(), at: 0, text: "{}".to_owned() }
}

async fn ask(app: &App, method: &str, user: &str, path: &str, body: Option<Value>) -> Value {
    let (router, _) = OpenApiRouter::new().nest("/api/v1", tracking::router()).split_for_parts();
    let mut request =
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {user}"));
    let body = match body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    let answer = router.with_state(app.clone()).oneshot(request.body(body).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn what_all_processes_share_is_newer_than_nothing_and_spares_the_database() {
    let t = TestApp::start(tracking::router()).await;
    let (server, shared) = redis().await;
    let app = App::new(AppParts {
        db: t.app.db.clone(),
        clock: t.clock.clone(),
        config: Config::default(),
        auth: t.app.auth.clone(),
        blobs: t.app.blobs.clone(),
        shared,
        wake: t.app.wake.clone(),
    });
    let latitude =
        async || ask(&app, "GET", "gsbh01", PATH, None).await["data"][0]["position"]["latitude"].clone();
    // Sent by a process that knows no Redis: found in the database.
    send(t.rep1(), 10.5, -10).await;
    assert_eq!(latitude().await, 10.5);
    // The database isn't asked again: what only it knows isn't seen for a minute,
    send(t.rep1(), 10.6, -9).await;
    assert_eq!(latitude().await, 10.5);
    // and what is told is seen at once; what is told late changes nothing.
    for (place, minute) in [(10.8, -5), (10.7, -8)] {
        let point = json!({ "latitude": place, "longitude": 106.7, "at": minutes(minute) });
        ask(&app, "POST", "nvbh01", "/api/v1/locations", Some(json!({ "points": [point] }))).await;
        assert_eq!(latitude().await, 10.8);
    }
    // Without it the database knows as much.
    drop(server);
    assert_eq!(latitude().await, 10.8);
}
