//! What in a batch of positions can't be true.

use chrono::{DateTime, Utc};
use domain::track::{self, Fix, SuspicionKind};
use domain::{Coordinates, business_date};
use serde_json::{Value, json};

use crate::model::Point;

/// A phone gone mad makes no more findings a batch than this.
const MOST: usize = 20;

/// A sign with the figures it was seen by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    pub kind: SuspicionKind,
    /// What it is about: the same is found once.
    pub subject: String,
    pub at: DateTime<Utc>,
    pub place: Option<Coordinates>,
    pub evidence: Value,
}

/// The findings in points in the order of time; `known` is where the person was seen last before.
pub(crate) fn in_batch(
    points: &[Point],
    known: Option<Fix>,
    sent_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let mut found: Vec<Finding> = mocked(points).into_iter().chain(clock(points, sent_at, now)).collect();
    let mut before = known;
    for point in points.iter().filter(|p| !p.is_ahead(now)) {
        let fix = point.fix();
        if let Some(from) = before.filter(|from| from.at < fix.at)
            && let Some(leap) = track::leap(&from, &fix)
            && found.len() < MOST
        {
            found.push(Finding {
                kind: SuspicionKind::ImpossibleSpeed,
                subject: fix.at.to_rfc3339(),
                at: fix.at,
                place: Some(fix.place),
                evidence: json!({
                    "from": place_at(&from),
                    "to": place_at(&fix),
                    "metres": leap.metres.round(),
                    "seconds": leap.seconds.round(),
                    "kilometresPerHour": (leap.metres_per_second * 3.6).round(),
                }),
            });
        }
        if before.is_none_or(|from| from.at < fix.at) {
            before = Some(fix);
        }
    }
    found
}

fn place_at(fix: &Fix) -> Value {
    json!({
        "at": fix.at,
        "latitude": fix.place.latitude(),
        "longitude": fix.place.longitude(),
        "accuracy": fix.accuracy,
    })
}

/// Once a day and provider.
fn mocked(points: &[Point]) -> Option<Finding> {
    let first = points.iter().find(|p| p.mock)?;
    Some(Finding {
        kind: SuspicionKind::MockProvider,
        subject: business_date(first.at).to_string(),
        at: first.at,
        place: Some(first.place),
        evidence: json!({
            "provider": first.provider,
            "accuracy": first.accuracy,
            "points": points.iter().filter(|p| p.mock).count(),
        }),
    })
}

/// Once a day: by the clock at sending, else by positions that are not yet.
fn clock(points: &[Point], sent_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Finding> {
    let ahead = points.iter().rev().find(|p| p.is_ahead(now));
    let device = sent_at.filter(|at| track::clock_off(*at, now).is_some()).or(ahead.map(|p| p.at))?;
    let off = track::clock_off(device, now)?;
    Some(Finding {
        kind: SuspicionKind::ClockOff,
        subject: business_date(now).to_string(),
        at: now,
        place: ahead.or(points.last()).map(|p| p.place),
        evidence: json!({
            "deviceTime": device,
            "serverTime": now,
            "offSeconds": off.num_seconds(),
            "seenBy": if ahead.is_some() && sent_at.is_none() { "position" } else { "sending" },
        }),
    })
}
