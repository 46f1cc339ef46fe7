use std::time::Duration;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::permission::TrackingView;
use domain::{DistributorId, OrgUnitId, UserId};
use platform::{ApiResult, App, Authorized, Caller, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::live::LivePosition;
use crate::model::{Motion, Seen};
use crate::store;

/// For so long the processes' common knowledge is believed to be whole: what got lost on its way there is read from the
/// database then.
const WHOLE_FOR: Duration = Duration::from_secs(60);

/// Where somebody was seen last.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonPosition {
    user_id: UserId,
    unit_id: Option<OrgUnitId>,
    position: LivePosition,
}

/// The moving part of the live board.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LivePositions {
    /// In no order.
    data: Vec<PersonPosition>,
    server_time: DateTime<Utc>,
}

/// Where everybody under one's eyes is now, and no more: cheap enough to be asked for every few seconds.
#[utoipa::path(
    get,
    path = "/tracking/live/positions",
    tag = "tracking",
    operation_id = "getLivePositions",
    responses(
        (status = 200, description = "The positions", body = LivePositions),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to follow the field", body = Problem),
    )
)]
pub async fn live_positions(
    State(app): State<App>,
    caller: Authorized<TrackingView>,
) -> ApiResult<Json<LivePositions>> {
    let now = app.now();
    let scope = caller.scope();
    let mut data = Vec::new();
    for distributor in distributors(&app, &caller).await? {
        let all = seen(&app, &caller, distributor).await?;
        data.extend(all.into_iter().filter(|seen| scope.includes(seen.user_id, seen.unit_id)));
    }
    let data = data
        .into_iter()
        .map(|seen| PersonPosition {
            user_id: seen.user_id,
            unit_id: seen.unit_id,
            position: LivePosition {
                latitude: seen.latitude,
                longitude: seen.longitude,
                accuracy: seen.accuracy,
                speed: seen.speed,
                battery: seen.battery,
                motion: Motion::of(seen.speed, seen.activity.as_deref()),
                mock: seen.mock,
                at: seen.at,
                age_seconds: (now - seen.at).num_seconds().max(0),
            },
        })
        .collect();
    Ok(Json(LivePositions { data, server_time: now }))
}

async fn distributors(app: &App, caller: &Caller) -> ApiResult<Vec<DistributorId>> {
    match &caller.tenants {
        db::Tenants::Distributors(ids) => Ok(ids.clone()),
        db::Tenants::Company => {
            let mut tx = app.db.lookup(caller.context()).await?;
            Ok(store::list_distributors(&mut tx).await?)
        }
    }
}

/// What all processes know together, else what the database knows.
async fn seen(app: &App, caller: &Caller, distributor: DistributorId) -> ApiResult<Vec<Seen>> {
    if let Some(all) = app.shared.latest(distributor.uuid()).await {
        // What an older version of the program wrote may be something else; it is written anew before long.
        return Ok(all.iter().filter_map(|one| serde_json::from_str(&one.text).ok()).collect());
    }
    let mut tx = app.db.lookup(caller.context()).await?;
    let all = store::list_seen(&mut tx, distributor).await?;
    drop(tx);
    let shared: Vec<_> = all.iter().filter_map(Seen::latest).collect();
    app.shared.fill(distributor.uuid(), &shared, WHOLE_FOR).await;
    Ok(all)
}
