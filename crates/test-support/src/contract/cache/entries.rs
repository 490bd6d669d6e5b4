//! Entries are found by name until they expire or a tag sweeps them away.

use std::sync::Arc;
use std::time::Duration;

use booking_domain::availability::AvailabilityEntry;
use booking_domain::cache_key::{CacheKey, DayRangeKey, HourWindowKey, Tag, tags_touched};
use booking_domain::ids::EventTypeId;
use booking_domain::time::{Span, TimeRange};

use super::{both_layers, days_key, entry, hours_key};
use crate::builders::{COMPANY, CONSULTATION_EVENT, OTHER_COMPANY, SHORT_EVENT, at, monday, now};
use crate::contract::CacheUnderTest;
use crate::wait;

/// What was put is found under its name, in the order asked for, both layers alike.
pub async fn what_was_put_is_found(it: CacheUnderTest) {
    let [days, hours] = both_layers();
    let absent = days_key(SHORT_EVENT, "2025-10-13T09:00:00Z", 60);
    assert_eq!(it.has(&[days, hours, absent]).await, [false; 3]);
    it.keep(&days).await;
    it.keep(&hours).await;
    let found = it
        .cache
        .get(&[hours, absent, days, hours])
        .await
        .expect("answers");
    let expected = [
        Some(entry(&hours)),
        None,
        Some(entry(&days)),
        Some(entry(&hours)),
    ];
    assert_eq!(found, expected);
    assert_eq!(it.cache.get(&[]).await.expect("answers"), []);
}

/// A second entry under the same name takes the place of the first.
pub async fn a_newer_entry_replaces(it: CacheUnderTest) {
    let [days, _] = both_layers();
    it.keep(&days).await;
    let newer = AvailabilityEntry {
        slots: vec![],
        ..entry(&days)
    };
    it.cache.put(&days, &newer, now()).await.expect("kept");
    let found = it.cache.get(&[days]).await.expect("answers");
    assert_eq!(found, [Some(newer)]);
    let count = it
        .cache
        .overview(&[CONSULTATION_EVENT])
        .await
        .expect("counts");
    assert_eq!((count.layer1_entries, count.layer2_entries), (1, 0));
}

/// An entry is gone when it expires; one that has expired before is not kept at all.
pub async fn an_entry_goes_when_it_expires(it: CacheUnderTest) {
    let [days, hours] = both_layers();
    let expired = AvailabilityEntry {
        expires_at: now(),
        ..entry(&days)
    };
    it.cache
        .put(&days, &expired, now())
        .await
        .expect("no failure");
    assert_eq!(it.has(&[days]).await, [false]);
    it.keep(&hours).await;
    it.keep(&days).await;
    let almost = entry(&days).expires_at - Span::seconds(1);
    it.cache
        .put(&days, &entry(&days), almost)
        .await
        .expect("kept");
    let gone = wait::until(Duration::from_secs(10), "the entry to expire", async || {
        it.has(&[days]).await == [false]
    });
    gone.await.expect("it expires");
    assert_eq!(
        it.has(&[hours]).await,
        [true],
        "the other has minutes to live"
    );
}

/// An expired entry in place of a live one takes it away.
pub async fn an_expired_entry_does_not_leave_the_old_one(it: CacheUnderTest) {
    let [days, _] = both_layers();
    it.keep(&days).await;
    let after = entry(&days).expires_at + Span::seconds(1);
    it.cache
        .put(&days, &entry(&days), after)
        .await
        .expect("no failure");
    assert_eq!(it.has(&[days]).await, [false]);
}

/// A tag sweeps both layers' entries over its day, of every company, and counts them.
pub async fn a_tag_sweeps_its_day(it: CacheUnderTest) {
    let [days, hours] = both_layers();
    let week = days_key(CONSULTATION_EVENT, "2025-10-10T00:00:00Z", 7 * 1_440);
    let foreign = hours_key(
        OTHER_COMPANY,
        CONSULTATION_EVENT,
        "2025-10-13T20:00:00Z",
        60,
    );
    let tuesday = days_key(CONSULTATION_EVENT, "2025-10-14T09:00:00Z", 60);
    let other_type = days_key(SHORT_EVENT, "2025-10-13T09:00:00Z", 60);
    let all = [days, hours, week, foreign, tuesday, other_type];
    for key in &all {
        it.keep(key).await;
    }
    let tag = Tag::of_window(CONSULTATION_EVENT, &monday("09:00", 60));
    let deleted = it.cache.invalidate(&tag).await.expect("swept");
    assert_eq!((deleted.layer1, deleted.layer2), (2, 2));
    assert!(deleted.total_keys >= 4);
    assert_eq!(it.has(&all).await, [false, false, false, false, true, true]);
    let again = it.cache.invalidate(&tag).await.expect("harmless");
    assert_eq!((again.layer1, again.layer2), (0, 0));
}

/// A window across midnight is swept by the tag of either day.
pub async fn a_window_across_midnight_has_both_tags(it: CacheUnderTest) {
    let night = hours_key(COMPANY, CONSULTATION_EVENT, "2025-10-13T23:00:00Z", 120);
    for at_day in ["2025-10-13T12:00:00Z", "2025-10-14T12:00:00Z"] {
        it.keep(&night).await;
        let tags = Tag::of_window(CONSULTATION_EVENT, &TimeRange::lasting(at(at_day), 60));
        let deleted = it.cache.invalidate(&tags).await.expect("swept");
        assert_eq!((deleted.layer1, deleted.layer2), (0, 1), "{at_day}");
        assert_eq!(it.has(&[night]).await, [false]);
    }
    it.keep(&night).await;
    let next_day = TimeRange::lasting(at("2025-10-15T12:00:00Z"), 60);
    let tags = Tag::of_window(CONSULTATION_EVENT, &next_day);
    it.cache.invalidate(&tags).await.expect("swept");
    assert_eq!(it.has(&[night]).await, [true]);
}

/// Every name that a change can touch is swept by the tags of that change.
pub async fn the_tags_of_a_change_sweep_every_touched_name(it: CacheUnderTest) {
    let sold = TimeRange::lasting(at("2025-10-13T23:30:00Z"), 60);
    let event = CONSULTATION_EVENT;
    let layer1 = DayRangeKey::touched_by(event, &sold, 3).map(CacheKey::Layer1);
    let layer2 = HourWindowKey::touched_by(COMPANY, None, event, &sold, 2).map(CacheKey::Layer2);
    let touched: Vec<_> = layer1.chain(layer2).collect();
    for key in &touched {
        it.keep(key).await;
    }
    let tags = tags_touched(&[event], &[sold]);
    let deleted = it.cache.invalidate(&tags).await.expect("swept");
    let total = u64::try_from(touched.len()).expect("few");
    assert_eq!(deleted.layer1 + deleted.layer2, total);
    assert!(!it.has(&touched).await.contains(&true));
}

/// An event type is cleared in both layers; the others stay.
pub async fn clearing_takes_one_event_type(it: CacheUnderTest) {
    let [days, hours] = both_layers();
    let far = days_key(CONSULTATION_EVENT, "2026-03-01T00:00:00Z", 1_440);
    let other = days_key(SHORT_EVENT, "2025-10-13T09:00:00Z", 60);
    for key in [days, hours, far, other] {
        it.keep(&key).await;
    }
    let deleted = it.cache.clear(CONSULTATION_EVENT).await.expect("cleared");
    assert_eq!((deleted.layer1, deleted.layer2), (2, 1));
    assert_eq!(
        it.has(&[days, hours, far, other]).await,
        [false, false, false, true]
    );
    let again = it.cache.clear(CONSULTATION_EVENT).await.expect("harmless");
    assert_eq!((again.layer1, again.layer2), (0, 0));
}

/// The overview counts what is there of the event types asked for, per layer.
pub async fn the_overview_counts(it: CacheUnderTest) {
    let both = [CONSULTATION_EVENT, SHORT_EVENT];
    let counted = async |event_types: &[EventTypeId]| {
        let count = it.cache.overview(event_types).await.expect("counts");
        (count.layer1_entries, count.layer2_entries)
    };
    assert_eq!(counted(&both).await, (0, 0));
    let [days, hours] = both_layers();
    let later = hours_key(COMPANY, CONSULTATION_EVENT, "2025-10-13T10:00:00Z", 60);
    let week = days_key(SHORT_EVENT, "2025-10-10T00:00:00Z", 7 * 1_440);
    for key in [days, hours, later, week] {
        it.keep(&key).await;
    }
    assert_eq!(counted(&both).await, (2, 2));
    assert_eq!(counted(&both[..1]).await, (1, 2));
    assert_eq!(counted(&[SHORT_EVENT, SHORT_EVENT]).await, (1, 0));
    assert_eq!(counted(&[]).await, (0, 0));
}

/// Many at once: what was put before a sweep is gone after it, and can be put again.
pub async fn sweeps_leave_nothing_behind(it: CacheUnderTest) {
    let it = Arc::new(it);
    let start = at("2025-10-13T00:00:00Z");
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let it = Arc::clone(&it);
            tokio::spawn(async move {
                let window = TimeRange::lasting(start + Span::hours(n), 60);
                let event = EventTypeId::new(1_000 + n % 4);
                let key = HourWindowKey::covering(COMPANY, None, event, &window);
                let key = CacheKey::Layer2(key);
                for _ in 0..20 {
                    it.keep(&key).await;
                    let tags = Tag::of_window(event, &window);
                    it.cache.invalidate(&tags).await.expect("swept");
                    assert_eq!(it.has(&[key]).await, [false]);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no task fails");
    }
    let left = it
        .cache
        .overview(&[1_000, 1_001, 1_002, 1_003].map(EventTypeId::new))
        .await
        .expect("counts");
    assert_eq!((left.layer1_entries, left.layer2_entries), (0, 0));
}
