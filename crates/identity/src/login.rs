//! Logging in and out, and changing one's password.

use chrono::{DateTime, Utc};
use db::{Context, PgConnection, audit};
use domain::{SessionId, UserId};
use platform::{ApiError, App, Caller, transaction};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{AuthError, password_refused};
use crate::origin::{Origin, as_system};
use crate::sessions::Sessions;
use crate::store::accounts::{self, Account};
use crate::store::sessions;
use crate::token::{REFRESH_LIFE, RefreshToken};

/// What a log-in or a refresh gives out.
pub(crate) struct Granted {
    pub account: Account,
    pub access_token: String,
    pub refresh_token: RefreshToken,
}

/// Opens a session for whoever knows the password.
pub(crate) async fn log_in(
    app: &App,
    origin: &Origin,
    username: &str,
    password: &str,
    device: &str,
) -> Result<Granted, ApiError> {
    let sessions = Sessions::of(app)?;
    let username = username.trim().to_lowercase();
    let _turn = sessions.turns().wait(&username).await;
    let now = app.now();

    let mut tx = app.db.read(&origin.context(None, &username)).await?;
    let account = accounts::find_by_name(&mut tx, &username).await?;
    let lock = accounts::find_lock(&mut tx, &username, now).await?;
    tx.commit().await?;

    let attempt = Attempt {
        app,
        cx: origin.context(account.as_ref().map(|a| a.user_id), &username),
        account: account.as_ref(),
        username: &username,
        device,
        now,
    };
    if let Some(until) = lock {
        attempt.audit_refusal("locked").await?;
        return Err(AuthError::Locked { until, now }.into());
    }
    let hash = account.as_ref().and_then(|a| a.password.as_ref());
    let right =
        sessions.passwords().verify(password, hash).await.map_err(|e| password_refused(e, "password"))?;
    if !right {
        return Err(match attempt.fail().await? {
            Some(until) => AuthError::Locked { until, now }.into(),
            None => AuthError::InvalidCredentials.into(),
        });
    }
    if account.as_ref().is_some_and(|a| !a.active) {
        attempt.audit_refusal("inactive").await?;
        return Err(AuthError::Inactive.into());
    }
    let (session, refresh_token) = attempt.open_session(origin.address()).await?;
    let account = account.ok_or(AuthError::InvalidCredentials)?;
    let access_token = sessions.sign(account.user_id, session, now)?;
    Ok(Granted { account, access_token, refresh_token })
}

/// One log-in under way.
struct Attempt<'a> {
    app: &'a App,
    cx: Context,
    account: Option<&'a Account>,
    username: &'a str,
    device: &'a str,
    now: DateTime<Utc>,
}

impl Attempt<'_> {
    /// Counts a wrong password; says until when the name is locked, if it now is.
    async fn fail(&self) -> Result<Option<DateTime<Utc>>, ApiError> {
        transaction!(self.app.db, &self.cx, "auth.login_failed", |tx| {
            let until = accounts::add_failure(tx, self.username, self.now).await?;
            let why = if until.is_some() { "wrong_password_locked" } else { "wrong_password" };
            self.audit(tx, "auth.login_failed", json!({"reason": why, "device": self.device})).await?;
            Ok(until)
        })
    }

    async fn audit_refusal(&self, reason: &str) -> Result<(), ApiError> {
        transaction!(self.app.db, &self.cx, "auth.login_refused", |tx| {
            self.audit(tx, "auth.login_failed", json!({"reason": reason, "device": self.device})).await
        })
    }

    async fn open_session(&self, address: &str) -> Result<(SessionId, RefreshToken), ApiError> {
        let (Some(account), now) = (self.account, self.now) else {
            return Err(AuthError::InvalidCredentials.into());
        };
        let Some(password) = &account.password else { return Err(AuthError::InvalidCredentials.into()) };
        let user = account.user_id;
        let session = SessionId::new(Uuid::now_v7());
        let token = RefreshToken::generate().map_err(ApiError::internal)?;
        transaction!(self.app.db, &self.cx, "auth.login", |tx| {
            if !accounts::lock_if_unchanged(tx, user, password).await? {
                return Err(AuthError::InvalidCredentials.into());
            }
            accounts::delete_failures(tx, self.username).await?;
            sessions::delete_expired(tx, user, now).await?;
            sessions::insert(tx, session, user, self.device, address, now).await?;
            sessions::insert_token(tx, session, &token.hash(), now, now + REFRESH_LIFE).await?;
            self.audit(tx, "auth.login", json!({"sessionId": session, "device": self.device})).await?;
            if !self.device.is_empty() && sessions::insert_device(tx, user, self.device, now).await? {
                self.audit(tx, "auth.new_device", json!({"device": self.device})).await?;
            }
            Ok(())
        })?;
        Ok((session, token))
    }

    async fn audit(&self, c: &mut PgConnection, action: &'static str, after: Value) -> Result<(), ApiError> {
        let distributor = self.account.and_then(|a| a.distributor_id);
        let entry = audit::Entry {
            action,
            entity: "user",
            entity_id: self.account.map(|a| a.user_id.uuid()),
            distributor,
            before: None::<&Value>,
            after: Some(&after),
        };
        Ok(audit::record(c, &self.cx, self.now, entry).await?)
    }
}

/// Ends the session that the refresh token or the caller belongs to.
pub(crate) async fn log_out(
    app: &App,
    origin: &Origin,
    caller: Option<&Caller>,
    token: Option<&str>,
) -> Result<(), ApiError> {
    let sessions = Sessions::of(app)?;
    let now = app.now();
    let token = token.and_then(RefreshToken::parse).map(|t| t.hash());
    let cx = origin.context(None, "logout");
    let ended = transaction!(app.db, &cx, "auth.logout", |tx| {
        let mut ended = Vec::new();
        if let Some(hash) = &token
            && let Some(session) = sessions::lock_by_token(tx, hash).await?
        {
            ended.push((session.id, session.user_id));
        }
        if let Some(caller) = caller
            && !ended.iter().any(|(session, _)| *session == caller.session_id)
        {
            ended.push((caller.session_id, caller.user_id));
        }
        for (session, user) in &ended {
            if sessions::revoke(tx, *session, "logout", now).await?
                && let Some(account) = accounts::find_by_id(tx, *user).await?
            {
                let cx = origin.context(Some(*user), &account.username);
                audit_end(tx, &cx, &account, *session, "auth.logout", now).await?;
            }
        }
        Ok(ended)
    })?;
    for (session, _) in ended {
        sessions.forget_session(session);
    }
    Ok(())
}

/// Audits that a session is over.
pub(crate) async fn audit_end(
    c: &mut PgConnection,
    cx: &Context,
    account: &Account,
    session: SessionId,
    action: &'static str,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    let after = json!({"sessionId": session});
    let entry = audit::Entry {
        action,
        entity: "user",
        entity_id: Some(account.user_id.uuid()),
        distributor: account.distributor_id,
        before: None::<&Value>,
        after: Some(&after),
    };
    Ok(audit::record(c, cx, now, entry).await?)
}

/// Changes the caller's own password and ends their other sessions.
pub(crate) async fn change_password(
    app: &App,
    caller: &Caller,
    current: &str,
    new: &str,
) -> Result<(), ApiError> {
    let sessions = Sessions::of(app)?;
    let cx = as_system(caller);
    // The same turn and count as log-in: a stolen access token must not be a way to guess on.
    let _turn = sessions.turns().wait(&caller.username).await;
    let now = app.now();
    let user = caller.user_id;

    let mut tx = app.db.read(&cx).await?;
    let account = accounts::find_by_id(&mut tx, user).await?.ok_or_else(ApiError::unauthorized)?;
    let lock = accounts::find_lock(&mut tx, &account.username, now).await?;
    let last = accounts::list_last_passwords(&mut tx, user).await?;
    tx.commit().await?;

    if let Some(until) = lock {
        return Err(AuthError::PasswordLocked { until, now }.into());
    }
    let passwords = sessions.passwords();
    let Some(present) = &account.password else { return Err(AuthError::WrongPassword.into()) };
    if !passwords.verify(current, Some(present)).await.map_err(|e| password_refused(e, "currentPassword"))? {
        let attempt =
            Attempt { app, cx, account: Some(&account), username: &account.username, device: "", now };
        return Err(match attempt.fail().await? {
            Some(until) => AuthError::PasswordLocked { until, now }.into(),
            None => AuthError::WrongPassword.into(),
        });
    }
    let hash = passwords.hash_fresh(new, last).await.map_err(|e| password_refused(e, "newPassword"))?;
    transaction!(app.db, &cx, "auth.change_password", |tx| {
        if !accounts::lock_if_unchanged(tx, user, present).await? {
            return Err(AuthError::PasswordChanged.into());
        }
        accounts::delete_failures(tx, &account.username).await?;
        accounts::set_password(tx, user, &hash, false, now).await?;
        sessions::revoke_all(tx, user, Some(caller.session_id), "password_changed", now).await?;
        audit_password(tx, &cx, &account, user, now).await
    })?;
    sessions.forget_user(user);
    Ok(())
}

async fn audit_password(
    c: &mut PgConnection,
    cx: &Context,
    account: &Account,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    let entry = audit::Entry {
        action: "auth.change_password",
        entity: "user",
        entity_id: Some(user.uuid()),
        distributor: account.distributor_id,
        before: None::<&Value>,
        after: None::<&Value>,
    };
    Ok(audit::record(c, cx, now, entry).await?)
}
