//! Tokens for the service, and its signatures.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

/// A token for one address, signed with the text of the key. `user` becomes the id of the user.
pub(super) fn sign(key: &str, audience: &str, user: Option<&str>, life: Duration) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut claims = json!({
        "aud": audience,
        "iat": now,
        "nbf": now.saturating_sub(60),
        "exp": now.saturating_add(life.as_secs()),
    });
    if let Some(user) = user {
        claims["nameid"] = user.into();
    }
    let head = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let text = format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = BASE64_URL_SAFE_NO_PAD
        .encode(mac(key, &text).map_or_else(Vec::new, |mac| mac.finalize().into_bytes().to_vec()));
    format!("{text}.{signature}")
}

/// Whether one of the signatures in a list such as `sha256=…,sha256=…` is that of `text` by one of the keys.
pub(super) fn is_signed(keys: &[String], text: &str, signatures: &str) -> bool {
    signatures.split(',').any(|signature| {
        let signature = signature.trim();
        let Ok(signature) = hex::decode(signature.strip_prefix("sha256=").unwrap_or(signature)) else {
            return false;
        };
        // The comparison takes the same time wherever they differ.
        keys.iter().any(|key| mac(key, text).is_some_and(|mac| mac.verify_slice(&signature).is_ok()))
    })
}

/// Keys may have any length, so there always is one.
fn mac(key: &str, text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_known_by_any_key_and_only_for_its_text() {
        let sign = |key: &str| hex::encode(mac(key, "id").unwrap().finalize().into_bytes());
        let keys = ["first".to_owned(), "second".to_owned()];
        assert!(is_signed(&keys, "id", &format!("sha256={}", sign("second"))));
        assert!(is_signed(&keys, "id", &format!("sha256={},sha256={}", sign("other"), sign("first"))));
        assert!(!is_signed(&keys, "another", &sign("first")));
        assert!(!is_signed(&keys, "id", &sign("other")));
        assert!(!is_signed(&keys, "id", "") && !is_signed(&keys, "id", "sha256=xyz"));
    }
}
