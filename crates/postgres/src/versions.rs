//! Which availability versions a unit of work bumps, and the statement that does it.
//!
//! Bumps are collected while the unit of work runs and written by its commit, in the order of group
//! and day: these rows are the hottest of all, and so are locked last, shortest and in one order.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use booking_domain::events::DomainEvent;
use booking_domain::ids::{CompanyId, ServiceId};
use booking_domain::time::{Day, Span};

/// More days than this count as all days.
const MOST_DAYS: usize = 62;
/// The row that stands for all days: 0001-01-01.
pub(crate) const ALL_DAYS: Day = Day::from_epoch_days(-719_162);
/// The group whose all-days row is the version of the company's set-up and keys.
pub(crate) const SETUP_GROUP: i64 = 0;

/// The days to bump, per service: the group is looked up when they are written, under the lock that
/// keeps imports out.
#[derive(Default)]
pub(crate) struct Bumps(BTreeSet<(ServiceId, Day)>);

impl Bumps {
    /// Adds what these events affect, widened by `reach` on both sides.
    pub(crate) fn add(&mut self, events: &[DomainEvent], reach: Span) {
        for event in events {
            let days: BTreeSet<Day> = event
                .affected
                .iter()
                .flat_map(|range| {
                    // One more than the most is enough to know.
                    range
                        .padded(reach, reach)
                        .utc_days()
                        .iter()
                        .take(MOST_DAYS + 1)
                })
                .collect();
            if days.len() > MOST_DAYS {
                self.0.insert((event.service, ALL_DAYS));
            } else {
                self.0
                    .extend(days.into_iter().map(|day| (event.service, day)));
            }
        }
    }

    /// The statement that bumps them all; `None` when there is nothing to bump. Numbers and dates
    /// only, so it is safe as text and can travel with its `COMMIT`.
    pub(crate) fn statement(&self, company: CompanyId) -> Option<String> {
        let mut values = String::new();
        for (service, day) in &self.0 {
            let comma = if values.is_empty() { "" } else { ", " };
            write!(values, "{comma}({service}::bigint, '{day}'::date)").ok()?;
        }
        (!values.is_empty()).then(|| {
            format!(
                "INSERT INTO availability_versions (company_id, group_id, day) \
                 SELECT DISTINCT s.company_id, s.group_id, touched.day \
                 FROM (VALUES {values}) AS touched (service_id, day) \
                 JOIN services s ON s.company_id = {company} AND s.id = touched.service_id \
                 ORDER BY s.group_id, touched.day \
                 ON CONFLICT (company_id, group_id, day) DO UPDATE \
                 SET ver = availability_versions.ver + 1, changed_xid = pg_current_xact_id()"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use booking_domain::events::EventKind;
    use booking_domain::ids::AppointmentId;
    use booking_domain::origin::SyncOrigin;
    use booking_domain::time::TimeRange;

    fn event(affected: Vec<TimeRange>) -> DomainEvent {
        DomainEvent {
            company: CompanyId::new(15),
            appointment: AppointmentId::new(uuid::Uuid::nil()),
            sequence: 1,
            kind: EventKind::SlotReserved,
            service: ServiceId::new(3),
            event_type: None,
            branch: None,
            occurred_at: "2025-10-13T09:00:00Z".parse().unwrap(),
            affected,
            origin: SyncOrigin::Api,
        }
    }

    fn days(ranges: &[(&str, u32)], reach: Span) -> Vec<String> {
        let ranges = ranges
            .iter()
            .map(|(start, minutes)| TimeRange::lasting(start.parse().unwrap(), *minutes));
        let mut bumps = Bumps::default();
        bumps.add(&[event(ranges.collect())], reach);
        bumps.0.iter().map(|(_, day)| day.to_string()).collect()
    }

    #[test]
    fn days_are_those_of_all_ranges_widened_by_the_reach() {
        let day = [("2025-10-13T09:00:00Z", 60)];
        assert_eq!(days(&day, Span::ZERO), ["2025-10-13"]);
        assert_eq!(days(&day, Span::hours(9)), ["2025-10-13"]);
        let with_before = days(&day, Span::minutes(9 * 60 + 1));
        assert_eq!(with_before, ["2025-10-12", "2025-10-13"]);
        let both_sides = [day[0], ("2026-03-01T23:30:00Z", 60)];
        assert_eq!(
            days(&both_sides, Span::ZERO),
            ["2025-10-13", "2026-03-01", "2026-03-02"]
        );
        assert!(days(&[], Span::DAY).is_empty());
    }

    #[test]
    fn more_than_sixty_two_days_are_all_days() {
        let day = 24 * 60;
        let start = "2025-01-01T00:00:00Z";
        assert_eq!(days(&[(start, 62 * day)], Span::ZERO).len(), 62);
        assert_eq!(days(&[(start, 63 * day)], Span::ZERO), ["0001-01-01"]);
        assert_eq!(days(&[(start, 62 * day)], Span::MINUTE), ["0001-01-01"]);
        assert_eq!(ALL_DAYS.to_string(), "0001-01-01");
    }

    #[test]
    fn nothing_to_bump_is_no_statement() {
        let mut bumps = Bumps::default();
        bumps.add(&[event(vec![])], Span::DAY);
        assert_eq!(bumps.statement(CompanyId::new(15)), None);
    }
}
