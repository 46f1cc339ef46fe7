//! The live hub `/hubs/dms`: who may hear what.
//!
//! A connection is put into the groups its user watches: `user:{id}`, `team:{unit}` for the units they belong to or stand
//! above, `distributor:{id}` for the distributor they run. By `JoinGroup` it joins others it may hear, by `LeaveGroup` it
//! leaves one.
//! Events come from the outbox, after their commit. Whose rights change is sent away and comes back with the new ones.

use std::sync::Arc;
use std::time::Duration;

use domain::permission::TrackingView;
use domain::role::Role;
use domain::{DistributorId, OrgUnitId};
use jobs::{Event, Listener};
use platform::{Authenticator, BoxFuture, Identity};
use signalr::{
    Audience, Connection, ConnectionId, Credentials, Hub, HubError, HubOptions, HubServer, HubSetupError,
    Methods, Propagation, Reconnect, Rejection,
};
use tracing::Span;

/// Where the hub is.
pub const PATH: &str = "/hubs/dms";

/// The events that clients know; others are not for the hub.
const EVENTS: &[&str] = &[
    "LocationUpdated",
    "OrderCreated",
    "OrderStatusChanged",
    "VisitStarted",
    "VisitCompleted",
    "AlertReceived",
    "NotificationReceived",
    "ReportReady",
];

/// The hub's rules.
pub struct DmsHub {
    auth: Arc<dyn Authenticator>,
}

/// The hub as the rest of the program holds it.
pub type Server = HubServer<DmsHub>;

/// How often it is asked whether those who are connected may still hear what they hear.
const CHECK_EVERY: Duration = Duration::from_secs(10);

/// The name by which the processes find each other in Redis.
const NAME: &str = "dms:hub";

/// Makes the hub; mount [`HubServer::router`] at [`PATH`]. With a Redis all processes that have the same are one hub.
/// Needs a Tokio runtime.
///
/// # Errors
/// Never, as long as the hub's methods have names of their own.
pub fn server(auth: Arc<dyn Authenticator>, redis: Option<redis::Client>) -> Result<Server, HubSetupError> {
    checking(auth, redis, CHECK_EVERY)
}

fn checking(
    auth: Arc<dyn Authenticator>,
    redis: Option<redis::Client>,
    every: Duration,
) -> Result<Server, HubSetupError> {
    let propagation = Propagation { inject: || telemetry::current()?.traceparent(), extract: heard_of };
    let (hub, options) =
        (DmsHub { auth }, HubOptions { propagation: Some(propagation), ..HubOptions::default() });
    let server = match redis {
        Some(client) => HubServer::with_redis(hub, options, client, NAME)?,
        None => HubServer::new(hub, options)?,
    };
    tokio::spawn(check_rights(server.clone(), every));
    Ok(server)
}

/// A span for an event that another process has sent, in the trace it comes from.
fn heard_of(trace: &str) -> Span {
    let span = tracing::error_span!(
        parent: None,
        "heard",
        otel.kind = "consumer",
        otel.name = "live hub",
        messaging.system = "redis",
        messaging.destination.name = NAME,
    );
    if !span.is_disabled() {
        telemetry::join(&span, Some(trace));
    }
    span
}

/// Who is connected, and with which token.
pub struct Viewer {
    identity: Arc<Identity>,
    /// A secret.
    token: Box<str>,
}

/// Sends those away, again and again, whose rights have changed or whose token has expired. They come back by
/// themselves and are put into the groups they may hear now.
async fn check_rights(server: Server, every: Duration) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = server.shutting_down() => return,
        }
        let viewers =
            server.each_connection(|id, viewer| (id.clone(), viewer.identity.clone(), viewer.token.clone()));
        // One after the other: the database has more to do than this.
        for (id, identity, token) in viewers {
            if !is_unchanged(server.hub().auth.as_ref(), &identity, &token).await {
                send_away(&server, &id).await;
            }
        }
    }
}

async fn send_away(server: &Server, id: &ConnectionId) {
    if let Err(error) = server.disconnect(id, Reconnect::Allow).await {
        tracing::error!(connection = %id, %error, "a connection can't be closed");
    }
}

/// Whether a token still stands for the same rights. While the database is away they are believed to be the same.
async fn is_unchanged(auth: &dyn Authenticator, identity: &Identity, token: &str) -> bool {
    match auth.authenticate(token).await {
        Ok(now) => {
            now.role == identity.role
                && now.units == identity.units
                && now.tenants == identity.tenants
                && now.distributor_id == identity.distributor_id
                && now.must_change_password == identity.must_change_password
        }
        Err(error) => error.status().is_server_error(),
    }
}

impl Hub for DmsHub {
    type User = Viewer;

    fn methods(methods: &mut Methods<Self>) {
        methods.call("JoinGroup", join_group).call("LeaveGroup", leave_group);
    }

    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Viewer, Rejection> {
        let token = credentials.token.ok_or_else(Rejection::unauthorized)?;
        let identity = self.auth.authenticate(token).await.map_err(|e| {
            if e.status().is_server_error() { Rejection::unavailable() } else { Rejection::unauthorized() }
        })?;
        identity.with_own_password().map_err(|_| Rejection::forbidden())?;
        Ok(Viewer { identity, token: token.into() })
    }

    fn user_key(&self, viewer: &Viewer) -> Option<String> {
        Some(viewer.identity.user_id.to_string())
    }

    async fn on_connected(&self, connection: &Connection<Self>) -> Result<(), HubError> {
        for group in own_groups(&connection.user().identity) {
            connection.add_to_group(&group).await?;
        }
        Ok(())
    }
}

/// A client wants to hear a group.
async fn join_group(connection: Connection<DmsHub>, group: String) -> Result<(), HubError> {
    // What the user may hear now, which may be less than when they came.
    let Viewer { identity, token } = connection.user();
    if !is_unchanged(connection.hub().auth.as_ref(), identity, token).await {
        connection.abort(Reconnect::Allow).await;
        return Err(HubError::Unauthorized);
    }
    if !may_join(identity, &group) {
        return Err(HubError::Unauthorized);
    }
    connection.add_to_group(&group).await
}

/// A client has heard enough of a group.
async fn leave_group(connection: Connection<DmsHub>, group: String) -> Result<(), HubError> {
    connection.remove_from_group(&group).await
}

/// What a user hears without asking: their own events; those who watch, also their units' or their distributor's.
/// An event names the unit of its work and all units above, so one's own units are enough.
fn own_groups(user: &Identity) -> Vec<String> {
    let mut groups = vec![format!("user:{}", user.user_id)];
    if user.role.has::<TrackingView>() {
        groups.extend(user.units.iter().map(|unit| format!("team:{unit}")));
        if let (Role::DistributorAdmin, Some(distributor)) = (user.role, user.distributor_id) {
            groups.push(format!("distributor:{distributor}"));
        }
    }
    groups
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

impl Listener for Broadcast {
    fn handle<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if !EVENTS.contains(&event.kind.as_str()) {
                return;
            }
            let audience = Audience::Groups(event.audience.clone());
            if let Err(error) = self.0.send(&audience, &[], &event.kind, (&event.payload,)).await {
                tracing::error!(event = %event.id, error = %error, "an event can't be sent");
            }
        })
    }
}

#[cfg(test)]
mod tests;
