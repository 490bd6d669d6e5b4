//! Who may fill which name, and for how long.

use std::collections::HashMap;
use std::time::{Duration, Instant as Moment};

use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::FillLease;
use uuid::Uuid;

/// The leases of the fetches that run now: few, so a sweep looks at each.
#[derive(Default, Debug)]
pub(crate) struct Leases(HashMap<CacheKey, Held>);

#[derive(Debug)]
struct Held {
    token: Uuid,
    until: Moment,
}

impl Leases {
    /// Whether the lease is the caller's now. What has run out is dropped on the way.
    pub(crate) fn take(&mut self, key: &CacheKey, lease: &FillLease, now: Moment) -> bool {
        self.0.retain(|_, held| now < held.until);
        let lasts = u64::try_from(lease.lasts.as_micros()).unwrap_or_default();
        let held = self.0.entry(*key).or_insert(Held {
            token: lease.token,
            until: now + Duration::from_micros(lasts),
        });
        held.token == lease.token
    }

    /// Gives the lease back. Whether it was this token's until now.
    pub(crate) fn give_back(&mut self, key: &CacheKey, token: Uuid, now: Moment) -> bool {
        let ours = |held: &Held| held.token == token && now < held.until;
        let was_ours = self.0.get(key).is_some_and(ours);
        if was_ours {
            self.0.remove(key);
        }
        was_ours
    }

    /// Takes away every lease whose window touches the day of a tag.
    pub(crate) fn sweep(&mut self, tags: &[Tag]) {
        self.0.retain(|key, _| {
            let days = key.window().utc_days();
            let days = days.first()..=days.last();
            let touches = |tag: &Tag| tag.event_type == key.event_type() && days.contains(&tag.day);
            !tags.iter().any(touches)
        });
    }

    /// Takes away every lease of an event type.
    pub(crate) fn sweep_all(&mut self, event_type: EventTypeId) {
        self.0.retain(|key, _| key.event_type() != event_type);
    }
}

#[cfg(test)]
mod tests {
    use booking_domain::time::Span;

    use super::*;

    /// Red when a lease that ran out is kept until somebody wants the same name.
    #[test]
    fn what_ran_out_is_dropped() {
        let (mut leases, start) = (Leases::default(), Moment::now());
        let lease = FillLease {
            token: Uuid::from_u128(1),
            lasts: Span::seconds(10),
        };
        let name = |n| format!("cal_slots_15_{n}_1_2025-10-13-08_2025-10-13-09");
        for n in 1..=1_000 {
            let at = start + Duration::from_secs(n);
            assert!(leases.take(&name(n).parse().unwrap(), &lease, at));
            assert!(leases.0.len() <= 10, "{}", leases.0.len());
        }
    }

    /// Red when the end of a lease is not looked at, is part of it, or is put off by asking again.
    #[test]
    fn a_lease_ends_when_it_said() {
        let (mut leases, start) = (Leases::default(), Moment::now());
        let key = "calcom:slots:1:2025-10-13:2025-10-13".parse().unwrap();
        let lease = |filler| FillLease {
            token: Uuid::from_u128(filler),
            lasts: Span::seconds(10),
        };
        let end = start + Duration::from_secs(10);
        let almost = end - Duration::from_nanos(1);
        assert!(leases.take(&key, &lease(1), start));
        assert!(!leases.take(&key, &lease(2), almost));
        assert!(leases.take(&key, &lease(1), almost));
        assert!(!leases.give_back(&key, lease(1).token, end));
        assert!(leases.take(&key, &lease(2), end));
        assert!(leases.give_back(&key, lease(2).token, almost));
    }
}
