use std::collections::{BTreeMap, HashSet};

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::{ClockEventId, UserId};
use platform::{ApiError, ApiResult, App, Caller, Problem, Query};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::{IntoParams, ToSchema};

use crate::model::{Correction, DayEvent};
use crate::store;

/// Whose day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct EventsQuery {
    /// The day; today when absent.
    date: Option<NaiveDate>,
    /// The person; the caller when absent.
    user_id: Option<UserId>,
}

/// A day's clock events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClockEventList)]
pub struct EventList {
    user_id: UserId,
    date: NaiveDate,
    /// By the time that counts; those that don't count come last.
    data: Vec<DayEvent>,
}

/// A day's clock events: what was clocked, what was corrected by whom and why, and what counts.
#[utoipa::path(
    get,
    path = "/attendance/events",
    tag = "attendance",
    operation_id = "listAttendanceEvents",
    params(EventsQuery),
    responses(
        (status = 200, description = "The events", body = EventList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such person", body = Problem),
    )
)]
pub async fn list_events(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<EventsQuery>,
) -> ApiResult<Json<EventList>> {
    let date = query.date.unwrap_or_else(|| app.today());
    let user_id = query.user_id.unwrap_or(caller.user_id);
    let mut tx = app.db.lookup(caller.context()).await?;
    if user_id != caller.user_id {
        store::find_person(&mut tx, caller.scope(), user_id).await?.ok_or_else(ApiError::not_found)?;
    }
    let data = of_day(&mut tx, user_id, date).await?;
    Ok(Json(EventList { user_id, date, data }))
}

/// The events that were clocked on the day, but not those corrected to another, and those corrected to it.
pub(super) async fn of_day(
    c: &mut PgConnection,
    user: UserId,
    date: NaiveDate,
) -> Result<Vec<DayEvent>, sqlx::Error> {
    let mut clocked = store::list_clock_events(c, user, date).await?;
    let mut corrections: BTreeMap<ClockEventId, Vec<Correction>> = BTreeMap::new();
    for correction in store::list_corrections(c, user, date).await? {
        corrections.entry(correction.clock_event_id).or_default().push(correction);
    }
    let here: HashSet<ClockEventId> = clocked.iter().map(|event| event.clock_event_id).collect();
    let elsewhere: Vec<uuid::Uuid> =
        corrections.keys().filter(|id| !here.contains(id)).map(|id| id.uuid()).collect();
    if !elsewhere.is_empty() {
        clocked.extend(store::list_events_by_id(c, user, &elsewhere).await?);
    }
    let mut events = Vec::with_capacity(clocked.len());
    for event in clocked {
        let corrections = corrections.remove(&event.clock_event_id).unwrap_or_default();
        let (kind, at, day) = match corrections.first() {
            Some(latest) => (latest.kind, latest.at, latest.business_date),
            None => (event.kind, Some(event.at), event.business_date),
        };
        if day == date {
            let clock_event_id = event.clock_event_id;
            events.push(DayEvent { clock_event_id, kind, at, original: Some(event), corrections });
        }
    }
    for (clock_event_id, corrections) in corrections {
        if let Some(latest) = corrections.first().filter(|latest| latest.business_date == date) {
            let (kind, at) = (latest.kind, latest.at);
            events.push(DayEvent { clock_event_id, kind, at, original: None, corrections });
        }
    }
    events.sort_by_key(|event| (event.at.is_none(), event.at, event.clock_event_id));
    Ok(events)
}
