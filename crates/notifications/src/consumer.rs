//! Events become notifications.

use std::collections::{BTreeSet, HashMap};

use db::PgConnection;
use domain::UserId;
use jobs::{Consumer, Event, Failure};
use platform::{App, BoxFuture};
use uuid::Uuid;

use crate::compose::{Draft, EVENTS, NotTo, To, compose};
use crate::sender::Bell;
use crate::store::inbox::{Telling, Ways};
use crate::store::{inbox, people};

/// Events of one statement. What it joins is short for the planner, which compares each with each.
const AT_ONCE: usize = 50;

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

    /// Tells of all the events at once.
    async fn tell(&self, c: &mut PgConnection, events: &[Event]) -> Result<(), Failure> {
        let mut drafts: Vec<(&Event, Draft)> = Vec::with_capacity(events.len());
        for event in events {
            let draft = compose(event).map_err(|error| {
                Failure::Never(format!("{} doesn't hold what its name says: {error}", event.kind))
            })?;
            drafts.extend(draft.map(|draft| (event, draft)));
        }
        if drafts.is_empty() {
            return Ok(());
        }
        let now = self.app.now();
        let mut finder = Finder::new(c, &drafts).await?;
        let mut tellings = Vec::with_capacity(drafts.len());
        for (event, draft) in drafts {
            let people = finder.find(c, &draft).await?;
            let (alert, trace) = (draft.alert, event.trace_id.as_deref());
            let telling =
                Telling { event: event.id, distributor: event.distributor_id, trace, draft, people };
            if alert {
                inbox::insert_alert(c, &telling, &event.audience, now).await?;
            }
            tellings.push(telling);
        }
        let ways = ways(&self.app);
        let mut told = 0;
        for some in tellings.chunks(AT_ONCE) {
            told += inbox::insert_notifications(c, some, ways, now).await?;
        }
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
        Box::pin(self.tell(c, std::slice::from_ref(event)))
    }

    fn handle_all<'a>(
        &'a self,
        c: &'a mut PgConnection,
        events: &'a [Event],
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(self.tell(c, events))
    }
}

/// Finds out who is told; asks once for what many drafts want to know.
struct Finder {
    found: HashMap<To, Vec<UserId>>,
    deciders: HashMap<Uuid, UserId>,
}

impl Finder {
    async fn new(c: &mut PgConnection, drafts: &[(&Event, Draft)]) -> Result<Finder, sqlx::Error> {
        let orders: Vec<Uuid> = drafts
            .iter()
            .filter_map(|(_, draft)| match draft.not_to {
                NotTo::DeciderOf(order) => Some(order),
                NotTo::Nobody | NotTo::Person(_) => None,
            })
            .collect();
        let deciders = if orders.is_empty() { Vec::new() } else { people::list_deciders(c, &orders).await? };
        Ok(Finder { found: HashMap::new(), deciders: deciders.into_iter().collect() })
    }

    /// Each once.
    async fn find(&mut self, c: &mut PgConnection, draft: &Draft) -> Result<Vec<UserId>, sqlx::Error> {
        let mut told = BTreeSet::new();
        for to in &draft.to {
            if let To::Person(person) = to {
                told.insert(*person);
            } else if let Some(known) = self.found.get(to) {
                told.extend(known);
            } else {
                let found = look_up(c, to).await?;
                told.extend(&found);
                self.found.insert(to.clone(), found);
            }
        }
        let not_to = match draft.not_to {
            NotTo::Nobody => None,
            NotTo::Person(person) => Some(person),
            NotTo::DeciderOf(order) => self.deciders.get(&order).copied(),
        };
        if let Some(person) = not_to {
            told.remove(&person);
        }
        Ok(told.into_iter().collect())
    }
}

async fn look_up(c: &mut PgConnection, to: &To) -> Result<Vec<UserId>, sqlx::Error> {
    match to {
        To::Person(person) => Ok(vec![*person]),
        To::Leaders(units, roles) => people::list_leaders(c, units, roles).await,
        To::LeadersOf(unit, roles) => {
            let units = people::list_units_above(c, *unit).await?;
            people::list_leaders(c, &units, roles).await
        }
        To::Office(distributor) => people::list_office(c, *distributor).await,
    }
}
