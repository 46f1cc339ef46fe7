//! The live hub `/hubs/dms`: who may hear what.
//!
//! A connection hears its user's own events at once and joins further groups by [`JoinGroup`](DmsHub): `team:{unit}`
//! for units the caller belongs to or stands above, `distributor:{id}` for distributors whose rows the caller sees.
//! Events come from the outbox, after their commit.

use std::sync::Arc;

use domain::permission::TrackingView;
use domain::role::Role;
use domain::{DistributorId, OrgUnitId};
use jobs::relay::{Consumer, Event};
use platform::{Authenticator, BoxFuture, Identity};
use signalr::{ConnectionContext, Credentials, Hub, HubError, HubOptions, HubServer, Invocation, Rejection};

/// Where the hub is.
pub const PATH: &str = "/hubs/dms";

/// The hub's rules.
pub struct DmsHub {
    auth: Arc<dyn Authenticator>,
}

/// The hub as the rest of the program holds it.
pub type Server = HubServer<DmsHub>;

/// Makes the hub; mount [`HubServer::router`] at [`PATH`].
pub fn server(auth: Arc<dyn Authenticator>) -> Server {
    HubServer::new(DmsHub { auth }, HubOptions::default())
}

impl Hub for DmsHub {
    type User = Arc<Identity>;

    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Arc<Identity>, Rejection> {
        let token = credentials.token.ok_or_else(Rejection::unauthorized)?;
        self.auth.authenticate(token).await.map_err(|e| {
            if e.status().is_server_error() { Rejection::unavailable() } else { Rejection::unauthorized() }
        })
    }

    fn user_key(&self, user: &Arc<Identity>) -> Option<String> {
        Some(user.user_id.to_string())
    }

    async fn on_connected(&self, cx: &ConnectionContext<Self>) -> Result<(), HubError> {
        cx.add_to_group(&format!("user:{}", cx.user().user_id));
        Ok(())
    }

    async fn invoke(
        &self,
        cx: &ConnectionContext<Self>,
        call: Invocation,
    ) -> Result<Option<serde_json::Value>, HubError> {
        if call.is("JoinGroup") {
            let (group,): (String,) = call.arguments()?;
            if !may_join(cx.user(), &group) {
                return Err(HubError::Unauthorized);
            }
            cx.add_to_group(&group);
            Ok(None)
        } else if call.is("LeaveGroup") {
            let (group,): (String,) = call.arguments()?;
            cx.remove_from_group(&group);
            Ok(None)
        } else {
            Err(HubError::UnknownMethod)
        }
    }
}

/// Whether the user may hear this group.
fn may_join(user: &Identity, group: &str) -> bool {
    let Some((kind, id)) = group.split_once(':') else { return false };
    let watches = user.role.has::<TrackingView>();
    match kind {
        "user" => id == user.user_id.to_string(),
        "team" => watches && id.parse::<OrgUnitId>().is_ok_and(|unit| user.units.contains(&unit)),
        // A supervisor hears their teams, not the whole distributor.
        "distributor" => {
            let whole = matches!(user.role, Role::DistributorAdmin | Role::CompanyAdmin);
            whole && id.parse::<DistributorId>().is_ok_and(|d| user.tenants.includes(d))
        }
        _ => false,
    }
}

/// Sends committed events to their audience.
pub struct Broadcast(pub Server);

impl Consumer for Broadcast {
    fn handle<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(error) = self.0.send_groups(&event.audience, &event.kind, (&event.payload,)) {
                tracing::error!(event = %event.id, error = %error, "an event can't be sent");
            }
        })
    }
}
