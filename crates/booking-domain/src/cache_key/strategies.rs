//! Exported proptest strategies, for those who build on the keys (feature `proptest`).

use proptest::prelude::*;

use super::{CacheKey, DayRangeKey, HourWindowKey};
use crate::ids::{BranchId, CompanyId, EventTypeId};
use crate::time::{Instant, TimeRange};

/// Any range of up to `max_minutes` between 2000 and 2100.
pub fn time_range(max_minutes: u32) -> impl Strategy<Value = TimeRange> {
    (946_684_800i64..4_102_444_800, 1..=max_minutes.max(1)).prop_map(|(second, minutes)| {
        let start = Instant::from_unix_seconds(second).expect("between 2000 and 2100");
        TimeRange::lasting(start, minutes)
    })
}

/// Any layer-1 name of up to 31 days.
pub fn day_range_key() -> impl Strategy<Value = DayRangeKey> {
    (1i64..10_000_000, time_range(30 * 1_440)).prop_map(|(event_type, window)| {
        DayRangeKey::covering(EventTypeId::new(event_type), &window)
    })
}

/// Any layer-2 name of up to a day and an hour.
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
pub fn cache_key() -> impl Strategy<Value = CacheKey> {
    prop_oneof![
        day_range_key().prop_map(CacheKey::Layer1),
        hour_window_key().prop_map(CacheKey::Layer2),
    ]
}
