//! Passwords: argon2id, a few at a time, off the async threads.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::password::WeakPassword;
use tokio::sync::Semaphore;

/// The longest password in characters; longer ones would only make hashing dear.
pub const MAX_LENGTH: usize = 200;
/// So many last passwords may not be chosen again, the present one included.
pub const REMEMBERED: usize = 5;

/// How long a request waits for its turn to hash.
const PATIENCE: Duration = Duration::from_secs(5);
/// No password has this hash; verifying against it takes as long as any other.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$ZGlsaWdvLWRtcy1ub25l$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A password's hash, as the database keeps it. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct HashedPassword(String);

impl HashedPassword {
    pub(crate) fn stored(text: String) -> Self {
        HashedPassword(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for HashedPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashedPassword(…)")
    }
}

/// A password was not taken, or could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It misses demands of the policy.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// Longer than [`MAX_LENGTH`].
    #[error("the password has more than 200 characters")]
    TooLong,
    /// One of the last [`REMEMBERED`].
    #[error("the password is one of the last 5")]
    Reused,
    /// Too many others are being hashed.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The hash in the database, or the library, is broken.
    #[error("the password can't be hashed or verified")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Hashes and verifies passwords, no more at a time than the machine has cores.
#[derive(Debug, Clone)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        // Each takes 19 MiB for its time.
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
        Passwords(Arc::new(Semaphore::new(cores)))
    }
}

impl Passwords {
    /// Hashes a new password that fits the policy.
    ///
    /// # Errors
    /// When the password is weak or too long, or no turn is free in time.
    pub async fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        check(password)?;
        let password = password.to_owned();
        self.run(move || hash(&password)).await
    }

    /// Like [`Passwords::hash`], for a password that must be none of these.
    ///
    /// # Errors
    /// As [`Passwords::hash`]; [`PasswordError::Reused`] when it is one of `last`.
    pub async fn hash_fresh(
        &self,
        password: &str,
        last: Vec<HashedPassword>,
    ) -> Result<HashedPassword, PasswordError> {
        check(password)?;
        let password = password.to_owned();
        self.run(move || {
            for earlier in &last {
                if verify(&password, earlier.as_str())? {
                    return Err(PasswordError::Reused);
                }
            }
            hash(&password)
        })
        .await
    }

    /// Whether the password has this hash; without a hash the answer is no, after the same time.
    ///
    /// # Errors
    /// When no turn is free in time, or the hash is broken.
    pub async fn verify(&self, password: &str, hash: Option<&HashedPassword>) -> Result<bool, PasswordError> {
        let password = password.to_owned();
        let known = hash.is_some();
        let hash = hash.map_or_else(|| DECOY.to_owned(), |h| h.0.clone());
        self.run(move || Ok(verify(&password, &hash)? && known)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = tokio::time::timeout(PATIENCE, self.0.clone().acquire_owned())
            .await
            .map_err(|_| PasswordError::Busy)?
            .map_err(|e| PasswordError::Broken(e.into()))?;
        // The turn goes along: a request that is given up must not let the next one in early.
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(|e| PasswordError::Broken(e.into()))?
    }
}

fn check(password: &str) -> Result<(), PasswordError> {
    if password.chars().count() > MAX_LENGTH {
        return Err(PasswordError::TooLong);
    }
    Ok(domain::password::check(password)?)
}

/// 19 MiB, two passes, one lane: OWASP's first choice for argon2id.
fn argon2id() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(19_456, 2, 1, None).map_err(|e| PasswordError::Broken(e.to_string().into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<HashedPassword, PasswordError> {
    let hash = argon2id()?
        .hash_password(password.as_bytes())
        .map_err(|e| PasswordError::Broken(e.to_string().into()))?;
    Ok(HashedPassword(hash.to_string()))
}

fn verify(password: &str, hash: &str) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(hash).map_err(|e| PasswordError::Broken(e.to_string().into()))?;
    match argon2id()?.verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(e) => Err(PasswordError::Broken(e.to_string().into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("Diligo@2026").await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify("Diligo@2026", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("diligo@2026", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("Diligo@2026", None).await.unwrap());
        assert_eq!(format!("{hash:?}"), "HashedPassword(…)");
    }

    #[tokio::test]
    async fn an_earlier_password_is_not_taken_again() {
        let passwords = Passwords::default();
        let earlier = passwords.hash("Diligo@2026").await.unwrap();
        let again = passwords.hash_fresh("Diligo@2026", vec![earlier.clone()]).await;
        assert!(matches!(again, Err(PasswordError::Reused)));
        assert!(passwords.hash_fresh("Diligo@2027", vec![earlier]).await.is_ok());
    }

    #[tokio::test]
    async fn a_weak_or_endless_password_is_refused_before_any_work() {
        let passwords = Passwords::default();
        assert!(matches!(passwords.hash("matkhau").await, Err(PasswordError::Weak(_))));
        let endless = format!("Aa1@{}", "x".repeat(MAX_LENGTH));
        assert!(matches!(passwords.hash(&endless).await, Err(PasswordError::TooLong)));
    }
}
