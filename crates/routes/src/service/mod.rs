//! What has to be decided when a route changes.

use std::collections::HashSet;

use chrono::NaiveDate;
use db::audit::{self, Entry};
use db::outbox::{self, Event};
use domain::attendance::LeaveStatus;
use domain::route::InvalidRhythm;
use domain::{CustomerId, DistributorId, EventId, LeaveId, OrgUnitId, RouteId, UserId};
use platform::{ApiError, App, Caller, Scope};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::RouteError;
use crate::model::{NewAssignment, NewRoute, NewStop, Route};
use crate::store::{self, RouteCustomer, Walker};

mod assign;
mod leave;
mod policy;
mod substitute;

pub(crate) use assign::assign;
pub(crate) use leave::{
    Decision, Request as LeaveRequest, approve_leave, cancel_leave, reject_leave, request_leave,
};
pub(crate) use policy::{add_holiday, remove_holiday, set_policy};
pub(crate) use substitute::{NewSubstitute, cancel_substitution, substitute};

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
        let new = NewAssignment {
            rep,
            from: route.schedule.start_date,
            note: String::new(),
            by: Some((caller.user_id, app.now())),
        };
        store::insert_assignment(c, distributor, id, &new).await?;
        let notice =
            Notice::RouteAssigned { route_id: id, route_code: &route.code, valid_from: new.from, note: "" };
        tell(c, app, caller, distributor, id.uuid(), Told::Person(rep), &notice).await?;
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
    if route.schedule.weekdays != before.weekdays {
        let stops = store::list_route_customers(c, before.distributor_id, id).await?;
        let stranded = stops.iter().filter(|stop| stop.rhythm.fits(&route.schedule.weekdays).is_err());
        let stranded: Vec<String> = stranded.map(|stop| stop.code.clone()).collect();
        if !stranded.is_empty() {
            return Err(RouteError::DaysInUse(stranded).into());
        }
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
    for (index, stop) in stops.iter().enumerate() {
        if let Err(wrong) = stop.rhythm.fits(&route.weekdays) {
            return Err(wrong_days(index, &wrong));
        }
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

fn wrong_days(index: usize, wrong: &InvalidRhythm) -> ApiError {
    let (vi, en) = crate::error::rhythm_text(wrong);
    ApiError::invalid_field(&format!("customers[{index}].weekdays"), vi, en)
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

/// What people are told of.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum Notice<'a> {
    /// A leave was asked for, decided upon or called off.
    Leave {
        leave_id: LeaveId,
        user_id: UserId,
        full_name: &'a str,
        status: LeaveStatus,
        first_day: NaiveDate,
        last_day: NaiveDate,
        note: &'a str,
    },
    /// Somebody has a route from a day on.
    RouteAssigned { route_id: RouteId, route_code: &'a str, valid_from: NaiveDate, note: &'a str },
    /// Somebody stands in on a route.
    RouteSubstitution {
        route_id: RouteId,
        route_code: &'a str,
        first_day: NaiveDate,
        last_day: NaiveDate,
        cancelled: bool,
        note: &'a str,
    },
}

/// Who is told: one person, or those above a unit.
enum Told {
    Person(UserId),
    Above(Option<OrgUnitId>),
}

/// `Notice`, for their inboxes; whoever opened the transaction wakes the relay after its commit.
async fn tell(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    about: Uuid,
    told: Told,
    notice: &Notice<'_>,
) -> Result<(), sqlx::Error> {
    let (user, unit) = match told {
        Told::Person(user) => (Some(user), None),
        Told::Above(unit) => (None, unit),
    };
    let event = Event {
        id: EventId::new(Uuid::now_v7()),
        kind: "Notice",
        aggregate: about,
        distributor: Some(distributor),
        unit,
        user,
        payload: notice,
    };
    outbox::push(c, caller.context(), app.now(), event).await
}
