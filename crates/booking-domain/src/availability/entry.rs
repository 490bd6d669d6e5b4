//! A cache entry, and when it may be believed.
//!
//! The entry names everything it depends on. A hit counts only if the sum of the versions of its
//! days is still the one that was read *before* the slots were fetched; so a slow filler, a lost
//! invalidation or a cache restored from an old copy can waste a fetch, never offer a sold slot.

use serde::{Deserialize, Serialize};

use crate::ids::{CompanyId, EpochId, EventTypeId, GroupId};
use crate::time::{Instant, TimeRange};

/// The sum of the versions of a window's days (and of the all-days row), under one epoch.
///
/// A sum, not a maximum: rows only grow, so any commit changes it, in whatever order commits come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// Changes when the numbers of the past may be wrong (a restore).
    pub epoch: EpochId,
    /// The sum.
    pub sum: i64,
}

/// What an entry answers, and for whom: all of it must match the question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EntryScope {
    /// Whose entry: the layer-1 key carries no company, so the entry must.
    pub company: CompanyId,
    /// What is asked for.
    pub event_type: EventTypeId,
    /// Whose versions the stamp is made of.
    pub group: GroupId,
    /// Which Cal.com account answered (a digest of its address and key).
    pub account: String,
    /// The length of the slots in minutes.
    pub duration_minutes: u32,
    /// The window that was asked, exactly.
    pub window: TimeRange,
}

/// What the cache keeps under a key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AvailabilityEntry {
    /// The form of this structure; others are misses.
    pub format: u8,
    /// What it answers.
    pub scope: EntryScope,
    /// The versions it was fetched under, read before the fetch.
    pub stamp: Stamp,
    /// When it was fetched.
    pub fetched_at: Instant,
    /// When it must no longer be used, whatever the stamp says.
    pub expires_at: Instant,
    /// What is free.
    pub slots: Vec<TimeRange>,
}

/// Why an entry is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Miss {
    /// There is none.
    Absent,
    /// Written by another version of this program.
    Format,
    /// It answers another question, or another company.
    Scope,
    /// Something changed since it was fetched.
    Stamp,
    /// Too old.
    Expired,
}

impl Miss {
    /// The word used in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Format => "format",
            Self::Scope => "scope",
            Self::Stamp => "stamp",
            Self::Expired => "expired",
        }
    }
}

impl AvailabilityEntry {
    /// The form written by this version.
    pub const FORMAT: u8 = 1;

    /// Whether the entry answers `wanted` truthfully at `now`, the versions being `current`.
    pub fn check(&self, wanted: &EntryScope, current: Stamp, now: Instant) -> Result<(), Miss> {
        if self.format != Self::FORMAT {
            return Err(Miss::Format);
        }
        if self.scope != *wanted {
            return Err(Miss::Scope);
        }
        if self.stamp != current {
            return Err(Miss::Stamp);
        }
        if now >= self.expires_at {
            Err(Miss::Expired)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn entry() -> AvailabilityEntry {
        let start: Instant = "2025-10-13T00:00:00Z".parse().expect("valid");
        AvailabilityEntry {
            format: AvailabilityEntry::FORMAT,
            scope: EntryScope {
                company: CompanyId::new(15),
                event_type: EventTypeId::new(2_563_193),
                group: GroupId::new(1),
                account: "a".into(),
                duration_minutes: 60,
                window: TimeRange::lasting(start, 1_440),
            },
            stamp: Stamp {
                epoch: EpochId::new(Uuid::nil()),
                sum: 7,
            },
            fetched_at: start,
            expires_at: start + crate::time::Span::seconds(60),
            slots: vec![],
        }
    }

    #[test]
    fn every_difference_is_a_miss() {
        let good = entry();
        let now = good.fetched_at;
        assert_eq!(good.check(&good.scope, good.stamp, now), Ok(()));
        let other_company = EntryScope {
            company: CompanyId::new(20),
            ..good.scope.clone()
        };
        assert_eq!(
            good.check(&other_company, good.stamp, now),
            Err(Miss::Scope)
        );
        let wider = EntryScope {
            window: good
                .scope
                .window
                .padded(crate::time::Span::HOUR, crate::time::Span::ZERO),
            ..good.scope.clone()
        };
        assert_eq!(good.check(&wider, good.stamp, now), Err(Miss::Scope));
        let newer = Stamp {
            sum: 8,
            ..good.stamp
        };
        assert_eq!(good.check(&good.scope, newer, now), Err(Miss::Stamp));
        let restored = Stamp {
            epoch: EpochId::new(Uuid::max()),
            ..good.stamp
        };
        assert_eq!(good.check(&good.scope, restored, now), Err(Miss::Stamp));
        assert_eq!(
            good.check(&good.scope, good.stamp, good.expires_at),
            Err(Miss::Expired)
        );
        let foreign = AvailabilityEntry {
            format: 9,
            ..good.clone()
        };
        assert_eq!(
            foreign.check(&good.scope, good.stamp, now),
            Err(Miss::Format)
        );
    }
}
