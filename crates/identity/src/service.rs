//! Creating users, changing them, and setting their passwords: on a transaction of the caller's, which must run as
//! the system (`Tenants::Company`), since secrets are out of reach of distributors' callers.
//!
//! After the commit of a change call [`crate::Sessions::forget_user`].

use chrono::{DateTime, Utc};
use db::{Context, PgConnection, audit};
use domain::permission::UsersManageCompany;
use domain::{DistributorId, OrgUnitId, Role, UserId};
use platform::Caller;
use serde::Serialize;

use crate::model::{NewUser, Profile, User, UserStatus};
use crate::origin::as_system;
use crate::store::{accounts, sessions, users};
use crate::{HashedPassword, UserError};

/// Which users an editor may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All.
    Company,
    /// Those of one distributor, in the roles that work there.
    Distributor(DistributorId),
}

impl Reach {
    /// The distributor that users belong to when nothing else is said.
    pub(crate) fn distributor(self) -> Option<DistributorId> {
        match self {
            Reach::Company => None,
            Reach::Distributor(own) => Some(own),
        }
    }

    fn includes(self, user: &User) -> bool {
        match self {
            Reach::Company => true,
            Reach::Distributor(own) => user.profile.distributor_id == Some(own),
        }
    }

    fn allows(self, profile: &Profile) -> Result<(), UserError> {
        let Reach::Distributor(own) = self else { return Ok(()) };
        if profile.distributor_id != Some(own) {
            return Err(UserError::NotFound);
        }
        match profile.role {
            Role::SalesRep | Role::Supervisor | Role::DistributorAdmin => Ok(()),
            Role::AreaManager | Role::RegionalManager | Role::CompanyAdmin => Err(UserError::RoleNotAllowed),
        }
    }
}

/// Who changes users, and which.
#[derive(Debug, Clone)]
pub struct Editor {
    /// Who acts, as the system.
    pub context: Context,
    /// Whom they may touch.
    pub reach: Reach,
}

impl Editor {
    /// The company itself: command line, import, demo.
    pub fn company(context: Context) -> Self {
        Editor { context, reach: Reach::Company }
    }

    /// A caller who holds `users.manage`.
    ///
    /// # Errors
    /// [`UserError::NotFound`] for one who manages neither the company's users nor a distributor's.
    pub fn caller(caller: &Caller) -> Result<Self, UserError> {
        let reach = if caller.may::<UsersManageCompany>() {
            Reach::Company
        } else {
            Reach::Distributor(caller.distributor_id.ok_or(UserError::NotFound)?)
        };
        Ok(Editor { context: as_system(caller), reach })
    }

    fn is(&self, user: UserId) -> bool {
        self.context.user == Some(user)
    }
}

/// The user with this log-in name, in any case.
///
/// # Errors
/// When the database refuses.
pub async fn find_user(c: &mut PgConnection, username: &str) -> Result<Option<UserId>, sqlx::Error> {
    users::find_id(c, &username.trim().to_lowercase()).await
}

/// Creates an active user with this password.
///
/// # Errors
/// When something about the user is not allowed; see [`UserError`].
pub async fn create_user(
    c: &mut PgConnection,
    editor: &Editor,
    at: DateTime<Utc>,
    new: &NewUser,
    password: &HashedPassword,
) -> Result<(), UserError> {
    let username = checked_username(&new.username)?;
    let primary = check_profile(c, editor.reach, &new.profile).await?;
    users::insert(c, new, &username, at).await.map_err(|e| match &e {
        sqlx::Error::Database(d) if d.constraint() == Some("users_username_uniq") => UserError::UsernameTaken,
        _ => UserError::Database(e),
    })?;
    users::set_units(c, new.id, &new.profile.unit_ids, primary).await?;
    accounts::set_password(c, new.id, password, new.must_change_password, at).await?;
    let after = State { username: &username, status: UserStatus::Active, profile: &new.profile };
    let change = Change {
        action: "users.create",
        user: new.id,
        distributor: new.profile.distributor_id,
        before: None,
        after: Some(after),
    };
    record(c, editor, at, change).await
}

/// Changes what is said of a user. A change of role, distributor or units shows in their running sessions.
///
/// # Errors
/// [`UserError::Stale`] for another version than the present one; the rest as [`create_user`].
pub async fn update_user(
    c: &mut PgConnection,
    editor: &Editor,
    at: DateTime<Utc>,
    id: UserId,
    version: i64,
    profile: &Profile,
) -> Result<(), UserError> {
    let user = lock(c, editor, id).await?;
    if user.version != version {
        return Err(UserError::Stale);
    }
    if editor.is(id)
        && (profile.role != user.profile.role || profile.distributor_id != user.profile.distributor_id)
    {
        return Err(UserError::OwnAccount);
    }
    let primary = check_profile(c, editor.reach, profile).await?;
    let mut profile = Profile { primary_unit_id: primary, ..profile.clone() };
    profile.unit_ids.sort_unstable();
    if profile == user.profile {
        return Ok(());
    }
    users::update(c, &user, &profile, at).await?;
    users::set_units(c, id, &profile.unit_ids, primary).await?;
    let change = Change {
        action: "users.update",
        user: id,
        distributor: profile.distributor_id,
        before: Some(State { username: &user.username, status: user.status, profile: &user.profile }),
        after: Some(State { username: &user.username, status: user.status, profile: &profile }),
    };
    record(c, editor, at, change).await
}

/// Opens or closes an account; closing ends its sessions. Doing it twice changes nothing.
///
/// # Errors
/// [`UserError::OwnAccount`] for closing one's own; [`UserError::NotFound`].
pub async fn set_status(
    c: &mut PgConnection,
    editor: &Editor,
    at: DateTime<Utc>,
    id: UserId,
    status: UserStatus,
) -> Result<(), UserError> {
    let user = lock(c, editor, id).await?;
    if editor.is(id) && status == UserStatus::Inactive {
        return Err(UserError::OwnAccount);
    }
    if user.status == status {
        return Ok(());
    }
    users::update_status(c, id, status, at).await?;
    let action = match status {
        UserStatus::Active => "users.activate",
        UserStatus::Inactive => {
            sessions::revoke_all(c, id, None, "deactivated", at).await?;
            "users.deactivate"
        }
    };
    let change = Change {
        action,
        user: id,
        distributor: user.profile.distributor_id,
        before: Some(State { username: &user.username, status: user.status, profile: &user.profile }),
        after: Some(State { username: &user.username, status, profile: &user.profile }),
    };
    record(c, editor, at, change).await
}

/// The user's last passwords, for [`crate::Passwords::hash_fresh`].
///
/// # Errors
/// As [`reset_password`].
pub async fn last_passwords(
    c: &mut PgConnection,
    editor: &Editor,
    id: UserId,
) -> Result<Vec<HashedPassword>, UserError> {
    lock(c, editor, id).await?;
    Ok(accounts::list_last_passwords(c, id).await?)
}

/// Gives a user another password, which they should change; opens a locked name and ends the user's sessions.
///
/// # Errors
/// [`UserError::OwnAccount`] for one's own, which needs the present password; [`UserError::NotFound`].
pub async fn reset_password(
    c: &mut PgConnection,
    editor: &Editor,
    at: DateTime<Utc>,
    id: UserId,
    password: &HashedPassword,
) -> Result<(), UserError> {
    let user = lock(c, editor, id).await?;
    if editor.is(id) {
        return Err(UserError::OwnAccount);
    }
    accounts::set_password(c, id, password, true, at).await?;
    accounts::delete_failures(c, &user.username).await?;
    sessions::revoke_all(c, id, None, "password_reset", at).await?;
    let change = Change {
        action: "users.reset_password",
        user: id,
        distributor: user.profile.distributor_id,
        before: None,
        after: None,
    };
    record(c, editor, at, change).await
}

async fn lock(c: &mut PgConnection, editor: &Editor, id: UserId) -> Result<User, UserError> {
    let user = users::lock(c, id).await?;
    user.filter(|u| editor.reach.includes(u)).ok_or(UserError::NotFound)
}

/// Lower case, and only what can be typed on any keyboard.
fn checked_username(username: &str) -> Result<String, UserError> {
    let username = username.trim().to_lowercase();
    let fine = (2..=100).contains(&username.len())
        && username
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'@' | b'+'));
    if fine { Ok(username) } else { Err(UserError::UsernameMalformed) }
}

/// Checks what is said of a user; gives the primary unit.
async fn check_profile(
    c: &mut PgConnection,
    reach: Reach,
    profile: &Profile,
) -> Result<Option<OrgUnitId>, UserError> {
    check_length("fullName", profile.full_name.trim(), 1, 200)?;
    check_length("phone", &profile.phone, 0, 50)?;
    check_length("email", &profile.email, 0, 200)?;
    reach.allows(profile)?;
    match (profile.role, profile.distributor_id) {
        (Role::DistributorAdmin, None) => return Err(UserError::DistributorRequired),
        (Role::AreaManager | Role::RegionalManager | Role::CompanyAdmin, Some(_)) => {
            return Err(UserError::DistributorNotAllowed);
        }
        (_, Some(distributor)) if !users::distributor_exists(c, distributor).await? => {
            return Err(UserError::UnknownDistributor);
        }
        _ => {}
    }
    let units = &profile.unit_ids;
    let distinct: std::collections::BTreeSet<_> = units.iter().collect();
    let shared = reach == Reach::Company;
    let known = users::count_units(c, units, profile.distributor_id, shared).await?;
    if distinct.len() != units.len() || usize::try_from(known) != Ok(units.len()) {
        return Err(UserError::UnknownUnit);
    }
    match profile.primary_unit_id {
        Some(primary) if !units.contains(&primary) => Err(UserError::PrimaryUnitNotListed),
        Some(primary) => Ok(Some(primary)),
        None => Ok(units.first().copied()),
    }
}

fn check_length(field: &'static str, text: &str, min: usize, max: usize) -> Result<(), UserError> {
    if (min..=max).contains(&text.chars().count()) {
        Ok(())
    } else {
        Err(UserError::Length { field, min, max })
    }
}

/// What the audit log keeps of a user.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct State<'a> {
    username: &'a str,
    status: UserStatus,
    #[serde(flatten)]
    profile: &'a Profile,
}

/// A change of a user that goes into the audit log.
struct Change<'a> {
    action: &'static str,
    user: UserId,
    distributor: Option<DistributorId>,
    before: Option<State<'a>>,
    after: Option<State<'a>>,
}

async fn record(
    c: &mut PgConnection,
    editor: &Editor,
    at: DateTime<Utc>,
    change: Change<'_>,
) -> Result<(), UserError> {
    let json = |state: &State<'_>| serde_json::to_value(state).map_err(|e| sqlx::Error::Encode(Box::new(e)));
    let (before, after) = match (&change.before, &change.after) {
        (Some(before), Some(after)) => audit::changes(before, after)?.unzip(),
        (before, after) => (before.as_ref().map(json).transpose()?, after.as_ref().map(json).transpose()?),
    };
    let entry = audit::Entry {
        action: change.action,
        entity: "user",
        entity_id: Some(change.user.uuid()),
        distributor: change.distributor,
        before: before.as_ref(),
        after: after.as_ref(),
    };
    Ok(audit::record(c, &editor.context, at, entry).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_brought_to_lower_case_and_strange_ones_are_refused() {
        assert_eq!(checked_username(" NVBH01 ").unwrap(), "nvbh01");
        assert_eq!(checked_username("lan.nguyen@npp-01").unwrap(), "lan.nguyen@npp-01");
        for wrong in ["", "a", "cô lan", "a b", "a\0b", &"a".repeat(101)] {
            assert!(checked_username(wrong).is_err(), "{wrong}");
        }
    }
}
