//! Bounds, lifetimes and sharing.

use booking_domain::availability::{EntryScope, Stamp};
use booking_domain::ids::{CompanyId, EpochId, GroupId};
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::now;

use super::*;

const EPOCH: &str = "0199cd00-0000-7000-8000-000000000001";

fn key(day: i64, width: i64) -> CacheKey {
    let start = now() + Span::days(day);
    let window = TimeRange::new(start, start + Span::days(width)).unwrap();
    CacheKey::Layer1(DayRangeKey::covering(EventTypeId::new(1), &window))
}

fn entry(key: &CacheKey) -> AvailabilityEntry {
    AvailabilityEntry {
        format: AvailabilityEntry::FORMAT,
        scope: EntryScope {
            company: CompanyId::new(15),
            event_type: key.event_type(),
            group: GroupId::new(1),
            account: String::new(),
            duration_minutes: 60,
            window: key.window(),
        },
        stamp: Stamp {
            epoch: EPOCH.parse::<EpochId>().unwrap(),
            sum: 1,
        },
        fetched_at: now(),
        expires_at: now() + Span::HOUR,
        slots: vec![],
    }
}

#[test]
fn entries_and_names_are_bounded() {
    let cache = MemoryCache::new(10);
    for day in 0..1_000 {
        cache.keep(
            &mut cache.filing(),
            &key(day, 1),
            &entry(&key(day, 1)),
            now(),
        );
    }
    cache.entries.run_pending_tasks();
    assert!(cache.entries.entry_count() <= 10);
    let names = cache.filing().index.filings();
    assert!(names <= 10 * 2, "{names} names, two days each at most");
    let left: Vec<_> = cache.entries.iter().map(|(key, _)| *key).collect();
    let deleted = cache.remove(cache.filing().index.take_all(EventTypeId::new(1)));
    assert_eq!(
        deleted.layer1,
        left.len() as u64,
        "every entry had its tags"
    );
    assert_eq!(cache.filing().index.filings(), 0);
}

#[test]
fn an_entry_lives_as_long_as_it_says() {
    let made = entry(&key(0, 1));
    let lives = Duration::from_secs(90);
    let kept = Kept {
        entry: Arc::new(made),
        lives,
    };
    let at = Moment::now();
    assert_eq!(
        OwnLifetime.expire_after_create(&key(0, 1), &kept, at),
        Some(lives)
    );
    let before = Some(Duration::from_secs(5));
    let after = OwnLifetime.expire_after_update(&key(0, 1), &kept, at, before);
    assert_eq!(after, Some(lives));
}

#[test]
fn what_is_wider_than_any_window_is_not_kept() {
    let cache = MemoryCache::new(10);
    let wide = key(0, 100);
    cache.keep(&mut cache.filing(), &wide, &entry(&wide), now());
    assert!(cache.peek(&wide).is_none());
    assert_eq!(cache.filing().index.filings(), 0);
}

#[test]
fn peeking_shares_the_entry() {
    let cache = MemoryCache::new(10);
    let name = key(0, 1);
    cache.keep(&mut cache.filing(), &name, &entry(&name), now());
    let (one, other) = (cache.peek(&name).unwrap(), cache.peek(&name).unwrap());
    assert!(Arc::ptr_eq(&one, &other));
}

#[test]
fn a_name_that_came_back_keeps_its_tags() {
    let cache = MemoryCache::new(10);
    let name = key(0, 1);
    cache.keep(&mut cache.filing(), &name, &entry(&name), now());
    // As if an older entry of that name had been dropped late.
    locked(&cache.gone).push(name);
    let deleted = cache.remove(cache.filing().index.take_all(EventTypeId::new(1)));
    assert_eq!(deleted.layer1, 1);
}
