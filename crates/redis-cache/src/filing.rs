//! What a script writes, for how long, and under which tags it files it.

use booking_domain::availability::AvailabilityEntry;
use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::FillLease;
use booking_domain::time::{Instant, Span};

pub(crate) struct Filing {
    /// Of the key that is written, without the prefix.
    pub(crate) name: String,
    pub(crate) event_type: EventTypeId,
    pub(crate) tags: Vec<Tag>,
    /// In milliseconds; nothing when its time is over.
    pub(crate) life: u64,
}

impl Filing {
    /// Under the days that the entry's name or its content covers.
    pub(crate) fn of_entry(key: &CacheKey, entry: &AvailabilityEntry, now: Instant) -> Self {
        let event_type = key.event_type();
        let mut tags = Tag::of_window(event_type, &key.window());
        tags.extend(Tag::of_window(event_type, &entry.scope.window));
        tags.sort_unstable();
        tags.dedup();
        Self {
            name: key.to_string(),
            event_type,
            tags,
            life: millis(entry.expires_at.since(now)),
        }
    }

    /// Under the days that the name covers.
    pub(crate) fn of_lease(key: &CacheKey, lease: &FillLease) -> Self {
        Self {
            name: lease_name(&key.to_string()),
            event_type: key.event_type(),
            tags: Tag::of_window(key.event_type(), &key.window()),
            life: millis(lease.lasts).max(1),
        }
    }
}

/// Of the lease to fill the entry of this name.
pub(crate) fn lease_name(entry: &str) -> String {
    format!("calcom:lease:{entry}")
}

fn millis(span: Span) -> u64 {
    u64::try_from(span.as_micros() / 1_000).unwrap_or_default()
}
