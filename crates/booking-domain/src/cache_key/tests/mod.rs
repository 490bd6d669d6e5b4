//! Tests: round trips, overlap completeness, isolation.

mod golden;
mod shrinking;
mod text;

use std::collections::HashSet;

use proptest::prelude::*;

use super::strategies::{cache_key, hour_window_key, time_range};
use super::*;
use crate::ids::{CompanyId, EventTypeId};

proptest! {
    #[test]
    fn a_name_is_parsed_back(key in cache_key()) {
        prop_assert_eq!(key.to_string().parse::<CacheKey>(), Ok(key));
    }

    /// Two different entries never share a name: no two companies meet in layer 2.
    #[test]
    fn names_are_injective(a in hour_window_key(), b in hour_window_key(), same in any::<[bool; 4]>()) {
        let b = HourWindowKey {
            company: if same[0] { a.company } else { b.company },
            branch: if same[1] { a.branch } else { b.branch },
            event_type: if same[2] { a.event_type } else { b.event_type },
            start: if same[3] { a.start } else { b.start },
            end: if same[3] { a.end } else { b.end },
        };
        prop_assert_eq!(a == b, a.to_string() == b.to_string());
        if a.company != b.company {
            prop_assert_ne!(a.to_string(), b.to_string());
        }
    }

    /// Every window that shares a moment with the appointment, or is one of the classic three, is
    /// found, for two-hour windows and long appointments alike; and nothing out of reach is.
    #[test]
    fn every_overlapping_window_is_touched(appointment in time_range(4 * 1_440), offset in -40i64..140, width in 1i64..24) {
        let (company, branch, event_type) = (CompanyId::new(15), None, EventTypeId::new(1));
        let start = UtcHour::of(appointment.start()).plus(offset);
        let window = HourWindowKey { company, branch, event_type, start, end: start.plus(width) };
        let touched: HashSet<_> =
            HourWindowKey::touched_by(company, branch, event_type, &appointment, 24).collect();
        prop_assert_eq!(touched.contains(&window), window.window().overlaps(&reach(&appointment)));
        if window.window().overlaps(&appointment) {
            prop_assert!(touched.contains(&window));
        }
        for classic in HourWindowKey::classic_three(company, branch, event_type, appointment.start()) {
            prop_assert!(touched.contains(&classic));
        }
    }

    #[test]
    fn every_overlapping_day_range_is_touched(appointment in time_range(4 * 1_440), offset in -40i32..40, width in 0i32..31) {
        let event_type = EventTypeId::new(1);
        let first = appointment.start().utc_day().plus_days(offset);
        let days = crate::time::DayRange::new(first, first.plus_days(width)).expect("ordered");
        let key = DayRangeKey { event_type, days };
        let touched: HashSet<_> = DayRangeKey::touched_by(event_type, &appointment, 31).collect();
        prop_assert_eq!(touched.contains(&key), key.window().overlaps(&reach(&appointment)));
    }

    /// The tags an entry is filed under and the tags a change clears meet whenever the two touch.
    #[test]
    fn tags_find_what_enumeration_finds(appointment in time_range(2 * 1_440), key in cache_key()) {
        let event_type = key.event_type();
        let filed = Tag::of_window(event_type, &key.window());
        let cleared = tags_touched(&[event_type], &[appointment]);
        if key.window().overlaps(&reach(&appointment)) {
            prop_assert!(filed.iter().any(|tag| cleared.contains(tag)));
        }
    }

    /// Keys are made of UTC alone: on the days clocks change, each real hour has its own name.
    #[test]
    fn each_real_hour_of_a_dst_day_has_its_own_name(zone in 0usize..6, day in 0i32..3_650) {
        let zone = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Auckland"][zone];
        let zone: crate::time::ZoneName = zone.parse().expect("known zone");
        let day = zone.day_range(crate::time::Day::from_epoch_days(19_000 + day));
        let hours = day.span().as_minutes() / 60;
        let names: HashSet<_> = (0..hours).map(|n| {
            let hour = TimeRange::lasting(day.start() + Span::hours(n), 60);
            HourWindowKey::covering(CompanyId::new(1), None, EventTypeId::new(1), &hour).to_string()
        }).collect();
        prop_assert_eq!(names.len() as i64, hours);
    }
}
