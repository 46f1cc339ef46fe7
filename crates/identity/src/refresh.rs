//! Staying logged in: each refresh token is good once.

use chrono::{DateTime, Duration, Utc};
use domain::SessionId;
use platform::{ApiError, App, transaction};

use crate::error::AuthError;
use crate::login::{Granted, audit_end};
use crate::origin::Origin;
use crate::sessions::{FIELD_DEVICE, IDLE, Sessions};
use crate::store::accounts::{self, Account};
use crate::store::sessions::{self, Session, Token};
use crate::token::{ACCESS_LIFE, REFRESH_LIFE, RefreshToken};

/// Within this time of its first use, a refresh token may come again from a device that never got the answer.
const LOST_ANSWER: Duration = ACCESS_LIFE;

/// What a refresh token that comes in means.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The session goes on with the next token.
    Next,
    /// The answer of the first time was lost: another next token, and what was given out then is void.
    Again,
    /// Expired, or the session is over.
    Over,
    /// A browser that was away too long.
    Idle,
    /// Somebody else has the token too: nobody may go on.
    Reused,
}

/// Judges a refresh token. It is good once. When it comes a second time, somebody may have copied it, so the session
/// ends; but on a bad network the answer may have been lost, and then the device repeats the request. That is
/// believed when the device that the session belongs to says so by its id, soon, and the lost token never came back.
/// A thief who gets through here still ends the session the next time either of the two comes.
fn judge(session: &Session, token: &Token, device: Option<&str>, now: DateTime<Utc>) -> Verdict {
    if session.revoked || token.expires_at <= now {
        return Verdict::Over;
    }
    if token.void {
        return Verdict::Reused;
    }
    if let Some(used) = token.used_at {
        let same_device = !session.device_id.is_empty() && device == Some(&session.device_id);
        let lost = same_device && now - used <= LOST_ANSWER && !token.successor_used;
        return if lost { Verdict::Again } else { Verdict::Reused };
    }
    if now - session.seen_at >= IDLE && !session.device_id.starts_with(FIELD_DEVICE) {
        return Verdict::Idle;
    }
    Verdict::Next
}

/// The next pair of tokens for a good refresh token.
pub(crate) async fn refresh(
    app: &App,
    origin: &Origin,
    token: &str,
    device: Option<&str>,
) -> Result<Granted, ApiError> {
    let sessions = Sessions::of(app)?;
    let old = RefreshToken::parse(token).ok_or_else(ApiError::unauthorized)?.hash();
    let new = RefreshToken::generate().map_err(ApiError::internal)?;
    let now = app.now();
    let cx = origin.context(None, "refresh");

    let outcome = transaction!(app.db, &cx, "auth.refresh", |tx| {
        let Some(session) = sessions::lock_by_token(tx, &old).await? else { return Ok(Outcome::Refused) };
        let Some(token) = sessions::find_token(tx, &old).await? else { return Ok(Outcome::Refused) };
        let account = accounts::find_by_id(tx, session.user_id).await?.filter(|a| a.active);
        let Some(account) = account else { return Ok(Outcome::Refused) };
        match judge(&session, &token, device, now) {
            Verdict::Next => sessions::update_token_used(tx, &old, now).await?,
            Verdict::Again => sessions::update_tokens_void(tx, session.id, token.generation).await?,
            Verdict::Over => return Ok(Outcome::Refused),
            Verdict::Idle => {
                sessions::revoke(tx, session.id, "idle", now).await?;
                return Ok(Outcome::Ended(session.id, ApiError::unauthorized()));
            }
            Verdict::Reused => {
                sessions::revoke(tx, session.id, "reuse", now).await?;
                let cx = origin.context(Some(account.user_id), &account.username);
                audit_end(tx, &cx, &account, session.id, "auth.refresh_reused", now).await?;
                return Ok(Outcome::Ended(session.id, AuthError::RefreshReused.into()));
            }
        }
        sessions::insert_token(tx, session.id, &new.hash(), now, now + REFRESH_LIFE).await?;
        sessions::update_seen(tx, session.id, now).await?;
        Ok(Outcome::Renewed(Box::new(account), session.id))
    })?;
    match outcome {
        Outcome::Renewed(account, session) => {
            let access_token = sessions.sign(account.user_id, session, now)?;
            Ok(Granted { account: *account, access_token, refresh_token: new })
        }
        Outcome::Ended(session, why) => {
            sessions.forget_session(session);
            Err(why)
        }
        Outcome::Refused => Err(ApiError::unauthorized()),
    }
}

/// What became of a refresh; a refusal too is committed.
enum Outcome {
    Renewed(Box<Account>, SessionId),
    Ended(SessionId, ApiError),
    Refused,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_785_981_600, 0).unwrap()
    }

    fn session(device: &str) -> Session {
        Session {
            id: Uuid::from_u128(1).into(),
            user_id: Uuid::from_u128(2).into(),
            device_id: device.to_owned(),
            seen_at: now(),
            revoked: false,
        }
    }

    fn fresh() -> Token {
        Token {
            generation: 1,
            expires_at: now() + REFRESH_LIFE,
            used_at: None,
            void: false,
            successor_used: false,
        }
    }

    fn used() -> Token {
        Token { used_at: Some(now()), ..fresh() }
    }

    #[test]
    fn a_fresh_token_goes_on_until_it_expires() {
        assert_eq!(judge(&session(""), &fresh(), None, now()), Verdict::Next);
        let field = session("field-1");
        assert_eq!(judge(&field, &fresh(), None, now() + REFRESH_LIFE - Duration::seconds(1)), Verdict::Next);
        assert_eq!(judge(&field, &fresh(), None, now() + REFRESH_LIFE), Verdict::Over);
        assert_eq!(judge(&Session { revoked: true, ..session("") }, &fresh(), None, now()), Verdict::Over);
    }

    #[test]
    fn a_browser_away_for_half_an_hour_is_over_but_a_phone_is_not() {
        let later = now() + Duration::minutes(30);
        assert_eq!(judge(&session("chrome-1"), &fresh(), None, later), Verdict::Idle);
        assert_eq!(judge(&session(""), &fresh(), None, later - Duration::seconds(1)), Verdict::Next);
        assert_eq!(judge(&session("field-1"), &fresh(), None, later), Verdict::Next);
    }

    #[test]
    fn a_second_use_is_a_lost_answer_only_from_the_same_device_soon_and_before_its_successor_came() {
        let device = session("field-1");
        let soon = now() + Duration::seconds(10);
        assert_eq!(judge(&device, &used(), Some("field-1"), soon), Verdict::Again);
        assert_eq!(judge(&device, &used(), Some("field-2"), soon), Verdict::Reused);
        assert_eq!(judge(&device, &used(), None, soon), Verdict::Reused);
        assert_eq!(judge(&session(""), &used(), Some(""), soon), Verdict::Reused);
        let late = now() + Duration::minutes(15) + Duration::seconds(1);
        assert_eq!(judge(&device, &used(), Some("field-1"), late), Verdict::Reused);
        let went_on = Token { successor_used: true, ..used() };
        assert_eq!(judge(&device, &went_on, Some("field-1"), soon), Verdict::Reused);
        assert_eq!(judge(&device, &Token { void: true, ..fresh() }, Some("field-1"), soon), Verdict::Reused);
    }
}
