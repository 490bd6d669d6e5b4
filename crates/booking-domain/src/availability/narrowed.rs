//! A question inside another one: a cached month answers for each of its days.

use super::{AvailabilityEntry, EntryScope, Stamp};

impl AvailabilityEntry {
    /// The part that answers `wanted`, if this entry covers it.
    ///
    /// `stamp` is that of the narrower window. It must have been read **before** this entry was
    /// found valid: nothing had changed then since the slots were fetched, so what the stamp stood
    /// for is what the slots show. A stamp read afterwards may count a change that they do not.
    #[must_use]
    pub fn narrowed(&self, wanted: &EntryScope, stamp: Stamp) -> Option<Self> {
        let same_but_wider = EntryScope {
            window: self.scope.window,
            ..wanted.clone()
        };
        if self.scope != same_but_wider || !self.scope.window.contains(&wanted.window) {
            return None;
        }
        let inside = self
            .slots
            .iter()
            .filter(|slot| wanted.window.contains(slot));
        Some(Self {
            format: self.format,
            scope: wanted.clone(),
            stamp,
            fetched_at: self.fetched_at,
            expires_at: self.expires_at,
            slots: inside.copied().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CompanyId, EpochId, EventTypeId, GroupId};
    use crate::time::{Instant, Span, TimeRange};
    use uuid::Uuid;

    fn scope(company: i64, day: i64, days: i64) -> EntryScope {
        let start: Instant = "2025-10-13T00:00:00Z".parse().expect("valid");
        EntryScope {
            company: CompanyId::new(company),
            event_type: EventTypeId::new(1),
            group: GroupId::new(1),
            account: "a".into(),
            duration_minutes: 60,
            window: TimeRange::new(start + Span::days(day), start + Span::days(day + days))
                .expect("ordered"),
        }
    }

    /// Red when a slot that ends after the window is offered, or another company's entry is cut.
    #[test]
    fn a_day_is_cut_from_a_month() {
        let month = scope(15, 0, 30);
        let slot = |hour| TimeRange::lasting(month.window.start() + Span::hours(hour), 60);
        let stamp = |sum| Stamp {
            epoch: EpochId::new(Uuid::nil()),
            sum,
        };
        let late = slot(47).padded(Span::ZERO, Span::MINUTE);
        let entry = AvailabilityEntry {
            format: AvailabilityEntry::FORMAT,
            scope: month.clone(),
            stamp: stamp(40),
            fetched_at: month.window.start(),
            expires_at: month.window.end(),
            slots: vec![slot(8), slot(24), slot(46), late, slot(48)],
        };
        let day = scope(15, 1, 1);
        let cut = entry.narrowed(&day, stamp(3)).expect("covered");
        assert_eq!(cut.slots, [slot(24), slot(46)]);
        assert_eq!((cut.scope, cut.stamp), (day, stamp(3)));
        assert_eq!(entry.narrowed(&scope(20, 1, 1), stamp(3)), None);
        assert_eq!(entry.narrowed(&scope(15, 29, 2), stamp(3)), None);
        assert_eq!(entry.narrowed(&scope(15, -1, 2), stamp(3)), None);
    }
}
