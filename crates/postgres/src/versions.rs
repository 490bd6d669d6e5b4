//! Which availability versions a unit of work bumps, and the statement that does it.
//!
//! Bumps are collected while the unit of work runs and written by its commit, in the order of group
//! and day: these rows are the hottest of all, and so are locked last, shortest and in one order.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use async_trait::async_trait;
use booking_domain::availability::{Raised, days_reached};
use booking_domain::events::DomainEvent;
use booking_domain::ids::{CompanyId, GroupId, ServiceId};
use booking_domain::ports::{AvailabilityVersions, StoreError};
use booking_domain::time::{Day, Instant, Span, TimeRange};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::unit_of_work::PgUnitOfWork;

/// The group whose all-days row is the version of the company's set-up and keys.
pub(crate) const SETUP_GROUP: i64 = 0;

/// The days to bump, per service, with when something in them was given up: the group is looked up
/// when they are written, under the lock that keeps imports out.
#[derive(Default)]
pub(crate) struct Bumps(BTreeMap<(ServiceId, Day), Option<Instant>>);

impl Bumps {
    /// Adds what these events affect, widened by `reach` on both sides.
    pub(crate) fn add(&mut self, events: &[DomainEvent], reach: Span) {
        for event in events {
            let freed_at = event.kind.frees().then_some(event.occurred_at);
            for day in days_reached(Some(&event.affected), reach) {
                let known = self.0.entry((event.service, day)).or_default();
                *known = freed_at.max(*known);
            }
        }
    }

    /// The statement that bumps them all, and gives the rows back for [`raised`]; `None` when there
    /// is nothing to bump. Numbers and times only, so it is safe as text and can travel with its
    /// `COMMIT`.
    pub(crate) fn statement(&self, company: CompanyId) -> Option<String> {
        let mut values = String::new();
        for ((service, day), freed_at) in &self.0 {
            let comma = if values.is_empty() { "" } else { ", " };
            let freed_at = freed_at.map_or_else(|| "NULL".to_owned(), |at| format!("'{at}'"));
            let row = format_args!("({service}::bigint, '{day}'::date, {freed_at}::timestamptz)");
            write!(values, "{comma}{row}").ok()?;
        }
        (!values.is_empty()).then(|| {
            format!(
                "INSERT INTO availability_versions AS known (company_id, group_id, day, freed_at) \
                 SELECT s.company_id, s.group_id, touched.day, max(touched.freed_at) \
                 FROM (VALUES {values}) AS touched (service_id, day, freed_at) \
                 JOIN services s ON s.company_id = {company} AND s.id = touched.service_id \
                 GROUP BY s.company_id, s.group_id, touched.day \
                 ORDER BY s.group_id, touched.day \
                 ON CONFLICT (company_id, group_id, day) DO UPDATE \
                 SET ver = known.ver + 1, changed_xid = pg_current_xact_id(), \
                     freed_at = greatest(known.freed_at, EXCLUDED.freed_at) \
                 RETURNING group_id, day - DATE '1970-01-01' AS day"
            )
        })
    }
}

/// What the statement of a [`Bumps`] says it has raised.
pub(crate) fn raised(rows: &[PgRow]) -> Result<Raised, sqlx::Error> {
    let read = |row: &PgRow| {
        let day = Day::from_epoch_days(row.try_get("day")?);
        Ok((GroupId::new(row.try_get("group_id")?), day))
    };
    rows.iter().map(read).collect()
}

#[async_trait]
impl AvailabilityVersions for PgUnitOfWork {
    async fn outdate(
        &mut self,
        service: ServiceId,
        affected: Option<&[TimeRange]>,
        reach: Span,
    ) -> Result<(), StoreError> {
        for day in days_reached(affected, reach) {
            self.bumps.0.entry((service, day)).or_default();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_bump_is_no_statement() {
        let bumps = Bumps::default();
        assert_eq!(bumps.statement(CompanyId::new(15)), None);
    }
}
