use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{Datelike as _, NaiveDate};
use domain::permission::HolidaysManage;
use domain::{DistributorId, HolidayId};
use platform::{
    ApiResult, App, Authorized, Caller, Checks, Command, Path, Problem, Query, transaction, transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{LONGEST_SPAN, day, span};
use crate::model::Holiday;
use crate::{service, store};

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct HolidayQuery {
    /// The first day; the first of this year when absent.
    from: Option<NaiveDate>,
    /// The last day, at most 366 days in all; the last of the first one's year when absent.
    to: Option<NaiveDate>,
}

/// The calendar of holidays.
#[derive(Debug, Serialize, ToSchema)]
pub struct HolidayList {
    /// By day.
    data: Vec<Holiday>,
}

/// Holidays of the company, of provinces and of the distributors one may see.
#[utoipa::path(
    get,
    path = "/holidays",
    tag = "routes",
    operation_id = "listHolidays",
    params(HolidayQuery),
    responses(
        (status = 200, description = "The holidays, by day", body = HolidayList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_holidays(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<HolidayQuery>,
) -> ApiResult<Json<HolidayList>> {
    let today = app.today();
    let from = query.from.unwrap_or_else(|| today.with_ordinal(1).unwrap_or(today));
    let last_of = |date: NaiveDate| NaiveDate::from_ymd_opt(date.year(), 12, 31).unwrap_or(date);
    let (from, to) = span(("from", from), ("to", query.to.unwrap_or_else(|| last_of(from))), LONGEST_SPAN)?;
    let mut tx = app.db.read(caller.context()).await?;
    Ok(Json(HolidayList { data: store::list_holidays(&mut tx, from, to).await? }))
}

/// A day on which nobody walks.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddHoliday {
    /// Made by the client, so that a repeat is known.
    id: Option<HolidayId>,
    /// The day.
    day: NaiveDate,
    /// What is celebrated.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// Only for distributors of this province; everywhere when absent.
    #[schema(max_length = 100)]
    province: Option<String>,
    /// Only for this distributor.
    distributor_id: Option<DistributorId>,
}

/// Adds a holiday to the company's calendar.
#[utoipa::path(
    post,
    path = "/holidays",
    tag = "routes",
    operation_id = "addHoliday",
    request_body = AddHoliday,
    responses(
        (status = 201, description = "The holiday", body = Holiday),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to keep the calendar", body = Problem),
        (status = 404, description = "No such distributor", body = Problem),
        (status = 409, description = "There is one on the day already", body = Problem),
    )
)]
pub async fn add_holiday(
    State(app): State<App>,
    caller: Authorized<HolidaysManage>,
    cmd: Command<AddHoliday>,
) -> ApiResult<(StatusCode, Json<Holiday>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let holiday = Holiday {
        holiday_id: body.id.unwrap_or_else(|| HolidayId::new(Uuid::now_v7())),
        day: day("day", body.day)?,
        name: checks.required("name", &body.name, 300),
        province: checks.text("province", body.province.as_deref().unwrap_or_default(), 100),
        distributor_id: body.distributor_id,
    };
    checks.done()?;
    let once = cmd.once(body.id.map(HolidayId::uuid));
    let made = transaction_once!(app, caller.context(), once, "holidays.add", |tx| {
        service::add_holiday(tx, &app, &caller, holiday.clone()).await
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Takes a holiday out of the calendar.
#[utoipa::path(
    delete,
    path = "/holidays/{id}",
    tag = "routes",
    operation_id = "removeHoliday",
    params(("id" = HolidayId, Path, description = "The holiday")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to keep the calendar", body = Problem),
        (status = 404, description = "No such holiday", body = Problem),
    )
)]
pub async fn remove_holiday(
    State(app): State<App>,
    caller: Authorized<HolidaysManage>,
    Path(id): Path<HolidayId>,
) -> ApiResult<StatusCode> {
    transaction!(app.db, caller.context(), "holidays.remove", |tx| {
        service::remove_holiday(tx, &app, &caller, id).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
