//! Sending straight to a store that gives links.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use adapters::blob::{Answer, BlobStore, FolderStore, Key, Link, Passing};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use platform::{App, AppParts, Config, Wake};
use serde_json::{Value, json};
use test_kit::TestApp;
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::support::{app, count, get, head, name, path, photo, put};

/// A folder that gives links as Azure does; the test writes to it in the client's place.
struct Linking(FolderStore);

impl BlobStore for Linking {
    fn write<'a>(&'a self, key: &'a Key, bytes: Bytes) -> Answer<'a, ()> {
        self.0.write(key, bytes)
    }
    fn read<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Bytes>> {
        self.0.read(key)
    }
    fn size<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<u64>> {
        self.0.size(key)
    }
    fn remove<'a>(&'a self, key: &'a Key) -> Answer<'a, ()> {
        self.0.remove(key)
    }
    fn list_passing<'a>(&'a self, what: Passing, before: SystemTime) -> Answer<'a, Vec<Key>> {
        self.0.list_passing(what, before)
    }
    fn link<'a>(&'a self, key: &'a Key, _: Duration) -> Answer<'a, Option<Link>> {
        let url = format!("https://store.example/{}", key.as_str());
        Box::pin(async { Ok(Some(Link { url, headers: vec![("x-ms-blob-type", "BlockBlob")] })) })
    }
}

/// The same application on a store that gives links.
fn linking(t: &TestApp) -> Router {
    let app = App::new(AppParts {
        db: t.app.db.clone(),
        clock: t.clock.clone(),
        config: Config::default(),
        auth: t.app.auth.clone(),
        blobs: Arc::new(Linking(FolderStore::new(t.database.folder().join("files")))),
        shared: t.app.shared.clone(),
        wake: Wake::default(),
    });
    let (router, _) = OpenApiRouter::new().nest("/api/v1", files::router()).split_for_parts();
    router.with_state(app)
}

async fn post(router: &Router, user: &str, path: &str, body: Value) -> (u16, Value) {
    let request = Request::post(path)
        .header("authorization", format!("Bearer {user}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// Asks for a link for the photo and sends `sent` by it; gives the upload's id.
async fn send_by_link(t: &TestApp, router: &Router, bytes: &[u8], sent: &[u8]) -> String {
    let wanted = json!({ "sha256": name(bytes), "sizeBytes": bytes.len() });
    let (status, link) = post(router, "nvbh01", "/api/v1/files/upload-url", wanted).await;
    assert_eq!((status, &link["complete"]), (200, &json!(false)));
    assert_eq!(link["headers"], json!({ "x-ms-blob-type": "BlockBlob" }));
    let id: Uuid = link["uploadId"].as_str().unwrap().parse().unwrap();
    let key = Key::passing(Passing::Link, id);
    // Never the content's own name: what was checked before could be replaced there.
    assert_eq!(link["url"], format!("https://store.example/{}", key.as_str()));
    t.app.blobs.write(&key, Bytes::copy_from_slice(sent)).await.unwrap();
    id.to_string()
}

fn complete(bytes: &[u8]) -> String {
    format!("{}/complete", path(bytes))
}

#[tokio::test]
async fn what_was_sent_by_a_link_is_checked_and_taken_in() {
    let t = app().await;
    let router = linking(&t);
    let bytes = photo(1);
    let id = send_by_link(&t, &router, &bytes, &bytes).await;
    // By its sender only.
    for other in ["nvbh02", "nvbh11", "admin"] {
        assert_eq!(
            post(&router, other, &complete(&bytes), json!({ "uploadId": id })).await.0,
            404,
            "{other}"
        );
    }
    let (status, stored) = post(&router, "nvbh01", &complete(&bytes), json!({ "uploadId": id })).await;
    assert_eq!((status, &stored["contentType"]), (201, &json!("image/jpeg")));
    assert_eq!(get(&t, "nvbh01", &path(&bytes)).await.bytes, bytes);
    assert_eq!(t.stored_files(), 1);
    assert_eq!(post(&router, "nvbh01", &complete(&bytes), json!({ "uploadId": id })).await.0, 404);
    assert_eq!(count(&t, "select count(*) from file_links").await, 0);
}

#[tokio::test]
async fn what_is_not_what_it_says_is_dropped() {
    let t = app().await;
    let router = linking(&t);
    let bytes = photo(2);
    for (sent, status, code) in
        [(photo(3), 422, "files.digest_mismatch"), (vec![0; 15 * 1024 * 1024 + 1], 413, "too_large")]
    {
        let id = send_by_link(&t, &router, &bytes, &sent).await;
        let (answered, problem) = post(&router, "nvbh01", &complete(&bytes), json!({ "uploadId": id })).await;
        assert_eq!(answered, status, "{code}: {problem}");
        assert_eq!(t.stored_files(), 0);
        // It can be sent again by the same link.
        let (again, _) = post(&router, "nvbh01", &complete(&bytes), json!({ "uploadId": id })).await;
        assert_eq!(again, 409);
    }
    assert_eq!(head(&t, "nvbh01", &bytes).await.status, 404);
}

#[tokio::test]
async fn that_another_distributor_has_a_content_is_not_told() {
    let t = app().await;
    let router = linking(&t);
    let bytes = photo(4);
    put(&t, "nvbh11", &bytes).await.expect(201);
    let wanted = json!({ "sha256": name(&bytes), "sizeBytes": bytes.len() });
    let (status, link) = post(&router, "nvbh01", "/api/v1/files/upload-url", wanted).await;
    assert_eq!((status, &link["complete"]), (200, &json!(false)));
}
