use jsonwebtoken::{DecodingKey, EncodingKey};

/// The fewest bytes of a key: as many as the digest of HS256 has.
const MIN_BYTES: usize = 32;

/// The key that signs and verifies access tokens. It is never printed.
pub struct SigningKey {
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
}

/// The key is too short to be safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key must have at least 32 bytes")]
pub struct SigningKeyTooShort;

impl SigningKey {
    /// From at least 32 secret bytes.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, SigningKeyTooShort> {
        let secret = secret.as_ref();
        if secret.len() < MIN_BYTES {
            return Err(SigningKeyTooShort);
        }
        Ok(SigningKey {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
        })
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_key_is_refused_and_no_key_is_printed() {
        assert_eq!(SigningKey::new("short").unwrap_err(), SigningKeyTooShort);
        let key = SigningKey::new("0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(…)");
    }
}
