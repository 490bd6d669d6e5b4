//! The bytes of an entry: one that says how, then JSON, compressed where it is long.

use std::cell::RefCell;

use booking_domain::availability::AvailabilityEntry;
use zstd::bulk::Decompressor;

/// Plain JSON. Other forms get other first bytes; a program that does not know one has a miss.
const PLAIN: u8 = 1;
/// JSON in a zstd frame.
const COMPRESSED: u8 = 2;
/// Up to here compressing gains nothing worth its time.
const SHORT: usize = 1_024;
/// The fastest level: slots are so alike that others gain little.
const LEVEL: i32 = 1;
/// The longest JSON that is unpacked: a few broken or hostile bytes could ask for gigabytes. The
/// longest entry there is, 63 days with a slot every five minutes, needs 1.1 MB.
const LONGEST: usize = 2 * 1_024 * 1_024;

pub(crate) fn encode(entry: &AvailabilityEntry) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = vec![PLAIN];
    serde_json::to_writer(&mut bytes, entry)?;
    let json = &bytes[1..];
    if json.len() > SHORT
        && let Ok(frame) = zstd::bulk::compress(json, LEVEL)
    {
        bytes = [&[COMPRESSED], &frame[..]].concat();
    }
    Ok(bytes)
}

/// `None` for whatever this program could not have written.
pub(crate) fn decode(bytes: &[u8]) -> Option<AvailabilityEntry> {
    let entry = match bytes.split_first() {
        Some((&PLAIN, json)) => parse(json),
        Some((&COMPRESSED, frame)) => unpack(frame),
        Some(_) => Err("another version"),
        None => Err("empty"),
    };
    let told = entry.inspect_err(|problem| {
        tracing::debug!(
            problem,
            bytes = bytes.len(),
            "a cache entry is unreadable: a miss"
        );
    });
    told.ok()
}

/// What unpacking needs, kept by each thread: to make it anew took longer than to unpack.
struct Unpacking {
    decompressor: Decompressor<'static>,
    json: Vec<u8>,
}

thread_local! {
    static UNPACKING: RefCell<Option<Unpacking>> = const { RefCell::new(None) };
}

fn unpack(frame: &[u8]) -> Result<AvailabilityEntry, &'static str> {
    UNPACKING.with_borrow_mut(|kept| {
        let Unpacking { decompressor, json } = match kept {
            Some(kept) => kept,
            None => kept.insert(Unpacking {
                decompressor: Decompressor::new().map_err(|_| "nothing to unpack with")?,
                json: Vec::with_capacity(LONGEST),
            }),
        };
        json.clear();
        decompressor
            .decompress_to_buffer(frame, json)
            .map_err(|_| "not a frame, or too long")?;
        parse(json)
    })
}

fn parse(json: &[u8]) -> Result<AvailabilityEntry, &'static str> {
    serde_json::from_slice(json).map_err(|_| "not an entry")
}

#[cfg(test)]
mod tests {
    use booking_domain::availability::{EntryScope, Stamp};
    use booking_domain::ids::{CompanyId, EpochId, EventTypeId, GroupId};
    use booking_domain::time::{Span, TimeRange};
    use booking_test_support::builders::now;
    use uuid::Uuid;

    use super::*;

    /// So many days with so many slots each, one after the other.
    fn entry(days: i64, slots: i64, minutes: u32) -> AvailabilityEntry {
        let start = now();
        let slot = |day, n| {
            let at = start + Span::days(day) + Span::minutes(n * i64::from(minutes));
            TimeRange::lasting(at, minutes)
        };
        AvailabilityEntry {
            format: AvailabilityEntry::FORMAT,
            scope: EntryScope {
                company: CompanyId::new(15),
                event_type: EventTypeId::new(2_563_193),
                group: GroupId::new(1),
                account: "0f4c1d9a7b2e6583".repeat(4),
                duration_minutes: minutes,
                window: TimeRange::new(start, start + Span::days(days)).unwrap(),
            },
            stamp: Stamp {
                epoch: EpochId::new(Uuid::from_u128(7)),
                sum: 42,
            },
            fetched_at: start,
            expires_at: start + Span::MINUTE,
            slots: (0..days)
                .flat_map(|day| (0..slots).map(move |n| slot(day, n)))
                .collect(),
        }
    }

    fn compressed(json: &[u8]) -> Vec<u8> {
        [
            &[COMPRESSED],
            &zstd::bulk::compress(json, LEVEL).unwrap()[..],
        ]
        .concat()
    }

    #[test]
    fn what_is_foreign_is_a_miss() {
        let not_an_entry = compressed(b"{}");
        for foreign in [
            &b""[..],
            b"\x01",
            b"\x01{}",
            b"\x02",
            b"\x02whatever",
            b"\x03whatever",
            b"{}",
            b"\x01null",
            &not_an_entry,
        ] {
            assert_eq!(decode(foreign), None, "{foreign:?}");
        }
    }

    /// Red when an entry that can occur is longer than what is unpacked.
    #[test]
    fn entries_of_every_length_come_back() {
        for (days, slots, minutes) in [(1, 0, 60), (1, 9, 60), (30, 9, 60), (63, 288, 5)] {
            let entry = entry(days, slots, minutes);
            assert_eq!(decode(&encode(&entry).unwrap()), Some(entry));
        }
    }

    /// Red when long entries are not compressed, or short ones are.
    #[test]
    fn only_long_entries_are_compressed_and_much() {
        let (short, long) = (entry(1, 9, 60), entry(30, 9, 60));
        let json = |entry| serde_json::to_vec(entry).unwrap().len();
        let kept = |entry| encode(entry).unwrap();
        assert_eq!(
            (kept(&short)[0], kept(&short).len()),
            (PLAIN, json(&short) + 1)
        );
        assert_eq!(kept(&long)[0], COMPRESSED);
        assert!(
            kept(&long).len() * 10 < json(&long),
            "{}",
            kept(&long).len()
        );
    }

    /// A program of before compression, and one that chose not to, are understood.
    ///
    /// Red when long plain entries are refused.
    #[test]
    fn long_plain_entries_are_read() {
        let entry = entry(30, 9, 60);
        let plain = [vec![PLAIN], serde_json::to_vec(&entry).unwrap()].concat();
        assert_eq!(decode(&plain), Some(entry));
    }

    /// An entry in front of much white space, whether the frame says how long it is or not.
    ///
    /// Red without the limit, or when it is compared with what the frame says only.
    #[test]
    fn what_unpacks_to_more_than_the_limit_is_a_miss() {
        let entry = entry(1, 1, 60);
        let padded = |to: usize| {
            let mut json = serde_json::to_vec(&entry).unwrap();
            json.resize(to, b' ');
            json
        };
        assert_eq!(decode(&compressed(&padded(LONGEST))), Some(entry.clone()));
        let too_long = padded(LONGEST + 1);
        let silent = zstd::stream::encode_all(&too_long[..], LEVEL).unwrap();
        for bytes in [compressed(&too_long), [&[COMPRESSED], &silent[..]].concat()] {
            assert!(bytes.len() < 1_000, "{}", bytes.len());
            assert_eq!(decode(&bytes), None);
        }
    }
}
