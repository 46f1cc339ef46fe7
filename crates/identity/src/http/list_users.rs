use axum::Json;
use axum::extract::State;
use domain::permission::UsersManageCompany;
use domain::{DistributorId, OrgUnitId, Role};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query, Scope};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::{UserStatus, UserView};
use crate::store::users::{self, Filter};

/// What to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct UserQuery {
    /// Text in name, log-in name or telephone; case and Vietnamese diacritics don't matter.
    search: Option<String>,
    /// Page number, from 1.
    #[param(minimum = 1)]
    page: Option<i64>,
    /// Rows a page, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    page_size: Option<i64>,
    /// Only this role.
    #[param(inline)]
    role: Option<Role>,
    /// Only this status.
    #[param(inline)]
    status: Option<UserStatus>,
    /// Only users of this distributor.
    distributor_id: Option<DistributorId>,
    /// Only members of this unit or one below it.
    unit_id: Option<OrgUnitId>,
}

/// A page of users.
#[derive(Serialize, ToSchema)]
pub struct UserPage {
    /// The users, by name.
    data: Vec<UserView>,
    /// Where the page stands.
    pagination: Pagination,
}

/// Which users the caller sees, narrowed by what was asked for: reps themselves, supervisors and managers those of
/// their units, a distributor's admin those of the distributor.
pub(super) fn visible(caller: &Caller) -> Filter {
    let all =
        Filter { only: None, units: Vec::new(), distributor: None, role: None, status: None, unit: None };
    match caller.scope() {
        Scope::Own(user) => Filter { only: Some(user), ..all },
        Scope::Units(units) => Filter { only: Some(caller.user_id), units: units.to_vec(), ..all },
        Scope::All if caller.distributor_id.is_none() && !caller.may::<UsersManageCompany>() => {
            Filter { only: Some(caller.user_id), ..all }
        }
        Scope::All => Filter { distributor: caller.distributor_id, ..all },
    }
}

/// List users
///
/// Reps see themselves, supervisors and managers the people of their units, a distributor's admin those of the
/// distributor, the company's admins everybody.
#[utoipa::path(
    get, path = "/users", tag = "users", operation_id = "listUsers", params(UserQuery),
    responses(
        (status = 200, description = "A page of users", body = UserPage),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
    ),
)]
pub async fn list_users(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<UserQuery>,
) -> ApiResult<Json<UserPage>> {
    let page = PageQuery { search: query.search, page: query.page, page_size: query.page_size }.checked()?;
    let mut filter = visible(&caller);
    if filter.distributor.is_some() && query.distributor_id.is_some_and(|d| filter.distributor != Some(d)) {
        return Ok(Json(UserPage { data: Vec::new(), pagination: page.of(0) }));
    }
    filter.distributor = filter.distributor.or(query.distributor_id);
    filter.role = query.role;
    filter.status = query.status;
    filter.unit = query.unit_id;
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = users::list(&mut tx, &filter, &page).await?;
    Ok(Json(UserPage { data, pagination: page.of(total) }))
}
