//! The built web apps: the back office at `/`, the phone app at `/field/`.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use tower_http::services::{ServeDir, ServeFile};

/// Everything comes from ourselves; the map and the component library set inline styles.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

/// Serves the apps from their folder; paths of pages go to the app's `index.html`, which knows them.
pub fn router(folder: &Path) -> Router {
    if !folder.join("index.html").is_file() {
        return Router::new().fallback(get(not_built));
    }
    let app = |folder: &Path| {
        ServeDir::new(folder)
            .append_index_html_on_directories(true)
            .fallback(ServeFile::new(folder.join("index.html")))
    };
    let field = folder.join("field");
    Router::new()
        .route("/field", get(|| async { Redirect::permanent("/field/") }))
        .nest_service("/field/", app(&field))
        .fallback_service(app(folder))
        .layer(middleware::from_fn(headers))
}

async fn headers(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    // A path of the API or the hub that nobody knows must not answer with a page, nor a missing file with one.
    if path.starts_with("/api/") || path.starts_with("/hubs/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut response = next.run(request).await;
    let is_page = response
        .headers()
        .get("content-type")
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("text/html"));
    if is_page && has_extension(&path) && !path.ends_with(".html") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let cache = if is_hashed(&path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn has_extension(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

/// `main-XU5WCMRB.js`: the name changes with the content.
fn is_hashed(path: &str) -> bool {
    let Some(name) = path.rsplit('/').next() else { return false };
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    matches!(extension, "js" | "css" | "woff2" | "woff")
        && stem.rsplit_once('-').is_some_and(|(_, hash)| {
            hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
}

async fn not_built(uri: Uri) -> Response {
    if uri.path().starts_with("/api/") || uri.path().starts_with("/hubs/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = "<!doctype html><meta charset=utf-8><title>DILIGO DMS</title><p>Giao diện web chưa được biên dịch. Chạy <code>make run</code>.<p>The web apps are not built. Run <code>make run</code>.";
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_change_with_the_content_are_kept_for_ever() {
        assert!(is_hashed("/main-XU5WCMRB.js"));
        assert!(is_hashed("/field/chunk-Bd_NDe85.js"));
        assert!(!is_hashed("/field/ngsw-worker.js"));
        assert!(!is_hashed("/index.html"));
    }
}
