//! Places on the earth, and whether a rep stands near an outlet.

use serde::{Deserialize, Serialize};

/// How near a rep must be to an outlet when nothing else is configured, in metres.
pub const DEFAULT_RADIUS_METRES: u32 = 100;

const EARTH_RADIUS_METRES: f64 = 6_371_008.8;

/// A place that exists: latitude −90…90, longitude −180…180, in degrees (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Coordinates {
    latitude: f64,
    longitude: f64,
}

#[derive(Serialize, Deserialize)]
struct Raw {
    latitude: f64,
    longitude: f64,
}

/// Coordinates outside the earth.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum InvalidCoordinates {
    /// Not a number between −90 and 90.
    #[error("latitude must be between -90 and 90, not {0}")]
    Latitude(f64),
    /// Not a number between −180 and 180.
    #[error("longitude must be between -180 and 180, not {0}")]
    Longitude(f64),
}

impl Coordinates {
    /// A place by latitude and longitude in degrees.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, InvalidCoordinates> {
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(InvalidCoordinates::Latitude(latitude));
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(InvalidCoordinates::Longitude(longitude));
        }
        Ok(Self { latitude, longitude })
    }

    /// Degrees north.
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    pub const fn longitude(self) -> f64 {
        self.longitude
    }

    /// The way to another place over the ground in metres (haversine; within 0.5 % of the true distance).
    pub fn distance_metres(self, other: Self) -> f64 {
        let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_lat = (to - from) / 2.0;
        let half_lng = (other.longitude - self.longitude).to_radians() / 2.0;
        let a = half_lat.sin().powi(2) + from.cos() * to.cos() * half_lng.sin().powi(2);
        2.0 * EARTH_RADIUS_METRES * a.clamp(0.0, 1.0).sqrt().asin()
    }

    /// How far `self` is from the outlet, and whether that is within the radius.
    pub fn geofence(self, outlet: Self, radius_metres: u32) -> Geofence {
        // At most half the earth's girth, so it fits.
        let distance_metres = self.distance_metres(outlet).round() as u32;
        Geofence { distance_metres, within: distance_metres <= radius_metres }
    }
}

impl TryFrom<Raw> for Coordinates {
    type Error = InvalidCoordinates;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        Self::new(raw.latitude, raw.longitude)
    }
}

impl From<Coordinates> for Raw {
    fn from(place: Coordinates) -> Self {
        Self { latitude: place.latitude, longitude: place.longitude }
    }
}

/// The outcome of comparing a position with an outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Geofence {
    /// Distance in whole metres.
    pub distance_metres: u32,
    /// Whether the distance, as shown, is within the radius.
    pub within: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(latitude: f64, longitude: f64) -> Coordinates {
        Coordinates::new(latitude, longitude).unwrap()
    }

    #[test]
    fn hanoi_to_saigon_is_as_far_as_on_the_map() {
        let distance = place(21.0285, 105.8542).distance_metres(place(10.7769, 106.7009));
        assert!((distance - 1_144_000.0).abs() < 5_000.0, "{distance}");
    }

    #[test]
    fn a_rep_is_within_at_the_radius_and_outside_beyond_it() {
        let outlet = place(10.7769, 106.7009);
        // A thousandth of a degree of latitude is 111.2 m.
        let here = place(10.7778, 106.7009);
        assert_eq!(here.geofence(outlet, 100), Geofence { distance_metres: 100, within: true });
        assert_eq!(here.geofence(outlet, 99), Geofence { distance_metres: 100, within: false });
        assert_eq!(outlet.geofence(outlet, 0), Geofence { distance_metres: 0, within: true });
    }

    #[test]
    fn impossible_places_are_refused_also_in_json() {
        assert_eq!(Coordinates::new(90.1, 0.0), Err(InvalidCoordinates::Latitude(90.1)));
        assert_eq!(Coordinates::new(0.0, -180.5), Err(InvalidCoordinates::Longitude(-180.5)));
        assert!(Coordinates::new(f64::NAN, 0.0).is_err());
        assert!(Coordinates::new(0.0, f64::INFINITY).is_err());
        assert!(serde_json::from_str::<Coordinates>(r#"{"latitude":91,"longitude":0}"#).is_err());
        let json = r#"{"latitude":10.5,"longitude":106.25}"#;
        let parsed: Coordinates = serde_json::from_str(json).unwrap();
        assert_eq!(parsed, place(10.5, 106.25));
        assert_eq!(serde_json::to_string(&parsed).unwrap(), json);
    }

    proptest! {
        #[test]
        fn distance_is_symmetric_and_bounded(
            a in (-90.0..=90.0_f64, -180.0..=180.0_f64), b in (-90.0..=90.0_f64, -180.0..=180.0_f64),
        ) {
            let (a, b) = (place(a.0, a.1), place(b.0, b.1));
            let there = a.distance_metres(b);
            prop_assert!((there - b.distance_metres(a)).abs() < 1e-3);
            prop_assert!((0.0..=20_016_000.0).contains(&there));
        }
    }
}
