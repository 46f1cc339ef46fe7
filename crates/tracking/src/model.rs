//! What the capability works with.

use adapters::redis::Latest;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use domain::track::{CLOCK_TOLERANCE, Fix, PhoneEvent};
use domain::{Coordinates, OrgUnitId, UserId};
use platform::{Flag, Language, Mode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How old a position may be: the phone works without network and sends later.
const OLDEST: TimeDelta = TimeDelta::days(7);
/// How old one may be that a phone kept in its queue.
const OLDEST_LATE: TimeDelta = TimeDelta::days(62);
/// A clock that is further ahead is no clock. Up to there the position is kept, and the clock is reported.
const NEWEST: TimeDelta = TimeDelta::days(1);
/// Slower than a walk is standing, in metres a second.
const WALKING: f32 = 0.8;

/// A position as the phone sends it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PointInput {
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    pub latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    pub longitude: f64,
    /// By how many metres that may be wrong.
    pub accuracy: Option<f64>,
    /// Metres a second.
    pub speed: Option<f64>,
    /// Degrees from north.
    pub bearing: Option<f64>,
    /// Percent.
    pub battery: Option<f64>,
    /// What the phone thinks its owner does: `still`, `walking`, `in_vehicle`, …
    #[schema(max_length = 50)]
    pub activity: Option<String>,
    /// Where the position comes from: `gps`, `network`, `fused`, …
    #[schema(max_length = 50)]
    pub provider: Option<String>,
    /// Whether the phone says that the position is made up.
    #[serde(default)]
    pub mock: bool,
    /// When, by the device. Up to 7 days back; a day ahead at most, which is kept but reported as a wrong clock.
    pub at: DateTime<Utc>,
}

/// What the phone tells beside positions: why there may be none.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventInput {
    /// `gps_off`, `gps_on`, `permission_revoked`, `permission_granted`, `battery_saver_on`, `battery_saver_off`,
    /// `app_killed`, `app_started`, `phone_off`, `phone_on`.
    #[schema(max_length = 50)]
    pub kind: String,
    /// When, by the device.
    pub at: DateTime<Utc>,
    /// Percent.
    pub battery: Option<f64>,
}

/// Positions of a phone, in any order.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Batch {
    /// At most 500.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub points: Vec<PointInput>,
    /// What the phone tells beside; at most 100.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub events: Vec<EventInput>,
    /// The device's clock when it sends: by this a wrong one is seen.
    pub sent_at: Option<DateTime<Utc>>,
}

/// A position that can be kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub place: Coordinates,
    pub accuracy: Option<f32>,
    pub speed: Option<f32>,
    pub bearing: Option<f32>,
    pub battery: Option<i16>,
    pub activity: Option<String>,
    pub provider: Option<String>,
    pub mock: bool,
    pub at: DateTime<Utc>,
}

impl Point {
    pub(crate) fn fix(&self) -> Fix {
        Fix { at: self.at, place: self.place, accuracy: self.accuracy }
    }

    /// Whether the device's clock is too far ahead to believe it.
    pub(crate) fn is_ahead(&self, now: DateTime<Utc>) -> bool {
        self.at - now > CLOCK_TOLERANCE
    }
}

/// Something the phone told that can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub at: DateTime<Utc>,
    pub event: PhoneEvent,
    pub battery: Option<i16>,
}

/// A value that can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// Its field.
    pub field: &'static str,
    /// Why.
    pub vi: &'static str,
    /// Why.
    pub en: &'static str,
}

impl Broken {
    /// Why, in the reader's language.
    pub fn message(&self, language: Language) -> &'static str {
        match language {
            Language::Vi => self.vi,
            Language::En => self.en,
        }
    }
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recorded {
    /// Points that are kept now.
    pub accepted: i64,
    /// Points that were known already.
    pub duplicates: i64,
    /// Points that aren't kept, by their place in the batch.
    pub refused: Vec<(usize, Broken)>,
    /// Events that aren't kept, by their place in the batch.
    pub refused_events: Vec<(usize, Broken)>,
    /// What a person should look at.
    pub flags: Vec<Flag>,
}

impl PointInput {
    /// The point, or the first value that can't be.
    pub(crate) fn checked(&self, now: DateTime<Utc>, mode: Mode) -> Result<Point, Broken> {
        let at = instant(self.at, now, mode)?;
        let place = Coordinates::new(self.latitude, self.longitude).map_err(|e| match e {
            domain::geo::InvalidCoordinates::Latitude(_) => broken("latitude"),
            domain::geo::InvalidCoordinates::Longitude(_) => broken("longitude"),
        })?;
        Ok(Point {
            place,
            accuracy: within("accuracy", self.accuracy, 1_000_000.0)?,
            speed: within("speed", self.speed, 1_000.0)?,
            bearing: within("bearing", self.bearing, 360.0)?,
            battery: percent(self.battery)?,
            activity: word("activity", self.activity.as_deref())?,
            provider: word("provider", self.provider.as_deref())?,
            mock: self.mock,
            at,
        })
    }
}

impl EventInput {
    /// The event, or the first value that can't be.
    pub(crate) fn checked(&self, now: DateTime<Utc>, mode: Mode) -> Result<Told, Broken> {
        Ok(Told {
            at: instant(self.at, now, mode)?,
            event: self.kind.parse().map_err(|_| Broken {
                field: "kind",
                vi: "Loại sự kiện không có",
                en: "No such kind of event",
            })?,
            battery: percent(self.battery)?,
        })
    }
}

fn instant(at: DateTime<Utc>, now: DateTime<Utc>, mode: Mode) -> Result<DateTime<Utc>, Broken> {
    let oldest = if mode.is_late() { OLDEST_LATE } else { OLDEST };
    if !(now - oldest..=now + NEWEST).contains(&at) {
        return Err(Broken {
            field: "at",
            vi: "Giờ của thiết bị sai quá nhiều",
            en: "The device's clock is too far off",
        });
    }
    Ok(at.trunc_subsecs(6))
}

fn broken(field: &'static str) -> Broken {
    Broken { field, vi: "Giá trị nằm ngoài phạm vi", en: "The value is out of range" }
}

fn percent(value: Option<f64>) -> Result<Option<i16>, Broken> {
    Ok(within("battery", value, 100.0)?.map(|percent| percent.round() as i16))
}

fn within(field: &'static str, value: Option<f64>, most: f64) -> Result<Option<f32>, Broken> {
    match value {
        // Phones say -1 for what they don't know.
        None | Some(-1.0) => Ok(None),
        Some(v) if (0.0..=most).contains(&v) => Ok(Some(v as f32)),
        Some(_) => Err(broken(field)),
    }
}

fn word(field: &'static str, value: Option<&str>) -> Result<Option<String>, Broken> {
    match value.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) if text.chars().count() <= 50 && !text.contains('\0') => Ok(Some(text.to_owned())),
        Some(_) => Err(broken(field)),
    }
}

/// Whether somebody is on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Motion {
    /// On the way.
    Moving,
    /// In one place.
    Standing,
}

impl Motion {
    /// By the speed, else by what the phone thinks; standing when nothing is known.
    pub(crate) fn of(speed: Option<f32>, activity: Option<&str>) -> Self {
        let moving = match (speed, activity) {
            (Some(speed), _) => speed >= WALKING,
            (None, Some(activity)) => !matches!(activity, "still" | "standing" | "stationary" | "unknown"),
            (None, None) => false,
        };
        if moving { Motion::Moving } else { Motion::Standing }
    }
}

/// What somebody is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Activity {
    /// Not yet clocked in, or clocked out.
    OffDuty,
    /// Clocked in, between outlets.
    Working,
    /// At an outlet.
    Visiting,
}

/// Where somebody said to be, away from any outlet, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Declaration {
    /// Made by the phone.
    pub id: domain::LocationDeclarationId,
    /// Who.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// Their unit at that time.
    pub unit_id: Option<OrgUnitId>,
    /// When, by the device.
    pub at: DateTime<Utc>,
    /// Why, in a few words.
    pub reason: String,
    /// More about it.
    pub note: String,
    /// The digest of a photo, which `GET /files/{sha256}` gives once it is here.
    pub photo_sha256: Option<String>,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// By how many metres that may be wrong.
    pub accuracy: Option<f64>,
    /// What a person should look at.
    pub flags: Vec<Flag>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-08-06T02:00:00Z".parse().unwrap()
    }

    fn input() -> PointInput {
        PointInput {
            latitude: 10.0,
            longitude: 106.0,
            accuracy: Some(5.0),
            speed: Some(-1.0),
            bearing: None,
            battery: Some(80.4),
            activity: Some(" walking ".into()),
            provider: Some(String::new()),
            mock: false,
            at: now(),
        }
    }

    #[test]
    fn a_point_keeps_what_is_known() {
        let point = input().checked(now(), Mode::Live).unwrap();
        assert_eq!((point.speed, point.battery, point.provider), (None, Some(80), None));
        assert_eq!(point.activity.as_deref(), Some("walking"));
    }

    #[test]
    fn a_broken_value_is_named() {
        let field = |input: PointInput| input.checked(now(), Mode::Live).unwrap_err().field;
        assert_eq!(field(PointInput { latitude: f64::NAN, ..input() }), "latitude");
        assert_eq!(field(PointInput { longitude: 180.1, ..input() }), "longitude");
        assert_eq!(field(PointInput { battery: Some(101.0), ..input() }), "battery");
        assert_eq!(field(PointInput { speed: Some(f64::INFINITY), ..input() }), "speed");
        assert_eq!(field(PointInput { activity: Some("x".repeat(51)), ..input() }), "activity");
        assert_eq!(field(PointInput { at: now() + TimeDelta::hours(25), ..input() }), "at");
        assert_eq!(field(PointInput { at: now() - TimeDelta::days(8), ..input() }), "at");
        // What waited in a phone's queue may be older.
        assert!(PointInput { at: now() - TimeDelta::days(8), ..input() }.checked(now(), Mode::Late).is_ok());
    }

    #[test]
    fn who_is_slower_than_a_walk_stands() {
        assert_eq!(Motion::of(Some(0.3), Some("walking")), Motion::Standing);
        assert_eq!(Motion::of(Some(9.0), None), Motion::Moving);
        assert_eq!(Motion::of(None, Some("in_vehicle")), Motion::Moving);
        assert_eq!(Motion::of(None, None), Motion::Standing);
    }
}

/// Where somebody was seen last, as all processes share it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Seen {
    pub user_id: UserId,
    pub unit_id: Option<OrgUnitId>,
    pub at: DateTime<Utc>,
    pub latitude: f64,
    pub longitude: f64,
    pub accuracy: Option<f32>,
    pub speed: Option<f32>,
    pub battery: Option<i16>,
    pub activity: Option<String>,
    pub mock: bool,
}

impl Seen {
    /// As it is shared; always one, as long as it can be written as JSON.
    pub fn latest(&self) -> Option<Latest> {
        let text = serde_json::to_string(self).ok()?;
        Some(Latest { member: self.user_id.uuid(), at: self.at.timestamp_millis(), text })
    }
}
