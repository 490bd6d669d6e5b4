//! The signature of a request: `v=<unix ms>,d=<hex>`.
//!
//! `d` is the HMAC-SHA256 of the raw body followed by the digits of `v`, under the text of the API
//! key. It is checked before anything is parsed, over the bytes as they came.

use booking_domain::time::Instant;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header's name.
pub const HEADER: &str = "x-retell-signature";
/// How far the sender's clock may be off, either way, inclusive.
pub const WINDOW_MS: i64 = 300_000;

/// Why a request is not believed. For logs and metrics; the sender hears none of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignatureError {
    /// No header, or more than one.
    #[error("the signature header is missing")]
    Missing,
    /// Not `v=<digits>,d=<64 lower-case hex digits>`.
    #[error("the signature header has another form")]
    Malformed,
    /// Signed too long ago, or in the future.
    #[error("the signature is not of these five minutes")]
    Expired,
    /// There is no key to check with.
    #[error("the company has no Retell key")]
    NoKey,
    /// Another key or another body.
    #[error("the signature does not belong to this body and key")]
    Mismatch,
}

/// Whether one of `keys` signed `body` within five minutes of `now`. An empty key never did.
pub fn verify(
    header: Option<&str>,
    body: &[u8],
    keys: &[&str],
    now: Instant,
) -> Result<(), SignatureError> {
    let (digits, digest) = parse(header.ok_or(SignatureError::Missing)?)?;
    let signed_at: i64 = digits.parse().map_err(|_| SignatureError::Malformed)?;
    let now = now.unix_micros().div_euclid(1_000);
    if now.abs_diff(signed_at) > WINDOW_MS.unsigned_abs() {
        return Err(SignatureError::Expired);
    }
    let mut usable = keys.iter().filter(|key| !key.trim().is_empty()).peekable();
    if usable.peek().is_none() {
        return Err(SignatureError::NoKey);
    }
    // Every key is tried, so that the time taken does not tell which one fits.
    let fits = usable.fold(false, |fits, key| {
        fits | mac(key, body, digits).is_some_and(|mac| mac.verify_slice(&digest).is_ok())
    });
    if fits {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

/// The header that the owner of `key` sends with `body` at `at`: what tools and tests need.
pub fn sign(body: &[u8], key: &str, at: Instant) -> String {
    let digits = at.unix_micros().div_euclid(1_000).to_string();
    let digest = mac(key, body, &digits)
        .map(|mac| hex::encode(mac.finalize().into_bytes()))
        .unwrap_or_default();
    format!("v={digits},d={digest}")
}

fn mac(key: &str, body: &[u8], digits: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(body);
    mac.update(digits.as_bytes());
    Some(mac)
}

fn parse(header: &str) -> Result<(&str, [u8; 32]), SignatureError> {
    let malformed = SignatureError::Malformed;
    let (digits, digest) = header
        .strip_prefix("v=")
        .and_then(|rest| rest.split_once(",d="))
        .ok_or(malformed)?;
    let plain = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    // Two official libraries disagree about leading zeros and capitals; no sender makes either.
    let lower = digest
        .bytes()
        .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    if !plain || digits.starts_with('0') || digits.len() > 15 || !lower || digest.len() != 64 {
        return Err(malformed);
    }
    let mut bytes = [0; 32];
    hex::decode_to_slice(digest, &mut bytes).map_err(|_| malformed)?;
    Ok((digits, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use booking_domain::time::Span;

    const KEY: &str = "key_0f1e2d3c4b5a69788796a5b4c3d2";
    const OTHER: &str = "key_ffffffffffffffffffffffffffff";
    const BODY: &str = r#"{"name":"check_availability","args":{"datum":"2025-10-13","uhrzeit":"08:00"},"call":{"call_id":"call_x"}}"#;
    const DIGEST: &str = "a12c11f0115b0f9219ca1755b79f5e50adbc2d4c69e5e58ac6ccda3543d19386";

    fn signed_at() -> Instant {
        Instant::from_unix_micros(1_760_342_550_000_000).expect("in range")
    }

    fn check(header: &str, body: &str, keys: &[&str]) -> Result<(), SignatureError> {
        verify(Some(header), body.as_bytes(), keys, signed_at())
    }

    /// Figures made by Retell's own libraries, unless another maker is named.
    #[test]
    fn signatures_of_the_official_libraries_are_accepted() {
        for (body, digest) in [
            (BODY, DIGEST),
            (
                r#"{"dienstleistung":"Erstberatung","datum":"2025-10-15","uhrzeit":"15:30","name":"Jörg Müßig"}"#,
                "e46d7a1abfcb0978d82db31226507f589bbcce88947b185a333227d2a3a86d03",
            ),
            (
                "{\n  \"event\": \"call_started\",\n  \"call\": { \"call_id\": \"call_x\" }\n}\n",
                "65a83aad4923092a49f1117a603fd63a2e5d39adadcf3a17b512cab0dae6b30d",
            ),
            // Webhooks: these two by Python's hmac, which agrees with the libraries on those above.
            (
                r#"{"event":"call_inbound","event_timestamp":1760342549000,"call_inbound":{"agent_id":"agent_x","from_number":"+4915112345678","to_number":"+493012345678"}}"#,
                "88a5a678b5cfa3e0d9d851ef1e201ac50e9d7b577828ed767bbd3f6f205bf705",
            ),
            (
                r#"{"event":"call_ended","call":{"call_id":"call_x","transcript":"User: Grüß Gott, für Jörg bitte \u00fcbermorgen.\n"}}"#,
                "3724a53f37cd50a7976d249c23342afe170d426ec5c55be5053076bdd0d3cc6c",
            ),
        ] {
            let header = format!("v=1760342550000,d={digest}");
            assert_eq!(check(&header, body, &[KEY]), Ok(()));
            assert_eq!(sign(body.as_bytes(), KEY, signed_at()), header);
            assert_eq!(
                check(&header, body, &[OTHER, KEY]),
                Ok(()),
                "two keys while one is replaced"
            );
            assert_eq!(
                check(&header, body, &[OTHER]),
                Err(SignatureError::Mismatch)
            );
            assert_eq!(
                check(&header, &format!("{body} "), &[KEY]),
                Err(SignatureError::Mismatch)
            );
        }
    }

    /// Turns red when the window is made exclusive, one-sided or wider.
    #[test]
    fn five_minutes_either_way_and_not_a_millisecond_more() {
        let header = format!("v=1760342550000,d={DIGEST}");
        for (millis, result) in [
            (300_000, Ok(())),
            (-300_000, Ok(())),
            (300_001, Err(SignatureError::Expired)),
            (-300_001, Err(SignatureError::Expired)),
        ] {
            let now = signed_at() + Span::millis(millis);
            assert_eq!(
                verify(Some(&header), BODY.as_bytes(), &[KEY], now),
                result,
                "{millis}"
            );
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let body_only = "1d263923f74305e9a03a738a93ba034c90788b7bd081cc99fbff84e1514dd26f";
        let time_first = "268dbf797d817cca4e8e33d8cdfb127c1ce9cf2330f254d9f5bb7b0272127151";
        for digest in [body_only, time_first] {
            let header = format!("v=1760342550000,d={digest}");
            assert_eq!(check(&header, BODY, &[KEY]), Err(SignatureError::Mismatch));
        }
        for header in [
            String::new(),
            format!(" v=1760342550000,d={DIGEST}"),
            format!("v=1760342550000,d={DIGEST},x=1"),
            format!("v=1760342550000,d={}", DIGEST.to_uppercase()),
            format!("v=01760342550000,d={DIGEST}"),
            format!("v=-1760342550000,d={DIGEST}"),
            format!("v=+1760342550000,d={DIGEST}"),
            format!("v=,d={DIGEST}"),
            format!("v=1760342550000,d={}", &DIGEST[1..]),
            format!("v=1760342550000,d={}", "z".repeat(64)),
            format!("sha256={DIGEST}"),
            format!("t=1760342550,v1={DIGEST}"),
            format!("d={DIGEST},v=1760342550000"),
            format!("v=99999999999999999999999,d={DIGEST}"),
        ] {
            assert_eq!(
                check(&header, BODY, &[KEY]),
                Err(SignatureError::Malformed),
                "{header}"
            );
        }
        assert_eq!(
            verify(None, BODY.as_bytes(), &[KEY], signed_at()),
            Err(SignatureError::Missing)
        );
    }

    /// One library accepts what an empty key signed: whoever forgot the key would let everybody in.
    #[test]
    fn an_empty_key_signs_nothing() {
        for key in ["", "  "] {
            let header = sign(BODY.as_bytes(), key, signed_at());
            assert_eq!(check(&header, BODY, &[key]), Err(SignatureError::NoKey));
            assert_eq!(
                check(&header, BODY, &[key, KEY]),
                Err(SignatureError::Mismatch)
            );
        }
        assert_eq!(
            check(&format!("v=1760342550000,d={DIGEST}"), BODY, &[]),
            Err(SignatureError::NoKey)
        );
    }

    proptest::proptest! {
        #[test]
        fn any_change_of_body_or_digest_is_noticed(at in 0usize..BODY.len(), bit in 0u8..8, digit in 0usize..64) {
            let header = sign(BODY.as_bytes(), KEY, signed_at());
            let mut body = BODY.as_bytes().to_vec();
            body[at] ^= 1 << bit;
            proptest::prop_assert!(verify(Some(&header), &body, &[KEY], signed_at()).is_err());
            let mut forged = header.into_bytes();
            let place = forged.len() - 64 + digit;
            forged[place] = if forged[place] == b'0' { b'1' } else { b'0' };
            let forged = String::from_utf8(forged).expect("ASCII");
            proptest::prop_assert!(verify(Some(&forged), BODY.as_bytes(), &[KEY], signed_at()).is_err());
        }
    }
}
