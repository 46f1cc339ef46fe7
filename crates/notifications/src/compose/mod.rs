//! What people are told about an event, and who.
//!
//! Events carry what was at their time, so that the words can be made without looking anything up. Who is told is said by
//! place in the organisation; [`crate::store::people`] finds the people.

mod alerts;
mod notices;
mod orders;

use domain::{DistributorId, Role, UserId};
use jobs::Event;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::kind::Kind;

/// The kinds of events that people are told of.
pub(crate) const EVENTS: &[&str] =
    &["OrderCreated", "OrderStatusChanged", "Notice", "LowStock", "NearExpiry", "DebtOverdue", "DailyReport"];

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text {
    pub vi: String,
    pub en: String,
}

impl Text {
    fn new(vi: impl Into<String>, en: impl Into<String>) -> Text {
        Text { vi: vi.into(), en: en.into() }
    }

    /// The same in both: names and what people wrote.
    fn same(text: impl Into<String>) -> Text {
        let vi = text.into();
        Text { en: vi.clone(), vi }
    }

    /// With what somebody wrote after it, if they wrote something.
    fn and(mut self, vi: &str, en: &str, words: &str) -> Text {
        if !words.trim().is_empty() {
            self.vi.push_str(vi);
            self.en.push_str(en);
            for text in [&mut self.vi, &mut self.en] {
                text.push_str(&short(words));
            }
        }
        self
    }
}

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum To {
    /// This person.
    Person(UserId),
    /// The people with one of the roles in the deepest of these units that has any.
    Leaders(Vec<Uuid>, &'static [Role]),
    /// As [`To::Leaders`], of this unit and those above it.
    LeadersOf(Uuid, &'static [Role]),
    /// The office of the distributor.
    Office(DistributorId),
}

/// What is said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    pub kind: Kind,
    /// What to open.
    pub about: Uuid,
    pub title: Text,
    pub body: Text,
    /// For programs: ids, mostly.
    pub data: Value,
    /// A message replaces an earlier one with the same key on a phone's screen.
    pub collapse: String,
    pub to: Vec<To>,
    /// Whoever did it need not be told.
    pub not_to: NotTo,
    /// Whether those who watch the distributor live see it as an alert.
    pub alert: bool,
}

/// Who isn't told although the rest says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTo {
    Nobody,
    Person(UserId),
    /// Whoever decided about this order.
    DeciderOf(Uuid),
}

/// What people are told about the event; none when it is of no interest to anybody.
///
/// # Errors
/// When the event isn't what its name says.
pub(crate) fn compose(event: &Event) -> Result<Option<Draft>, serde_json::Error> {
    match event.kind.as_str() {
        "OrderCreated" => orders::created(event),
        "OrderStatusChanged" => orders::changed(event),
        "Notice" => notices::notice(event),
        "LowStock" => alerts::low_stock(event).map(Some),
        "NearExpiry" => alerts::near_expiry(event).map(Some),
        "DebtOverdue" => alerts::overdue(event).map(Some),
        "DailyReport" => alerts::daily_report(event).map(Some),
        _ => Ok(None),
    }
}

fn content<T: DeserializeOwned>(event: &Event) -> Result<T, serde_json::Error> {
    T::deserialize(&event.payload)
}

/// Of the hub's groups that an event names, those of one kind.
fn named<'a, T: From<Uuid> + 'a>(event: &'a Event, kind: &'a str) -> impl Iterator<Item = T> + 'a {
    event.audience.iter().filter_map(move |group| {
        let (of, id) = group.split_once(':')?;
        (of == kind).then(|| id.parse::<Uuid>().ok()).flatten().map(T::from)
    })
}

fn units(event: &Event) -> Vec<Uuid> {
    named(event, "team").collect()
}

/// At most so much of what somebody wrote goes into a message; the rest is read where it stands.
const SHORT: usize = 200;

fn short(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= SHORT {
        return text.to_owned();
    }
    text.chars().take(SHORT - 1).chain(['…']).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// An event of the outbox.
    pub(crate) fn event(kind: &str, audience: &[String], payload: Value) -> Event {
        Event {
            seq: 1,
            id: Uuid::from_u128(0xe),
            kind: kind.to_owned(),
            aggregate_id: Uuid::from_u128(0xa),
            distributor_id: Some(Uuid::from_u128(0xd)),
            audience: audience.to_vec(),
            payload,
            trace_id: None,
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    pub(crate) fn group(kind: &str, id: u128) -> String {
        format!("{kind}:{}", Uuid::from_u128(id))
    }

    #[test]
    fn events_that_concern_nobody_say_nothing() {
        assert_eq!(compose(&event("LocationUpdated", &[], json!({}))).unwrap(), None);
    }

    #[test]
    fn an_event_that_is_not_what_its_name_says_is_an_error() {
        for kind in EVENTS {
            assert!(compose(&event(kind, &[], json!({ "x": 1 }))).is_err(), "{kind}");
        }
    }

    #[test]
    fn long_words_are_cut_at_a_character() {
        let text = "ề".repeat(300);
        let cut = short(&text);
        assert_eq!(cut.chars().count(), SHORT);
        assert!(cut.ends_with('…'));
        assert_eq!(short(" ngắn "), "ngắn");
    }
}
