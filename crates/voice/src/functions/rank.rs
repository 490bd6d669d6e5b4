//! Which free slots are offered beside a wish: near ones, and not all of a kind.
//!
//! Each slot has a distance from the wish: the minutes between the times of day, a fixed price
//! for each day between, and one for another part of the day. The nearest is offered first. The
//! next must leave half an hour to those before; and the last is, where there is such a slot, on
//! the wished day if none is yet, else on another day at about the wished time.
//!
//! A slot that is not offered changes nothing: without it the same slots are offered.

use booking_domain::time::{Instant, LocalDateTime, ZoneName};

/// What a day between costs, in minutes of the day: four hours.
const DAY: u32 = 240;
/// What another part of the day costs.
const OTHER_PART: u32 = 60;
/// Options are so many minutes apart, where the calendar allows it.
const APART: i64 = 30;
/// So many minutes from the wished time of day are "about the same time".
const SAME_TIME: u32 = 60;

/// Morning, afternoon, evening.
fn part(minute: u16) -> u16 {
    match minute / 60 {
        0..12 => 0,
        12..17 => 1,
        _ => 2,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Candidate {
    cost: u32,
    start: Instant,
    days_between: u32,
    minutes_between: u32,
}

fn candidate(start: Instant, wish: LocalDateTime, zone: ZoneName) -> Candidate {
    let local = zone.local(start);
    let (minute, wished) = (local.time.minute_of_day(), wish.time.minute_of_day());
    let days_between = local.day.days_since(wish.day).unsigned_abs();
    let minutes_between = u32::from(minute.abs_diff(wished));
    let other_part = u32::from(part(minute) != part(wished));
    Candidate {
        cost: minutes_between + DAY * days_between + OTHER_PART * other_part,
        start,
        days_between,
        minutes_between,
    }
}

/// Up to `limit` of the `free` starts for who wished for `wish`, the best first; the wish itself
/// and what was `refused` are never among them.
pub(crate) fn rank(
    wish: Instant,
    free: impl IntoIterator<Item = Instant>,
    refused: &[Instant],
    (zone, limit): (ZoneName, usize),
) -> Vec<Instant> {
    let wished = zone.local(wish);
    let mut open: Vec<_> = free
        .into_iter()
        .filter(|start| *start != wish && !refused.contains(start))
        .map(|start| candidate(start, wished, zone))
        .collect();
    open.sort_unstable();
    open.dedup();
    let mut chosen: Vec<Candidate> = Vec::with_capacity(limit);
    while chosen.len() < limit {
        let last = chosen.len() + 1 == limit && !chosen.is_empty();
        let Some(next) = next(&open, &chosen, last) else {
            break;
        };
        open.retain(|it| *it != next);
        chosen.push(next);
    }
    chosen.into_iter().map(|it| it.start).collect()
}

/// The best of those that add something; the best of all, where nothing does.
fn next(open: &[Candidate], chosen: &[Candidate], last: bool) -> Option<Candidate> {
    let wished_day = |it: &&Candidate| it.days_between == 0;
    let same_time = |it: &&Candidate| it.days_between > 0 && it.minutes_between <= SAME_TIME;
    let (lacks_day, lacks_time) = (
        last && !chosen.iter().any(|it| wished_day(&it)),
        last && !chosen.iter().any(|it| it.days_between > 0),
    );
    let apart = |it: &&Candidate| {
        let far = |other: &Candidate| it.start.since(other.start).abs().as_minutes() >= APART;
        chosen.iter().all(far)
    };
    let all = || open.iter();
    let kind: Vec<_> = if lacks_day && all().any(|it| wished_day(&it)) {
        all().filter(wished_day).collect()
    } else if lacks_time && all().any(|it| same_time(&it)) {
        all().filter(same_time).collect()
    } else {
        all().collect()
    };
    let spaced = kind.iter().copied().find(apart);
    spaced.or(kind.first().copied()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn berlin() -> ZoneName {
        "Europe/Berlin".parse().expect("known")
    }

    fn at(text: &str) -> Instant {
        format!("2025-10-{text}:00+02:00").parse().expect("valid")
    }

    fn ranked(wish: &str, free: &[&str], refused: &[&str]) -> Vec<String> {
        let refused: Vec<_> = refused.iter().map(|it| at(it)).collect();
        let found = rank(
            at(wish),
            free.iter().map(|it| at(it)),
            &refused,
            (berlin(), 3),
        );
        let local = |start| berlin().rfc3339(start)[8..16].to_owned();
        found.into_iter().map(local).collect()
    }

    /// Red when the price of a day, of a part of the day or the gap is left out, or the last
    /// option is like the others.
    #[test]
    fn options_are_near_and_not_all_of_a_kind() {
        let monday: Vec<_> = (8..18).map(|hour| format!("13T{hour:02}:00")).collect();
        let tuesday: Vec<_> = (8..18).map(|hour| format!("14T{hour:02}:00")).collect();
        let both: Vec<_> = monday.iter().chain(&tuesday).map(String::as_str).collect();
        for (wish, free, found) in [
            // Both sides of the wish, then the wished time on another day.
            ("13T10:00", &both[..], ["13T09:00", "13T11:00", "14T10:00"]),
            ("13T08:30", &both, ["13T08:00", "13T09:00", "14T08:00"]),
            // Nothing on another day.
            (
                "13T10:00",
                &both[..10],
                ["13T09:00", "13T11:00", "13T08:00"],
            ),
            // Quarters of an hour are not offered side by side.
            (
                "13T10:00",
                &["13T09:45", "13T09:30", "13T10:15", "13T10:30", "13T09:00"],
                ["13T09:45", "13T10:15", "13T09:00"],
            ),
            // Noon divides: an hour and a quarter past it is further than two hours before.
            (
                "13T11:30",
                &["13T09:30", "13T12:45", "13T14:30"],
                ["13T09:30", "13T12:45", "13T14:30"],
            ),
            // The last on the wished day, however late.
            (
                "13T09:00",
                &["13T17:00", "14T09:00", "15T09:00", "16T09:00"],
                ["14T09:00", "15T09:00", "13T17:00"],
            ),
        ] {
            assert_eq!(ranked(wish, free, &[]), found, "{wish}");
        }
    }

    /// Red when what was refused comes back.
    #[test]
    fn what_was_refused_is_not_offered_again() {
        let free = ["13T10:00", "13T09:00", "13T11:00", "13T12:00", "14T10:00"];
        assert_eq!(
            ranked("13T10:00", &free, &["13T09:00", "14T10:00"]),
            ["13T11:00", "13T12:00"]
        );
    }

    fn quarter(at: i64) -> Instant {
        let base = "2025-10-24T06:00:00Z".parse::<Instant>().expect("valid");
        base + booking_domain::time::Span::minutes(15 * at)
    }

    proptest! {
        /// Red when the answer depends on the order of the slots, holds one twice, or the wish.
        #[test]
        fn the_order_of_the_slots_does_not_matter(
            free in proptest::collection::vec(0i64..900, 0..40), wish in 0i64..900, limit in 0usize..5
        ) {
            let slots = |order: &[i64]| order.iter().map(|it| quarter(*it)).collect::<Vec<_>>();
            let mut sorted = free.clone();
            sorted.sort_unstable();
            let found = rank(quarter(wish), slots(&free), &[], (berlin(), limit));
            prop_assert_eq!(&found, &rank(quarter(wish), slots(&sorted), &[], (berlin(), limit)));
            sorted.dedup();
            sorted.retain(|it| *it != wish);
            prop_assert_eq!(found.len(), limit.min(sorted.len()));
            prop_assert!(!found.contains(&quarter(wish)));
            let mut once = found.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), found.len());
        }

        /// Red when a slot that is not offered pushes another one in or out.
        #[test]
        fn what_is_not_offered_changes_nothing(
            free in proptest::collection::vec(0i64..900, 1..40), wish in 0i64..900, extra in 0i64..900
        ) {
            let slots = || free.iter().map(|it| quarter(*it));
            let without = rank(quarter(wish), slots(), &[], (berlin(), 3));
            let with = rank(quarter(wish), slots().chain([quarter(extra)]), &[], (berlin(), 3));
            prop_assert!(with.contains(&quarter(extra)) || with == without);
        }
    }
}
