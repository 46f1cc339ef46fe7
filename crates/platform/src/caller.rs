use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use db::{Context, Tenants};
use domain::permission::Permission;
use domain::role::Role;
use domain::{DistributorId, OrgUnitId, SessionId, UserId};
use tracing::Span;
use tracing::field::display;
use uuid::Uuid;

use crate::observe::RequestInfo;
use crate::{ApiError, App, limit};

/// A boxed future, for ports that are used as trait objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Tells who a bearer token belongs to. `Any`, so that the capability that implements it finds itself again behind
/// [`App::auth`](crate::AppParts::auth).
pub trait Authenticator: Any + Send + Sync {
    /// The identity behind the token.
    ///
    /// # Errors
    /// 401 when the token is forged, expired or its session was revoked.
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Identity>, ApiError>>;
}

/// A user as the session knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user_id: UserId,
    /// The session the token belongs to.
    pub session_id: SessionId,
    /// The log-in name.
    pub username: String,
    /// The person's name.
    pub full_name: String,
    /// The role.
    pub role: Role,
    /// The distributor the user belongs to; none for the company's people.
    pub distributor_id: Option<DistributorId>,
    /// Its name.
    pub distributor_name: Option<String>,
    /// Whose rows the user may see.
    pub tenants: Tenants,
    /// The unit the user belongs to first of all.
    pub primary_unit: Option<OrgUnitId>,
    /// The way to that unit: all above it from the top, and itself.
    pub unit_path: Vec<OrgUnitId>,
    /// The units the user belongs to and all below them.
    pub units: Vec<OrgUnitId>,
    /// Whether somebody else set the user's password: until they chose their own, nothing but that is open to them.
    pub must_change_password: bool,
}

impl Identity {
    /// Only with a password of one's own.
    ///
    /// # Errors
    /// 403 `auth.password_change_required`.
    pub fn with_own_password(&self) -> Result<(), ApiError> {
        if self.must_change_password {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "auth.password_change_required",
                "Mật khẩu này do quản trị đặt. Hãy đổi mật khẩu trước khi tiếp tục.",
                "An administrator set this password. Change it before you go on.",
            ));
        }
        Ok(())
    }
}

/// What of its tenants' data a caller sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Only their own work: reps.
    Own(UserId),
    /// Work of the units under them: supervisors and managers.
    Units(&'a [OrgUnitId]),
    /// All of it: distributor admins, company admins.
    All,
}

impl Scope<'_> {
    /// The user whose work alone is shown, as a query parameter (`null` = no limit).
    pub fn user(&self) -> Option<Uuid> {
        if let Scope::Own(user) = self { Some(user.uuid()) } else { None }
    }

    /// The units whose work alone is shown, as a query parameter (`null` = no limit).
    pub fn units(&self) -> Option<Vec<Uuid>> {
        if let Scope::Units(units) = self { Some(units.iter().map(|u| u.uuid()).collect()) } else { None }
    }

    /// Whether work done by `user` in `unit` is shown.
    pub fn includes(&self, user: UserId, unit: Option<OrgUnitId>) -> bool {
        match self {
            Scope::Own(own) => *own == user,
            Scope::Units(units) => unit.is_some_and(|u| units.contains(&u)),
            Scope::All => true,
        }
    }
}

/// Who makes this request. An extractor: a handler that takes it is only reached with a valid token, of somebody who
/// doesn't have to change their password first.
#[derive(Debug, Clone)]
pub struct Caller {
    identity: Arc<Identity>,
    context: Context,
}

impl Caller {
    /// For the identity, on a request.
    pub fn new(identity: Arc<Identity>, address: Option<String>, trace_id: Option<String>) -> Self {
        let context = Context {
            user: Some(identity.user_id),
            name: identity.username.clone(),
            tenants: identity.tenants.clone(),
            address,
            trace_id,
        };
        Caller { identity, context }
    }

    /// What goes into transactions and audit rows.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// What of its tenants' data the caller sees.
    pub fn scope(&self) -> Scope<'_> {
        match self.identity.role {
            Role::SalesRep => Scope::Own(self.identity.user_id),
            Role::Supervisor | Role::AreaManager | Role::RegionalManager => {
                Scope::Units(&self.identity.units)
            }
            Role::DistributorAdmin | Role::CompanyAdmin => Scope::All,
        }
    }

    /// Whether the caller's role grants the permission.
    pub fn may<P: Permission>(&self) -> bool {
        self.identity.role.grants(P::NAME)
    }

    /// The hub groups that hear of the caller's own work for the distributor: its office, the caller, their team and every
    /// unit above it.
    pub fn audience(&self, distributor: DistributorId) -> Vec<String> {
        let teams = self.identity.unit_path.iter().map(|unit| format!("team:{unit}"));
        [format!("distributor:{distributor}"), format!("user:{}", self.identity.user_id)]
            .into_iter()
            .chain(teams)
            .collect()
    }

    /// The distributor new rows belong to: the one asked for if the caller may act for it, else the caller's only one.
    ///
    /// # Errors
    /// 404 for a distributor that is not the caller's; 400 when it must be named.
    pub fn distributor(&self, asked: Option<DistributorId>) -> Result<DistributorId, ApiError> {
        match (asked, &self.identity.tenants) {
            (Some(id), tenants) if tenants.includes(id) => Ok(id),
            (Some(_), _) => Err(ApiError::not_found()),
            (None, Tenants::Distributors(ids)) if ids.len() == 1 => Ok(ids[0]),
            (None, _) => Err(ApiError::bad_request(
                "distributor_required",
                "Cần chọn nhà phân phối.",
                "Name the distributor.",
            )
            .field("distributorId", "Bắt buộc", "Required")),
        }
    }
}

impl Deref for Caller {
    type Target = Identity;
    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, app).await?;
        caller.with_own_password()?;
        Ok(caller)
    }
}

/// Who makes this request, even when they must change their password first: for what they may do before that.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Caller);

impl FromRequestParts<App> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let token = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.strip_prefix("Bearer ").or_else(|| v.strip_prefix("bearer ")))
            .ok_or_else(ApiError::unauthorized)?;
        let identity = app.auth.authenticate(token.trim()).await?;
        let info = parts.extensions.get::<RequestInfo>().cloned().unwrap_or_default();
        info.note_user(&identity.username);
        if let Some(distributor) = identity.distributor_id {
            Span::current().record("dms.distributor_id", display(distributor));
        }
        limit::of_user(app, &info, identity.user_id).await?;
        Ok(SignedIn(Caller::new(identity, info.address, Some(info.trace_id))))
    }
}

/// A caller who holds the permission `P`: the check is the type.
#[derive(Debug, Clone)]
pub struct Authorized<P> {
    caller: Caller,
    permission: PhantomData<P>,
}

impl<P> Deref for Authorized<P> {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<P: Permission> FromRequestParts<App> for Authorized<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        if !caller.may::<P>() {
            return Err(ApiError::forbidden(P::NAME));
        }
        Ok(Authorized { caller, permission: PhantomData })
    }
}
