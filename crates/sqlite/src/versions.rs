//! Availability versions: bumped in the transaction, mirrored in memory.
//!
//! There is one process per file, so the mirror is the store's own: it is loaded when the store is
//! opened and moved on by every commit, *after* the commit and before it is acknowledged. The order
//! matters: whoever reads a stamp also sees the claims that made it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use booking_domain::availability::{ALL_DAYS, Raised, Stamp, VersionRows, days_reached};
use booking_domain::events::DomainEvent;
use booking_domain::ids::{CompanyId, EpochId, GroupId, ServiceId};
use booking_domain::ports::{AvailabilityVersions, StoreError, VersionMirror};
use booking_domain::time::{Day, DayRange, Instant, Span, TimeRange};
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::statements::{Columns, all, first, micros};
use crate::unit_of_work::SqliteUnitOfWork;

/// The group whose all-days row is the version of the company's set-up and keys.
const SETUP: GroupId = GroupId::new(0);

/// A row that a transaction has bumped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bumped {
    company: CompanyId,
    group: GroupId,
    day: Day,
    version: i64,
    freed_at: Option<Instant>,
}

impl Bumped {
    fn read(row: &Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            company: row.company()?,
            group: row.id("group_id", GroupId::new)?,
            day: Day::from_epoch_days(row.get("day")?),
            version: row.get("ver")?,
            freed_at: row.instant_if_any("freed_at")?,
        })
    }
}

/// The rows as the caller of a unit of work knows them.
pub(crate) fn raised(bumped: &[Bumped]) -> Raised {
    bumped.iter().map(|row| (row.group, row.day)).collect()
}

/// The rows that a transaction will bump when it commits, each once, with when something in them
/// was given up.
#[derive(Default, Debug)]
pub(crate) struct Bumps(BTreeMap<(CompanyId, GroupId, Day), Option<Instant>>);

impl Bumps {
    /// The days that the event reaches.
    pub(crate) fn event(&mut self, event: &DomainEvent, group: GroupId, reach: Span) {
        let freed_at = event.kind.frees().then_some(event.occurred_at);
        for day in days_reached(Some(&event.affected), reach) {
            self.add((event.company, group, day), freed_at);
        }
    }

    /// Every day of a group.
    pub(crate) fn all_days(&mut self, company: CompanyId, group: GroupId) {
        self.add((company, group, ALL_DAYS), None);
    }

    /// The company's set-up or keys.
    pub(crate) fn setup(&mut self, company: CompanyId) {
        self.all_days(company, SETUP);
    }

    fn add(&mut self, row: (CompanyId, GroupId, Day), freed_at: Option<Instant>) {
        let known = self.0.entry(row).or_default();
        *known = freed_at.max(*known);
    }

    /// Writes the new versions.
    pub(crate) fn write(&self, connection: &Connection) -> Result<Vec<Bumped>, StoreError> {
        let mut bumped = Vec::with_capacity(self.0.len());
        for (&(company, group, day), &freed_at) in &self.0 {
            let row = first(
                connection,
                "bump the availability versions",
                "INSERT INTO availability_versions AS known (company_id, group_id, day, freed_at)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET ver = ver + 1, freed_at = coalesce(
                    max(known.freed_at, excluded.freed_at), known.freed_at, excluded.freed_at)
                 RETURNING company_id, group_id, day, ver, freed_at",
                params![
                    company.get(),
                    group.get(),
                    day.epoch_days(),
                    micros(freed_at)
                ],
                Bumped::read,
            )?;
            bumped.extend(row);
        }
        Ok(bumped)
    }
}

#[async_trait]
impl AvailabilityVersions for SqliteUnitOfWork {
    async fn outdate(
        &mut self,
        service: ServiceId,
        affected: Option<&[TimeRange]>,
        reach: Span,
    ) -> Result<(), StoreError> {
        let company = self.company;
        if let Some(group) = group_of(self.connection(), company, service)? {
            for day in days_reached(affected, reach) {
                self.transaction.bumps.add((company, group, day), None);
            }
        }
        Ok(())
    }
}

/// The group of a service; a service that the company does not have is in none.
pub(crate) fn group_of(
    connection: &Connection,
    company: CompanyId,
    service: ServiceId,
) -> Result<Option<GroupId>, StoreError> {
    first(
        connection,
        "find the availability group",
        "SELECT group_id FROM services WHERE company_id = ?1 AND id = ?2",
        params![company.get(), service.get()],
        |row| row.id("group_id", GroupId::new),
    )
}

/// The mirror.
pub(crate) struct Versions {
    /// Another one with every opening: an old copy of the file may have been put back.
    epoch: EpochId,
    known: RwLock<HashMap<(CompanyId, GroupId), VersionRows>>,
}

impl Versions {
    /// Reads all versions.
    pub(crate) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let random = "SELECT randomblob(16) AS epoch";
        let epoch = first(connection, "draw an epoch", random, [], |row| {
            row.uuid("epoch")
        })?;
        let mirror = Self {
            epoch: EpochId::new(epoch.unwrap_or_default()),
            known: RwLock::default(),
        };
        mirror.reload(connection)?;
        Ok(mirror)
    }

    /// Reads all versions again, for when nobody knows whether a commit happened.
    pub(crate) fn reload(&self, connection: &Connection) -> Result<(), StoreError> {
        let rows = all(
            connection,
            "read the availability versions",
            "SELECT company_id, group_id, day, ver, freed_at FROM availability_versions",
            [],
            Bumped::read,
        )?;
        self.apply(&rows);
        Ok(())
    }

    /// Takes in what a commit has bumped, all at once.
    pub(crate) fn apply(&self, bumped: &[Bumped]) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for row in bumped {
            let rows = known.entry((row.company, row.group)).or_default();
            rows.put(row.day, row.version, row.freed_at);
        }
    }

    fn read<T: Default>(
        &self,
        group: (CompanyId, GroupId),
        read: impl FnOnce(&VersionRows) -> T,
    ) -> T {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&group).map(read).unwrap_or_default()
    }
}

#[async_trait]
impl VersionMirror for SqliteStore {
    async fn refresh(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn stamp(&self, company: CompanyId, group: GroupId, days: DayRange) -> Stamp {
        Stamp {
            epoch: self.versions.epoch,
            sum: self.versions.read((company, group), |rows| rows.sum(days)),
        }
    }

    fn freed_at(&self, company: CompanyId, group: GroupId, days: DayRange) -> Option<Instant> {
        let group = (company, group);
        self.versions.read(group, |rows| rows.freed_at(days))
    }

    fn setup_version(&self, company: CompanyId) -> i64 {
        self.versions.read((company, SETUP), VersionRows::all_days)
    }
}
