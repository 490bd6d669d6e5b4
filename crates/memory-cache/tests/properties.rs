//! Random bookings against random entries, with the strategies that the domain exports.

use booking_domain::availability::{AvailabilityEntry, EntryScope, Stamp};
use booking_domain::cache_key::{
    CacheKey, DayRangeKey, HourWindowKey, Tag, strategies, tags_touched,
};
use booking_domain::ids::{CompanyId, EpochId, EventTypeId, GroupId};
use booking_domain::ports::AvailabilityCache;
use booking_domain::time::{Instant, Span, TimeRange};
use booking_memory_cache::MemoryCache;
use proptest::prelude::*;

const COMPANY: CompanyId = CompanyId::new(15);
/// In no group: those have smaller numbers.
const STRANGER: EventTypeId = EventTypeId::new(10_000_000);

fn now() -> Instant {
    "2025-10-13T06:00:00Z".parse().expect("valid")
}

fn entry(key: &CacheKey) -> AvailabilityEntry {
    AvailabilityEntry {
        format: AvailabilityEntry::FORMAT,
        scope: EntryScope {
            company: COMPANY,
            event_type: key.event_type(),
            group: GroupId::new(1),
            account: String::new(),
            duration_minutes: 60,
            window: key.window(),
        },
        stamp: Stamp {
            epoch: EpochId::new(uuid::Uuid::nil()),
            sum: 1,
        },
        fetched_at: now(),
        expires_at: now() + Span::HOUR,
        slots: vec![],
    }
}

/// What is left, after the change, of entries over this window.
async fn left(keys: &[CacheKey], tags: &[Tag]) -> Vec<Option<AvailabilityEntry>> {
    let cache = MemoryCache::new(1_000);
    for key in keys {
        cache.put(key, &entry(key), now()).await.expect("kept");
    }
    cache.invalidate(tags).await.expect("swept");
    cache.get(keys).await.expect("answers")
}

proptest! {
    /// Red when an entry is filed under the first day of its window only (`TagIndex`), or what is
    /// swept is not what is filed.
    #[test]
    fn what_a_move_touches_is_forgotten(
        (from, to) in strategies::reschedule(),
        (shape, window) in strategies::appointment_and_window(),
        beside_to in any::<bool>(),
        group in strategies::group_of_event_types(),
    ) {
        // The window lies beside either side as it lay beside its own appointment.
        let shift = if beside_to { to } else { from }.start().since(shape.start());
        let window = TimeRange::new(window.start() + shift, window.end() + shift).expect("in order");
        let entries = |event_type: &EventTypeId| {
            let days = DayRangeKey::covering(*event_type, &window);
            let hours = HourWindowKey::covering(COMPANY, None, *event_type, &window);
            [CacheKey::from(days), CacheKey::from(hours)]
        };
        let keys: Vec<_> = group.iter().chain([&STRANGER]).flat_map(entries).collect();
        let tags = tags_touched(&group, &[from, to]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("starts");
        for (key, left) in keys.iter().zip(runtime.block_on(left(&keys, &tags))) {
            let touched = [from, to].iter().any(|side| key.window().overlaps(side));
            if key.event_type() == STRANGER {
                prop_assert!(left.is_some(), "{} is nobody's", key);
            } else {
                prop_assert!(left.is_none() || !touched, "{} is left", key);
            }
        }
    }
}
