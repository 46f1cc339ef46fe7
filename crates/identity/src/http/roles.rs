use axum::Json;
use domain::{Role, permission};
use platform::{Caller, Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// A role and what it may do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleRights {
    /// The role.
    role: Role,
    /// Its permissions, by their dotted names.
    permissions: Vec<&'static str>,
}

/// The matrix of rights.
#[derive(Serialize, ToSchema)]
pub struct RoleList {
    /// The roles.
    data: Vec<RoleRights>,
    /// All permissions there are.
    permissions: Vec<&'static str>,
}

/// List roles and their permissions
#[utoipa::path(
    get, path = "/roles", tag = "users", operation_id = "listRoles",
    responses(
        (status = 200, description = "Roles × permissions", body = RoleList),
        (status = 401, description = "Not logged in", body = Problem),
    ),
)]
pub async fn list_roles(_caller: Caller) -> Json<RoleList> {
    let rights = |role: &Role| RoleRights { role: *role, permissions: role.permissions().collect() };
    Json(RoleList {
        data: Role::ALL.iter().map(rights).collect(),
        permissions: permission::ALL.iter().map(|grant| grant.name).collect(),
    })
}
