//! Selective update: what an entry becomes when somebody's time was taken.
//!
//! Two questions decide. Was it only this commit that changed anything since the entry was made?
//! (Then the sum of its days grew by what the commit raised, and by nothing else.) And is it
//! certain which slots are gone? (Not where several could serve a slot and one of them is taken:
//! whether the others are free is known to Cal.com alone.) If either is in doubt, the entry is
//! forgotten instead.

use super::{AvailabilityEntry, LiveClaim, Stamp, claim_choices};
use crate::tenant::Service;

/// What one commit took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// Whose time, and when.
    pub claim: LiveClaim,
    /// By how much the commit raised the versions of the entry's days.
    pub raised: i64,
    /// Their sum, read after the commit.
    pub current: Stamp,
}

impl AvailabilityEntry {
    /// The entry of `service` without the slots that are gone, under the current stamp; `None` if
    /// that cannot be said for certain.
    pub fn without(&self, service: &Service, taken: &Taken) -> Option<Self> {
        let only_this = self.stamp.epoch == taken.current.epoch
            && taken.raised > 0
            && self.stamp.sum.checked_add(taken.raised) == Some(taken.current.sum);
        if !only_this {
            return None;
        }
        let choices = claim_choices(service, None);
        let concerned = choices.contains(&taken.claim.resource);
        let reached = |slot| concerned && service.padded(slot).overlaps(&taken.claim.during);
        let sole = choices.len() == 1;
        if !sole && self.slots.iter().any(reached) {
            return None;
        }
        let left = self.slots.iter().filter(|slot| !reached(slot));
        Some(Self {
            stamp: taken.current,
            slots: left.copied().collect(),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EntryScope, Resource, remove_taken};
    use super::*;
    use crate::ids::{CompanyId, EpochId, EventTypeId, GroupId, ServiceId, StaffId};
    use crate::tenant::OpeningHours;
    use crate::time::{Instant, Span, TimeRange};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn stamp(sum: i64) -> Stamp {
        let epoch = EpochId::new(Uuid::nil());
        Stamp { epoch, sum }
    }

    fn midnight() -> Instant {
        "2025-10-13T00:00:00Z".parse().expect("valid")
    }

    fn slot(quarter: i64, minutes: u32) -> TimeRange {
        TimeRange::lasting(midnight() + Span::minutes(15 * quarter), minutes)
    }

    fn service(staff: &[i64], buffers: (u32, u32)) -> Service {
        Service {
            id: ServiceId::new(1),
            branch: None,
            name: "Beratung".into(),
            aliases: vec![],
            duration_minutes: 60,
            buffer_before_minutes: buffers.0,
            buffer_after_minutes: buffers.1,
            event_type: Some(EventTypeId::new(1)),
            staff: staff.iter().copied().map(StaffId::new).collect(),
            capacity: 1,
            opening_hours: OpeningHours::default(),
            reminder_minutes: vec![],
            requires: vec![],
            group: GroupId::new(1),
        }
    }

    fn entry(slots: Vec<TimeRange>) -> AvailabilityEntry {
        AvailabilityEntry {
            format: AvailabilityEntry::FORMAT,
            scope: EntryScope {
                company: CompanyId::new(15),
                event_type: EventTypeId::new(1),
                group: GroupId::new(1),
                account: "a".into(),
                duration_minutes: 60,
                window: TimeRange::lasting(midnight(), 1_440),
            },
            stamp: stamp(7),
            fetched_at: midnight(),
            expires_at: midnight() + Span::MINUTE,
            slots,
        }
    }

    fn taken(person: i64, during: TimeRange, raised: i64, sum: i64) -> Taken {
        let resource = Resource::Staff(StaffId::new(person));
        Taken {
            claim: LiveClaim { resource, during },
            raised,
            current: stamp(sum),
        }
    }

    /// Red when the sum is not compared (`only_this`): another commit may have taken or freed
    /// anything.
    #[test]
    fn only_when_nothing_else_changed() {
        let (alone, nine) = (service(&[1], (0, 0)), slot(36, 60));
        let before = entry(vec![nine, slot(40, 60)]);
        let after = before.without(&alone, &taken(1, nine, 2, 9));
        let after = after.expect("certain");
        assert_eq!((after.stamp, after.slots), (stamp(9), vec![slot(40, 60)]));
        for (raised, sum) in [(2, 10), (2, 8), (1, 9), (0, 7), (i64::MAX, 9)] {
            let taken = taken(1, nine, raised, sum);
            assert_eq!(before.without(&alone, &taken), None, "{raised} {sum}");
        }
        let mut restored = taken(1, nine, 2, 9);
        restored.current.epoch = EpochId::new(Uuid::max());
        assert_eq!(before.without(&alone, &restored), None);
    }

    /// Red when one of two is taken for both (`sole`), or the time of somebody else counts
    /// (`concerned`).
    #[test]
    fn only_when_it_is_certain_who_is_left() {
        let nine = slot(36, 60);
        let both = service(&[1, 2], (0, 0));
        let (hit, missed) = (entry(vec![nine]), entry(vec![slot(40, 60)]));
        let anna = taken(1, nine, 1, 8);
        assert_eq!(hit.without(&both, &anna), None);
        let untouched = missed.without(&both, &anna).expect("certain");
        assert_eq!(untouched.slots, missed.slots);
        let bens = service(&[2], (0, 0));
        let kept = hit.without(&bens, &anna).expect("certain");
        assert_eq!((kept.slots, kept.stamp), (vec![nine], stamp(8)));
    }

    proptest! {
        /// Whatever is left is what the overlay would leave, buffers and all: for the one person
        /// who performs the service.
        #[test]
        fn as_the_overlay_would(
            starts in proptest::collection::btree_set(0i64..90, 0..30),
            (from, minutes) in (0i64..90, 1u32..300),
            buffers in (0u32..40, 0u32..40),
        ) {
            let alone = service(&[1], buffers);
            let slots: Vec<_> = starts.into_iter().map(|start| slot(start, 60)).collect();
            let taken = taken(1, slot(from, minutes), 1, 8);
            let after = entry(slots.clone()).without(&alone, &taken).expect("certain");
            let choices = claim_choices(&alone, None);
            let left = remove_taken(slots, &choices, |slot| alone.padded(slot), &[taken.claim]);
            prop_assert_eq!(after.slots, left);
        }
    }
}
