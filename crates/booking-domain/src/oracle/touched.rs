//! Which cached windows an appointment may change: every slot of every service that shares a host,
//! every minute of it, buffers included.
//!
//! A window may change if a slot that begins in it may come or go. The implementation must find
//! every such window in each way it offers: by tags, by enumeration, by the days whose versions are
//! raised.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::{DAY, Lengths, local_date, range, service, utc, with_buffers, zone_and_minute};
use crate::availability::{days_reached, group_reach, predictive_window};
use crate::cache_key::{CacheKey, DayRangeKey, HourWindowKey, Tag, tags_touched};
use crate::ids::{CompanyId, EventTypeId};
use crate::tenant::Service;
use crate::time::{Day, DayRange, TimeRange, ZoneName};

const COMPANY: CompanyId = CompanyId::new(15);
/// No slot that begins further from an appointment can meet it: four hours, and an hour of buffers
/// on either side.
const FURTHEST: i64 = 6 * 60;

/// The beginnings, on a grid of five minutes, of slots of `service` that share a minute with what
/// an appointment of `changed` takes, buffers included on both sides.
fn slots_met(service: &Service, changed: &Service, appointment: &Range<i64>) -> Vec<i64> {
    let taken = with_buffers(changed, appointment);
    let length = i64::from(service.duration_minutes);
    let near = appointment.start - FURTHEST..appointment.end + FURTHEST;
    let starts = near.filter(|start| start % 5 == 0);
    starts
        .filter(|start| {
            let mut needed = with_buffers(service, &(*start..start + length));
            needed.any(|minute| taken.contains(&minute))
        })
        .collect()
}

/// What the implementation finds of one change.
struct Found {
    tags: Vec<Tag>,
    days: BTreeSet<Day>,
    enumerated: HashSet<CacheKey>,
}

impl Found {
    fn by(group: &[Service], affected: &[TimeRange]) -> Self {
        let event_types: Vec<_> = group.iter().filter_map(|it| it.event_type).collect();
        let windows: Vec<_> = affected
            .iter()
            .map(|range| predictive_window(group, range))
            .collect();
        let mut enumerated = HashSet::new();
        for event_type in &event_types {
            for window in &windows {
                let hours = HourWindowKey::touched_by(COMPANY, None, *event_type, window, 3);
                enumerated.extend(hours.map(CacheKey::from));
                let days = DayRangeKey::touched_by(*event_type, window, 3);
                enumerated.extend(days.map(CacheKey::from));
            }
        }
        Self {
            tags: tags_touched(&event_types, &windows),
            days: days_reached(Some(affected), group_reach(group)),
            enumerated,
        }
    }

    /// Fails unless the entry is found in all three ways.
    fn must_have(&self, key: CacheKey) -> Result<(), TestCaseError> {
        let mut filed = Tag::of_window(key.event_type(), &key.window()).into_iter();
        prop_assert!(filed.any(|tag| self.tags.contains(&tag)), "no tag of {key}");
        prop_assert!(self.enumerated.contains(&key), "{key} is not enumerated");
        let mut days = key.window().utc_days().iter();
        prop_assert!(
            days.any(|day| self.days.contains(&day)),
            "no version of {key} is raised"
        );
        Ok(())
    }
}

/// The entries, of one to three hours and of one to three days, that offer a slot beginning then.
fn entries_with(event_type: EventTypeId, start: i64) -> Vec<CacheKey> {
    let (hour, day) = (start.div_euclid(60) * 60, start.div_euclid(DAY) * DAY);
    let mut keys = Vec::new();
    for width in 1..=3 {
        for back in 0..width {
            let first = hour - back * 60;
            let window = range(first, first + width * 60);
            keys.push(HourWindowKey::covering(COMPANY, None, event_type, &window).into());
            let first = day - back * DAY;
            let window = range(first, first + width * DAY);
            keys.push(DayRangeKey::covering(event_type, &window).into());
        }
    }
    keys
}

/// The entry that a question for this local day reads.
fn local_day(event_type: EventTypeId, zone: Tz, date: NaiveDate) -> CacheKey {
    let name: ZoneName = zone.name().parse().expect("known");
    let day = Day::from_ymd(date.year(), date.month(), date.day()).expect("a date");
    DayRangeKey::covering(event_type, &name.day_range(day)).into()
}

fn lengths() -> impl Strategy<Value = Lengths> {
    let fives = |most: u32| (0..=most / 5).prop_map(|fives| 5 * fives);
    let buffers = prop_oneof![
        Just((0, 0)),
        Just((60, 0)),
        Just((0, 60)),
        (fives(60), fives(60)),
    ];
    let duration = prop_oneof![Just(60), Just(180), (1u32..=48).prop_map(|fives| 5 * fives)];
    (duration, buffers).prop_map(|(duration, (before, after))| (duration, before, after))
}

fn group() -> impl Strategy<Value = Vec<Service>> {
    proptest::collection::vec(lengths(), 1..=3).prop_map(|all| {
        let numbered = (1..).zip(all);
        numbered
            .map(|(id, lengths)| service(id, lengths, &[1]))
            .collect()
    })
}

/// How long the appointment takes: what its service takes, or what Cal.com says.
fn other_length() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![4 => Just(None), 1 => (1i64..600).prop_map(Some), 1 => Just(Some(3 * DAY))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Red when days are computed from local dates (`days_reached`, `utc_days`); when the longest
    /// appointment of the group, or a buffer of another service, is left out (`group_reach`); when
    /// only the first day is raised (`days_reached`); when only one side of a move, or only the
    /// event type itself is looked at (`tags_touched`).
    #[test]
    fn every_window_that_a_change_may_touch_is_found(
        group in group(),
        changed in any::<prop::sample::Index>(),
        (zone, from) in zone_and_minute(),
        (_, to) in zone_and_minute(),
        length in other_length(),
    ) {
        let changed = changed.get(&group);
        let length = length.unwrap_or(changed.duration_minutes.into());
        let sides = [from..from + length, to..to + length];
        let affected = sides.clone().map(|side| range(side.start, side.end));
        let found = Found::by(&group, &affected);
        for sibling in &group {
            let event_type = sibling.event_type.expect("set");
            let met = sides.iter().flat_map(|side| slots_met(sibling, changed, side));
            let met: Vec<_> = met.collect();
            // Slots that begin in the same hour are offered by the same entries.
            let hours: BTreeSet<_> = met.iter().map(|start| start.div_euclid(60) * 60).collect();
            for key in hours.into_iter().flat_map(|hour| entries_with(event_type, hour)) {
                found.must_have(key)?;
            }
            let dates: BTreeSet<_> = met.iter().map(|start| local_date(zone, *start)).collect();
            for date in dates {
                found.must_have(local_day(event_type, zone, date))?;
            }
            // Each day of a slot by itself, so that a sum over it alone must have changed.
            for date in met.iter().map(|start| utc(*start).date_naive()).collect::<BTreeSet<_>>() {
                let day = Day::from_ymd(date.year(), date.month(), date.day()).expect("a date");
                let days = DayRange::new(day, day).expect("one day");
                found.must_have(DayRangeKey { event_type, days }.into())?;
            }
        }
    }

    /// Nothing further off is looked at than an hour, and the hour it lies in: what is asked of
    /// every cache and of Cal.com stays small. Red when the reach is counted twice (`widened` and
    /// `reach`), or a group with short appointments is treated like one with long ones.
    #[test]
    fn nothing_far_away_is_touched(group in group(), (_, start) in zone_and_minute()) {
        let longest = group.iter().map(|it| i64::from(it.duration_minutes)).max().unwrap_or(0);
        let before = group.iter().map(|it| i64::from(it.buffer_before_minutes)).max().unwrap_or(0);
        let after = group.iter().map(|it| i64::from(it.buffer_after_minutes)).max().unwrap_or(0);
        let far = longest + before + after + 120;
        let near = range(start - far, start + 60 + far);
        for key in Found::by(&group, &[range(start, start + 60)]).enumerated {
            prop_assert!(key.window().overlaps(&near), "{key}");
        }
    }
}

/// What a reach without the other service's buffers missed: in Anna's quarter of an hour at 01:40
/// UTC she is taken from 00:40 on; a slot of hers that ends at 23:50 the day before keeps her until
/// 00:50.
///
/// Red when the reach is the greatest sum of one service's length and buffers.
#[test]
fn buffers_of_two_services_add_up() {
    let (short, other) = (service(1, (15, 60, 0), &[1]), service(2, (30, 0, 60), &[1]));
    let start = super::NEW_YEAR + 100;
    let group = [short, other];
    assert!(slots_met(&group[1], &group[0], &(start..start + 15)).contains(&(start - 140)));
    let days = days_reached(Some(&[range(start, start + 15)]), group_reach(&group));
    let days: Vec<_> = days.iter().map(Day::to_string).collect();
    assert_eq!(days, ["2024-12-31", "2025-01-01"]);
}
