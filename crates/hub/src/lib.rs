//! The live hub `/hubs/dms`: who may hear what.
//!
//! A connection is put into the groups its user watches: `user:{id}`, `team:{unit}` for the units they belong to or stand
//! above, `distributor:{id}` for the distributor they run. By `JoinGroup` it joins others it may hear, by `LeaveGroup` it
//! leaves one.
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
        let identity = self.auth.authenticate(token).await.map_err(|e| {
            if e.status().is_server_error() { Rejection::unavailable() } else { Rejection::unauthorized() }
        })?;
        identity.with_own_password().map_err(|_| Rejection::forbidden())?;
        Ok(identity)
    }

    fn user_key(&self, user: &Arc<Identity>) -> Option<String> {
        Some(user.user_id.to_string())
    }

    async fn on_connected(&self, cx: &ConnectionContext<Self>) -> Result<(), HubError> {
        for group in own_groups(cx.user()) {
            cx.add_to_group(&group);
        }
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

impl Consumer for Broadcast {
    fn handle<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(error) = self.0.send_groups(&event.audience, &event.kind, (&event.payload,)) {
                tracing::error!(event = %event.id, error = %error, "an event can't be sent");
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use db::Tenants;
    use domain::{SessionId, UserId};
    use uuid::Uuid;

    use super::*;

    fn somebody(role: Role, distributor: u128, units: &[u128]) -> Identity {
        let distributor = DistributorId::new(Uuid::from_u128(distributor));
        let units: Vec<OrgUnitId> = units.iter().map(|u| OrgUnitId::new(Uuid::from_u128(*u))).collect();
        Identity {
            user_id: UserId::new(Uuid::from_u128(1)),
            session_id: SessionId::new(Uuid::from_u128(2)),
            username: "lan".to_owned(),
            full_name: "Lan".to_owned(),
            role,
            distributor_id: Some(distributor),
            distributor_name: None,
            tenants: Tenants::Distributors(vec![distributor]),
            primary_unit: units.first().copied(),
            units,
            must_change_password: false,
        }
    }

    fn group(kind: &str, id: u128) -> String {
        format!("{kind}:{}", Uuid::from_u128(id))
    }

    #[test]
    fn a_supervisor_hears_their_teams_and_not_the_whole_distributor() {
        let supervisor = somebody(Role::Supervisor, 10, &[20, 21]);
        assert_eq!(own_groups(&supervisor), [group("user", 1), group("team", 20), group("team", 21)]);
        assert!(may_join(&supervisor, &group("team", 21)));
        assert!(!may_join(&supervisor, &group("team", 22)));
        assert!(!may_join(&supervisor, &group("distributor", 10)));
    }

    #[test]
    fn a_distributors_office_hears_its_distributor_and_no_other() {
        let office = somebody(Role::DistributorAdmin, 10, &[20]);
        assert!(own_groups(&office).contains(&group("distributor", 10)));
        assert!(may_join(&office, &group("distributor", 10)));
        assert!(!may_join(&office, &group("distributor", 11)));
    }

    #[test]
    fn a_rep_hears_only_themselves() {
        let rep = somebody(Role::SalesRep, 10, &[20]);
        assert_eq!(own_groups(&rep), [group("user", 1)]);
        for other in [
            group("team", 20),
            group("user", 3),
            group("distributor", 10),
            "user".to_owned(),
            "x:y".to_owned(),
        ] {
            assert!(!may_join(&rep, &other), "{other}");
        }
    }
}
