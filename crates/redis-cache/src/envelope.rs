//! The bytes of an entry: one that says how, then JSON, compressed where it is long.
//!
//! Slots are many and alike, so each is two small numbers: how long after the one before it begins,
//! and how long it is. That is what most of reading an entry was spent on.

use std::cell::RefCell;

use booking_domain::availability::{AvailabilityEntry, EntryScope, Stamp};
use booking_domain::time::{Instant, Span, TimeRange};
use serde::{Deserialize, Serialize};
use zstd::bulk::Decompressor;

/// Plain JSON. Other forms get other first bytes; a program that does not know one has a miss.
const PLAIN: u8 = 3;
/// JSON in a zstd frame.
const COMPRESSED: u8 = 4;
/// Up to here compressing gains nothing worth its time.
const SHORT: usize = 1_024;
/// The fastest level: slots are so alike that others gain little.
const LEVEL: i32 = 1;
/// The longest JSON that is unpacked: a few broken or hostile bytes could ask for gigabytes. The
/// longest entry there is, 63 days with a slot every five minutes, needs 110 kB, and 400 where
/// they begin at odd seconds.
const LONGEST: usize = 512 * 1_024;

/// An entry as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    format: u8,
    scope: EntryScope,
    stamp: Stamp,
    fetched_at: Instant,
    expires_at: Instant,
    /// How many microseconds the numbers of `slots` count by.
    unit: i64,
    /// After the start of the slot before (of the window, for the first), and for how long.
    slots: Vec<(i64, i64)>,
}

impl Kept {
    fn new(entry: &AvailabilityEntry) -> Self {
        let steps = steps(entry);
        let whole_minutes = |(after, long): &(Span, Span)| {
            after.as_micros() % Span::MINUTE.as_micros() == 0
                && long.as_micros() % Span::MINUTE.as_micros() == 0
        };
        let unit = match steps.iter().all(whole_minutes) {
            true => Span::MINUTE.as_micros(),
            false => 1,
        };
        let counted =
            |(after, long): &(Span, Span)| (after.as_micros() / unit, long.as_micros() / unit);
        Self {
            format: entry.format,
            scope: entry.scope.clone(),
            stamp: entry.stamp,
            fetched_at: entry.fetched_at,
            expires_at: entry.expires_at,
            unit,
            slots: steps.iter().map(counted).collect(),
        }
    }

    /// `None` where the numbers are no slots.
    fn entry(self) -> Option<AvailabilityEntry> {
        let mut at = self.scope.window.start().unix_micros();
        let mut slots = Vec::with_capacity(self.slots.len());
        for (after, long) in self.slots {
            at = at.checked_add(after.checked_mul(self.unit)?)?;
            let end = at.checked_add(long.checked_mul(self.unit)?)?;
            let instant = |micros| Instant::from_unix_micros(micros).ok();
            slots.push(TimeRange::new(instant(at)?, instant(end)?).ok()?);
        }
        Some(AvailabilityEntry {
            format: self.format,
            scope: self.scope,
            stamp: self.stamp,
            fetched_at: self.fetched_at,
            expires_at: self.expires_at,
            slots,
        })
    }
}

/// How long after the one before each slot begins, and how long it is.
fn steps(entry: &AvailabilityEntry) -> Vec<(Span, Span)> {
    let mut before = entry.scope.window.start();
    let step = |slot: &TimeRange| {
        let after = slot.start().since(before);
        before = slot.start();
        (after, slot.span())
    };
    entry.slots.iter().map(step).collect()
}

pub(crate) fn encode(entry: &AvailabilityEntry) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = vec![PLAIN];
    serde_json::to_writer(&mut bytes, &Kept::new(entry))?;
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
    let kept: Kept = serde_json::from_slice(json).map_err(|_| "not an entry")?;
    kept.entry().ok_or("slots out of all time")
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

    fn json(entry: &AvailabilityEntry) -> Vec<u8> {
        serde_json::to_vec(&Kept::new(entry)).unwrap()
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
            b"\x03",
            b"\x03{}",
            b"\x04",
            b"\x04whatever",
            b"\x01whatever",
            b"{}",
            b"\x03null",
            &not_an_entry,
        ] {
            assert_eq!(decode(foreign), None, "{foreign:?}");
        }
    }

    /// Red when an entry that can occur is longer than what is unpacked.
    #[test]
    fn entries_of_every_length_come_back() {
        for (days, slots, minutes) in [(1, 0, 60), (1, 9, 60), (30, 9, 60), (63, 288, 5)] {
            let mut entry = entry(days, slots, minutes);
            for _ in 0..2 {
                assert_eq!(decode(&encode(&entry).unwrap()).as_ref(), Some(&entry));
                let odd = |slot: TimeRange| (slot.start() + Span::MICROSECOND, slot.end());
                let slots = entry.slots.iter().map(|slot| odd(*slot));
                entry.slots = slots
                    .map(|(start, end)| TimeRange::new(start, end).unwrap())
                    .collect();
            }
        }
    }

    /// Whoever filled it may have listed them in any order, and some from before the window.
    ///
    /// Red when the distance between slots is taken to be positive.
    #[test]
    fn slots_in_any_order_come_back() {
        let mut entry = entry(3, 9, 60);
        entry.slots.rotate_left(5);
        let early = entry.scope.window.start() - Span::HOUR;
        entry.slots.push(TimeRange::lasting(early, 60));
        assert_eq!(decode(&encode(&entry).unwrap()), Some(entry));
    }

    /// Red when the sums may overflow, or a slot that ends before it begins is believed.
    #[test]
    fn slots_out_of_all_time_are_a_miss() {
        for slot in [(i64::MAX, 1), (1, i64::MAX), (1 << 40, 1), (0, 0), (60, -1)] {
            let mut kept = Kept::new(&entry(1, 0, 60));
            kept.unit = Span::MINUTE.as_micros();
            kept.slots = vec![slot];
            let bytes = [vec![PLAIN], serde_json::to_vec(&kept).unwrap()].concat();
            assert_eq!(decode(&bytes), None, "{slot:?}");
        }
    }

    /// Red when long entries are not compressed, or short ones are.
    #[test]
    fn only_long_entries_are_compressed_and_much() {
        let (short, long) = (entry(1, 9, 60), entry(30, 9, 60));
        let json = |entry| json(entry).len();
        let kept = |entry| encode(entry).unwrap();
        assert_eq!(
            (kept(&short)[0], kept(&short).len()),
            (PLAIN, json(&short) + 1)
        );
        assert_eq!(kept(&long)[0], COMPRESSED);
        assert!(kept(&long).len() * 3 < json(&long), "{}", kept(&long).len());
    }

    /// A program of before compression, and one that chose not to, are understood.
    ///
    /// Red when long plain entries are refused.
    #[test]
    fn long_plain_entries_are_read() {
        let entry = entry(30, 9, 60);
        let plain = [vec![PLAIN], json(&entry)].concat();
        assert_eq!(decode(&plain), Some(entry));
    }

    /// An entry in front of much white space, whether the frame says how long it is or not.
    ///
    /// Red without the limit, or when it is compared with what the frame says only.
    #[test]
    fn what_unpacks_to_more_than_the_limit_is_a_miss() {
        let entry = entry(1, 1, 60);
        let padded = |to: usize| {
            let mut json = json(&entry);
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
