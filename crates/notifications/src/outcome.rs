//! What becomes of a message.

use adapters::SendError;
use adapters::sms::PhoneNumber;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::quiet::{QuietHours, QuietMode};
use crate::sender::spread;

/// After so long nobody wants to hear of it any more.
pub(crate) const VALID: TimeDelta = TimeDelta::hours(24);
/// So often it is tried.
const ATTEMPTS: i32 = 8;
/// The wait after the first failure; each next is twice as long,
const FIRST_WAIT: i64 = 30;
/// up to this.
const LONGEST_WAIT: i64 = 3600;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The provider has it, under this name.
    Sent(String),
    /// It wasn't sent, and needn't be.
    Dropped(&'static str),
    /// Its time has not come.
    Waits { until: DateTime<Utc>, why: &'static str },
    /// It is tried again; the provider may want to be left alone altogether.
    Later { at: DateTime<Utc>, pause: Option<DateTime<Utc>>, why: String },
    /// It is given up.
    Failed(String),
    /// It is given up, and so is the device.
    Gone(String),
}

impl Outcome {
    pub fn state(&self) -> &'static str {
        match self {
            Outcome::Sent(_) => "sent",
            Outcome::Dropped(_) => "dropped",
            Outcome::Waits { .. } | Outcome::Later { .. } => "waiting",
            Outcome::Failed(_) | Outcome::Gone(_) => "failed",
        }
    }

    /// For metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Waits { .. } => "quiet",
            Outcome::Later { .. } => "retry",
            Outcome::Gone(_) => "gone",
            other => other.state(),
        }
    }

    pub fn was_tried(&self) -> bool {
        !matches!(self, Outcome::Dropped(_) | Outcome::Waits { .. })
    }

    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Outcome::Waits { until: at, .. } | Outcome::Later { at, .. } => Some(*at),
            _ => None,
        }
    }

    pub fn provider_id(&self) -> Option<&str> {
        if let Outcome::Sent(id) = self { Some(id) } else { None }
    }

    pub fn reason(&self) -> &str {
        match self {
            Outcome::Sent(_) => "",
            Outcome::Dropped(why) | Outcome::Waits { why, .. } => why,
            Outcome::Later { why, .. } | Outcome::Failed(why) | Outcome::Gone(why) => why,
        }
    }
}

/// Where a message goes.
#[derive(Debug)]
pub(crate) enum Route<'a> {
    /// To a device; none when there is none any more.
    Push { token: Option<&'a str> },
    /// To a number; none when it isn't one.
    Sms { number: Option<PhoneNumber> },
}

/// What becomes of a message without asking the provider.
pub(crate) fn before(
    active: bool,
    read: bool,
    created_at: DateTime<Utc>,
    route: &Route<'_>,
    quiet: Option<QuietHours>,
    now: DateTime<Utc>,
) -> Option<Outcome> {
    if !active {
        return Some(Outcome::Dropped("the account is closed"));
    }
    if read {
        return Some(Outcome::Dropped("read already"));
    }
    if now - created_at >= VALID {
        return Some(Outcome::Dropped("too late"));
    }
    match route {
        Route::Push { token: None } => return Some(Outcome::Dropped("signed out, or no such device")),
        Route::Sms { number: None } => return Some(Outcome::Dropped("not a telephone number")),
        Route::Push { token: Some(_) } | Route::Sms { number: Some(_) } => {}
    }
    let quiet = quiet?;
    let until = quiet.end_after(now)?;
    Some(match quiet.mode {
        QuietMode::Wait => Outcome::Waits { until, why: "quiet hours" },
        QuietMode::Drop => Outcome::Dropped("quiet hours"),
    })
}

/// What becomes of a message by what the provider said to this attempt, the first being 1.
pub(crate) fn after(
    attempt: Result<String, SendError>,
    attempts: i32,
    id: Uuid,
    now: DateTime<Utc>,
) -> Outcome {
    match attempt {
        Ok(name) => Outcome::Sent(name),
        Err(SendError::Gone(why)) => Outcome::Gone(why),
        Err(SendError::Refused(why)) => Outcome::Failed(why),
        Err(SendError::Later { why, .. }) if attempts >= ATTEMPTS => {
            Outcome::Failed(format!("given up after {attempts} attempts: {why}"))
        }
        Err(SendError::Later { after, why }) => {
            let asked = after.map(|after| TimeDelta::from_std(after).unwrap_or(VALID));
            let doublings = u32::try_from(attempts - 1).unwrap_or_default().min(16);
            let own = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
            // A quarter more or less: not all come back at the same moment.
            let extra = i64::try_from(spread(id, attempts, own.unsigned_abs() / 4)).unwrap_or_default();
            let wait = TimeDelta::seconds(own).max(asked.unwrap_or_default()) + TimeDelta::seconds(extra);
            Outcome::Later { at: now + wait, pause: asked.map(|asked| now + asked), why }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-08-06T02:00:00Z".parse().unwrap()
    }

    fn later(after: Option<u64>) -> Result<String, SendError> {
        Err(SendError::Later { after: after.map(Duration::from_secs), why: "503".to_owned() })
    }

    fn wait(attempts: i32) -> i64 {
        let Outcome::Later { at, pause: None, .. } = after(later(None), attempts, Uuid::from_u128(77), now())
        else {
            panic!("not tried again")
        };
        (at - now()).num_seconds()
    }

    #[test]
    fn waits_grow_to_an_hour_and_the_message_is_given_up_in_the_end() {
        for (attempts, least) in [(1, 30), (2, 60), (3, 120), (7, 1920)] {
            let waits = wait(attempts);
            assert!((least..=least + least / 4).contains(&waits), "{attempts}: {waits}");
        }
        let all: i64 = (1..ATTEMPTS).map(wait).sum();
        assert!(TimeDelta::seconds(all) < VALID, "given up while somebody may still want it");
        let given_up = after(later(None), ATTEMPTS, Uuid::from_u128(1), now());
        assert_eq!(given_up, Outcome::Failed("given up after 8 attempts: 503".to_owned()));
    }

    #[test]
    fn a_provider_that_asks_for_a_pause_gets_it() {
        let Outcome::Later { at, pause, .. } = after(later(Some(600)), 1, Uuid::from_u128(1), now()) else {
            panic!("not tried again")
        };
        assert_eq!(pause, Some(now() + TimeDelta::seconds(600)));
        assert!(at >= now() + TimeDelta::seconds(600));
    }

    #[test]
    fn what_nobody_wants_any_more_is_not_sent() {
        let push = Route::Push { token: Some("t") };
        let fresh = now() - TimeDelta::hours(1);
        let reason = |active, read, created_at, route: &Route<'_>| match before(
            active,
            read,
            created_at,
            route,
            None,
            now(),
        ) {
            Some(Outcome::Dropped(why)) => why,
            None => "sent",
            other => panic!("{other:?}"),
        };
        assert_eq!(reason(true, false, fresh, &push), "sent");
        assert_eq!(reason(false, false, fresh, &push), "the account is closed");
        assert_eq!(reason(true, true, fresh, &push), "read already");
        assert_eq!(reason(true, false, now() - VALID, &push), "too late");
        assert_eq!(reason(true, false, fresh, &Route::Push { token: None }), "signed out, or no such device");
        assert_eq!(reason(true, false, fresh, &Route::Sms { number: None }), "not a telephone number");
    }

    #[test]
    fn quiet_hours_make_a_message_wait_or_drop() {
        let push = Route::Push { token: Some("t") };
        let hours = |mode| QuietHours::new("08:00:00".parse().unwrap(), "10:00:00".parse().unwrap(), mode);
        let becomes = |mode| before(true, false, now(), &push, hours(mode), now());
        let ten = "2026-08-06T03:00:00Z".parse().unwrap();
        assert_eq!(becomes(QuietMode::Wait), Some(Outcome::Waits { until: ten, why: "quiet hours" }));
        assert_eq!(becomes(QuietMode::Drop), Some(Outcome::Dropped("quiet hours")));
    }
}
