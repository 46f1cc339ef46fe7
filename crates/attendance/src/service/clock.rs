use adapters::blob::BlobId;
use chrono::{DateTime, Datelike as _, SubsecRound as _, TimeDelta, Utc};
use db::audit::{self, Entry};
use domain::attendance::ClockKind;
use domain::business_day::business_date;
use domain::permission::{AttendanceClock, Permission as _};
use domain::{ClockEventId, Coordinates, DistributorId};
use platform::{ApiError, App, Caller, Flag, Mode};
use serde_json::json;
use sqlx::PgConnection;

use crate::error::AttendanceError;
use crate::model::ClockEvent;
use crate::store::{self, NewClockEvent};

/// How old a live event's time may be: the phone works without network and sends later.
const OLDEST: TimeDelta = TimeDelta::days(7);
/// How far a device's clock may be ahead.
const NEWEST: TimeDelta = TimeDelta::minutes(5);

/// A clock event as it arrives.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Made by the phone.
    pub id: ClockEventId,
    /// In or out.
    pub kind: ClockKind,
    /// When, by the device; now when it says nothing.
    pub at: Option<DateTime<Utc>>,
    /// Where.
    pub place: Option<Coordinates>,
    /// By how many metres that may be wrong.
    pub accuracy: Option<f64>,
    /// What the person notes.
    pub note: String,
    /// A photo, by the SHA-256 of its content in lower-case hex; the content may come later.
    pub photo_sha256: Option<String>,
}

/// Keeps a clock event of the caller; one that came before is answered as it was.
///
/// Live, a device's time more than 7 days back or 5 minutes ahead of ours is refused; late, it is kept as the device said
/// it and flagged `attendance.time_old` or `attendance.clock_ahead`, for a correction by those above.
///
/// # Errors
/// 403 for those who don't clock in, 409 when the id is another event's, 422 for a time that is refused.
pub async fn clock(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    clock: &Clock,
    mode: Mode,
) -> Result<(ClockEvent, Vec<Flag>), ApiError> {
    if !caller.may::<AttendanceClock>() {
        return Err(ApiError::forbidden(AttendanceClock::NAME));
    }
    if let Some(known) = store::find_clock_event(c, caller.user_id, clock.id).await?
        && known.kind == clock.kind
    {
        let flags = known.flags.iter().filter_map(|code| flag(code, known.at, known.received_at)).collect();
        return Ok((known, flags));
    }
    let now = app.now();
    let at = clock.at.map_or(now, |at| at.trunc_subsecs(6));
    let mut flags = Vec::new();
    if let Some(code) = odd(at, now) {
        let flagged = || flag(code, at, now).unwrap_or_else(|| Flag::new(code, "", ""));
        mode.refuse_or_flag(&mut flags, flagged, || ApiError::from(AttendanceError::Time(at)))?;
    }
    if !(2000..=2100).contains(&at.year()) {
        return Err(ApiError::invalid_field(
            "at",
            "Phải từ năm 2000 đến 2100",
            "Must be in the years 2000 to 2100",
        ));
    }
    let photo = match clock.photo_sha256.as_deref().map(BlobId::parse) {
        None => None,
        Some(Some(photo)) => Some(photo),
        Some(None) => {
            return Err(ApiError::invalid_field(
                "photoSha256",
                "Phải là SHA-256 gồm 64 ký tự hex thường",
                "Must be a SHA-256 of 64 characters of lower-case hex",
            ));
        }
    };
    let event = NewClockEvent {
        distributor: own_distributor(caller)?,
        user: caller.user_id,
        unit: caller.primary_unit,
        event: ClockEvent {
            clock_event_id: clock.id,
            kind: clock.kind,
            at,
            business_date: business_date(at),
            latitude: clock.place.map(Coordinates::latitude),
            longitude: clock.place.map(Coordinates::longitude),
            accuracy: clock.accuracy,
            note: clock.note.clone(),
            photo_sha256: photo.as_ref().map(ToString::to_string),
            received_at: now,
            flags: flags.iter().map(|flag| flag.code.clone().into_owned()).collect(),
        },
    };
    store::insert_clock_event(c, &event).await?;
    if let Some(photo) = &photo {
        files::store::register(c, event.distributor, photo, now).await?;
    }
    if let Some(place) = clock.place {
        // A clock that is ahead must not keep later positions away.
        tracking::note_position(c, caller, at.min(now), place, clock.accuracy).await?;
    }
    let entry = Entry {
        action: match clock.kind {
            ClockKind::In => "attendance.clock_in",
            ClockKind::Out => "attendance.clock_out",
        },
        entity: "clock_event",
        entity_id: Some(clock.id.uuid()),
        distributor: Some(event.distributor),
        before: None::<&()>,
        after: Some(&event.event),
    };
    audit::record(c, caller.context(), now, entry).await?;
    Ok((event.event, flags))
}

/// What is odd about a time, as the flag's code.
fn odd(at: DateTime<Utc>, now: DateTime<Utc>) -> Option<&'static str> {
    if at > now + NEWEST {
        Some("attendance.clock_ahead")
    } else if at < now - OLDEST {
        Some("attendance.time_old")
    } else {
        None
    }
}

fn flag(code: &str, at: DateTime<Utc>, received_at: DateTime<Utc>) -> Option<Flag> {
    let details = json!({ "at": at, "receivedAt": received_at });
    match code {
        "attendance.clock_ahead" => Some(Flag::new(
            "attendance.clock_ahead",
            "Giờ của thiết bị nhanh hơn giờ hệ thống hơn 5 phút. Hãy kiểm tra và sửa chấm công nếu cần.",
            "The device's clock was more than 5 minutes ahead. Look at the event and correct it if needed.",
        )),
        "attendance.time_old" => Some(Flag::new(
            "attendance.time_old",
            "Lần chấm công này đến sau hơn 7 ngày. Hãy kiểm tra giờ của thiết bị.",
            "The event arrived more than 7 days later. Check the device's clock.",
        )),
        _ => None,
    }
    .map(|flag| flag.with(details))
}

/// The distributor whose book somebody's own day is in: theirs, else the first of those they work for.
fn own_distributor(caller: &Caller) -> Result<DistributorId, ApiError> {
    let first = match &caller.tenants {
        db::Tenants::Distributors(ids) => ids.iter().min().copied(),
        db::Tenants::Company => None,
    };
    caller.distributor_id.or(first).map_or_else(|| caller.distributor(None), Ok)
}
