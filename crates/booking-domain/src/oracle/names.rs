//! Which days and hours a range lies in, by looking at each of its minutes.

use std::collections::BTreeSet;

use chrono::{Datelike, Duration, NaiveDate};
use proptest::prelude::*;

use super::{DAY, at, local_date, minutes, range, utc, zone_and_minute};
use crate::cache_key::{
    DayRangeKey, HourWindowKey, Tag, UtcHour, strategies::group_of_event_types, tags_touched,
};
use crate::ids::{BranchId, CompanyId, EventTypeId};
use crate::time::{Day, ZoneName};

const EVENT_TYPE: EventTypeId = EventTypeId::new(2_563_193);
const COMPANY: CompanyId = CompanyId::new(15);

fn dates(minutes: std::ops::Range<i64>) -> BTreeSet<NaiveDate> {
    minutes.map(|minute| utc(minute).date_naive()).collect()
}

fn hours(minutes: std::ops::Range<i64>) -> BTreeSet<i64> {
    minutes.map(|minute| minute.div_euclid(60)).collect()
}

fn hour_text(hour: i64) -> String {
    utc(hour * 60).format("%Y-%m-%d-%H").to_string()
}

/// The hours of the range, the one before and the one after.
fn hours_reached(minutes: std::ops::Range<i64>) -> BTreeSet<i64> {
    let around = |hour| [hour - 1, hour, hour + 1];
    hours(minutes).into_iter().flat_map(around).collect()
}

proptest! {
    /// Red when days are taken from local dates, an end counts as part of the range (`utc_days`),
    /// or hours are not rounded outward (`to_hours`).
    #[test]
    fn a_name_has_the_first_and_last_of_its_minutes(
        (_, start) in zone_and_minute(),
        shift in 0i64..60,
        length in prop_oneof![1i64..300, 1i64..4_000],
    ) {
        let start = start + shift;
        let window = range(start, start + length);
        let (days, hours) = (dates(start..start + length), hours(start..start + length));
        let (first, last) = (days.first().expect("some"), days.last().expect("some"));
        let key = DayRangeKey::covering(EVENT_TYPE, &window);
        prop_assert_eq!(key.to_string(), format!("calcom:slots:2563193:{first}:{last}"));
        let (first, last) = (hours.first().expect("some"), hours.last().expect("some"));
        let (first, after) = (hour_text(*first), hour_text(last + 1));
        let key = HourWindowKey::covering(COMPANY, Some(BranchId::new(9)), EVENT_TYPE, &window);
        prop_assert_eq!(key.to_string(), format!("cal_slots_15_9_2563193_{first}_{after}"));
        let tags: Vec<_> = Tag::of_window(EVENT_TYPE, &window).iter().map(Tag::to_string).collect();
        let expected: Vec<_> = days.iter().map(|day| format!("calcom:tag:2563193:{day}")).collect();
        prop_assert_eq!(tags, expected);
    }

    /// Exactly the tags of the hours before, during and after; of every event type of the group
    /// and of no other. Red when only the event type itself is asked for, or only one side of a
    /// move (`tags_touched`).
    #[test]
    fn tags_are_those_of_the_hours_before_during_and_after(
        group in group_of_event_types(),
        (_, from) in zone_and_minute(),
        (_, to) in zone_and_minute(),
        length in prop_oneof![5i64..200, Just(180), 1i64..3_000],
    ) {
        let sides = [from..from + length, to..to + length];
        let affected = sides.clone().map(|side| range(side.start, side.end));
        let hours = sides.into_iter().flat_map(hours_reached);
        let days: BTreeSet<_> = hours.map(|hour| utc(hour * 60).date_naive()).collect();
        let mut expected = BTreeSet::new();
        for event_type in &group {
            expected.extend(days.iter().map(|day| format!("calcom:tag:{event_type}:{day}")));
        }
        let tags = tags_touched(&group, &affected);
        let found: BTreeSet<_> = tags.iter().map(Tag::to_string).collect();
        prop_assert_eq!(found.len(), tags.len(), "none twice");
        prop_assert_eq!(found, expected);
    }

    /// Exactly the windows that have one of those hours, the classic three among them. Red when a
    /// long appointment is looked at by its beginning only, or an hour around it is left out.
    #[test]
    fn hour_windows_are_those_with_an_hour_before_during_or_after(
        (_, start) in zone_and_minute(),
        shift in 0i64..60,
        length in prop_oneof![5i64..200, Just(180), 1i64..1_000],
    ) {
        let start = start + shift;
        let reached = hours_reached(start..start + length);
        let (first, last) = (reached.first().expect("some"), reached.last().expect("some"));
        let mut expected = BTreeSet::new();
        for begin in first - 4..=last + 4 {
            for end in begin + 1..=begin + 3 {
                if (begin..end).any(|hour| reached.contains(&hour)) {
                    let (begin, end) = (hour_text(begin), hour_text(end));
                    expected.insert(format!("cal_slots_15_0_2563193_{begin}_{end}"));
                }
            }
        }
        let appointment = range(start, start + length);
        let touched = HourWindowKey::touched_by(COMPANY, None, EVENT_TYPE, &appointment, 3);
        let found: Vec<_> = touched.map(|key| key.to_string()).collect();
        let classic = HourWindowKey::classic_three(COMPANY, None, EVENT_TYPE, at(start));
        for (key, hour) in classic.iter().zip(start.div_euclid(60) - 1..) {
            let (begin, end) = (hour_text(hour), hour_text(hour + 1));
            prop_assert_eq!(key.to_string(), format!("cal_slots_15_0_2563193_{begin}_{end}"));
            prop_assert!(found.contains(&key.to_string()));
        }
        prop_assert_eq!(found.len(), expected.len(), "none twice");
        prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
    }

    /// Exactly the day ranges that have a day of one of those hours. Red when a day range that
    /// begins before the appointment, or goes on after it, is left out.
    #[test]
    fn day_ranges_are_those_with_a_day_before_during_or_after(
        (_, start) in zone_and_minute(),
        length in prop_oneof![5i64..200, 1i64..5_000],
    ) {
        let reached = hours_reached(start..start + length).into_iter();
        let reached: BTreeSet<_> = reached.map(|hour| utc(hour * 60).date_naive()).collect();
        let (first, last) = (*reached.first().expect("some"), *reached.last().expect("some"));
        let mut expected = BTreeSet::new();
        for begin in (first - Duration::days(5)).iter_days().take_while(|day| *day <= last) {
            for end in begin.iter_days().take(4) {
                if begin.iter_days().take_while(|day| *day <= end).any(|day| reached.contains(&day)) {
                    expected.insert(format!("calcom:slots:2563193:{begin}:{end}"));
                }
            }
        }
        let touched = DayRangeKey::touched_by(EVENT_TYPE, &range(start, start + length), 4);
        let found: Vec<_> = touched.map(|key| key.to_string()).collect();
        prop_assert_eq!(found.len(), expected.len(), "none twice");
        prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
    }

    /// A local day is all minutes with its date, be they 23, 24, 24½ or 25 hours; and the entry
    /// that covers it has them all. Red when a local day is taken for 24 hours, or for the UTC day
    /// of the same date.
    #[test]
    fn a_local_day_is_every_minute_with_its_date((zone, minute) in zone_and_minute()) {
        let date = local_date(zone, minute);
        let day = Day::from_ymd(date.year(), date.month(), date.day()).expect("a date");
        let name: ZoneName = zone.name().parse().expect("known");
        let of_date: Vec<_> = (minute - 2 * DAY..minute + 2 * DAY)
            .filter(|minute| local_date(zone, *minute) == date)
            .collect();
        let found = minutes(&name.day_range(day));
        prop_assert_eq!(found.clone().collect::<Vec<_>>(), of_date);
        let window = DayRangeKey::covering(EVENT_TYPE, &name.day_range(day)).window();
        prop_assert!(found.into_iter().all(|minute| window.overlaps(&range(minute, minute + 1))));
    }

    /// Red when an hour is not the one that `chrono` says.
    #[test]
    fn an_hour_is_the_one_of_its_minutes((_, start) in zone_and_minute(), minute in 0i64..60) {
        let hour = UtcHour::of(at(start + minute));
        let shown = utc(start + minute).format("%Y-%m-%d-%H").to_string();
        prop_assert_eq!(hour.to_string(), shown);
    }
}
