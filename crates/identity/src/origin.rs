use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use db::{Context, Tenants};
use domain::UserId;
use platform::Caller;
use platform::observe::RequestInfo;

/// Where a request comes from whose caller is not known yet.
pub(crate) struct Origin(RequestInfo);

impl Origin {
    /// The system, acting on what this request asks in somebody's name.
    pub fn context(&self, user: Option<UserId>, name: &str) -> Context {
        Context {
            user,
            name: name.to_owned(),
            tenants: Tenants::Company,
            address: self.0.address.clone(),
            trace_id: Some(self.0.trace_id.clone()),
        }
    }

    pub fn address(&self) -> &str {
        self.0.address.as_deref().unwrap_or_default()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Origin(parts.extensions.get::<RequestInfo>().cloned().unwrap_or_default()))
    }
}

/// The caller's context with the reach of the system: accounts and secrets are closed to the role of distributors'
/// callers. What uses this must check by itself whom the caller may touch.
pub(crate) fn as_system(caller: &Caller) -> Context {
    Context { tenants: Tenants::Company, ..caller.context().clone() }
}
