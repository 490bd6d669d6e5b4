//! `X-Cal-Signature-256`: HMAC-SHA256 over the raw body, as 64 lower-case hex digits.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const HEADER: &str = "x-cal-signature-256";
/// What Cal.com sends where no secret is set. It must never work as one.
const NO_SECRET: &str = "no-secret-provided";

/// A well-formed signature, not verified yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Signature([u8; 32]);

impl Signature {
    /// The one header of a request; `None` when it is absent, doubled or malformed.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers.get_all(HEADER).iter();
        let (Some(only), None) = (given.next(), given.next()) else {
            return None;
        };
        let text = only.as_bytes();
        let plain = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let mut bytes = [0; 32];
        let well_formed = text.len() == 64 && text.iter().all(plain);
        (well_formed && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(Self(bytes))
    }

    /// Whether the body was signed with this secret. Takes the same time wherever it differs.
    pub(super) fn verifies(&self, secret: &str, body: &[u8]) -> bool {
        if secret.trim().is_empty() || secret == NO_SECRET {
            return false;
        }
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return false;
        };
        mac.update(body);
        mac.verify_slice(&self.0).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "whsec-made-up-0815";
    const BODY: &[u8] = br#"{"triggerEvent":"PING","createdAt":"2030-03-01T17:59:00.000Z"}"#;
    /// Made with `openssl dgst -sha256 -hmac whsec-made-up-0815`.
    const SIGNED: &str = "cf13702d590f59ff852f020367aa51c21a112df7896e21f1d9e79a54c71966df";

    fn parse(values: &[&str]) -> Option<Signature> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_str(value).expect("plain"));
        }
        Signature::of(&headers)
    }

    #[test]
    fn the_known_signature_fits() {
        assert!(parse(&[SIGNED]).is_some_and(|it| it.verifies(SECRET, BODY)));
    }

    #[test]
    fn other_headers_are_no_signatures() {
        let upper = SIGNED.to_uppercase();
        let prefixed = format!("sha256={SIGNED}");
        for bad in [
            &upper,
            &prefixed,
            "",
            NO_SECRET,
            &SIGNED[1..],
            &format!("{SIGNED}0"),
        ] {
            assert_eq!(parse(&[bad]), None, "{bad}");
        }
        assert_eq!(parse(&[SIGNED, SIGNED]), None);
        assert_eq!(parse(&[]), None);
    }

    #[test]
    fn no_secret_is_no_secret() {
        for secret in ["", "  ", NO_SECRET] {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
            mac.update(BODY);
            let signed = hex::encode(mac.finalize().into_bytes());
            assert!(
                parse(&[&signed]).is_some_and(|it| !it.verifies(secret, BODY)),
                "{secret}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// Turns red when `verifies` compares a prefix only, or ignores the body.
        #[test]
        fn any_flipped_bit_is_noticed(bit in 0usize..256, at in 0..BODY.len(), of_byte in 0u8..8) {
            let signature = parse(&[SIGNED]).expect("well formed");
            let mut forged = signature.clone();
            forged.0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!forged.verifies(SECRET, BODY));
            let mut body = BODY.to_vec();
            body[at] ^= 1 << of_byte;
            prop_assert!(!signature.verifies(SECRET, &body));
            prop_assert!(!signature.verifies(SECRET, &BODY[..at]));
        }
    }
}
