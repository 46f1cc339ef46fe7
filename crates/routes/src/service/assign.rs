use chrono::NaiveDate;
use db::audit::{self, Entry};
use domain::{RouteId, UserId};
use platform::{ApiError, App, Caller};
use serde_json::json;
use sqlx::PgConnection;

use super::{Notice, Told, find_rep, get, tell, walks_for};
use crate::error::RouteError;
use crate::model::{Assignment, NewAssignment};
use crate::store;

/// Gives the route to somebody from a day on, or to nobody. Days that are over stay as they were: only a route that
/// nobody has had yet may be given from a day before today.
pub(crate) async fn assign(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: RouteId,
    rep: Option<UserId>,
    from: NaiveDate,
    note: &str,
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
    if from < app.today() && !before.is_empty() {
        return Err(RouteError::Past(from).into());
    }
    // The open one may start on the day itself: then it is replaced. Nothing may reach behind a later start.
    let latest =
        before.iter().map(|a| a.valid_to.map_or(a.valid_from, |last| last.succ_opt().unwrap_or(last))).max();
    if let Some(latest) = latest.filter(|latest| from < *latest) {
        return Err(RouteError::AssignedLater(latest).into());
    }
    store::end_assignment(c, distributor, id, from).await?;
    if let Some(rep) = rep {
        let by = Some((caller.user_id, app.now()));
        store::insert_assignment(c, distributor, id, &NewAssignment { rep, from, note: note.to_owned(), by })
            .await?;
        let notice =
            Notice::RouteAssigned { route_id: id, route_code: &route.route_code, valid_from: from, note };
        tell(c, app, caller, distributor, id.uuid(), Told::Person(rep), &notice).await?;
    }
    let after = store::assignments(c, distributor, id).await?;
    let entry = Entry {
        action: "routes.assign",
        entity: "route",
        entity_id: Some(id.uuid()),
        distributor: Some(distributor),
        before: Some(&json!({ "repId": open.map(|a| a.rep_id) })),
        after: Some(&json!({ "repId": rep, "validFrom": from, "note": note })),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(after)
}
