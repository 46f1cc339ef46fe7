use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::permission::TrackingView;
use domain::{CustomerId, OrgUnitId, UserId, VisitId};
use platform::{ApiResult, App, Authorized, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Activity, Motion};
use crate::store::{self, LiveRow};

/// Where somebody was last.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LivePosition {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    /// By how many metres that may be wrong.
    pub(super) accuracy: Option<f32>,
    /// Metres a second.
    pub(super) speed: Option<f32>,
    /// Percent.
    pub(super) battery: Option<i16>,
    pub(super) motion: Motion,
    /// Whether the phone says that the position is made up.
    pub(super) mock: bool,
    pub(super) at: DateTime<Utc>,
    /// How old it is.
    pub(super) age_seconds: i64,
}

/// The outlet somebody is at.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveVisit {
    visit_id: VisitId,
    customer_id: CustomerId,
    customer_name: String,
    check_in_time: DateTime<Utc>,
}

/// Somebody on the live board.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LivePerson {
    user_id: UserId,
    full_name: String,
    unit_id: Option<OrgUnitId>,
    unit_name: Option<String>,
    /// None when the phone never sent one.
    position: Option<LivePosition>,
    activity: Activity,
    /// Since when, for those who clocked in or out today.
    clocked_at: Option<DateTime<Utc>>,
    /// The outlet they are at.
    open_visit: Option<LiveVisit>,
    visits_today: i64,
    orders_today: i64,
    /// đồng; rejected and cancelled orders don't count.
    sales_today: i64,
    /// Signs that a position of today may not be what it says.
    suspicions_today: i64,
}

/// The live board.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveBoard {
    /// By name.
    data: Vec<LivePerson>,
    server_time: DateTime<Utc>,
}

/// Where everybody under one's eyes is now, and what they do.
#[utoipa::path(
    get,
    path = "/tracking/live",
    tag = "tracking",
    operation_id = "getLiveBoard",
    responses(
        (status = 200, description = "The live board", body = LiveBoard),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to follow the field", body = Problem),
    )
)]
pub async fn live(State(app): State<App>, caller: Authorized<TrackingView>) -> ApiResult<Json<LiveBoard>> {
    let now = app.now();
    let mut tx = app.db.read(caller.context()).await?;
    let rows = store::list_live(&mut tx, caller.scope(), app.today()).await?;
    Ok(Json(LiveBoard { data: rows.into_iter().map(|row| view(row, now)).collect(), server_time: now }))
}

fn view(row: LiveRow, now: DateTime<Utc>) -> LivePerson {
    let position = match (row.at, row.latitude, row.longitude) {
        (Some(at), Some(latitude), Some(longitude)) => Some(LivePosition {
            latitude,
            longitude,
            accuracy: row.accuracy,
            speed: row.speed,
            battery: row.battery,
            motion: Motion::of(row.speed, row.activity.as_deref()),
            mock: row.mock.unwrap_or_default(),
            at,
            age_seconds: (now - at).num_seconds().max(0),
        }),
        _ => None,
    };
    let open_visit = match (row.open_visit, row.open_customer, row.open_customer_name, row.open_since) {
        (Some(visit_id), Some(customer_id), Some(customer_name), Some(check_in_time)) => {
            Some(LiveVisit { visit_id, customer_id, customer_name, check_in_time })
        }
        _ => None,
    };
    let activity = match (&open_visit, row.last_clock.as_deref()) {
        (Some(_), _) => Activity::Visiting,
        (None, Some("in")) => Activity::Working,
        (None, _) => Activity::OffDuty,
    };
    LivePerson {
        user_id: row.user_id,
        full_name: row.full_name,
        unit_id: row.unit_id,
        unit_name: row.unit_name,
        position,
        activity,
        clocked_at: row.last_clock_at,
        open_visit,
        visits_today: row.visits,
        orders_today: row.orders,
        sales_today: row.sales,
        suspicions_today: row.suspicions,
    }
}
