//! Everything that keeps an entry from being believed: for people who ask why.
//! [`AvailabilityEntry::check`] says the first of it, for machines.

use super::{AvailabilityEntry, EntryScope, Stamp};
use crate::time::{Instant, Span};

/// A part of the question that an entry answers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names are those of the scope")]
pub enum ScopePart {
    Company,
    EventType,
    Group,
    Account,
    Duration,
    Window,
}

impl ScopePart {
    /// Its name, as in the scope.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::EventType => "event_type",
            Self::Group => "group",
            Self::Account => "account",
            Self::Duration => "duration_minutes",
            Self::Window => "window",
        }
    }
}

impl EntryScope {
    /// The parts in which two scopes differ.
    pub fn unlike(&self, other: &Self) -> Vec<ScopePart> {
        // Named one by one, so that a new part cannot be forgotten.
        let Self {
            company,
            event_type,
            group,
            account,
            duration_minutes,
            window,
        } = self;
        let parts = [
            (*company == other.company, ScopePart::Company),
            (*event_type == other.event_type, ScopePart::EventType),
            (*group == other.group, ScopePart::Group),
            (*account == other.account, ScopePart::Account),
            (
                *duration_minutes == other.duration_minutes,
                ScopePart::Duration,
            ),
            (*window == other.window, ScopePart::Window),
        ];
        let unlike = parts.into_iter().filter(|(same, _)| !same);
        unlike.map(|(_, part)| part).collect()
    }
}

/// Something that keeps an entry from being believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Written by another version of this program, in this form.
    Format(u8),
    /// It answers another question: this part differs.
    Scope(ScopePart),
    /// Versions have been numbered anew since: the database was restored, or another took over.
    Epoch,
    /// So many changes of its days since it was fetched. Negative: it has seen changes that the
    /// database has not.
    Changed(i64),
    /// So long ago its life ended.
    Expired(Span),
}

impl Fault {
    /// One word for it, for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Format(_) => "format",
            Self::Scope(_) => "scope",
            Self::Epoch => "epoch",
            Self::Changed(_) => "changed",
            Self::Expired(_) => "expired",
        }
    }
}

impl AvailabilityEntry {
    /// Everything that keeps the entry from answering `wanted` at `now`, the versions being
    /// `current`. Nothing, if and only if [`check`](Self::check) believes it.
    pub fn faults(&self, wanted: &EntryScope, current: Stamp, now: Instant) -> Vec<Fault> {
        let format = (self.format != Self::FORMAT).then_some(Fault::Format(self.format));
        let scope = self.scope.unlike(wanted).into_iter().map(Fault::Scope);
        let changed = current.sum.wrapping_sub(self.stamp.sum);
        let stamp = if self.stamp.epoch != current.epoch {
            Some(Fault::Epoch)
        } else {
            (changed != 0).then_some(Fault::Changed(changed))
        };
        let since = now.since(self.expires_at);
        let expired = (since >= Span::ZERO).then_some(Fault::Expired(since));
        let all = format.into_iter().chain(scope).chain(stamp).chain(expired);
        all.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::Miss;
    use crate::ids::{CompanyId, EpochId, EventTypeId, GroupId};
    use crate::time::TimeRange;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn noon() -> Instant {
        "2025-10-13T12:00:00Z".parse().expect("valid")
    }

    fn stamp(epoch: u128, sum: i64) -> Stamp {
        let epoch = EpochId::new(Uuid::from_u128(epoch));
        Stamp { epoch, sum }
    }

    prop_compose! {
        /// Two of each, so that any parts may be alike.
        fn scope()(company in 1i64..3, event_type in 1i64..3, group in 1i64..3,
            account in "[ab]", duration_minutes in 15u32..17, hour in 0i64..2) -> EntryScope {
            EntryScope {
                company: CompanyId::new(company),
                event_type: EventTypeId::new(event_type),
                group: GroupId::new(group),
                account,
                duration_minutes,
                window: TimeRange::lasting(noon() + Span::hours(hour), 60),
            }
        }
    }

    prop_compose! {
        fn entry()(format in 1u8..3, scope in scope(), epoch in 0u128..2, sum in 0i64..3,
            life in 0i64..3) -> AvailabilityEntry {
            AvailabilityEntry {
                format,
                scope,
                stamp: stamp(epoch, sum),
                fetched_at: noon(),
                expires_at: noon() + Span::seconds(life),
                slots: vec![],
            }
        }
    }

    proptest! {
        /// Red when a part of the scope is left out, or a fault has another reason than `check`:
        /// people would be told "valid" of what is not believed.
        #[test]
        fn no_fault_if_and_only_if_it_is_believed(
            entry in entry(), wanted in scope(), same: bool, epoch in 0u128..2, sum in 0i64..3,
            later in 0i64..3,
        ) {
            let wanted = if same { entry.scope.clone() } else { wanted };
            let (current, now) = (stamp(epoch, sum), noon() + Span::seconds(later));
            let faults = entry.faults(&wanted, current, now);
            let first = faults.first().map(|fault| match fault {
                Fault::Format(_) => Miss::Format,
                Fault::Scope(_) => Miss::Scope,
                Fault::Epoch | Fault::Changed(_) => Miss::Stamp,
                Fault::Expired(_) => Miss::Expired,
            });
            prop_assert_eq!(first, entry.check(&wanted, current, now).err());
        }
    }

    /// Red when changes are counted backwards, or one fault hides another.
    #[test]
    fn every_fault_is_told_with_its_measure() {
        let scope = EntryScope {
            company: CompanyId::new(15),
            event_type: EventTypeId::new(7),
            group: GroupId::new(1),
            account: "a".into(),
            duration_minutes: 60,
            window: TimeRange::lasting(noon(), 60),
        };
        let entry = AvailabilityEntry {
            format: 9,
            scope: scope.clone(),
            stamp: stamp(0, 7),
            fetched_at: noon(),
            expires_at: noon() + Span::seconds(60),
            slots: vec![],
        };
        let wanted = EntryScope {
            company: CompanyId::new(20),
            duration_minutes: 45,
            ..scope
        };
        let now = noon() + Span::seconds(65);
        assert_eq!(
            entry.faults(&wanted, stamp(0, 9), now),
            [
                Fault::Format(9),
                Fault::Scope(ScopePart::Company),
                Fault::Scope(ScopePart::Duration),
                Fault::Changed(2),
                Fault::Expired(Span::seconds(5)),
            ]
        );
        let restored = entry.faults(&entry.scope, stamp(1, 7), noon());
        assert_eq!(restored, [Fault::Format(9), Fault::Epoch]);
        let rewound = entry.faults(&entry.scope, stamp(0, 6), noon());
        assert_eq!(rewound, [Fault::Format(9), Fault::Changed(-1)]);
    }
}
