use db::audit::{self, Entry};
use domain::{DistributorId, HolidayId};
use platform::{ApiError, App, Caller};
use sqlx::PgConnection;

use crate::error::RouteError;
use crate::model::{Holiday, RoutePolicy, SetRoutePolicy};
use crate::store;

/// Sets the policy of a distributor, or with none the company's, which holds where a distributor has none of its own.
pub(crate) async fn set_policy(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    distributor: Option<DistributorId>,
    version: i64,
    policy: &SetRoutePolicy,
) -> Result<RoutePolicy, ApiError> {
    if let Some(id) = distributor
        && !store::distributor_exists(c, id).await?
    {
        return Err(ApiError::not_found());
    }
    let before = store::find_policy(c, distributor).await?;
    let working_days = store::working_days(policy);
    if !store::set_policy(c, distributor, policy, &working_days, version, caller.user_id, app.now()).await? {
        return Err(ApiError::stale());
    }
    let after = store::find_policy(c, distributor).await?;
    let entry = Entry {
        action: "routes.policy",
        entity: "route_policy",
        entity_id: distributor.map(|d| d.uuid()),
        distributor,
        before: Some(&before),
        after: Some(&after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(after)
}

/// Adds a holiday; the province is written as its distributors write theirs.
pub(crate) async fn add_holiday(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    mut holiday: Holiday,
) -> Result<Holiday, ApiError> {
    if let Some(id) = holiday.distributor_id
        && !store::distributor_exists(c, id).await?
    {
        return Err(ApiError::not_found().field("distributorId", "Không tìm thấy", "Not found"));
    }
    if !holiday.province.is_empty() {
        let asked = domain::search_key(&holiday.province);
        let known = store::list_provinces(c).await?;
        holiday.province =
            known.into_iter().find(|name| domain::search_key(name) == asked).ok_or_else(|| {
                ApiError::invalid_field(
                    "province",
                    "Không có nhà phân phối nào ở tỉnh/TP này",
                    "No distributor is in this province",
                )
            })?;
    }
    store::insert_holiday(c, &holiday, caller.user_id, app.now()).await.map_err(|e| {
        ApiError::from(e).on_constraint("holidays_day_uniq", || RouteError::HolidayTaken.into())
    })?;
    record(c, app, caller, "holidays.add", None, Some(&holiday)).await?;
    Ok(holiday)
}

/// Takes a holiday away.
pub(crate) async fn remove_holiday(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: HolidayId,
) -> Result<(), ApiError> {
    let holiday = store::find_holiday(c, id).await?.ok_or_else(ApiError::not_found)?;
    store::delete_holiday(c, id).await?;
    record(c, app, caller, "holidays.remove", Some(&holiday), None).await?;
    Ok(())
}

async fn record(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    action: &'static str,
    before: Option<&Holiday>,
    after: Option<&Holiday>,
) -> Result<(), sqlx::Error> {
    let one = after.or(before);
    let entry = Entry {
        action,
        entity: "holiday",
        entity_id: one.map(|holiday| holiday.holiday_id.uuid()),
        distributor: one.and_then(|holiday| holiday.distributor_id),
        before,
        after,
    };
    audit::record(c, caller.context(), app.now(), entry).await
}
