//! Tests: what serde sees, what errors say, and the ends of the calendar.

use std::collections::HashSet;

use proptest::prelude::*;

use super::super::strategies::cache_key;
use super::super::*;
use crate::ids::{CompanyId, EventTypeId};
use crate::time::{Instant, TimeRange};

fn problem<T: FromStr<Err = KeyError> + fmt::Debug>(text: &str) -> String {
    text.parse::<T>().expect_err(text).to_string()
}

/// Red when an error leaves out which part is wrong, or what it should look like.
#[test]
fn errors_say_how_to_mend_the_text() {
    for (said, expected) in [
        (
            problem::<CacheKey>("other:key"),
            "'other:key' is no cache key: it must begin with calcom:slots: (layer 1) or cal_slots_ (layer 2)",
        ),
        (
            problem::<HourWindowKey>("calcom:slots:1:2025-10-13:2025-10-13"),
            "'calcom:slots:1:2025-10-13:2025-10-13' is no cache key: it must begin with cal_slots_",
        ),
        (
            problem::<DayRangeKey>("calcom:slots:1:2025-10-13"),
            "'calcom:slots:1:2025-10-13' is no cache key: it must have the form calcom:slots:{eventTypeId}:{startDate}:{endDate}",
        ),
        (
            problem::<CacheKey>("cal_slots_15_09_1_2025-10-13-08_2025-10-13-09"),
            "'cal_slots_15_09_1_2025-10-13-08_2025-10-13-09' is no cache key: '09' must be the branch's number, or 0 for none, in digits, without sign or leading zeros",
        ),
        (
            problem::<CacheKey>("cal_slots_15_9_1_2025-10-13-8_2025-10-13-09"),
            "'cal_slots_15_9_1_2025-10-13-8_2025-10-13-09' is no cache key: '2025-10-13-8' must be a UTC hour like 2025-10-13-08",
        ),
        (
            problem::<CacheKey>("calcom:slots:1:2025-10-14:2025-10-13"),
            "'calcom:slots:1:2025-10-14:2025-10-13' is no cache key: its end must come after its beginning",
        ),
        (
            problem::<Tag>("calcom:tag:1:all"),
            "'calcom:tag:1:all' is no tag: 'all' must be a UTC day like 2025-10-13",
        ),
        (
            problem::<UtcHour>("2025-10-13"),
            "'2025-10-13' is no hour of a cache key: '2025-10-13' must be a UTC hour like 2025-10-13-08",
        ),
    ] {
        assert_eq!(said, expected);
    }
}

/// Red when the last hours of the year 9999, or the first of the year 1, make a name that nobody can
/// read back, a key without a window, or one twice (`plus`, `covering` or `touched_by` without their
/// limits).
#[test]
fn the_ends_of_the_calendar_have_names_too() {
    let first: Instant = "0001-01-01T00:00:00Z".parse().expect("valid");
    let moments = [
        first,
        first + Span::MINUTE,
        Instant::MAX - Span::HOUR,
        Instant::MAX,
    ];
    for window in moments.map(|start| TimeRange::lasting(start, 90)) {
        let (company, event_type) = (CompanyId::new(1), EventTypeId::new(1));
        let hours = HourWindowKey::touched_by(company, None, event_type, &window, 3);
        let days = DayRangeKey::touched_by(event_type, &window, 3);
        let touched: Vec<_> = days
            .map(CacheKey::from)
            .chain(hours.map(CacheKey::from))
            .collect();
        assert_eq!(touched.iter().collect::<HashSet<_>>().len(), touched.len());
        let three = HourWindowKey::classic_three(company, None, event_type, window.start());
        let others = three.into_iter().map(CacheKey::from).chain([
            HourWindowKey::covering(company, None, event_type, &window).into(),
            DayRangeKey::covering(event_type, &window).into(),
        ]);
        for key in touched.into_iter().chain(others) {
            assert_eq!(key.to_string().parse(), Ok(key));
            assert!(key.window().start() < key.window().end(), "{key}");
        }
    }
}

proptest! {
    /// Red when serde writes anything but the name, or does not read it.
    #[test]
    fn serde_sees_the_text(key in cache_key()) {
        let json = serde_json::to_value(key).expect("prints");
        prop_assert_eq!(&json, &key.to_string());
        prop_assert_eq!(serde_json::from_value::<CacheKey>(json).expect("reads"), key);
        for tag in Tag::of_window(key.event_type(), &key.window()) {
            let json = serde_json::to_value(tag).expect("prints");
            prop_assert_eq!(&json, &tag.to_string());
            prop_assert_eq!(serde_json::from_value::<Tag>(json).expect("reads"), tag);
        }
    }

    /// Red when a text that is read is not the one that is printed: two spellings of one entry
    /// would be two entries. Texts are real names with one character changed, added or left out.
    #[test]
    fn a_name_has_one_spelling(key in cache_key(), at in 0usize..60, change in "[-0-9_:+ .a-z]?", keep in any::<bool>()) {
        let mut text = key.to_string();
        let at = at % text.len();
        text.replace_range(at..at + usize::from(!keep), &change);
        if let Ok(read) = text.parse::<CacheKey>() {
            prop_assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn no_text_brings_it_down(text in "(calcom:(slots|tag):|cal_slots_)?[-0-9:_]{0,60}|.{0,20}") {
        if let Ok(read) = text.parse::<CacheKey>() {
            prop_assert_eq!(read.to_string(), text.clone());
            prop_assert!(read.window().start() < read.window().end());
        }
        if let Ok(read) = text.parse::<Tag>() {
            prop_assert_eq!(read.to_string(), text);
        }
    }
}
