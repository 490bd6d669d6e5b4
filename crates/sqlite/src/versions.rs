//! Availability versions: bumped in the transaction, mirrored in memory.
//!
//! There is one process per file, so the mirror is the store's own: it is loaded when the store is
//! opened and moved on by every commit, *after* the commit and before it is acknowledged. The order
//! matters: whoever reads a stamp also sees the claims that made it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use booking_domain::availability::Stamp;
use booking_domain::events::DomainEvent;
use booking_domain::ids::{CompanyId, EpochId, GroupId, ServiceId};
use booking_domain::ports::{StoreError, VersionMirror};
use booking_domain::time::{Day, DayRange, Span};
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::statements::{all, first};

/// More days than this count as all days.
const MOST_DAYS: usize = 62;
/// The row that stands for all days: 0001-01-01.
const ALL_DAYS: Day = Day::from_epoch_days(-719_162);
/// The group whose all-days row is the version of the company's set-up and keys.
const SETUP: GroupId = GroupId::new(0);

type Days = BTreeMap<Day, i64>;

/// A row that a transaction has bumped, with its new version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bumped {
    company: CompanyId,
    group: GroupId,
    day: Day,
    version: i64,
}

/// The rows that a transaction will bump when it commits, each once.
#[derive(Default, Debug)]
pub(crate) struct Bumps(BTreeSet<(CompanyId, GroupId, Day)>);

impl Bumps {
    /// The days that the event affects, widened by `reach` on both sides.
    pub(crate) fn event(&mut self, event: &DomainEvent, group: GroupId, reach: Span) {
        let widened = event.affected.iter().map(|it| it.padded(reach, reach));
        // One more than the most is enough to know.
        let days: BTreeSet<Day> = widened
            .flat_map(|range| range.utc_days().iter().take(MOST_DAYS + 1))
            .collect();
        if days.len() > MOST_DAYS {
            self.all_days(event.company, group);
        } else {
            let days = days.into_iter();
            self.0.extend(days.map(|day| (event.company, group, day)));
        }
    }

    /// Every day of a group.
    pub(crate) fn all_days(&mut self, company: CompanyId, group: GroupId) {
        self.0.insert((company, group, ALL_DAYS));
    }

    /// The company's set-up or keys.
    pub(crate) fn setup(&mut self, company: CompanyId) {
        self.all_days(company, SETUP);
    }

    /// Writes the new versions.
    pub(crate) fn write(&self, connection: &Connection) -> Result<Vec<Bumped>, StoreError> {
        let mut bumped = Vec::with_capacity(self.0.len());
        for &(company, group, day) in &self.0 {
            let version = first(
                connection,
                "bump the availability versions",
                "INSERT INTO availability_versions (company_id, group_id, day) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET ver = ver + 1
                 RETURNING ver",
                params![company.get(), group.get(), day.epoch_days()],
                |row| row.get("ver"),
            )?;
            bumped.push(Bumped {
                company,
                group,
                day,
                version: version.unwrap_or_default(),
            });
        }
        Ok(bumped)
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
    known: RwLock<HashMap<(CompanyId, GroupId), Days>>,
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
            "SELECT company_id, group_id, day, ver FROM availability_versions",
            [],
            |row| {
                Ok(Bumped {
                    company: row.company()?,
                    group: row.id("group_id", GroupId::new)?,
                    day: Day::from_epoch_days(row.get("day")?),
                    version: row.get("ver")?,
                })
            },
        )?;
        self.apply(&rows);
        Ok(())
    }

    /// Takes in what a commit has bumped, all at once.
    pub(crate) fn apply(&self, bumped: &[Bumped]) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for row in bumped {
            let days = known.entry((row.company, row.group)).or_default();
            days.insert(row.day, row.version);
        }
    }

    fn sum(&self, company: CompanyId, group: GroupId, days: Option<DayRange>) -> i64 {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let Some(versions) = known.get(&(company, group)) else {
            return 0;
        };
        let all_days = versions.get(&ALL_DAYS).copied().unwrap_or_default();
        let in_window = days.map(|days| versions.range(days.first()..=days.last()));
        all_days
            + in_window
                .into_iter()
                .flatten()
                .map(|(_, version)| version)
                .sum::<i64>()
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
            sum: self.versions.sum(company, group, Some(days)),
        }
    }

    fn setup_version(&self, company: CompanyId) -> i64 {
        self.versions.sum(company, SETUP, None)
    }
}
