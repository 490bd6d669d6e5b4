//! The version mirror: one task with its own connection, one tiny statement per batch of readers.
//!
//! A reader waits for a statement that began after it came, so it sees every commit acknowledged
//! before. What the statement is: `changes`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use booking_domain::availability::{Stamp, VersionRows};
use booking_domain::ids::{CompanyId, EpochId, GroupId};
use booking_domain::ports::{StoreError, VersionMirror};
use booking_domain::time::{DayRange, Instant};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::PgStore;
use crate::changes::{Changes, Row, read_all, read_since};
use crate::rounds::{Rounds, Runner};
use crate::versions::SETUP_GROUP;

/// How long readers wait for one statement. One that comes while a statement runs waits for two.
const STATEMENT_LIMIT: Duration = Duration::from_millis(900);
/// How long connecting and reading everything may take, while readers are told to go away.
const LOAD_LIMIT: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Versions {
    epoch: Uuid,
    rows: HashMap<(CompanyId, GroupId), VersionRows>,
}

/// The handle: reads the map, asks the task to bring it up to date.
#[derive(Clone)]
pub(crate) struct Mirror {
    versions: Arc<RwLock<Versions>>,
    rounds: Rounds,
}

impl Mirror {
    /// Starts the task; it ends with the last handle. Connects when somebody reads.
    pub(crate) fn start(options: PgConnectOptions) -> Self {
        let (rounds, runner) = Rounds::new();
        let versions = Arc::default();
        let feed = Feed {
            options,
            versions: Arc::clone(&versions),
            link: Link::Down,
        };
        tokio::spawn(feed.serve(runner));
        Self { versions, rounds }
    }

    fn read<T>(&self, read: impl FnOnce(&Versions) -> T) -> T {
        read(&self.versions.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn group<T: Default>(
        &self,
        group: (CompanyId, GroupId),
        read: impl FnOnce(&VersionRows) -> T,
    ) -> T {
        self.read(|versions| versions.rows.get(&group).map(read).unwrap_or_default())
    }
}

#[async_trait]
impl VersionMirror for PgStore {
    async fn refresh(&self) -> Result<(), StoreError> {
        let read = self.mirror.rounds.join().await;
        read.map_err(|why| StoreError::Unavailable {
            action: "read availability versions",
            source: why.into(),
        })
    }

    fn stamp(&self, company: CompanyId, group: GroupId, days: DayRange) -> Stamp {
        self.mirror.read(|versions| {
            let rows = versions.rows.get(&(company, group));
            Stamp {
                epoch: EpochId::new(versions.epoch),
                sum: rows.map_or(0, |rows| rows.sum(days)),
            }
        })
    }

    fn freed_at(&self, company: CompanyId, group: GroupId, days: DayRange) -> Option<Instant> {
        let group = (company, group);
        self.mirror.group(group, |rows| rows.freed_at(days))
    }

    fn setup_version(&self, company: CompanyId) -> i64 {
        let group = (company, GroupId::new(SETUP_GROUP));
        self.mirror.group(group, VersionRows::all_days)
    }
}

/// A connection whose map is complete up to the snapshot `seen`.
struct Live {
    conn: PgConnection,
    seen: String,
    epoch: Uuid,
}

enum Link {
    Down,
    Loading(JoinHandle<Result<(Live, Versions), sqlx::Error>>),
    Up(Live),
}

struct Feed {
    options: PgConnectOptions,
    versions: Arc<RwLock<Versions>>,
    link: Link,
}

impl Feed {
    async fn serve(mut self, mut runner: Runner) {
        let mut is_down = false;
        while runner.begin().await {
            let outcome = match tokio::time::timeout(STATEMENT_LIMIT, self.bring_up_to_date()).await
            {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => {
                    self.link = Link::Down;
                    Err(error.to_string())
                }
                Err(_) => {
                    // A statement cut short leaves a connection of no use; loading may go on.
                    if matches!(self.link, Link::Up(_)) {
                        self.link = Link::Down;
                    }
                    Err(format!("no answer within {STATEMENT_LIMIT:?}"))
                }
            };
            match &outcome {
                Err(error) if !is_down => {
                    tracing::warn!(%error, "availability versions cannot be read");
                }
                Ok(()) if is_down => tracing::info!("availability versions are read again"),
                _ => {}
            }
            is_down = outcome.is_err();
            runner.end(outcome);
        }
    }

    /// A connection that the server has closed while nobody asked is worth a second try.
    async fn bring_up_to_date(&mut self) -> Result<(), sqlx::Error> {
        let was_up = matches!(self.link, Link::Up(_));
        match self.update().await {
            Err(_) if was_up => {
                self.link = Link::Down;
                self.update().await
            }
            outcome => outcome,
        }
    }

    /// One statement that begins now, after connecting and reading everything if need be.
    async fn update(&mut self) -> Result<(), sqlx::Error> {
        if let Link::Down = self.link {
            let options = self.options.clone();
            let load = async move { load(&options).await };
            self.link = Link::Loading(tokio::spawn(async move {
                let late = || sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
                tokio::time::timeout(LOAD_LIMIT, load)
                    .await
                    .unwrap_or_else(|_| Err(late()))
            }));
        }
        if let Link::Loading(task) = &mut self.link {
            let loaded = task
                .await
                .map_err(|error| sqlx::Error::Io(std::io::Error::other(error)));
            let (live, versions) = loaded.and_then(|loaded| loaded)?;
            *self
                .versions
                .write()
                .unwrap_or_else(PoisonError::into_inner) = versions;
            self.link = Link::Up(live);
        }
        let Link::Up(live) = &mut self.link else {
            return Ok(());
        };
        let changes = read_since(&mut live.conn, &live.seen).await?;
        if changes.epoch != live.epoch {
            // The past may be another one: read everything anew, for this batch already.
            let all = read_all(&mut live.conn).await?;
            (live.epoch, live.seen) = (all.epoch, all.seen.clone());
            *self
                .versions
                .write()
                .unwrap_or_else(PoisonError::into_inner) = all.into();
            return Ok(());
        }
        if !changes.rows.is_empty() {
            let mut versions = self
                .versions
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            versions.add(changes.rows);
        }
        live.seen = changes.seen;
        Ok(())
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        if let Link::Loading(task) = &self.link {
            task.abort();
        }
    }
}

impl Versions {
    fn add(&mut self, rows: Vec<Row>) {
        for row in rows {
            let group = (CompanyId::new(row.company), GroupId::new(row.group));
            let rows = self.rows.entry(group).or_default();
            rows.put(row.day, row.ver, row.freed_at);
        }
    }
}

impl From<Changes> for Versions {
    fn from(all: Changes) -> Self {
        let mut versions = Self {
            epoch: all.epoch,
            ..Self::default()
        };
        versions.add(all.rows);
        versions
    }
}

async fn load(options: &PgConnectOptions) -> Result<(Live, Versions), sqlx::Error> {
    let mut conn = options.connect().await?;
    let all = read_all(&mut conn).await?;
    let (seen, epoch) = (all.seen.clone(), all.epoch);
    Ok((Live { conn, seen, epoch }, all.into()))
}
