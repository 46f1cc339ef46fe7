//! Keeping what phones tell of where they are.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{Coordinates, DistributorId, EventId, LocationDeclarationId, UserId, business_date};
use platform::{ApiError, ApiResult, App, Caller, Flag, Mode};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{Batch, Broken, Declaration, Point, Recorded, Seen, Told};
use crate::position::{note_position, own_distributor};
use crate::store::{self, LiveEvent, Owner};
use crate::suspicion;

/// Points a batch.
pub(crate) const MAX_POINTS: usize = 500;
/// Events a batch.
pub(crate) const MAX_EVENTS: usize = 100;
/// How far back a declaration may be told live.
const OLDEST_DECLARATION: chrono::TimeDelta = chrono::TimeDelta::days(7);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationUpdated<'a> {
    user_id: UserId,
    full_name: &'a str,
    latitude: f64,
    longitude: f64,
    accuracy: Option<f32>,
    speed: Option<f32>,
    battery: Option<i16>,
    activity: Option<&'a str>,
    at: DateTime<Utc>,
}

/// A batch whose points and events were looked at.
#[derive(Debug)]
pub(crate) struct Checked {
    /// In the order of time.
    points: Vec<Point>,
    told: Vec<Told>,
    sent_at: Option<DateTime<Utc>>,
    refused: Vec<(usize, Broken)>,
    refused_events: Vec<(usize, Broken)>,
}

/// Keeps the points and events of the caller's phone that aren't known yet, in the caller's transaction. Points are
/// known by their time, so a batch may come again. A broken point is named and left out.
///
/// [`Mode::Late`] takes older points. What can't be true of the others is noted as suspicions, in both modes.
///
/// # Errors
/// 400 when nothing in the batch can be kept, or it has too much in it.
pub async fn record_points(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    batch: &Batch,
    mode: Mode,
) -> ApiResult<Recorded> {
    let checked = check(batch, app.now(), mode)?;
    record(c, app, caller, &checked, mode).await
}

/// What of the batch can be kept.
pub(crate) fn check(batch: &Batch, now: DateTime<Utc>, mode: Mode) -> ApiResult<Checked> {
    if batch.points.len() > MAX_POINTS || (batch.points.is_empty() && batch.events.is_empty()) {
        return Err(ApiError::invalid_field(
            "points",
            "Phải có từ 1 đến 500 điểm",
            "Must hold 1 to 500 points",
        ));
    }
    if batch.events.len() > MAX_EVENTS {
        return Err(ApiError::invalid_field("events", "Tối đa 100 sự kiện", "At most 100 events"));
    }
    let mut checked = Checked {
        points: Vec::with_capacity(batch.points.len()),
        told: Vec::with_capacity(batch.events.len()),
        sent_at: batch.sent_at,
        refused: Vec::new(),
        refused_events: Vec::new(),
    };
    for (index, point) in batch.points.iter().enumerate() {
        match point.checked(now, mode) {
            Ok(point) => checked.points.push(point),
            Err(why) => checked.refused.push((index, why)),
        }
    }
    for (index, event) in batch.events.iter().enumerate() {
        match event.checked(now, mode) {
            Ok(told) => checked.told.push(told),
            Err(why) => checked.refused_events.push((index, why)),
        }
    }
    if checked.points.is_empty() && checked.told.is_empty() {
        let none =
            ApiError::bad_request("validation", "Không điểm nào hợp lệ.", "None of the points is valid.");
        let points = checked.refused.iter().map(|(i, why)| (format!("points[{i}].{}", why.field), why));
        let events =
            checked.refused_events.iter().map(|(i, why)| (format!("events[{i}].{}", why.field), why));
        return Err(points
            .chain(events)
            .fold(none, |error, (field, why)| error.field(&field, why.vi, why.en)));
    }
    checked.points.sort_by_key(|p| p.at);
    Ok(checked)
}

/// Like [`record_points`] for batches of one person that arrive together, in the order in which they were gathered: all of
/// their points are written by one statement. None when one of the batches can't be kept; then nothing was written.
///
/// # Errors
/// When the database refuses.
pub async fn record_batches(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    batches: &[Batch],
    mode: Mode,
) -> ApiResult<Option<Vec<Recorded>>> {
    let checked: Result<Vec<Checked>, _> =
        batches.iter().map(|batch| check(batch, app.now(), mode)).collect();
    match checked {
        Ok(checked) => write(c, app, caller, &checked, mode).await.map(Some),
        Err(_) => Ok(None),
    }
}

/// Writes the batch: one statement, and more only where there is more to tell.
pub(crate) async fn record(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    checked: &Checked,
    mode: Mode,
) -> ApiResult<Recorded> {
    let recorded = write(c, app, caller, std::slice::from_ref(checked), mode).await?;
    recorded.into_iter().next().ok_or_else(|| ApiError::internal("a batch without an outcome"))
}

async fn write(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    batches: &[Checked],
    mode: Mode,
) -> ApiResult<Vec<Recorded>> {
    let now = app.now();
    let distributor = own_distributor(caller).map_or_else(|| caller.distributor(None), Ok)?;
    let owner = Owner { distributor, user: caller.user_id, unit: caller.primary_unit };
    let told: Vec<Told> = batches.iter().flat_map(|batch| batch.told.iter().copied()).collect();
    if !told.is_empty() {
        store::insert_events(c, owner, &told, now).await?;
    }
    let (mut known, mut new_points) = (None, BTreeSet::new());
    if batches.iter().any(|batch| !batch.points.is_empty()) {
        let mut points: Vec<&Point> = batches.iter().flat_map(|batch| &batch.points).collect();
        points.sort_by_key(|p| p.at);
        // Of two of one time the first stays.
        points.dedup_by_key(|p| p.at);
        // A clock that is ahead would leave the board standing in the future.
        let newest = points.iter().copied().rfind(|p| !p.is_ahead(now));
        let payload = newest.map(|point| live(caller, point)).transpose()?;
        let trace = db::outbox::trace(caller.context());
        let event = LiveEvent {
            id: EventId::new(Uuid::now_v7()),
            payload,
            audience: &caller.audience(distributor),
            trace_id: trace.as_deref(),
        };
        let inserted = store::insert_points(c, owner, &points, newest, &event, now).await?;
        known = inserted.known();
        new_points.extend(points.iter().map(|p| p.at));
        for at in inserted.known_points {
            new_points.remove(&at);
        }
    }
    let mut all = Vec::with_capacity(batches.len());
    for batch in batches {
        let mut recorded = Recorded {
            refused: batch.refused.clone(),
            refused_events: batch.refused_events.clone(),
            ..Recorded::default()
        };
        for point in &batch.points {
            let count =
                if new_points.remove(&point.at) { &mut recorded.accepted } else { &mut recorded.duplicates };
            *count += 1;
        }
        let findings = suspicion::in_batch(&batch.points, known, batch.sent_at, now);
        if !findings.is_empty() {
            store::insert_suspicions(c, owner, &findings, now).await?;
        }
        let last = batch.points.iter().rfind(|p| !p.is_ahead(now)).map(Point::fix);
        known = last.filter(|last| known.is_none_or(|k| k.at < last.at)).or(known);
        if mode.is_late() && !batch.refused.is_empty() {
            recorded.flags.push(
                Flag::new(
                    "tracking.points_refused",
                    "Một số vị trí trong gói không hợp lệ nên không được lưu.",
                    "Some positions of the batch are not valid and were not kept.",
                )
                .with(json!({ "count": batch.refused.len() })),
            );
        }
        all.push(recorded);
    }
    Ok(all)
}

/// Tells the other processes where the caller is now; after the commit.
pub(crate) async fn share_newest(app: &App, caller: &Caller, checked: &Checked) {
    let now = app.now();
    if let Some(distributor) = own_distributor(caller)
        && let Some(point) = checked.points.iter().rev().find(|point| !point.is_ahead(now))
    {
        let seen = Seen {
            user_id: caller.user_id,
            unit_id: caller.primary_unit,
            at: point.at,
            latitude: point.place.latitude(),
            longitude: point.place.longitude(),
            accuracy: point.accuracy,
            speed: point.speed,
            battery: point.battery,
            activity: point.activity.clone(),
            mock: point.mock,
        };
        app.shared.tell(distributor.uuid(), seen.latest().as_slice()).await;
    }
}

fn live(caller: &Caller, point: &Point) -> ApiResult<serde_json::Value> {
    serde_json::to_value(LocationUpdated {
        user_id: caller.user_id,
        full_name: &caller.full_name,
        latitude: point.place.latitude(),
        longitude: point.place.longitude(),
        accuracy: point.accuracy,
        speed: point.speed,
        battery: point.battery,
        activity: point.activity.as_deref(),
        at: point.at,
    })
    .map_err(ApiError::internal)
}

/// What somebody declares.
#[derive(Debug, Clone)]
pub struct Declare {
    /// Made by the phone.
    pub id: LocationDeclarationId,
    /// Why, in a few words.
    pub reason: String,
    /// More about it.
    pub note: String,
    /// The photo; its bytes may come later.
    pub photo: Option<adapters::blob::BlobId>,
    /// Where.
    pub place: Coordinates,
    /// By how many metres that may be wrong.
    pub accuracy: Option<f64>,
    /// When, by the device; now when absent.
    pub at: Option<DateTime<Utc>>,
}

/// Writes a declaration down, once for its id.
///
/// # Errors
/// 409 when the id is another declaration's; in [`Mode::Live`] 422 when the device's clock is too far off.
pub async fn declare(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    declare: &Declare,
    mode: Mode,
) -> ApiResult<(Declaration, Vec<Flag>)> {
    let now = app.now();
    let at = declare.at.unwrap_or(now);
    let mut flags = Vec::new();
    if at > now + domain::track::CLOCK_TOLERANCE || at < now - OLDEST_DECLARATION {
        let (vi, en) = (
            "Giờ của thiết bị sai quá nhiều: chỉ nhận từ 7 ngày trước đến 5 phút sau giờ hệ thống. Hãy chỉnh lại giờ.",
            "The device's clock is too far off: 7 days back and 5 minutes ahead are accepted. Set the clock.",
        );
        mode.refuse_or_flag(
            &mut flags,
            || Flag::new("tracking.time_refused", vi, en).with(json!({ "at": at })),
            || ApiError::unprocessable("tracking.time_refused", vi, en).with("at", at),
        )?;
    }
    let distributor: DistributorId = own_distributor(caller).map_or_else(|| caller.distributor(None), Ok)?;
    let owner = Owner { distributor, user: caller.user_id, unit: caller.primary_unit };
    let new = store::insert_declaration(c, owner, declare, at, business_date(at), &flags, now)
        .await
        .map_err(|e| ApiError::from(e).on_constraint("location_declarations_id_uniq", id_taken))?;
    let kept = store::find_declaration(c, distributor, declare.id).await?.ok_or_else(id_taken)?;
    if kept.user_id != caller.user_id {
        return Err(id_taken());
    }
    if new {
        if let Some(photo) = &declare.photo {
            files::store::register(c, distributor, photo, now).await?;
        }
        note_position(c, caller, at.min(now), declare.place, declare.accuracy).await?;
        db::audit::record(
            c,
            caller.context(),
            now,
            db::audit::Entry {
                action: "tracking.declare",
                entity: "location_declaration",
                entity_id: Some(declare.id.uuid()),
                distributor: Some(distributor),
                before: None::<&()>,
                after: Some(&kept),
            },
        )
        .await?;
    }
    let flags = kept.flags.clone();
    Ok((kept, flags))
}

fn id_taken() -> ApiError {
    ApiError::conflict(
        "tracking.declaration_id_taken",
        "Mã khai báo này đã dùng cho khai báo khác. Hãy gửi lại với mã mới.",
        "Another declaration has this id. Send it with a new one.",
    )
}
