//! What a client holds: an access token that proves its session for 15 minutes, and a refresh token that gets the next.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use domain::{SessionId, UserId};
use jsonwebtoken::{Algorithm, Header, Validation};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::SigningKey;

/// How long an access token is good.
pub const ACCESS_LIFE: Duration = Duration::minutes(15);
/// How long a refresh token is good.
pub const REFRESH_LIFE: Duration = Duration::days(7);

const ISSUER: &str = "dms";

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub sub: UserId,
    pub sid: SessionId,
    iat: i64,
    exp: i64,
    iss: String,
}

/// The library judges signature, algorithm and issuer; the time is ours, so that it comes from the application's clock.
static VALIDATION: LazyLock<Validation> = LazyLock::new(|| {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    validation.validate_exp = false;
    validation
});

impl SigningKey {
    pub(crate) fn sign(
        &self,
        user: UserId,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            sub: user,
            sid: session,
            iat: now.timestamp(),
            exp: (now + ACCESS_LIFE).timestamp(),
            iss: ISSUER.to_owned(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    /// The claims of a token that is ours and not expired.
    pub(crate) fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &VALIDATION).ok()?.claims;
        (now.timestamp() < claims.exp).then_some(claims)
    }
}

/// 32 random bytes. The database keeps only their hash, so that a copy of it opens no session.
pub(crate) struct RefreshToken([u8; 32]);

impl RefreshToken {
    pub fn generate() -> Result<Self, rand::rand_core::OsError> {
        let mut bytes = [0; 32];
        OsRng.try_fill_bytes(&mut bytes)?;
        Ok(RefreshToken(bytes))
    }

    /// Reads the text a client sends; none when it can't be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        (length == bytes.len()).then_some(RefreshToken(bytes))
    }

    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::EncodingKey;
    use serde_json::json;
    use uuid::Uuid;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn key() -> SigningKey {
        SigningKey::new(SECRET).unwrap()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_785_981_600, 0).unwrap()
    }

    fn claims() -> serde_json::Value {
        json!({"sub": Uuid::from_u128(1), "sid": Uuid::from_u128(2), "iat": now().timestamp(),
            "exp": now().timestamp() + 900, "iss": "dms"})
    }

    fn signed(header: &Header, claims: &serde_json::Value, secret: &[u8]) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    #[test]
    fn a_token_is_good_until_its_last_second() {
        let token = key().sign(Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), now()).unwrap();
        assert_eq!(key().verify(&token, now()).unwrap().sub, Uuid::from_u128(1).into());
        assert!(key().verify(&token, now() + Duration::seconds(899)).is_some());
        assert!(key().verify(&token, now() + Duration::seconds(900)).is_none());
    }

    #[test]
    fn only_our_key_algorithm_and_issuer_make_a_token() {
        let hs256 = Header::new(Algorithm::HS256);
        assert!(key().verify(&signed(&hs256, &claims(), SECRET), now()).is_some());
        assert!(
            key().verify(&signed(&hs256, &claims(), b"another key of thirty-two bytes!"), now()).is_none()
        );
        assert!(key().verify(&signed(&Header::new(Algorithm::HS512), &claims(), SECRET), now()).is_none());
        let mut foreign = claims();
        foreign["iss"] = "somebody".into();
        assert!(key().verify(&signed(&hs256, &foreign, SECRET), now()).is_none());
        let mut timeless = claims();
        timeless.as_object_mut().unwrap().remove("exp");
        assert!(key().verify(&signed(&hs256, &timeless, SECRET), now()).is_none());
    }

    #[test]
    fn a_token_without_a_signature_is_nothing() {
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        for alg in ["none", "None", "HS256"] {
            let token = format!("{}.{}.", part(json!({"alg": alg, "typ": "JWT"})), part(claims()));
            assert!(key().verify(&token, now()).is_none(), "{alg}");
        }
        assert!(key().verify("", now()).is_none());
        assert!(key().verify("a.b.c", now()).is_none());
    }

    #[test]
    fn a_refresh_token_reads_back_and_anything_else_is_refused() {
        let token = RefreshToken::generate().unwrap();
        assert_eq!(RefreshToken::parse(&token.text()).unwrap().hash(), token.hash());
        for wrong in ["", "abc", "****", &"A".repeat(42), &"A".repeat(44), &"A".repeat(10_000)] {
            assert!(RefreshToken::parse(wrong).is_none(), "{wrong:.50}");
        }
    }
}
