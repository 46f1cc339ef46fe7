use chrono::{DateTime, NaiveDate, Utc};
use customers::model::CustomerStatus;
use domain::business_day::business_date;
use domain::visit::{Arrival, Problem, VisitType};
use domain::{Coordinates, CustomerId, DistributorId, RouteId, UserId, VisitId};
use platform::{ApiError, App, Caller, Flag, Mode, Once, transaction};
use routes::plan_cache;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::error::VisitError;
use crate::model::device_time;
use crate::store::{self, ArrivalOf, Arriving, Known, NewVisit};

/// A check-in as it arrives.
#[derive(Debug, Clone)]
pub struct CheckIn {
    /// The visit that begins.
    pub id: VisitId,
    /// The outlet.
    pub customer: CustomerId,
    /// Where the rep stands.
    pub place: Coordinates,
    /// Metres by which that may be wrong.
    pub accuracy: Option<f64>,
    /// By the device; now when it says none.
    pub at: Option<DateTime<Utc>>,
}

/// A visit that began.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// The visit.
    pub visit_id: VisitId,
    /// The outlet.
    pub customer_id: CustomerId,
    /// When.
    pub check_in_time: DateTime<Utc>,
    /// Metres to the outlet; none when its place wasn't known.
    pub check_in_distance: Option<i32>,
    /// Whether that was too far.
    pub out_of_range: bool,
    /// How far would have been right, in metres.
    pub radius_metres: u32,
    /// In the day's plan or not.
    pub visit_type: VisitType,
    /// The route in whose plan the outlet is.
    pub route_id: Option<RouteId>,
    /// Whether the outlet had no place and was given this one: the visit then needs a photo.
    pub placed_outlet: bool,
    /// What the rep is told of: too far away, a poor position, not in the plan.
    pub warnings: Vec<Problem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VisitStarted<'a> {
    pub(super) visit_id: VisitId,
    pub(super) customer_id: CustomerId,
    pub(super) customer_name: &'a str,
    pub(super) user_id: UserId,
    pub(super) full_name: &'a str,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    pub(super) out_of_range: bool,
    pub(super) at: DateTime<Utc>,
}

const OPERATION: &str = "visits.check_in";

/// Starts a visit in a transaction of its own: begin, read, write, commit; one more off the route.
/// A repeat gets the first answer.
pub(crate) async fn check_in_once(
    app: &App,
    caller: &Caller,
    once: &Once,
    check_in: &CheckIn,
) -> Result<Started, ApiError> {
    let started = match attempt(app, caller, once, check_in).await {
        // A repeat, or a check-in elsewhere, was first at the same moment; now it can be seen.
        Err(error) if error.constraint().is_some_and(|name| FIRST_COME.contains(&name)) => {
            attempt(app, caller, once, check_in).await
        }
        done => done,
    }
    // A visit that the caller can't see has the id.
    .map_err(|error| error.on_constraint("visits_id_uniq", || VisitError::IdTaken.into()))?;
    app.wake.now();
    Ok(started)
}

const FIRST_COME: [&str; 4] = ["idempotency_keys_pkey", "visits_pkey", "visits_id_uniq", "visits_open_uniq"];

async fn attempt(app: &App, caller: &Caller, once: &Once, check_in: &CheckIn) -> Result<Started, ApiError> {
    transaction!(app.db, caller.context(), "visits.check_in", |tx| {
        let (started, _) = begin(tx, app, caller, check_in, Mode::Live, Some(once)).await?;
        Ok(started)
    })
}

/// Starts a visit; one that came before is answered as it was.
///
/// # Errors
/// 404 for an outlet the caller may not see; live, 409 while another visit is open and 422 for an outlet that may not be
/// visited or a check-in that the policy blocks.
pub async fn check_in(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    check_in: &CheckIn,
    mode: Mode,
) -> Result<(Started, Vec<Flag>), ApiError> {
    begin(c, app, caller, check_in, mode, None).await
}

async fn begin(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    check_in: &CheckIn,
    mode: Mode,
    once: Option<&Once>,
) -> Result<(Started, Vec<Flag>), ApiError> {
    let (now, mut flags) = (app.now(), Vec::new());
    let at = device_time(check_in.at, now, mode, &mut flags)?;
    let day = business_date(at);
    // The visit itself knows a repeat by its id; a key of another kind has to be kept.
    let own_key = check_in.id.to_string();
    let key = once.and_then(Once::key).filter(|(key, _)| *key != own_key);
    let of = ArrivalOf { visit: check_in.id, customer: check_in.customer, user: caller.user_id, at };
    let missing =
        || ApiError::not_found().field("customerId", "Không tìm thấy khách hàng", "No such customer");
    let mut found = store::find_arriving(c, &of, key.map(|(key, _)| key)).await?.ok_or_else(missing)?;
    if let (Some(first), Some(once)) = (found.first_answer.take(), once) {
        return Ok((once.repeat(OPERATION, first)?, Vec::new()));
    }
    if let Some(known) = found.known.take() {
        let same = known.user == caller.user_id && known.customer == check_in.customer;
        return if same {
            Ok((again(check_in.id, known), Vec::new()))
        } else {
            Err(VisitError::IdTaken.into())
        };
    }
    let mut refuse = |error: VisitError| match mode {
        Mode::Live => Err(error),
        Mode::Late => {
            flags.push(error.flag());
            Ok(())
        }
    };
    let route = route_of(c, caller, check_in.customer, &found, day).await?;
    // What is in one's plan is one's own; only others have to be looked for.
    let in_scope =
        route.is_some() || store::outlet_in_scope(c, caller.scope(), check_in.customer, day).await?;
    if !in_scope {
        // Live, what isn't the rep's isn't there.
        refuse(VisitError::NotYours).map_err(|_| missing())?;
    }
    if found.status != CustomerStatus::Active {
        refuse(VisitError::CustomerNotActive(found.status))?;
    }
    let beside_open = found.open.is_some();
    // A visit of the morning that arrives while one of the afternoon is open crosses nothing.
    if let Some(open) = found.open.filter(|open| mode == Mode::Live || open.since <= at) {
        let customer_name = store::find_customer_name(c, open.customer).await?;
        refuse(VisitError::OpenVisit { visit: open.id, customer_name, since: open.since })?;
    }
    let master = store::master(c, &app.db, found.master_version).await?;
    let policy = master.policy(caller.primary_unit, &found.customer_type, day);
    let fence = found.outlet.map(|outlet| check_in.place.geofence(outlet, policy.radius_metres));
    let arrival = Arrival {
        distance_metres: fence.map(|fence| fence.distance_metres),
        accuracy_metres: check_in.accuracy,
        in_route: route.is_some(),
    };
    let verdict = policy.arrive(&arrival);
    if !verdict.blockers.is_empty() {
        refuse(VisitError::CheckIn(verdict.blockers))?;
    }
    // A place that may be anywhere around is none to give.
    let placeable =
        found.outlet.is_none() && found.placeable && policy.poor_accuracy(check_in.accuracy).is_none();
    let placed_outlet = placeable
        && customers::service::place_on_first_visit(
            c,
            caller.context(),
            now,
            found.distributor,
            check_in.customer,
            check_in.place,
        )
        .await?;
    let started = Started {
        visit_id: check_in.id,
        customer_id: check_in.customer,
        check_in_time: at,
        check_in_distance: arrival.distance_metres.map(|metres| i32::try_from(metres).unwrap_or(i32::MAX)),
        out_of_range: fence.is_some_and(|fence| !policy.in_range(fence.distance_metres, check_in.accuracy)),
        radius_metres: policy.radius_metres,
        visit_type: if route.is_some() { VisitType::InRoute } else { VisitType::OffRoute },
        route_id: route,
        placed_outlet,
        warnings: verdict.warnings,
    };
    let event = VisitStarted {
        visit_id: check_in.id,
        customer_id: check_in.customer,
        customer_name: &found.customer_name,
        user_id: caller.user_id,
        full_name: &caller.full_name,
        latitude: check_in.place.latitude(),
        longitude: check_in.place.longitude(),
        out_of_range: started.out_of_range,
        at,
    };
    let json = |value: Result<_, serde_json::Error>| value.map_err(ApiError::internal);
    let new = NewVisit {
        distributor: found.distributor,
        id: check_in.id,
        customer: check_in.customer,
        user: caller.user_id,
        unit: caller.primary_unit,
        route,
        visit_type: started.visit_type,
        business_date: day,
        at,
        place: check_in.place,
        accuracy: check_in.accuracy,
        distance_metres: started.check_in_distance,
        out_of_range: started.out_of_range,
        outlet: found.outlet,
        placed_outlet,
        policy: &policy,
        flags: json(serde_json::to_value(&flags))?,
        beside_open,
        board: board_of(caller),
        received_at: now,
        event: json(serde_json::to_value(event))?,
        audience: caller.audience(found.distributor),
        audited: json!({
            "customerId": check_in.customer,
            "visitType": started.visit_type,
            "checkInDistance": started.check_in_distance,
            "outOfRange": started.out_of_range,
        }),
        answer: match key {
            Some((key, fingerprint)) => Some((key, fingerprint, json(serde_json::to_value(&started))?)),
            None => None,
        },
    };
    store::insert_visit(c, caller.context(), OPERATION, &new).await?;
    Ok((started, flags))
}

/// The route in whose plan for the day the outlet is.
async fn route_of(
    c: &mut PgConnection,
    caller: &Caller,
    customer: CustomerId,
    found: &Arriving,
    day: NaiveDate,
) -> Result<Option<RouteId>, sqlx::Error> {
    let (user, distributor, version) = (caller.user_id, found.distributor, found.plan_version);
    // Leave that is in the book of another distributor isn't in this one's version.
    let one_book = matches!(&caller.tenants, db::Tenants::Distributors(ids) if ids.len() == 1);
    if one_book && found.status == CustomerStatus::Active {
        let plan = match plan_cache::kept(user, distributor, day, version) {
            Some(plan) => plan,
            None => plan_cache::reckon(c, user, distributor, day, version).await?,
        };
        if let Some(route) = plan.route_of(customer) {
            return Ok(Some(route));
        }
    }
    // In no plan, or active only since.
    routes::plan::route_of(c, user, day, customer).await
}

/// What was answered, as far as it is kept.
fn again(id: VisitId, known: Known) -> Started {
    let policy = known.policy.unwrap_or_default();
    let arrival = Arrival {
        distance_metres: known.distance_metres.and_then(|metres| u32::try_from(metres).ok()),
        accuracy_metres: known.accuracy,
        in_route: known.visit_type == VisitType::InRoute,
    };
    Started {
        visit_id: id,
        customer_id: known.customer,
        check_in_time: known.at,
        check_in_distance: known.distance_metres,
        out_of_range: known.out_of_range,
        radius_metres: policy.radius_metres,
        visit_type: known.visit_type,
        route_id: known.route,
        placed_outlet: known.placed_outlet,
        warnings: policy.arrive(&arrival).warnings,
    }
}

/// The distributor on whose live board the caller is: theirs, else the first of those they work for.
pub(super) fn board_of(caller: &Caller) -> Option<DistributorId> {
    let first = match &caller.tenants {
        db::Tenants::Distributors(ids) => ids.iter().min().copied(),
        db::Tenants::Company => None,
    };
    caller.distributor_id.or(first)
}
