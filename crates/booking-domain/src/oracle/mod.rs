//! Oracles: brute force over UTC minutes that judges cache keys, the overlay and cache entries.
//!
//! What an oracle says it works out itself, minute by minute or with plain `chrono`; it shares no
//! code with what it judges. Times are near changes of clocks, in zones with offsets of whole,
//! half and quarter hours.

mod entry;
mod names;
mod overlay;
mod story;
mod touched;

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Offset, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use crate::ids::{EventTypeId, GroupId, ServiceId, StaffId};
use crate::tenant::{OpeningHours, Service};
use crate::time::{Instant, TimeRange};

/// 2025-01-01T00:00Z in minutes since 1970.
const NEW_YEAR: i64 = 28_928_160;
const DAYS: i64 = 2 * 365;
const DAY: i64 = 1_440;

const ZONES: [Tz; 11] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::America__St_Johns,
    Tz::America__Los_Angeles,
    Tz::Asia__Kolkata,
    Tz::Asia__Kathmandu,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Chatham,
    Tz::Pacific__Auckland,
    Tz::Africa__Casablanca,
];

fn utc(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(minute * 60, 0).expect("in chrono's years")
}

fn local_date(zone: Tz, minute: i64) -> NaiveDate {
    utc(minute).with_timezone(&zone).date_naive()
}

fn offset(zone: Tz, minute: i64) -> i32 {
    let local = utc(minute).with_timezone(&zone);
    local.offset().fix().local_minus_utc()
}

/// The minutes in which the zone's clocks change, in 2025 and 2026.
fn changes_of_clocks(zone: Tz) -> Vec<i64> {
    let days = (0..DAYS).map(|day| NEW_YEAR + day * DAY);
    let changing = days.filter(|day| offset(zone, *day) != offset(zone, day + DAY));
    let first_after =
        |day: i64| (day..=day + DAY).find(|it| offset(zone, *it) != offset(zone, day));
    changing.filter_map(first_after).collect()
}

static CHANGES: LazyLock<Vec<(Tz, i64)>> = LazyLock::new(|| {
    let of = |zone: Tz| {
        changes_of_clocks(zone)
            .into_iter()
            .map(move |at| (zone, at))
    };
    ZONES.into_iter().flat_map(of).collect()
});

/// A zone and a quarter of an hour: within four days of a change of its clocks, within three hours of
/// a midnight in UTC, or any.
fn zone_and_minute() -> impl Strategy<Value = (Tz, i64)> {
    let near = (0..CHANGES.len(), -384i64..384).prop_map(|(change, quarters)| {
        let (zone, at) = CHANGES[change];
        (zone, at + 15 * quarters)
    });
    let quarters = prop_oneof![
        0..DAYS * 96,
        (0..DAYS, -12i64..=12).prop_map(|(day, quarters)| day * 96 + quarters),
    ];
    let other = (0..ZONES.len(), quarters)
        .prop_map(|(zone, quarters)| (ZONES[zone], NEW_YEAR + 15 * quarters));
    prop_oneof![near, other]
}

fn at(minute: i64) -> Instant {
    Instant::from_unix_seconds(minute * 60).expect("in range")
}

fn range(start: i64, end: i64) -> TimeRange {
    TimeRange::new(at(start), at(end)).expect("not empty")
}

fn minutes(range: &TimeRange) -> std::ops::Range<i64> {
    range.start().unix_seconds() / 60..range.end().unix_seconds() / 60
}

/// Minutes it takes, and minutes kept free before and after.
type Lengths = (u32, u32, u32);

fn service(id: i64, (duration, before, after): Lengths, staff: &[i64]) -> Service {
    Service {
        id: ServiceId::new(id),
        branch: None,
        name: String::new(),
        aliases: vec![],
        duration_minutes: duration,
        buffer_before_minutes: before,
        buffer_after_minutes: after,
        event_type: Some(EventTypeId::new(1_000 + id)),
        staff: staff.iter().copied().map(StaffId::new).collect(),
        capacity: 2,
        opening_hours: OpeningHours::default(),
        reminder_minutes: vec![],
        requires: vec![],
        group: GroupId::new(1),
    }
}

/// The minutes a service's staff is taken for by an appointment of these minutes.
fn with_buffers(service: &Service, taken: &std::ops::Range<i64>) -> std::ops::Range<i64> {
    let before = i64::from(service.buffer_before_minutes);
    let after = i64::from(service.buffer_after_minutes);
    taken.start - before..taken.end + after
}
