//! What the capability works with.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use domain::Coordinates;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How old a position may be: the phone works without network and sends later.
const OLDEST: TimeDelta = TimeDelta::days(7);
/// How far a device's clock may be ahead.
const NEWEST: TimeDelta = TimeDelta::minutes(5);
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
    /// When, by the device. Up to 7 days back.
    pub at: DateTime<Utc>,
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

/// A value that can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken {
    pub field: &'static str,
    pub vi: &'static str,
    pub en: &'static str,
}

impl PointInput {
    /// The point, or the first value that can't be.
    pub(crate) fn checked(&self, now: DateTime<Utc>) -> Result<Point, Broken> {
        if !(now - OLDEST..=now + NEWEST).contains(&self.at) {
            return Err(Broken {
                field: "at",
                vi: "Giờ của thiết bị sai quá nhiều",
                en: "The device's clock is too far off",
            });
        }
        let place = Coordinates::new(self.latitude, self.longitude).map_err(|e| match e {
            domain::geo::InvalidCoordinates::Latitude(_) => broken("latitude"),
            domain::geo::InvalidCoordinates::Longitude(_) => broken("longitude"),
        })?;
        Ok(Point {
            place,
            accuracy: within("accuracy", self.accuracy, 1_000_000.0)?,
            speed: within("speed", self.speed, 1_000.0)?,
            bearing: within("bearing", self.bearing, 360.0)?,
            battery: within("battery", self.battery, 100.0)?.map(|percent| percent.round() as i16),
            activity: word("activity", self.activity.as_deref())?,
            provider: word("provider", self.provider.as_deref())?,
            mock: self.mock,
            at: self.at.trunc_subsecs(6),
        })
    }
}

fn broken(field: &'static str) -> Broken {
    Broken { field, vi: "Giá trị nằm ngoài phạm vi", en: "The value is out of range" }
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
        let point = input().checked(now()).unwrap();
        assert_eq!((point.speed, point.battery, point.provider), (None, Some(80), None));
        assert_eq!(point.activity.as_deref(), Some("walking"));
    }

    #[test]
    fn a_broken_value_is_named() {
        let field = |input: PointInput| input.checked(now()).unwrap_err().field;
        assert_eq!(field(PointInput { latitude: f64::NAN, ..input() }), "latitude");
        assert_eq!(field(PointInput { longitude: 180.1, ..input() }), "longitude");
        assert_eq!(field(PointInput { battery: Some(101.0), ..input() }), "battery");
        assert_eq!(field(PointInput { speed: Some(f64::INFINITY), ..input() }), "speed");
        assert_eq!(field(PointInput { activity: Some("x".repeat(51)), ..input() }), "activity");
        assert_eq!(field(PointInput { at: now() + TimeDelta::minutes(6), ..input() }), "at");
        assert_eq!(field(PointInput { at: now() - TimeDelta::days(8), ..input() }), "at");
    }

    #[test]
    fn who_is_slower_than_a_walk_stands() {
        assert_eq!(Motion::of(Some(0.3), Some("walking")), Motion::Standing);
        assert_eq!(Motion::of(Some(9.0), None), Motion::Moving);
        assert_eq!(Motion::of(None, Some("in_vehicle")), Motion::Moving);
        assert_eq!(Motion::of(None, None), Motion::Standing);
    }
}
