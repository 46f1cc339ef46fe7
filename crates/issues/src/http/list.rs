use axum::Json;
use axum::extract::State;
use domain::issue::IssueState;
use domain::{CustomerId, VisitId};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::Issue;
use crate::store::{self, Filter};

/// Narrows the list. `search` looks at the subject and the outlet.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct IssueQuery {
    /// Only threads that stand so.
    state: Option<IssueState>,
    /// Only those about this outlet.
    customer_id: Option<CustomerId>,
    /// Only those raised in this visit.
    visit_id: Option<VisitId>,
    /// Only those that ask the caller, by name or by unit.
    #[serde(default)]
    to_me: bool,
}

/// A page of threads.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssueList {
    data: Vec<Issue>,
    pagination: Pagination,
}

/// The threads one may see, the latest first: one's own, those that ask one, those of one's units.
#[utoipa::path(
    get,
    path = "/issues",
    tag = "issues",
    operation_id = "listIssues",
    params(PageQuery, IssueQuery),
    responses(
        (status = 200, description = "A page of threads", body = IssueList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_issues(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<IssueQuery>,
) -> ApiResult<Json<IssueList>> {
    let page = page.checked()?;
    let filter = Filter {
        id: None,
        state: query.state,
        customer: query.customer_id,
        visit: query.visit_id,
        to_me: query.to_me,
        search: page.search.clone(),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list(&mut tx, &caller, &filter, &page).await?;
    Ok(Json(IssueList { data, pagination: page.of(total) }))
}
