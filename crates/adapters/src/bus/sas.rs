//! Shared access signatures: the tokens by which Service Bus lets one at a queue.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::InvalidLength;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// The token for this resource, good until `expiry` (seconds since 1970).
pub(super) fn token(resource: &str, key_name: &str, key: &str, expiry: u64) -> Result<String, InvalidLength> {
    let resource = encoded(&resource.to_lowercase());
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())?;
    mac.update(format!("{resource}\n{expiry}").as_bytes());
    let signature = encoded(&STANDARD.encode(mac.finalize().into_bytes()));
    Ok(format!("SharedAccessSignature sr={resource}&sig={signature}&se={expiry}&skn={}", encoded(key_name)))
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checked against Python: `hmac.new(b"key", b"sb%3A%2F%2Fns.servicebus.windows.net%2Fq\n1700000000", "sha256")`.
    #[test]
    fn a_token_signs_the_resource_and_its_end() {
        let token = token("sb://NS.servicebus.windows.net/q", "Root Key", "key", 1_700_000_000).unwrap();
        assert_eq!(
            token,
            "SharedAccessSignature sr=sb%3A%2F%2Fns.servicebus.windows.net%2Fq&sig=Z%2B6BLPu5z1O7CUS4t%2FqSp8qQbFea7wTvKxD0%2FHUZdqk%3D&se=1700000000&skn=Root%20Key"
        );
    }
}
