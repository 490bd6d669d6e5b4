//! The bytes of an entry: a version byte, then JSON.

use booking_domain::availability::AvailabilityEntry;

/// Plain JSON. Other forms get other first bytes; a program that does not know one has a miss.
const PLAIN_JSON: u8 = 1;

pub(crate) fn encode(entry: &AvailabilityEntry) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = vec![PLAIN_JSON];
    serde_json::to_writer(&mut bytes, entry)?;
    Ok(bytes)
}

/// `None` for whatever this program could not have written.
pub(crate) fn decode(bytes: &[u8]) -> Option<AvailabilityEntry> {
    let problem = match bytes.split_first() {
        Some((&PLAIN_JSON, json)) => match serde_json::from_slice(json) {
            Ok(entry) => return Some(entry),
            Err(_) => "not an entry",
        },
        Some(_) => "another version",
        None => "empty",
    };
    tracing::debug!(
        problem,
        bytes = bytes.len(),
        "a cache entry is unreadable: a miss"
    );
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_foreign_is_a_miss() {
        for foreign in [
            &b""[..],
            b"\x01",
            b"\x01{}",
            b"\x02whatever",
            b"{}",
            b"\x01null",
        ] {
            assert_eq!(decode(foreign), None, "{foreign:?}");
        }
    }
}
