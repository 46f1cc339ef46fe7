use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use domain::permission::TrackingView;
use domain::track::SuspicionKind;
use domain::{SuspicionId, UserId};
use platform::{ApiResult, App, Authorized, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::days;
use crate::store::{self, SuspicionFilter, SuspicionRow};

/// Which suspicions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct SuspicionsQuery {
    /// One day; instead of `from` and `to`.
    date: Option<NaiveDate>,
    /// First day; today when absent.
    from: Option<NaiveDate>,
    /// Last day. At most 92 days.
    to: Option<NaiveDate>,
    /// Only this person's.
    user_id: Option<UserId>,
    /// Only this kind.
    kind: Option<SuspicionKind>,
    /// Page number, from 1.
    #[param(minimum = 1)]
    page: Option<i64>,
    /// Rows a page, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    page_size: Option<i64>,
}

/// A sign that a position may not be what it says. It proves nothing: the figures are there to be judged.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suspicion {
    id: SuspicionId,
    user_id: UserId,
    full_name: String,
    /// The business day.
    date: NaiveDate,
    kind: SuspicionKind,
    at: DateTime<Utc>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    /// The figures it was seen by. `mock_provider`: provider, accuracy, points; `impossible_speed`: from, to, metres,
    /// seconds, kilometresPerHour; `clock_off`: deviceTime, serverTime, offSeconds, seenBy; `far_check_in`: visitId,
    /// customerId, customerName, distanceMetres, accuracy; `same_fix_elsewhere`: visitId, customerName, otherVisitId,
    /// otherCustomerName, otherCheckInTime.
    #[schema(value_type = Object)]
    evidence: Value,
    found_at: DateTime<Utc>,
}

/// Suspicions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suspicions {
    /// Newest first.
    data: Vec<Suspicion>,
    pagination: Pagination,
}

/// Signs that positions or check-ins may not be what they say, each once, with their evidence.
#[utoipa::path(
    get,
    path = "/tracking/suspicions",
    tag = "tracking",
    operation_id = "listSuspicions",
    params(SuspicionsQuery),
    responses(
        (status = 200, description = "The suspicions", body = Suspicions),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to follow the field", body = Problem),
    )
)]
pub async fn list_suspicions(
    State(app): State<App>,
    caller: Authorized<TrackingView>,
    Query(query): Query<SuspicionsQuery>,
) -> ApiResult<Json<Suspicions>> {
    let page = PageQuery { search: None, page: query.page, page_size: query.page_size }.checked()?;
    let days = days(&app, query.date.or(query.from), query.date.or(query.to))?;
    let filter =
        SuspicionFilter { from: *days.start(), to: *days.end(), user: query.user_id, kind: query.kind };
    let mut tx = app.db.read(caller.context()).await?;
    let rows = store::list_suspicions(&mut tx, caller.scope(), &filter, &page).await?;
    let pagination = page.of(rows.first().map_or(0, |row| row.total));
    Ok(Json(Suspicions { data: rows.into_iter().map(view).collect(), pagination }))
}

fn view(row: SuspicionRow) -> Suspicion {
    Suspicion {
        id: row.id,
        user_id: row.user_id,
        full_name: row.full_name,
        date: row.business_date,
        kind: row.kind,
        at: row.at,
        latitude: row.latitude,
        longitude: row.longitude,
        evidence: row.evidence,
        found_at: row.found_at,
    }
}
