//! When an entry is believed: everything it says of itself is compared as text, number by number.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{NEW_YEAR, at, range};
use crate::availability::{AvailabilityEntry, EntryScope, Miss, Stamp};
use crate::ids::{CompanyId, EpochId, EventTypeId, GroupId};
use crate::time::{Instant, Span};

/// The second value, but now and then the first.
fn mostly<T>(one: T, other: T) -> impl Strategy<Value = T>
where
    T: Clone + std::fmt::Debug,
{
    prop_oneof![1 => Just(one), 7 => Just(other)]
}

fn scope() -> impl Strategy<Value = EntryScope> {
    let ids = (mostly(1, 15), mostly(1, 7), mostly(1, 3));
    let rest = (mostly("b", "a"), mostly(15, 60));
    let window = (mostly(1, 0), mostly(61, 120));
    (ids, rest, window).prop_map(
        |((company, event_type, group), (account, duration_minutes), (start, end))| EntryScope {
            company: CompanyId::new(company),
            event_type: EventTypeId::new(event_type),
            group: GroupId::new(group),
            account: account.to_owned(),
            duration_minutes,
            window: range(NEW_YEAR + start, NEW_YEAR + end),
        },
    )
}

fn stamp() -> impl Strategy<Value = Stamp> {
    let sum = prop_oneof![1 => Just(6), 6 => Just(7), 1 => Just(8)];
    (mostly(0, 1), sum).prop_map(|(epoch, sum)| Stamp {
        epoch: EpochId::new(Uuid::from_u128(epoch)),
        sum,
    })
}

/// A question, and an entry that often answers just that, or differs in one thing.
fn question() -> impl Strategy<Value = (AvailabilityEntry, EntryScope, Stamp, Instant)> {
    let asked = (scope(), stamp());
    let format = prop_oneof![1 => Just(0), 8 => Just(1), 1 => Just(2)];
    let micros_left = prop_oneof![1 => -1i64..=1, 5 => Just(1_000_000)];
    (scope(), stamp(), format, micros_left, asked).prop_map(
        |(scope, stamp, format, micros_left, (wanted, current))| {
            let now = at(NEW_YEAR);
            let expires_at = Instant::from_unix_micros(now.unix_micros() + micros_left);
            let entry = AvailabilityEntry {
                format,
                scope,
                stamp,
                fetched_at: now - Span::MINUTE,
                expires_at: expires_at.expect("in range"),
                slots: vec![],
            };
            (entry, wanted, current, now)
        },
    )
}

/// The numbers and texts in it, each with where it stands.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, &format!("{path}.{name}"), found);
            }
        }
        leaf => found.push((path.to_owned(), leaf.to_string())),
    }
}

/// Everything that must be equal, of an entry and of a question.
fn flat(format: u8, scope: &EntryScope, stamp: &Stamp) -> Vec<(String, String)> {
    let mut found = Vec::new();
    leaves(
        &json!({"format": format, "scope": scope, "stamp": stamp}),
        "",
        &mut found,
    );
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    /// Red when any one field is not compared, a greater sum is taken for a newer entry, the epoch
    /// is left out, or an entry may be used in the moment it expires (`check`).
    #[test]
    fn an_entry_is_believed_if_nothing_differs((entry, wanted, current, now) in question()) {
        let there = flat(entry.format, &entry.scope, &entry.stamp);
        let asked = flat(1, &wanted, &current);
        prop_assert!(there.len() >= 10, "fields: {:?}", there);
        let differing: Vec<_> = there.iter().zip(&asked).filter(|(a, b)| a != b).collect();
        let in_time = now.unix_micros() < entry.expires_at.unix_micros();
        let verdict = entry.check(&wanted, current, now);
        prop_assert_eq!(verdict.is_ok(), differing.is_empty() && in_time, "{:?}", differing);
        // The reason given is one that applies.
        let part = |name: &str| differing.iter().any(|((path, _), _)| path.starts_with(name));
        match verdict {
            Ok(()) => {}
            Err(Miss::Format) => prop_assert!(part(".format")),
            Err(Miss::Scope) => prop_assert!(part(".scope")),
            Err(Miss::Stamp) => prop_assert!(part(".stamp")),
            Err(Miss::Expired) => prop_assert!(!in_time),
            Err(Miss::Absent) => prop_assert!(false, "it is there"),
        }
    }
}
