//! What the capability works with.

use chrono::{DateTime, Datelike as _, NaiveDate, SubsecRound as _, TimeDelta, Utc};
use domain::visit::{VisitResult, VisitType};
use domain::{Coordinates, CustomerId, DistributorId, OrderId, OrgUnitId, PhotoId, RouteId, UserId, VisitId};
use platform::ApiError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::VisitError;

/// How old a device's time may be: the phone works without network and sends later.
const OLDEST: TimeDelta = TimeDelta::days(7);
/// How far a device's clock may be ahead.
const NEWEST: TimeDelta = TimeDelta::minutes(5);

/// The time something happened by the device's clock, or now when it says none.
pub(crate) fn device_time(
    at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, VisitError> {
    match at {
        None => Ok(now),
        Some(at) if (now - OLDEST..=now + NEWEST).contains(&at) => Ok(at.trunc_subsecs(6)),
        Some(at) => Err(VisitError::Time(at)),
    }
}

/// A place by its fields; both are checked.
pub(crate) fn place(latitude: f64, longitude: f64) -> Result<Coordinates, ApiError> {
    Coordinates::new(latitude, longitude).map_err(|e| {
        let field = match e {
            domain::geo::InvalidCoordinates::Latitude(_) => "latitude",
            domain::geo::InvalidCoordinates::Longitude(_) => "longitude",
        };
        ApiError::invalid_field(field, "Tọa độ không hợp lệ", "Not a coordinate")
    })
}

/// Metres by which a position may be wrong.
pub(crate) fn accuracy(metres: Option<f64>) -> Result<Option<f64>, ApiError> {
    match metres {
        Some(m) if !(0.0..=1_000_000.0).contains(&m) => Err(ApiError::invalid_field(
            "accuracy",
            "Phải từ 0 đến 1000000 mét",
            "Must be 0 to 1000000 metres",
        )),
        known => Ok(known),
    }
}

/// A day that people look back to.
pub(crate) fn day(field: &str, date: NaiveDate) -> Result<NaiveDate, ApiError> {
    if (2000..=2100).contains(&date.year()) {
        Ok(date)
    } else {
        Err(ApiError::invalid_field(field, "Phải từ năm 2000 đến 2100", "Must be in the years 2000 to 2100"))
    }
}

/// The text without the space around it.
pub(crate) fn text(field: &str, value: &str, longest: usize) -> Result<String, ApiError> {
    let value = value.trim();
    if value.chars().count() > longest {
        return Err(ApiError::invalid_field(
            field,
            format!("Tối đa {longest} ký tự"),
            format!("At most {longest} characters"),
        ));
    }
    Ok(value.to_owned())
}

/// A visit as lists show it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Visit {
    /// The visit.
    pub visit_id: VisitId,
    /// The outlet's distributor.
    pub distributor_id: DistributorId,
    /// The outlet.
    pub customer_id: CustomerId,
    /// Its code.
    pub customer_code: String,
    /// Its name.
    pub customer_name: String,
    /// Its address.
    pub customer_address: String,
    /// Who was there.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// Whose work it is.
    pub unit_id: Option<OrgUnitId>,
    /// The route in whose plan the outlet was.
    pub route_id: Option<RouteId>,
    /// In the day's plan or not.
    pub visit_type: VisitType,
    /// The day it counts for.
    pub business_date: NaiveDate,
    /// When it began.
    pub check_in_time: DateTime<Utc>,
    /// Where the rep stood.
    pub latitude: f64,
    /// Where the rep stood.
    pub longitude: f64,
    /// By how many metres that may be wrong.
    pub accuracy: Option<f64>,
    /// Metres to the outlet; none when its place wasn't known.
    pub check_in_distance: Option<i32>,
    /// Whether that was too far.
    pub out_of_range: bool,
    /// When it ended; none while the rep is there.
    pub check_out_time: Option<DateTime<Utc>>,
    /// Where the rep left.
    pub check_out_latitude: Option<f64>,
    /// Where the rep left.
    pub check_out_longitude: Option<f64>,
    /// How long it took.
    pub duration_seconds: Option<i64>,
    /// How it ended.
    pub visit_result: Option<VisitResult>,
    /// What the rep noted.
    pub notes: String,
    /// Whether it went as it should.
    pub compliant: Option<bool>,
    /// Photos taken.
    pub photo_count: i64,
    /// Orders taken.
    pub order_count: i64,
    /// Goes up with every change.
    pub version: i64,
}

/// A photo of a visit; its bytes are under `…/photos/{photoId}/content`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Photo {
    /// The photo.
    pub photo_id: PhotoId,
    /// The visit.
    pub visit_id: VisitId,
    /// The album, as the rep chose it: `Mặt tiền`, `Trưng bày`, `Đóng cửa`, …
    pub album_type: String,
    /// The digest of its bytes.
    pub sha256: String,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub content_type: String,
    /// Its bytes.
    pub size_bytes: i64,
    /// Where it was taken.
    pub latitude: Option<f64>,
    /// Where it was taken.
    pub longitude: Option<f64>,
    /// When it was taken.
    pub captured_at: DateTime<Utc>,
}

/// An order taken in a visit.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VisitOrder {
    /// The order.
    pub order_id: OrderId,
    /// Its number.
    pub order_number: String,
    /// Where it stands.
    pub status: String,
    /// đồng, with VAT.
    pub total_amount: i64,
    /// When it was taken.
    pub ordered_at: DateTime<Utc>,
}

/// The album of photos that prove a closed outlet; case and diacritics don't matter.
pub(crate) const CLOSED_DOOR: &str = "dong cua";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_album_of_closed_doors_is_known_however_it_is_spelt() {
        for album in ["Đóng cửa", "ĐÓNG CỬA ", "dong cua", "Đo\u{301}ng cu\u{31b}\u{309}a"] {
            assert_eq!(domain::search_key(album), CLOSED_DOOR, "{album}");
        }
    }

    #[test]
    fn a_device_may_be_a_week_late_and_five_minutes_ahead() {
        let now: DateTime<Utc> = "2026-08-06T02:00:00Z".parse().unwrap();
        assert_eq!(device_time(None, now).unwrap(), now);
        for good in [now - OLDEST, now + NEWEST] {
            assert_eq!(device_time(Some(good), now).unwrap(), good);
        }
        let second = TimeDelta::seconds(1);
        for bad in [now - OLDEST - second, now + NEWEST + second, DateTime::<Utc>::MAX_UTC] {
            assert!(device_time(Some(bad), now).is_err());
        }
    }
}
