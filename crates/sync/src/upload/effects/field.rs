//! What reps do in the field: attendance, visits with their steps, positions.

use adapters::blob::BlobId;
use attendance::service::Clock;
use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::attendance::ClockKind;
use domain::survey::Answers;
use domain::visit::{OutletState, VisitResult};
use domain::{
    ClockEventId, Coordinates, CustomerId, DisplayProgramId, IssueId, LocationDeclarationId,
    LocationProposalId, OrgUnitId, PhotoId, ProductId, StockCheckId, SurveyAnswerId, SurveyId, Unit, UserId,
    VisitId,
};
use platform::{ApiError, ApiResult, App, Caller, Checks, Flag, Mode};
use serde::Deserialize;
use serde_json::json;
use tracking::Batch;
use tracking::service::Declare;
use visits::service::{
    CheckIn, CheckOut, CountedProduct, LocationProposal, NewPhoto, Note, OutletStateRecord, StockCheck,
    SurveyAnswer,
};

use super::{Done, entity, passed_over};
use crate::upload::lenient;
use crate::upload::operation::Operation;

/// Counted products in one count.
const MOST_LINES: usize = 500;

/// Somewhere on earth.
fn place(checks: &mut Checks, latitude: f64, longitude: f64) -> Option<Coordinates> {
    let place = Coordinates::new(latitude, longitude).ok();
    if place.is_none() {
        checks.wrong("latitude", "Tọa độ không hợp lệ", "Not a coordinate");
    }
    place
}

fn accuracy(checks: &mut Checks, metres: Option<f64>) -> Option<f64> {
    // Phones say -1 for what they don't know.
    let metres = metres.filter(|m| *m >= 0.0);
    if metres.is_some_and(|m| m > 1_000_000.0) {
        checks.wrong("accuracy", "Phải từ 0 đến 1000000 mét", "Must be 0 to 1000000 metres");
    }
    metres
}

fn blob(checks: &mut Checks, field: &str, sha256: &str) -> Option<BlobId> {
    let blob = BlobId::parse(&sha256.to_ascii_lowercase());
    if blob.is_none() {
        checks.wrong(
            field,
            "Phải là mã SHA-256 (64 chữ số thập lục phân)",
            "Must be a SHA-256 (64 hexadecimal digits)",
        );
    }
    blob
}

/// What was checked is there when the checks are done.
fn checked<T>(value: Option<T>) -> ApiResult<T> {
    value.ok_or_else(|| ApiError::internal("a field that was checked is missing"))
}

pub(super) fn done(result: serde_json::Value, mut flags: Vec<Flag>, unknown: Vec<String>) -> Done {
    flags.extend(passed_over(unknown));
    Done { result, flags, differs: false }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Clocked {
    kind: ClockKind,
    latitude: Option<f64>,
    longitude: Option<f64>,
    accuracy: Option<f64>,
    #[serde(default)]
    note: String,
    photo_sha256: Option<String>,
}

pub(super) async fn clock(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    let (body, unknown) = lenient::parse::<Clocked>(&op.payload)?;
    let mut checks = Checks::default();
    let place = match (body.latitude, body.longitude) {
        (Some(latitude), Some(longitude)) => place(&mut checks, latitude, longitude),
        _ => None,
    };
    let photo = body.photo_sha256.as_deref().and_then(|sha| blob(&mut checks, "photoSha256", sha));
    let clock = Clock {
        id: ClockEventId::new(entity(op)?),
        kind: body.kind,
        at: Some(op.at),
        place,
        accuracy: accuracy(&mut checks, body.accuracy),
        note: checks.text("note", &body.note, 2000),
        photo_sha256: photo.map(|photo| photo.to_string()),
    };
    checks.done()?;
    let (event, flags) = attendance::service::clock(c, app, caller, &clock, Mode::Late).await?;
    let result = json!({ "clockEventId": event.clock_event_id, "businessDate": event.business_date });
    Ok(done(result, flags, unknown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CheckedIn {
    customer_id: CustomerId,
    latitude: f64,
    longitude: f64,
    accuracy: Option<f64>,
    /// What the phone thinks; the day's plan decides.
    #[serde(default, rename = "visitType")]
    _visit_type: Option<String>,
}

/// The check-in that the operation tells of, and the names of what isn't known.
pub(super) fn read_check_in(op: &Operation) -> ApiResult<(CheckIn, Vec<String>)> {
    let (body, unknown) = lenient::parse::<CheckedIn>(&op.payload)?;
    let mut checks = Checks::default();
    let place = place(&mut checks, body.latitude, body.longitude);
    let accuracy = accuracy(&mut checks, body.accuracy);
    checks.done()?;
    let check_in = CheckIn {
        id: VisitId::new(entity(op)?),
        customer: body.customer_id,
        place: checked(place)?,
        accuracy,
        at: Some(op.at),
    };
    Ok((check_in, unknown))
}

pub(super) async fn check_in(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    let (check_in, unknown) = read_check_in(op)?;
    let (visit, flags) = visits::service::check_in(c, app, caller, &check_in, Mode::Late).await?;
    let result = json!({
        "visitId": visit.visit_id,
        "checkInDistance": visit.check_in_distance,
        "outOfRange": visit.out_of_range,
        "visitType": visit.visit_type,
        "routeId": visit.route_id,
    });
    Ok(done(result, flags, unknown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CheckedOut {
    latitude: f64,
    longitude: f64,
    visit_result: VisitResult,
    notes: Option<String>,
}

/// The check-out that the operation tells of.
pub(super) fn read_check_out(op: &Operation) -> ApiResult<(CheckOut, Vec<String>)> {
    let (body, unknown) = lenient::parse::<CheckedOut>(&op.payload)?;
    let mut checks = Checks::default();
    let place = place(&mut checks, body.latitude, body.longitude);
    let notes = body.notes.as_deref().map(|notes| checks.text("notes", notes, 2000));
    checks.done()?;
    let check_out = CheckOut { place: checked(place)?, result: body.visit_result, notes, at: Some(op.at) };
    Ok((check_out, unknown))
}

pub(super) async fn check_out(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    let (check_out, unknown) = read_check_out(op)?;
    let id = VisitId::new(entity(op)?);
    let (ended, flags) = visits::service::check_out(c, app, caller, id, &check_out, Mode::Late).await?;
    let result = json!({
        "visitId": id,
        "compliant": ended.visit.compliant,
        "durationSeconds": ended.visit.duration_seconds,
    });
    Ok(done(result, flags, unknown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FoundOutlet {
    visit_id: VisitId,
    state: OutletState,
}

/// How the operation says that the outlet was found.
pub(super) fn read_outlet_state(op: &Operation) -> ApiResult<(VisitId, OutletState, Vec<String>)> {
    let (body, unknown) = lenient::parse::<FoundOutlet>(&op.payload)?;
    Ok((body.visit_id, body.state, unknown))
}

pub(super) async fn outlet_state(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    let (visit, state, unknown) = read_outlet_state(op)?;
    let record = OutletStateRecord { state };
    let ((), flags) =
        visits::service::record_outlet_state(c, app, caller, visit, &record, Mode::Late).await?;
    Ok(done(json!({ "visitId": visit }), flags, unknown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Shelf {
    visit_id: VisitId,
    lines: Vec<ShelfLine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ShelfLine {
    product_id: ProductId,
    quantity: i64,
    unit: Unit,
    expiry: Option<NaiveDate>,
}

pub(super) async fn stock_check(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    let (body, unknown) = lenient::parse::<Shelf>(&op.payload)?;
    let mut checks = Checks::default();
    if !(1..=MOST_LINES).contains(&body.lines.len()) {
        checks.wrong("lines", "Phải có từ 1 đến 500 dòng", "Must have 1 to 500 lines");
    }
    let mut lines = Vec::with_capacity(body.lines.len());
    for (i, line) in body.lines.iter().enumerate() {
        lines.push(CountedProduct {
            product_id: line.product_id,
            quantity: checks.range(&format!("lines[{i}].quantity"), line.quantity, 0..=1_000_000_000),
            unit: line.unit,
            expiry: line.expiry,
        });
    }
    checks.done()?;
    let check = StockCheck { id: StockCheckId::new(entity(op)?), at: Some(op.at), lines };
    let (_, flags) =
        visits::service::record_stock_check(c, app, caller, body.visit_id, &check, Mode::Late).await?;
    Ok(done(json!({ "stockCheckId": check.id }), flags, unknown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Photographed {
    visit_id: VisitId,
    sha256: String,
    album_type: String,
    display_program_id: Option<DisplayProgramId>,
    content_type: Option<String>,
    size_bytes: Option<i64>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    captured_at: Option<DateTime<Utc>>,
}

/// The photo that the operation tells of.
pub(super) fn read_photo(app: &App, op: &Operation) -> ApiResult<(VisitId, NewPhoto, Vec<String>)> {
    let (body, unknown) = lenient::parse::<Photographed>(&op.payload)?;
    let mut checks = Checks::default();
    let sha256 = blob(&mut checks, "sha256", &body.sha256);
    let album = checks.required("albumType", &body.album_type, 100);
    let content_type = body.content_type.as_deref().map(|t| checks.text("contentType", t, 100));
    let size_bytes = body.size_bytes.map(|size| checks.range("sizeBytes", size, 0..=1_000_000_000));
    let place = match (body.latitude, body.longitude) {
        (Some(latitude), Some(longitude)) => place(&mut checks, latitude, longitude),
        _ => None,
    };
    checks.done()?;
    // The clock that was off for the operation was off for the photo.
    let shift = op.device_at.map_or_else(chrono::TimeDelta::zero, |device| op.at - device);
    let captured_at = body.captured_at.and_then(|at| at.checked_add_signed(shift)).unwrap_or(op.at);
    let photo = NewPhoto {
        id: PhotoId::new(entity(op)?),
        sha256: checked(sha256)?,
        content_type,
        size_bytes,
        album,
        display_program: body.display_program_id,
        place,
        captured_at: Some(captured_at.min(app.now())),
    };
    Ok((body.visit_id, photo, unknown))
}

pub(super) async fn photo(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    let (visit, photo, unknown) = read_photo(app, op)?;
    let (photo, flags) = visits::service::attach_photo(c, app, caller, visit, &photo, Mode::Late).await?;
    Ok(done(json!({ "photoId": photo.photo_id, "sha256": photo.sha256 }), flags, unknown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Surveyed {
    visit_id: VisitId,
    survey_id: SurveyId,
    version: i32,
    answers: Answers,
}

pub(super) async fn survey(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    // The answers' names are the form's, not ours: nothing of them is passed over.
    let (body, unknown) = lenient::parse::<Surveyed>(&op.payload)?;
    let filled = SurveyAnswer {
        id: SurveyAnswerId::new(entity(op)?),
        survey: body.survey_id,
        version: body.version,
        answers: body.answers,
        at: Some(op.at),
    };
    let (_, flags) =
        visits::service::record_survey(c, app, caller, body.visit_id, &filled, Mode::Late).await?;
    Ok(done(json!({ "surveyAnswerId": filled.id }), flags, unknown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Noted {
    visit_id: VisitId,
    notes: String,
    #[serde(default)]
    users: Vec<UserId>,
    #[serde(default)]
    units: Vec<OrgUnitId>,
}

pub(super) async fn note(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    let (body, unknown) = lenient::parse::<Noted>(&op.payload)?;
    let mut checks = Checks::default();
    let text = checks.text("notes", &body.notes, 2000);
    if body.users.len() > 50 || body.units.len() > 50 {
        checks.wrong("users", "Tối đa 50 người nhận", "At most 50 recipients");
    }
    checks.done()?;
    let note =
        Note { id: IssueId::new(entity(op)?), text, users: body.users, units: body.units, at: Some(op.at) };
    let (noted, flags) =
        visits::service::record_note(c, app, caller, body.visit_id, &note, Mode::Late).await?;
    Ok(done(json!({ "visitId": body.visit_id, "issueId": noted.issue }), flags, unknown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Proposed {
    customer_id: CustomerId,
    latitude: f64,
    longitude: f64,
    accuracy: Option<f64>,
    #[serde(default)]
    reason: String,
    photo_sha256: String,
    visit_id: Option<VisitId>,
}

pub(super) async fn location_proposal(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    let (body, unknown) = lenient::parse::<Proposed>(&op.payload)?;
    let mut checks = Checks::default();
    let place = place(&mut checks, body.latitude, body.longitude);
    let photo = blob(&mut checks, "photoSha256", &body.photo_sha256);
    let reason = checks.text("reason", &body.reason, 2000);
    let accuracy = accuracy(&mut checks, body.accuracy);
    checks.done()?;
    let proposal = LocationProposal {
        id: LocationProposalId::new(entity(op)?),
        place: checked(place)?,
        accuracy,
        reason,
        photo: checked(photo)?,
        visit: body.visit_id,
        at: Some(op.at),
    };
    let (_, flags) =
        visits::service::propose_location(c, app, caller, body.customer_id, &proposal, Mode::Late).await?;
    Ok(done(json!({ "proposalId": proposal.id }), flags, unknown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Declared {
    reason: String,
    #[serde(default)]
    note: String,
    photo_sha256: Option<String>,
    latitude: f64,
    longitude: f64,
    accuracy: Option<f64>,
}

pub(super) async fn declaration(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    let (body, unknown) = lenient::parse::<Declared>(&op.payload)?;
    let mut checks = Checks::default();
    let place = place(&mut checks, body.latitude, body.longitude);
    let photo = body.photo_sha256.as_deref().and_then(|sha| blob(&mut checks, "photoSha256", sha));
    let declare = Declare {
        id: LocationDeclarationId::new(entity(op)?),
        reason: checks.required("reason", &body.reason, 300),
        note: checks.text("note", &body.note, 2000),
        photo,
        accuracy: accuracy(&mut checks, body.accuracy),
        at: Some(op.at),
        place: match place {
            Some(place) => place,
            None => return Err(checks.done().err().unwrap_or_else(ApiError::not_found)),
        },
    };
    checks.done()?;
    let (_, flags) = tracking::service::declare(c, app, caller, &declare, Mode::Late).await?;
    Ok(done(json!({ "declarationId": declare.id }), flags, unknown))
}

/// The positions that the operation tells of; a clock that was off is set right in them, too.
pub(super) fn read_locations(op: &Operation) -> ApiResult<(Batch, Vec<String>)> {
    let (mut batch, unknown) = lenient::parse::<Batch>(&op.payload)?;
    let behind = op.clock_was_behind();
    if !behind.is_zero() {
        let right = |at: DateTime<Utc>| at.checked_add_signed(behind).unwrap_or(at);
        batch.points.iter_mut().for_each(|point| point.at = right(point.at));
        batch.events.iter_mut().for_each(|event| event.at = right(event.at));
    }
    Ok((batch, unknown))
}

pub(super) async fn locations(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    op: &Operation,
) -> ApiResult<Done> {
    let (batch, unknown) = read_locations(op)?;
    let kept = tracking::service::record_points(c, app, caller, &batch, Mode::Late).await?;
    Ok(located(kept, unknown))
}

/// What became of positions.
pub(super) fn located(kept: tracking::Recorded, unknown: Vec<String>) -> Done {
    let refused: Vec<_> =
        kept.refused.iter().map(|(index, broken)| json!({ "index": index, "field": broken.field })).collect();
    let result = json!({ "accepted": kept.accepted, "duplicates": kept.duplicates, "refused": refused });
    // What is odd about positions is a matter of tracking's own board.
    let quiet =
        kept.flags.into_iter().map(|flag| Flag { code: format!("sync.{}", flag.code).into(), ..flag });
    done(result, quiet.collect(), unknown)
}
