use chrono::{DateTime, Utc};
use db::Context;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::ApiError;

const KEY_REUSED: &str = "idempotency.key_reused";

/// One request that may come again: the first answer is kept, in the transaction of its effects, and a repeat gets it.
///
/// The key is the client's `Idempotency-Key`, or the id it made for the thing it creates. With both, the answer is kept
/// under both: the same request under another key gets it too. Without either, each request is its own.
#[derive(Debug, Clone)]
pub struct Once {
    key: Option<String>,
    /// The client's id, where the key is another one.
    id: Option<String>,
    fingerprint: Vec<u8>,
}

/// What is kept of the first request with a key.
#[derive(Debug)]
pub struct First {
    /// What it did.
    pub operation: String,
    /// The digest of what was asked.
    pub fingerprint: Vec<u8>,
    /// What was answered.
    pub answer: Option<serde_json::Value>,
}

impl Once {
    /// For the key and a digest of what was asked.
    pub fn new(key: Option<String>, fingerprint: Vec<u8>) -> Self {
        Once { key, id: None, fingerprint }
    }

    /// For the key, the id that the client made, and a digest of what was asked.
    pub fn of(key: Option<String>, id: Option<Uuid>, fingerprint: Vec<u8>) -> Self {
        let id = id.map(|id| id.to_string());
        match key {
            None => Once { key: id, id: None, fingerprint },
            key => Once { id: id.filter(|id| key.as_ref() != Some(id)), key, fingerprint },
        }
    }

    /// For one of the things that the request does, each in a transaction of its own: a repeat goes on where the first
    /// was cut off. However long the request's key is, the part's is short enough to be kept.
    #[must_use]
    pub fn part(&self, id: Uuid) -> Once {
        let part = |key: &String| format!("{:x}/{id}", Sha256::digest(key));
        Once { key: self.key.as_ref().map(part), id: None, fingerprint: self.fingerprint.clone() }
    }

    /// Whether a request with an id of the client's that is refused so may have been done before, under another key or
    /// on another way: then what it made is the answer. A key that was used for something else stays refused.
    pub fn may_be_known(refusal: &ApiError) -> bool {
        refusal.status().is_client_error() && refusal.code() != KEY_REUSED
    }

    /// The answer given before, if there is one; otherwise reserves the key until the transaction ends. A second
    /// request with the same key or id waits here for the first. Something else that was done with the id is no answer;
    /// whoever makes the thing finds the id taken.
    ///
    /// # Errors
    /// 422 when the key was used for something else; 500 when a stored answer can't be read.
    pub async fn earlier<T: DeserializeOwned>(
        &self,
        c: &mut PgConnection,
        cx: &Context,
        operation: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<T>, ApiError> {
        let (Some(key), Some(user)) = (&self.key, cx.user) else { return Ok(None) };
        let keys = self.keys();
        let fresh = sqlx::query!(
            "insert into idempotency_keys (user_id, key, operation, fingerprint, created_at)
             select $1, key, $3, $4, $5 from unnest($2::text[]) key on conflict (user_id, key) do nothing",
            user.uuid(),
            &keys,
            operation,
            self.fingerprint,
            at,
        )
        .execute(&mut *c)
        .await?
        .rows_affected();
        if usize::try_from(fresh) == Ok(keys.len()) {
            return Ok(None);
        }
        // What this transaction reserved has no answer yet.
        let known = sqlx::query!(
            "select key, operation, fingerprint, answer from idempotency_keys
             where user_id = $1 and key = any ($2) and answer is not null",
            user.uuid(),
            &keys,
        )
        .fetch_all(&mut *c)
        .await?;
        let mut of_id = None;
        for row in known {
            let first = First { operation: row.operation, fingerprint: row.fingerprint, answer: row.answer };
            if row.key == *key {
                return self.repeat(operation, first).map(Some);
            }
            of_id = Some(first).filter(|first| self.is_of(operation, first));
        }
        let Some(first) = of_id else { return Ok(None) };
        self.keep(c, cx, &first.answer).await?;
        self.repeat(operation, first).map(Some)
    }

    /// What an answer is kept under.
    fn keys(&self) -> Vec<String> {
        self.key.iter().chain(&self.id).cloned().collect()
    }

    fn is_of(&self, operation: &str, first: &First) -> bool {
        first.operation == operation && first.fingerprint == self.fingerprint
    }

    /// The key and the digest of what was asked: for a statement that looks for the first answer, or keeps it, together
    /// with other work. None when each request is its own. Whoever keeps the answer only with the effects must be
    /// ready for `idempotency_keys_pkey`: a repeat at the same moment was first, and its answer is there now.
    pub fn key(&self) -> Option<(&str, &[u8])> {
        self.key.as_deref().map(|key| (key, self.fingerprint.as_slice()))
    }

    /// The first answer to the same request.
    ///
    /// # Errors
    /// 422 when the key was used for something else; 500 when the answer can't be read.
    pub fn repeat<T: DeserializeOwned>(&self, operation: &str, first: First) -> Result<T, ApiError> {
        if !self.is_of(operation, &first) {
            return Err(ApiError::unprocessable(
                KEY_REUSED,
                "Khóa chống trùng này đã dùng cho một yêu cầu khác. Hãy gửi lại với khóa mới.",
                "This idempotency key was used for another request. Send it again with a new key.",
            ));
        }
        let answer =
            first.answer.ok_or_else(|| ApiError::internal("an idempotency key without an answer"))?;
        serde_json::from_value(answer).map_err(ApiError::internal)
    }

    /// Keeps the answer for repeats.
    ///
    /// # Errors
    /// 500 when the answer can't be written.
    pub async fn keep<T: Serialize>(
        &self,
        c: &mut PgConnection,
        cx: &Context,
        answer: &T,
    ) -> Result<(), ApiError> {
        let (Some(_), Some(user)) = (&self.key, cx.user) else { return Ok(()) };
        let answer = serde_json::to_value(answer).map_err(ApiError::internal)?;
        sqlx::query!(
            "update idempotency_keys set answer = $3 where user_id = $1 and key = any ($2) and answer is null",
            user.uuid(),
            &self.keys(),
            answer,
        )
        .execute(c)
        .await?;
        Ok(())
    }
}

/// Like [`transaction!`](crate::transaction), exactly once for a request that may come again: a repeat gets the first
/// answer and has no effect. `$once` is a [`Once`]; the answer must be serialisable both ways.
#[macro_export]
macro_rules! transaction_once {
    ($app:expr, $cx:expr, $once:expr, $name:literal, |$tx:ident| $body:block) => {
        $crate::transaction!($app.db, $cx, $name, |$tx| {
            match $once.earlier($tx, $cx, $name, $app.now()).await? {
                Some(answer) => Ok(answer),
                None => {
                    let answer = $crate::macro_support::body(async { $body }).await?;
                    $once.keep($tx, $cx, &answer).await?;
                    Ok(answer)
                }
            }
        })
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_request_with_the_longest_key_can_be_kept_and_differ_by_request_and_id() {
        let once = |key: String| Once::new(Some(key), Vec::new());
        let (long, other) = (once("k".repeat(200)), once("k".repeat(199)));
        let key = |once: &Once, id| once.part(Uuid::from_u128(id)).key().unwrap().0.to_owned();
        assert!(key(&long, 1).len() <= 200);
        assert_eq!(key(&long, 1), key(&long, 1));
        assert_ne!(key(&long, 1), key(&long, 2));
        assert_ne!(key(&long, 1), key(&other, 1));
        assert!(Once::new(None, Vec::new()).part(Uuid::nil()).key().is_none());
    }
}
