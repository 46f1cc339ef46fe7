//! What the capability works with.

use chrono::{DateTime, Datelike as _, NaiveDate, SubsecRound as _, TimeDelta, Utc};
use domain::issue::IssueState;
use domain::survey::{Answer, Answers};
use domain::visit::{OutletState, VisitResult, VisitType};
use domain::{
    Coordinates, CustomerId, DisplayProgramId, DistributorId, IssueId, OrderId, OrgUnitId, PhotoId,
    ProductId, RouteId, StockCheckId, SurveyAnswerId, SurveyId, Unit, UserId, VisitId,
};
use platform::{ApiError, Flag, Mode};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::error::VisitError;

/// How old a device's time may be: the phone works without network and sends later.
const OLDEST: TimeDelta = TimeDelta::days(7);
/// How far a device's clock may be ahead.
const NEWEST: TimeDelta = TimeDelta::minutes(5);

/// The time something happened by the device's clock, or now when it says none. Late, an impossible time is flagged: one
/// that is still to come counts as now.
pub(crate) fn device_time(
    at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    mode: Mode,
    flags: &mut Vec<Flag>,
) -> Result<DateTime<Utc>, VisitError> {
    let Some(at) = at.map(|at| at.trunc_subsecs(6)) else { return Ok(now) };
    if (now - OLDEST..=now + NEWEST).contains(&at) {
        return Ok(at);
    }
    mode.refuse_or_flag(flags, || VisitError::Time(at).flag(), || VisitError::Time(at))?;
    Ok(at.clamp(EARLIEST, now))
}

/// Nothing was done with a phone before; a clock that says so is broken.
const EARLIEST: DateTime<Utc> = match DateTime::from_timestamp(1_577_836_800, 0) {
    Some(year_2020) => year_2020,
    None => DateTime::UNIX_EPOCH,
};

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
    /// How the rep found the outlet, if they said so.
    pub outlet_state: Option<OutletState>,
    /// What the rep noted.
    pub notes: String,
    /// Whether it went as it should.
    pub compliant: Option<bool>,
    /// Whether the outlet had no place and was given this visit's.
    pub placed_outlet: bool,
    /// Metres to where the outlet is known to be since its place was corrected; none when it wasn't.
    pub corrected_distance: Option<i32>,
    /// Whether that would have been too far.
    pub corrected_out_of_range: Option<bool>,
    /// Whether the visit went as it should, measured so.
    pub corrected_compliant: Option<bool>,
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
    /// `image/jpeg`, `image/png` or `image/webp`; none until the bytes are here.
    pub content_type: Option<String>,
    /// How many bytes; none until they are here.
    pub size_bytes: Option<i64>,
    /// The display program that it shows.
    pub display_program_id: Option<DisplayProgramId>,
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

/// An issue raised in a visit; see `/issues/{id}`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VisitIssue {
    /// The issue.
    pub issue_id: IssueId,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub state: IssueState,
    /// When it was raised.
    pub opened_at: DateTime<Utc>,
}

/// A photo of another visit with the same bytes, or that shows the same.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PhotoTwin {
    /// The photo of this visit.
    pub photo_id: PhotoId,
    /// The other photo.
    pub other_photo_id: PhotoId,
    /// Its visit.
    pub other_visit_id: VisitId,
    /// When it was taken.
    pub other_captured_at: DateTime<Utc>,
    /// Where.
    pub other_customer_name: String,
    /// 0 for the same bytes, else in how many of 64 marks what they show differs.
    pub distance: i16,
}

/// What stood on the shelf.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShelfCount {
    /// The count.
    pub check_id: StockCheckId,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub lines: Vec<ShelfLine>,
}

/// A product on the shelf.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShelfLine {
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
    /// How many, in the unit.
    pub quantity: i64,
    /// Cases or pieces.
    pub unit: Unit,
    /// How many pieces that is.
    pub pieces: i64,
    /// When they expire, where the rep looked.
    pub expiry: Option<NaiveDate>,
}

/// A survey that was filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilledSurvey {
    /// The answers' id.
    pub answer_id: SurveyAnswerId,
    /// The survey.
    pub survey_id: SurveyId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Which of its versions was answered.
    pub version: i32,
    /// The answers by their questions.
    #[schema(value_type = std::collections::BTreeMap<String, Answer>)]
    pub answers: Json<Answers>,
    /// When.
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_may_be_a_week_late_and_five_minutes_ahead() {
        let now: DateTime<Utc> = "2026-08-06T02:00:00Z".parse().unwrap();
        let mut flags = Vec::new();
        let mut time = |at, mode| device_time(at, now, mode, &mut flags);
        assert_eq!(time(None, Mode::Live).unwrap(), now);
        for good in [now - OLDEST, now + NEWEST] {
            assert_eq!(time(Some(good), Mode::Live).unwrap(), good);
        }
        let second = TimeDelta::seconds(1);
        for (odd, taken) in [(now - OLDEST - second, now - OLDEST - second), (now + NEWEST + second, now)] {
            assert!(time(Some(odd), Mode::Live).is_err());
            assert_eq!(time(Some(odd), Mode::Late).unwrap(), taken);
        }
        assert_eq!(time(Some(DateTime::<Utc>::MIN_UTC), Mode::Late).unwrap(), EARLIEST);
        assert_eq!(flags.len(), 3);
    }
}
