use std::any::Any;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use db::{Context, Db};
use domain::{SessionId, UserId};
use platform::{ApiError, App, Authenticator, BoxFuture, Clock, Identity, transaction};

use crate::cache::{Cache, Epoch};
use crate::lockout::Turns;
use crate::token::Claims;
use crate::{Passwords, SigningKey, store};

/// A browser's session ends when nothing was heard of it for so long; the phone's lives as long as its tokens.
pub(crate) const IDLE: Duration = Duration::minutes(30);
/// The device ids of the phone app begin so.
pub(crate) const FIELD_DEVICE: &str = "field-";
/// That a session was seen is noted no more often than this.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// The live sessions: tells who an access token belongs to, and gives out tokens. Cheap to clone.
///
/// What a session may see is kept for 15 seconds. A change of rights through this process shows at once, one through
/// another process after that time.
#[derive(Clone)]
pub struct Sessions(Arc<Parts>);

struct Parts {
    db: Db,
    clock: Arc<dyn Clock>,
    key: SigningKey,
    passwords: Passwords,
    turns: Turns,
    cache: Cache,
}

impl Sessions {
    /// On the database, with tokens signed by this key, by this clock.
    pub fn new(db: Db, key: SigningKey, clock: Arc<dyn Clock>) -> Self {
        Sessions(Arc::new(Parts {
            db,
            clock,
            key,
            passwords: Passwords::default(),
            turns: Turns::default(),
            cache: Cache::default(),
        }))
    }

    /// Those of the application.
    ///
    /// # Errors
    /// 500 when the application authenticates in another way.
    pub fn of(app: &App) -> Result<&Sessions, ApiError> {
        let auth: &dyn Any = &*app.auth;
        auth.downcast_ref().ok_or_else(|| ApiError::internal("the application keeps no sessions of its own"))
    }

    /// Hashes and verifies passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// The rights of these sessions' user may have changed: looks again at the next request.
    pub fn forget_user(&self, user: UserId) {
        self.0.cache.forget_user(user);
    }

    /// Anybody's rights may have changed, because the organisation did: looks again at everybody's next request. An
    /// application that authenticates in another way has nothing to forget.
    pub fn rights_changed(app: &App) {
        if let Ok(sessions) = Self::of(app) {
            sessions.0.cache.forget_all();
        }
    }

    pub(crate) fn forget_session(&self, session: SessionId) {
        self.0.cache.forget_session(session);
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.0.turns
    }

    pub(crate) fn sign(
        &self,
        user: UserId,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<String, ApiError> {
        self.0.key.sign(user, session, now).map_err(ApiError::internal)
    }

    async fn identify(&self, token: &str) -> Result<Arc<Identity>, ApiError> {
        let now = self.0.clock.now();
        let claims = self.0.key.verify(token, now).ok_or_else(ApiError::unauthorized)?;
        let identity = match self.0.cache.get(claims.sid, now) {
            Ok(known) => known,
            Err(epoch) => self.load(&claims, now, epoch).await?,
        };
        if identity.user_id == claims.sub { Ok(identity) } else { Err(ApiError::unauthorized()) }
    }

    async fn load(
        &self,
        claims: &Claims,
        now: DateTime<Utc>,
        epoch: Epoch,
    ) -> Result<Arc<Identity>, ApiError> {
        let cx = Context::system("sessions");
        let found = transaction!(self.0.db, &cx, "sessions.identify", |tx| {
            let (idle_since, noted_before) = (now - IDLE, now - NOTED_EVERY);
            Ok(store::sessions::find_identity(tx, claims.sid, claims.sub, now, idle_since, noted_before)
                .await?)
        })?;
        let identity = Arc::new(found.ok_or_else(ApiError::unauthorized)?);
        self.0.cache.put(identity.clone(), now, epoch);
        Ok(identity)
    }
}

impl Authenticator for Sessions {
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Identity>, ApiError>> {
        Box::pin(self.identify(token))
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions(…)")
    }
}
