use chrono::NaiveDate;
use db::Tenants;
use db::audit::{self, Entry};
use domain::attendance::WorkingDay;
use domain::{Month, OrgUnitId};
use platform::{ApiError, App, Caller, Scope};
use sqlx::PgConnection;

use crate::error::AttendanceError;
use crate::model::UnitWorkTimes;
use crate::store;

/// Sets the working times of a unit from a day on, or lets it follow the unit above again. Months that are over keep
/// theirs.
pub(crate) async fn set_work_times(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    unit: OrgUnitId,
    from: NaiveDate,
    day: Option<&WorkingDay>,
    version: Option<i64>,
) -> Result<UnitWorkTimes, ApiError> {
    let missing = || ApiError::not_found().field("unitId", "Không tìm thấy đơn vị", "No such unit");
    if matches!(caller.scope(), Scope::Units(units) if !units.contains(&unit)) {
        return Err(missing());
    }
    let distributor = store::find_unit(c, unit).await?.ok_or_else(missing)?;
    if distributor.is_none() && caller.tenants != Tenants::Company {
        return Err(AttendanceError::UnitAbove.into());
    }
    let first = Month::of(app.today()).first_day();
    if from < first {
        return Err(AttendanceError::MonthOver(first).into());
    }
    let history = store::list_work_times(c, &[unit.uuid()]).await?;
    let before = history.into_iter().find(|times| times.valid_from == from);
    if version.is_some_and(|seen| seen != before.as_ref().map_or(0, |before| before.version)) {
        return Err(ApiError::stale());
    }
    let after = store::set_work_times(c, distributor, unit, from, day, caller.user_id, app.now()).await?;
    let entry = Entry {
        action: "attendance.work_times",
        entity: "org_unit",
        entity_id: Some(unit.uuid()),
        distributor,
        before: before.as_ref(),
        after: Some(&after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(after)
}
