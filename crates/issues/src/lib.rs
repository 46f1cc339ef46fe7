//! Issues: somebody in the field asks people or units to look at something; they answer until it is resolved.
//!
//! A thread is *open* while it waits for an answer, *answered* when somebody else than who asked has written last, and
//! *resolved* when it is done; it can be reopened. Posts are never changed.

mod error;
mod http;
mod model;
mod service;
mod store;

pub use error::IssueError;
pub use model::{Issue, Post, Recipient, Thread};
pub use service::{NewIssue, open};

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints of issues.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list::list_issues, http::open::open_issue))
        .routes(routes!(http::show::get_issue))
        .routes(routes!(http::post::post_to_issue))
        .routes(routes!(http::resolve::resolve_issue))
        .routes(routes!(http::resolve::reopen_issue))
}
