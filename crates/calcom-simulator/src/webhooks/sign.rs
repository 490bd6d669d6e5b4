//! The signature of a delivery: lower-case hex of HMAC-SHA256 over the exact body bytes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What the header says when a subscription has no secret.
pub(crate) const NO_SECRET: &str = "no-secret-provided";

pub(crate) fn signature(secret: Option<&str>, body: &[u8]) -> String {
    let Some(secret) = secret else {
        return NO_SECRET.to_owned();
    };
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_openssl() {
        // printf '{"triggerEvent":"PING"}' | openssl dgst -sha256 -hmac whsec_15
        assert_eq!(
            signature(Some("whsec_15"), br#"{"triggerEvent":"PING"}"#),
            "4120a48cd4e90400c10f82d416aabbede5a664528fc50b35a369aa352b46d1fc"
        );
        assert_eq!(signature(None, b"x"), "no-secret-provided");
    }
}
