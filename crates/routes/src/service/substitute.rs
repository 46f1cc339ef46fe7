use chrono::NaiveDate;
use db::audit::{self, Entry};
use domain::{DistributorId, LeaveId, RouteId, SubstitutionId, UserId};
use platform::{ApiError, App, Caller};
use sqlx::PgConnection;

use super::{Notice, Told, find_rep, get, tell, walks_for};
use crate::error::RouteError;
use crate::model::Substitution;
use crate::plan::day_before;
use crate::store::{self, NewSubstitution};

/// Who shall stand in, and when.
#[derive(Debug, Clone)]
pub(crate) struct NewSubstitute {
    pub id: SubstitutionId,
    pub rep: UserId,
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub note: String,
    pub leave: Option<LeaveId>,
}

/// Lets another rep walk the route for some days from today on.
pub(crate) async fn substitute(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: RouteId,
    new: &NewSubstitute,
) -> Result<Substitution, ApiError> {
    let route = get(c, app, caller, id).await?;
    let distributor = route.distributor_id;
    walks_for(&find_rep(c, caller, new.rep).await?, distributor)?;
    if new.first < app.today() {
        return Err(RouteError::Past(new.first).into());
    }
    store::touch_route(c, distributor, id, app.now()).await?;
    let assigned = store::assignments(c, distributor, id).await?;
    let own = |a: &&crate::model::Assignment| {
        a.rep_id == new.rep && a.valid_from <= new.last && a.valid_to.is_none_or(|last| last >= new.first)
    };
    if assigned.iter().any(|a| own(&a)) {
        return Err(RouteError::OwnRoute.into());
    }
    store::lock_leaves_of(c, new.rep).await?;
    if store::has_leave(c, new.rep, new.first, new.last, None, true).await? {
        return Err(RouteError::SubstituteOnLeave.into());
    }
    let row = NewSubstitution {
        distributor,
        id: new.id,
        route: id,
        rep: new.rep,
        first: new.first,
        last: new.last,
        leave: new.leave,
        note: &new.note,
        by: caller.user_id,
        at: app.now(),
    };
    store::insert_substitution(c, &row).await.map_err(taken)?;
    let made = find(c, distributor, id, new.id).await?;
    let entry = Entry {
        action: "routes.substitute",
        entity: "route",
        entity_id: Some(id.uuid()),
        distributor: Some(distributor),
        before: None::<&()>,
        after: Some(&made),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    told(c, app, caller, distributor, &made).await?;
    Ok(made)
}

/// Calls a substitution off: as a whole when it has not begun before today, else from today on.
pub(crate) async fn cancel_substitution(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    route: RouteId,
    id: SubstitutionId,
) -> Result<Substitution, ApiError> {
    let distributor = get(c, app, caller, route).await?.distributor_id;
    store::touch_route(c, distributor, route, app.now()).await?;
    let before = find(c, distributor, route, id).await?;
    if before.cancelled {
        return Ok(before);
    }
    let today = app.today();
    if before.last_day < today {
        return Err(RouteError::Past(before.last_day).into());
    }
    if before.first_day < today {
        store::end_substitution(c, distributor, id, day_before(today)).await?;
    } else {
        store::cancel_substitution(c, distributor, id, caller.user_id, app.now()).await?;
    }
    let after = find(c, distributor, route, id).await?;
    let entry = Entry {
        action: "routes.cancel_substitution",
        entity: "route",
        entity_id: Some(route.uuid()),
        distributor: Some(distributor),
        before: Some(&before),
        after: Some(&after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    told(c, app, caller, distributor, &after).await?;
    Ok(after)
}

async fn told(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    substitution: &Substitution,
) -> Result<(), sqlx::Error> {
    let notice = Notice::RouteSubstitution {
        route_id: substitution.route_id,
        route_code: &substitution.route_code,
        first_day: substitution.first_day,
        last_day: substitution.last_day,
        cancelled: substitution.cancelled,
        note: &substitution.note,
    };
    let about = substitution.substitution_id.uuid();
    tell(c, app, caller, distributor, about, Told::Person(substitution.rep_id), &notice).await
}

async fn find(
    c: &mut PgConnection,
    distributor: DistributorId,
    route: RouteId,
    id: SubstitutionId,
) -> Result<Substitution, ApiError> {
    let all = store::list_substitutions(c, distributor, route).await?;
    all.into_iter().find(|s| s.substitution_id == id).ok_or_else(ApiError::not_found)
}

fn taken(error: sqlx::Error) -> ApiError {
    ApiError::from(error).on_constraint("route_substitutions_overlap", || RouteError::Substituted.into())
}
