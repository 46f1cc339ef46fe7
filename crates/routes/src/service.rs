//! What has to be decided when a route changes.

use std::collections::HashSet;

use chrono::NaiveDate;
use db::audit::{self, Entry};
use domain::{CustomerId, DistributorId, OrgUnitId, RouteId, UserId};
use platform::{ApiError, App, Caller, Scope};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::RouteError;
use crate::model::{Assignment, NewRoute, NewStop, Route};
use crate::store::{self, RouteCustomer, Walker};

/// Makes a route, and gives it to the rep if one is named.
pub(crate) async fn create(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: RouteId,
    asked: Option<DistributorId>,
    mut route: NewRoute,
    rep: Option<UserId>,
) -> Result<Route, ApiError> {
    let walker = match rep {
        Some(rep) => Some(find_rep(c, caller, rep).await?),
        None => None,
    };
    let of_rep = walker.as_ref().and_then(|w| w.unit);
    route.unit = route.unit.or(of_rep).or(caller.primary_unit);
    let of_unit = match route.unit {
        Some(unit) => find_unit(c, caller, unit).await?,
        None => None,
    };
    let distributor = caller.distributor(asked.or(of_unit))?;
    same_distributor(of_unit, distributor)?;
    if let Some(walker) = &walker {
        walks_for(walker, distributor)?;
    }
    store::insert_route(c, distributor, id, &route, app.now())
        .await
        .map_err(|e| code_taken(e, &route.code))?;
    if let Some(rep) = rep {
        store::insert_assignment(c, distributor, id, rep, route.schedule.start_date).await?;
    }
    let made = get(c, app, caller, id).await?;
    record(c, app, caller, "routes.create", None, &made).await?;
    Ok(made)
}

/// Changes a route's data.
pub(crate) async fn update(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: RouteId,
    version: i64,
    mut route: NewRoute,
) -> Result<Route, ApiError> {
    let before = get(c, app, caller, id).await?;
    match route.unit {
        Some(unit) => {
            let of_unit = find_unit(c, caller, unit).await?;
            same_distributor(of_unit, before.distributor_id)?;
        }
        None => route.unit = before.unit_id,
    }
    let done = store::update_route(c, before.distributor_id, id, version, &route, app.now())
        .await
        .map_err(|e| code_taken(e, &route.code))?;
    if !done {
        return Err(ApiError::stale());
    }
    let after = get(c, app, caller, id).await?;
    record(c, app, caller, "routes.update", Some(&before), &after).await?;
    Ok(after)
}

/// Puts other outlets on the route.
pub(crate) async fn update_customers(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: RouteId,
    version: Option<i64>,
    stops: &[NewStop],
) -> Result<(Vec<RouteCustomer>, i64), ApiError> {
    let route = get(c, app, caller, id).await?;
    let distributor = route.distributor_id;
    let now_version = store::touch_route(c, distributor, id, app.now()).await?;
    if version.is_some_and(|seen| seen != now_version - 1) {
        return Err(ApiError::stale());
    }
    let ids: Vec<Uuid> = stops.iter().map(|stop| stop.customer.uuid()).collect();
    let known = store::known_customers(c, distributor, &ids).await?;
    all_known(stops, &known)?;
    let before = store::list_route_customers(c, distributor, id).await?;
    store::update_route_customers(c, distributor, id, stops).await?;
    let after = store::list_route_customers(c, distributor, id).await?;
    let entry = Entry {
        action: "routes.update_customers",
        entity: "route",
        entity_id: Some(id.uuid()),
        distributor: Some(distributor),
        before: Some(&json!({ "customers": codes(&before) })),
        after: Some(&json!({ "customers": codes(&after) })),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok((after, now_version))
}

fn all_known(stops: &[NewStop], known: &[CustomerId]) -> Result<(), ApiError> {
    let known: HashSet<_> = known.iter().collect();
    let mut error = None;
    for (index, stop) in stops.iter().enumerate() {
        if !known.contains(&stop.customer) {
            error = Some(error.unwrap_or_else(ApiError::not_found).field(
                &format!("customers[{index}].customerId"),
                "Nhà phân phối không có khách hàng này",
                "The distributor doesn't have this customer",
            ));
        }
    }
    error.map_or(Ok(()), Err)
}

/// Gives the route to somebody from a day on, or to nobody.
pub(crate) async fn assign(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: RouteId,
    rep: Option<UserId>,
    from: NaiveDate,
) -> Result<Vec<Assignment>, ApiError> {
    let route = get(c, app, caller, id).await?;
    let distributor = route.distributor_id;
    if let Some(rep) = rep {
        walks_for(&find_rep(c, caller, rep).await?, distributor)?;
    }
    // Two who assign at once go one after the other.
    store::touch_route(c, distributor, id, app.now()).await?;
    let before = store::assignments(c, distributor, id).await?;
    let open = before.iter().find(|a| a.valid_to.is_none());
    if open.map(|a| a.rep_id) == rep {
        return Ok(before);
    }
    // The open one may start on the day itself: then it is replaced. Nothing may reach behind a later start.
    let latest =
        before.iter().map(|a| a.valid_to.map_or(a.valid_from, |last| last.succ_opt().unwrap_or(last))).max();
    if let Some(latest) = latest.filter(|latest| from < *latest) {
        return Err(RouteError::AssignedLater(latest).into());
    }
    store::end_assignment(c, distributor, id, from).await?;
    if let Some(rep) = rep {
        store::insert_assignment(c, distributor, id, rep, from).await?;
    }
    let after = store::assignments(c, distributor, id).await?;
    let entry = Entry {
        action: "routes.assign",
        entity: "route",
        entity_id: Some(id.uuid()),
        distributor: Some(distributor),
        before: Some(&json!({ "repId": open.map(|a| a.rep_id) })),
        after: Some(&json!({ "repId": rep, "validFrom": from })),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(after)
}

async fn get(c: &mut PgConnection, app: &App, caller: &Caller, id: RouteId) -> Result<Route, ApiError> {
    store::find_route(c, caller.scope(), id, app.today()).await?.ok_or_else(ApiError::not_found)
}

async fn find_rep(c: &mut PgConnection, caller: &Caller, rep: UserId) -> Result<Walker, ApiError> {
    let missing = || ApiError::not_found().field("repId", "Không tìm thấy nhân viên", "No such rep");
    store::find_walker(c, caller.scope(), rep).await?.ok_or_else(missing)
}

/// A person of the company walks wherever their units are; one of a distributor only there.
fn walks_for(walker: &Walker, distributor: DistributorId) -> Result<(), RouteError> {
    let here = walker.distributor.is_none_or(|own| own == distributor);
    if walker.walks && here { Ok(()) } else { Err(RouteError::NotARep) }
}

/// The unit's distributor, if it belongs to one.
async fn find_unit(
    c: &mut PgConnection,
    caller: &Caller,
    unit: OrgUnitId,
) -> Result<Option<DistributorId>, ApiError> {
    let missing = || ApiError::not_found().field("unitId", "Không tìm thấy đơn vị", "No such unit");
    if matches!(caller.scope(), Scope::Units(units) if !units.contains(&unit)) {
        return Err(missing());
    }
    store::find_unit(c, unit).await?.ok_or_else(missing)
}

fn same_distributor(of_unit: Option<DistributorId>, distributor: DistributorId) -> Result<(), ApiError> {
    if of_unit.is_some_and(|of_unit| of_unit != distributor) {
        return Err(ApiError::invalid_field(
            "unitId",
            "Đơn vị thuộc nhà phân phối khác",
            "The unit belongs to another distributor",
        ));
    }
    Ok(())
}

fn code_taken(error: sqlx::Error, code: &str) -> ApiError {
    ApiError::from(error).on_constraint("routes_code_uniq", || RouteError::CodeTaken(code.to_owned()).into())
}

fn codes(customers: &[RouteCustomer]) -> Vec<&str> {
    customers.iter().map(|customer| customer.code.as_str()).collect()
}

async fn record(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    action: &'static str,
    before: Option<&Route>,
    after: &Route,
) -> Result<(), sqlx::Error> {
    let entry = Entry {
        action,
        entity: "route",
        entity_id: Some(after.route_id.uuid()),
        distributor: Some(after.distributor_id),
        before,
        after: Some(after),
    };
    audit::record(c, caller.context(), app.now(), entry).await
}
