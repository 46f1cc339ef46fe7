//! Events become notifications.

use std::collections::BTreeSet;

use db::PgConnection;
use domain::UserId;
use jobs::{Consumer, Event, Failure};
use platform::{App, BoxFuture};

use crate::compose::{Draft, EVENTS, NotTo, To, compose};
use crate::sender::Bell;
use crate::store::inbox::{Cause, Ways};
use crate::store::{inbox, people};

/// Tells people of events. What is to leave the house is written down, for the [`crate::sender`].
pub struct Teller {
    app: App,
    bell: Bell,
}

impl Teller {
    /// Rings the bell when there is something to send.
    pub fn new(app: App, bell: Bell) -> Teller {
        Teller { app, bell }
    }

    async fn tell(&self, c: &mut PgConnection, event: &Event) -> Result<(), Failure> {
        let draft = compose(event).map_err(|error| {
            Failure::Never(format!("{} doesn't hold what its name says: {error}", event.kind))
        })?;
        let Some(draft) = draft else { return Ok(()) };
        let people = find_people(c, &draft).await?;
        let now = self.app.now();
        let cause =
            Cause { event: event.id, distributor: event.distributor_id, trace: event.trace_id.as_deref() };
        if draft.alert {
            inbox::insert_alert(c, &cause, &draft, &event.audience, now).await?;
        }
        let ways = ways(&self.app);
        let told = inbox::insert_notifications(c, &cause, &draft, &people, ways, now).await?;
        if told > 0 && (ways.push || ways.sms) {
            self.bell.now();
        }
        Ok(())
    }
}

/// The ways that are set up.
pub(crate) fn ways(app: &App) -> Ways {
    let fcm = &app.config.fcm;
    Ways {
        push: fcm.credentials.is_some() || fcm.credentials_file.is_some(),
        sms: app.config.sms.provider.is_some(),
    }
}

impl Consumer for Teller {
    fn name(&self) -> &'static str {
        "notifications"
    }

    fn wants(&self, kind: &str) -> bool {
        EVENTS.contains(&kind)
    }

    fn handle<'a>(&'a self, c: &'a mut PgConnection, event: &'a Event) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(self.tell(c, event))
    }
}

/// Who is told, each once.
async fn find_people(c: &mut PgConnection, draft: &Draft) -> Result<Vec<UserId>, sqlx::Error> {
    let mut found = BTreeSet::new();
    for to in &draft.to {
        match to {
            To::Person(person) => drop(found.insert(*person)),
            To::Leaders(units, roles) => found.extend(people::list_leaders(c, units, roles).await?),
            To::LeadersOf(unit, roles) => {
                let units = people::list_units_above(c, *unit).await?;
                found.extend(people::list_leaders(c, &units, roles).await?);
            }
            To::Office(distributor) => found.extend(people::list_office(c, *distributor).await?),
        }
    }
    let not_to = match draft.not_to {
        NotTo::Nobody => None,
        NotTo::Person(person) => Some(person),
        NotTo::DeciderOf(order) => people::find_decider(c, order).await?,
    };
    if let Some(person) = not_to {
        found.remove(&person);
    }
    Ok(found.into_iter().collect())
}
