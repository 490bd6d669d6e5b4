//! Exported proptest strategies, for those who build on the keys (feature `proptest`).
//!
//! All times lie between 2000 and 2100, with room around them. What fails shrinks to round numbers:
//! 2000-01-01T00:00:00Z, the shortest length, the smallest ids.
//!
//! A test of a cache of one's own, which must forget whatever a booking touches:
//!
//! ```
//! use std::collections::{BTreeMap, BTreeSet};
//! use booking_domain::cache_key::{CacheKey, DayRangeKey, HourWindowKey, Tag, strategies, tags_touched};
//! use booking_domain::ids::CompanyId;
//! use proptest::prelude::*;
//!
//! #[derive(Default)]
//! struct MyCache(BTreeMap<Tag, BTreeSet<CacheKey>>);
//!
//! impl MyCache {
//!     fn file(&mut self, key: CacheKey) {
//!         for tag in Tag::of_window(key.event_type(), &key.window()) {
//!             self.0.entry(tag).or_default().insert(key);
//!         }
//!     }
//!     fn forget(&mut self, tag: &Tag) {
//!         for key in self.0.remove(tag).unwrap_or_default() {
//!             self.0.values_mut().for_each(|filed| { filed.remove(&key); });
//!         }
//!     }
//!     fn has(&self, key: CacheKey) -> bool {
//!         self.0.values().any(|filed| filed.contains(&key))
//!     }
//! }
//!
//! let wishes = (strategies::appointment_and_window(), strategies::group_of_event_types());
//! proptest!(|((sold, window) in wishes.0, group in wishes.1)| {
//!     let mut cache = MyCache::default();
//!     for event_type in &group {
//!         let hours = HourWindowKey::covering(CompanyId::new(1), None, *event_type, &window);
//!         let days = DayRangeKey::covering(*event_type, &window);
//!         let keys: [CacheKey; 2] = [hours.into(), days.into()];
//!         keys.map(|key| cache.file(key));
//!         tags_touched(&group, &[sold]).iter().for_each(|tag| cache.forget(tag));
//!         for key in keys.into_iter().filter(|key| key.window().overlaps(&sold)) {
//!             prop_assert!(!cache.has(key));
//!         }
//!     }
//! });
//! ```

use proptest::collection::btree_set;
use proptest::prelude::*;

use super::{CacheKey, DayRangeKey, HourWindowKey};
use crate::ids::{BranchId, CompanyId, EventTypeId};
use crate::time::{Instant, Span, TimeRange};

/// The seconds from 2000-01-01 up to 2100-01-01.
const SECONDS: std::ops::Range<i64> = 946_684_800..4_102_444_800;
const QUARTER: i64 = 15 * 60;

fn at(second: i64) -> Instant {
    Instant::from_unix_seconds(second).expect("between 1999 and 2101")
}

/// Any range of up to `max_minutes` between 2000 and 2100.
///
/// ```
/// use booking_domain::cache_key::strategies::time_range;
/// use proptest::prelude::*;
/// proptest!(|(range in time_range(90))| {
///     prop_assert!((1..=90).contains(&range.span().as_minutes()));
/// });
/// ```
pub fn time_range(max_minutes: u32) -> impl Strategy<Value = TimeRange> {
    (SECONDS, 1..=max_minutes.max(1))
        .prop_map(|(second, minutes)| TimeRange::lasting(at(second), minutes))
}

/// An appointment as people make them: it begins on a quarter of an hour and takes five minutes to
/// eight hours, in steps of five minutes. Some cross midnight.
///
/// ```
/// use booking_domain::cache_key::strategies::appointment;
/// use proptest::prelude::*;
/// proptest!(|(it in appointment())| {
///     prop_assert_eq!(it.start().unix_seconds() % 900, 0);
///     prop_assert!((5..=480).contains(&it.span().as_minutes()));
/// });
/// ```
pub fn appointment() -> impl Strategy<Value = TimeRange> {
    let quarters = SECONDS.start / QUARTER..SECONDS.end / QUARTER;
    (quarters, 1u32..=96)
        .prop_map(|(quarter, fives)| TimeRange::lasting(at(quarter * QUARTER), 5 * fives))
}

/// A window of up to a day that meets the appointment or misses it by three hours at most, often by
/// nothing or by minutes, on either side.
///
/// ```
/// use booking_domain::{cache_key::strategies::window_around, time::{Span, TimeRange}};
/// use proptest::prelude::*;
/// let sold = TimeRange::lasting("2025-10-13T09:00:00Z".parse()?, 60);
/// proptest!(|(window in window_around(&sold))| {
///     let near = sold.padded(Span::hours(3) + Span::MINUTE, Span::hours(3) + Span::MINUTE);
///     prop_assert!(window.overlaps(&near));
/// });
/// # Ok::<(), booking_domain::time::InstantError>(())
/// ```
pub fn window_around(appointment: &TimeRange) -> impl Strategy<Value = TimeRange> + use<> {
    let appointment = *appointment;
    placement().prop_map(move |placed| placed.beside(&appointment))
}

/// An [`appointment`] and a window like those of [`window_around`]; both shrink.
///
/// ```
/// use booking_domain::cache_key::{DayRangeKey, strategies::appointment_and_window};
/// use booking_domain::ids::EventTypeId;
/// use proptest::prelude::*;
/// proptest!(|((sold, window) in appointment_and_window())| {
///     let key = DayRangeKey::covering(EventTypeId::new(1), &window);
///     let found = DayRangeKey::touched_by(EventTypeId::new(1), &sold, 2).any(|it| it == key);
///     prop_assert!(found || !window.overlaps(&sold));
/// });
/// ```
pub fn appointment_and_window() -> impl Strategy<Value = (TimeRange, TimeRange)> {
    (appointment(), placement()).prop_map(|(appointment, placed)| {
        let window = placed.beside(&appointment);
        (appointment, window)
    })
}

/// Where a window lies: how far its near edge is from the appointment's, away from it if positive.
#[derive(Clone, Copy, Debug)]
struct Placement {
    after: bool,
    gap: i64,
    minutes: u32,
}

fn placement() -> impl Strategy<Value = Placement> {
    let gap = prop_oneof![Just(0), -1i64..=1, -180i64..=180];
    (any::<bool>(), gap, 1u32..=1_440).prop_map(|(after, gap, minutes)| Placement {
        after,
        gap,
        minutes,
    })
}

impl Placement {
    fn beside(self, appointment: &TimeRange) -> TimeRange {
        let start = if self.after {
            appointment.end() + Span::minutes(self.gap)
        } else {
            appointment.start() - Span::minutes(self.gap + i64::from(self.minutes))
        };
        TimeRange::lasting(start, self.minutes)
    }
}

/// Both sides of a move, as long as each other: by quarters of an hour, often so few that the two
/// overlap or lie on one day, at most sixty days, earlier or later.
///
/// ```
/// use booking_domain::cache_key::strategies::reschedule;
/// use proptest::prelude::*;
/// proptest!(|((from, to) in reschedule())| {
///     prop_assert_eq!(from.span(), to.span());
///     prop_assert_ne!(from, to);
/// });
/// ```
pub fn reschedule() -> impl Strategy<Value = (TimeRange, TimeRange)> {
    let quarters = prop_oneof![1i64..=32, 1i64..=60 * 96];
    (appointment(), quarters, any::<bool>()).prop_map(|(from, quarters, earlier)| {
        let shift = Span::minutes(15 * if earlier { -quarters } else { quarters });
        let to = TimeRange::new(from.start() + shift, from.end() + shift);
        (from, to.expect("a shift keeps the order"))
    })
}

/// One to five event types that share a host, none twice.
///
/// ```
/// use booking_domain::cache_key::strategies::group_of_event_types;
/// use proptest::prelude::*;
/// proptest!(|(group in group_of_event_types())| {
///     prop_assert!((1..=5).contains(&group.len()));
/// });
/// ```
pub fn group_of_event_types() -> impl Strategy<Value = Vec<EventTypeId>> {
    btree_set(1i64..10_000_000, 1..=5)
        .prop_map(|ids| ids.into_iter().map(EventTypeId::new).collect())
}

/// Any layer-1 name of up to 31 days.
///
/// ```
/// use booking_domain::cache_key::{DayRangeKey, strategies::day_range_key};
/// use proptest::prelude::*;
/// proptest!(|(key in day_range_key())| {
///     prop_assert_eq!(key.to_string().parse::<DayRangeKey>(), Ok(key));
/// });
/// ```
pub fn day_range_key() -> impl Strategy<Value = DayRangeKey> {
    (1i64..10_000_000, time_range(30 * 1_440)).prop_map(|(event_type, window)| {
        DayRangeKey::covering(EventTypeId::new(event_type), &window)
    })
}

/// Any layer-2 name of up to a day and an hour.
///
/// ```
/// use booking_domain::cache_key::{HourWindowKey, strategies::hour_window_key};
/// use proptest::prelude::*;
/// proptest!(|(key in hour_window_key())| {
///     prop_assert_eq!(key.to_string().parse::<HourWindowKey>(), Ok(key));
/// });
/// ```
pub fn hour_window_key() -> impl Strategy<Value = HourWindowKey> {
    let ids = (
        1i64..100_000,
        proptest::option::of(1i64..100_000),
        1i64..10_000_000,
    );
    (ids, time_range(1_440)).prop_map(|((company, branch, event_type), window)| {
        HourWindowKey::covering(
            CompanyId::new(company),
            branch.map(BranchId::new),
            EventTypeId::new(event_type),
            &window,
        )
    })
}

/// A name of either layer.
///
/// ```
/// use booking_domain::cache_key::{CacheKey, strategies::cache_key};
/// use proptest::prelude::*;
/// proptest!(|(key in cache_key())| {
///     prop_assert_eq!(key.to_string().parse::<CacheKey>(), Ok(key));
/// });
/// ```
pub fn cache_key() -> impl Strategy<Value = CacheKey> {
    prop_oneof![
        day_range_key().prop_map(CacheKey::Layer1),
        hour_window_key().prop_map(CacheKey::Layer2),
    ]
}
