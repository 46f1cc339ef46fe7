use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::{Month, OrgUnitId, UserId};
use platform::{ApiError, ApiResult, App, Caller, Problem, Query};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::targets::check_month;
use crate::performance::{self, Performance, Whose};
use crate::sheet;

/// How it is delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = KpiFormat)]
enum Format {
    /// The figures.
    #[default]
    Json,
    /// An Excel file: a row per person, with sums.
    Xlsx,
}

/// Which month, and whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct PerformanceQuery {
    /// `2026-08`; the present month when absent.
    #[param(value_type = Option<String>)]
    month: Option<Month>,
    /// A unit with all below it.
    unit_id: Option<OrgUnitId>,
    /// A person. Without unit and person: of reps their own month, of others all that they see.
    user_id: Option<UserId>,
    /// `json` or `xlsx`.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// What was reached in a month, against what was asked: by a person, with focus and days; or by a unit, with the units
/// right below it and its own people. People count where they belong now, to the unit that comes first for them. Figures
/// follow the documents within a minute.
#[utoipa::path(
    get,
    path = "/kpi/performance",
    tag = "kpi",
    operation_id = "getKpiPerformance",
    params(PerformanceQuery),
    responses(
        (status = 200, description = "The month; with `format=xlsx` an Excel file", body = Performance),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such person or unit", body = Problem),
        (status = 422, description = "The sums are out of range", body = Problem),
    )
)]
pub async fn get_performance(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PerformanceQuery>,
) -> ApiResult<Response> {
    let month = query.month.unwrap_or_else(|| Month::of(app.today()));
    check_month(month)?;
    let whose = match (query.unit_id, query.user_id) {
        (None, None) => Whose::Mine,
        (Some(unit), None) => Whose::Unit(unit),
        (None, Some(user)) => Whose::User(user),
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid_field(
                "userId",
                "Chỉ chọn một: đơn vị hoặc nhân viên",
                "Name a unit or a person, not both",
            ));
        }
    };
    let mut tx = app.db.read(caller.context()).await?;
    // The month first, also for a file: it knows who may see what.
    let shown = performance::performance(&mut tx, &caller, month, whose, app.today()).await?;
    if query.format == Format::Json {
        return Ok(Json(shown).into_response());
    }
    let unit = if shown.user_id.is_none() { shown.unit_id } else { None };
    let people = performance::figures(&mut tx, &caller, month, unit, app.today(), shown.user_id).await?;
    drop(tx);
    sheet::sheet(month, &people)?.download(&format!("kpi_{month}.xlsx")).await
}
