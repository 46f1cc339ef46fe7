//! Users as this capability knows them.

use chrono::{DateTime, Utc};
use domain::{DistributorId, OrgUnitId, Role, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a user may log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserStatus {
    /// May log in.
    Active,
    /// May not; kept for the documents that name them.
    Inactive,
}

impl UserStatus {
    /// As the database spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            UserStatus::Active => "active",
            UserStatus::Inactive => "inactive",
        }
    }
}

/// What can be said of a user, by whoever creates or changes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// The person's name, 1 to 200 characters.
    pub full_name: String,
    /// Telephone, or empty.
    pub phone: String,
    /// E-mail, or empty.
    pub email: String,
    /// The role.
    pub role: Role,
    /// The distributor the user belongs to; none for the company's people.
    pub distributor_id: Option<DistributorId>,
    /// The units the user belongs to.
    pub unit_ids: Vec<OrgUnitId>,
    /// One of them; the first when absent.
    pub primary_unit_id: Option<OrgUnitId>,
}

/// A user to be created.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The id, made by whoever creates the user.
    pub id: UserId,
    /// The log-in name: 2 to 100 of `a-z 0-9 . _ - @ +`, in any case.
    pub username: String,
    /// The rest.
    pub profile: Profile,
    /// Whether the user is asked to choose another password.
    pub must_change_password: bool,
}

/// A user as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The log-in name.
    pub username: String,
    /// What can be changed.
    pub profile: Profile,
    /// Whether they may log in.
    pub status: UserStatus,
    /// Goes up with each change.
    pub version: i64,
}

/// A unit a user belongs to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserUnit {
    /// The unit.
    pub unit_id: OrgUnitId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether it is the user's first.
    pub is_primary: bool,
}

/// A user as clients see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    /// The id.
    pub user_id: UserId,
    /// The log-in name.
    pub username: String,
    /// The person's name.
    pub full_name: String,
    /// Telephone, or empty.
    pub phone: String,
    /// E-mail, or empty.
    pub email: String,
    /// The role.
    pub role: Role,
    /// Whether they may log in.
    pub status: UserStatus,
    /// The distributor the user belongs to.
    pub distributor_id: Option<DistributorId>,
    /// Its name.
    pub distributor_name: Option<String>,
    /// The units the user belongs to, the primary one first.
    pub units: Vec<UserUnit>,
    /// For `If-Match`.
    pub version: i64,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}
