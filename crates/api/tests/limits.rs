//! How many requests somebody may make.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use platform::{App, AppParts, Config};
use test_kit::TestApp;
use tower::ServiceExt as _;

const ME: &str = "/api/v1/notifications";

/// The API where three requests a minute are allowed, behind so many proxies.
async fn three_a_minute(proxies: u8) -> (TestApp, Router) {
    let t = TestApp::start(api_of_nothing()).await;
    let app = App::new(AppParts {
        db: t.app.db.clone(),
        clock: t.clock.clone(),
        config: Config { rate_limit_per_minute: Some(3), ..Config::default() },
        auth: t.app.auth.clone(),
        blobs: t.app.blobs.clone(),
        shared: t.app.shared.clone(),
        wake: t.app.wake.clone(),
    });
    let router = api::behind(api::around(api::router(&app)), proxies);
    (t, router)
}

fn api_of_nothing() -> utoipa_axum::router::OpenApiRouter<App> {
    utoipa_axum::router::OpenApiRouter::new()
}

async fn get(router: &Router, token: Option<&str>, from: &str) -> Response<Body> {
    let mut request = Request::get(ME).header("x-forwarded-for", from);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).unwrap().to_str().unwrap()
}

#[tokio::test]
async fn each_user_has_a_quota_and_hears_where_they_stand() {
    let (_t, router) = three_a_minute(0).await;
    for left in ["2", "1", "0"] {
        let answer = get(&router, Some("nvbh01"), "x").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(
            (header(&answer, "x-ratelimit-limit"), header(&answer, "x-ratelimit-remaining")),
            ("3", left)
        );
    }
    let refused = get(&router, Some("nvbh01"), "x").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(header(&refused, "content-type"), "application/problem+json; charset=utf-8");
    let wait: u32 = header(&refused, "retry-after").parse().unwrap();
    assert!((1..=21).contains(&wait), "{wait}");
    assert_eq!(get(&router, Some("nvbh02"), "x").await.status(), 200, "each has their own");
}

#[tokio::test]
async fn requests_without_a_good_token_use_up_their_addresss_quota_and_others_do_not() {
    let (_t, router) = three_a_minute(1).await;
    assert_eq!(get(&router, None, "203.0.113.7").await.status(), 401);
    assert_eq!(get(&router, Some("forged"), "203.0.113.7").await.status(), 401);
    assert_eq!(get(&router, Some("nvbh01"), "203.0.113.7").await.status(), 200);
    assert_eq!(get(&router, None, "203.0.113.7").await.status(), 401);
    assert_eq!(get(&router, None, "203.0.113.7").await.status(), 429);
    assert_eq!(get(&router, Some("forged"), "203.0.113.7").await.status(), 429);
    assert_eq!(get(&router, Some("nvbh01"), "203.0.113.7").await.status(), 200, "thousands share an address");
    assert_eq!(get(&router, None, "1.2.3.4, 203.0.113.8").await.status(), 401, "another address");
    assert_eq!(
        get(&router, None, "203.0.113.8, 203.0.113.7").await.status(),
        429,
        "only our proxy is believed"
    );
}
