//! The REST API: the routers of all capabilities under `/api/v1`, their OpenAPI document, and the limits every request
//! is under. The only crate that knows all capabilities.

use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::{Router, middleware};
use platform::App;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, RefOr};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

/// What errors are sent as.
const PROBLEM: &str = "application/problem+json";
/// After this a request is given up with 504; the database gives up its statements at the same time.
const TIME_LIMIT: Duration = Duration::from_secs(60);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "DILIGO DMS",
        description = "Distribution management: master data, routes and visits, orders, stock, receivables, reports. Money is whole đồng, quantities are whole units, instants are UTC, dates are business days of Asia/Ho_Chi_Minh. Errors are RFC 9457 problems in the language of Accept-Language (vi, en).",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    modifiers(&Bearer),
    components(schemas(platform::Problem))
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("bearer", SecurityScheme::Http(scheme));
        document.security = Some(vec![SecurityRequirement::new("bearer", [] as [&str; 0])]);
    }
}

/// Errors are sent as `application/problem+json`, whatever the operations say.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut Document) {
        let operations = document.paths.paths.values_mut().flat_map(|path| {
            [&mut path.get, &mut path.put, &mut path.post, &mut path.patch, &mut path.delete]
        });
        for operation in operations.flatten() {
            for response in operation.responses.responses.values_mut() {
                let RefOr::T(response) = response else { continue };
                response.content =
                    std::mem::take(&mut response.content)
                        .into_iter()
                        .map(|(kind, content)| {
                            if is_problem(&content) { (PROBLEM.to_owned(), content) } else { (kind, content) }
                        })
                        .collect();
            }
        }
    }
}

fn is_problem(content: &RefOr<Content>) -> bool {
    matches!(content, RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. })
        if schema.ref_location == "#/components/schemas/Problem")
}

fn capabilities() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(identity::router())
        .merge(org::router())
        .merge(catalog::router())
        .merge(promotions::router())
        .merge(customers::router())
        .merge(routes::router())
        .merge(visits::router())
        .merge(issues::router())
        .merge(notifications::router())
        .merge(displays::router())
        .merge(files::router())
        .merge(attendance::router())
        .merge(kpi::router())
        .merge(tracking::router())
        .merge(orders::router())
        .merge(inventory::router())
        .merge(receivables::router())
        .merge(reports::router())
        .merge(integrations::router())
        .merge(sync::router())
        .merge(jobs::router())
}

fn with_document() -> (Router<App>, Document) {
    let (router, mut document) =
        OpenApiRouter::with_openapi(Description::openapi()).nest("/api/v1", capabilities()).split_for_parts();
    Problems.modify(&mut document);
    (router, document)
}

/// The OpenAPI document.
pub fn document() -> Document {
    with_document().1
}

/// The API, with `/swagger` where it is enabled.
pub fn router(app: &App) -> Router {
    let (router, document) = with_document();
    let router = router
        .layer(DefaultBodyLimit::max(platform::body::LIMIT))
        .layer(middleware::from_fn_with_state(app.clone(), platform::limit::by_address))
        .with_state(app.clone());
    if app.config.swagger() {
        router.merge(utoipa_swagger_ui::SwaggerUi::new("/swagger").url("/swagger/v1/swagger.json", document))
    } else {
        router
    }
}

/// Tells requests' true addresses, where proxies of ours stand before us; the outermost of all.
pub fn behind(router: Router, proxies: u8) -> Router {
    if proxies == 0 {
        return router;
    }
    router.layer(middleware::from_fn(move |request, next| {
        platform::forwarded::forwarded(proxies, request, next)
    }))
}

/// What stands around everything that is served: observation, compression, limits, headers.
pub fn around(router: Router) -> Router {
    let header = |name, value| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    router
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIME_LIMIT))
        .layer(middleware::from_fn(platform::observe::observe))
        .layer(CompressionLayer::new())
        .layer(header("x-content-type-options", "nosniff"))
        .layer(header("x-frame-options", "DENY"))
        .layer(header("referrer-policy", "same-origin"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::document;

    fn refs(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    match (key.as_str(), value) {
                        ("$ref", Value::String(name)) => drop(found.insert(name.clone())),
                        _ => refs(value, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| refs(item, found)),
            _ => {}
        }
    }

    #[test]
    fn the_document_refers_only_to_what_it_has_and_names_each_operation_once() {
        let document = serde_json::to_value(document()).unwrap();
        let mut found = BTreeSet::new();
        refs(&document, &mut found);
        for name in found {
            assert!(document.pointer(name.trim_start_matches('#')).is_some(), "{name} is missing");
        }
        let mut operations = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let id = operation["operationId"]
                    .as_str()
                    .unwrap_or_else(|| panic!("{method} {path} has no name"));
                assert!(operations.insert(id.to_owned()), "{id} is the name of two operations");
                for (status, response) in operation["responses"].as_object().unwrap() {
                    assert!(
                        !response["description"].as_str().unwrap_or_default().is_empty(),
                        "{id} {status}"
                    );
                    for (kind, content) in response["content"].as_object().into_iter().flatten() {
                        let problem = content["schema"]["$ref"] == "#/components/schemas/Problem";
                        assert_eq!(problem, kind == "application/problem+json", "{id} {status}");
                        assert_eq!(problem, status.starts_with(['4', '5']), "{id} {status}");
                    }
                }
            }
        }
        assert!(operations.len() > 80);
    }

    #[tokio::test]
    async fn a_date_that_the_database_does_not_know_is_the_clients_mistake() {
        let t = test_kit::TestApp::start(super::capabilities()).await;
        let stock = format!("/warehouses/{}/stock?expiresBy=", test_kit::world::MAIN1);
        for year in ["-262143", "%2B262142"] {
            for (path, time) in [
                ("/orders?from=", ""),
                ("/orders?to=", ""),
                ("/invoices?from=", ""),
                ("/receivables/receipts?from=", ""),
                ("/receivables/ageing?asOf=", ""),
                ("/promotions?activeOn=", ""),
                ("/inventory/movements?from=", ""),
                ("/inventory/movements?to=", ""),
                ("/audit-log?from=", "T00:00:00Z"),
                (&stock, ""),
            ] {
                let answer = t.admin().get(&format!("/api/v1{path}{year}-06-01{time}")).await;
                assert!(!answer.status.is_server_error(), "{path}{year}: {}", answer.status);
            }
        }
        let shop = json!({ "name": "A", "birthday": "-262143-06-01" });
        t.npp01().post("/api/v1/customers", shop).await.problem(400, "date_out_of_range");
        t.npp01()
            .get("/api/v1/inventory/movements?from=-262143-06-01")
            .await
            .problem(400, "date_out_of_range");
    }
}
