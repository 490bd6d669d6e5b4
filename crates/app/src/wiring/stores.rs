//! The store: Postgres, or SQLite for a single machine.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use booking_domain::ports::{
    ApiKeyStore, AppointmentQueries, EventRecords, History, Housekeeping, JobAdmin, JobQueue,
    Outbox, ReviewQueries, SagaQueue, ScheduleStore, SetupStore, SharedInbox, UnitOfWorkFactory,
    VersionMirror, Wakeups,
};
use booking_postgres::{PgSettings, PgStore, Severity};
use booking_sqlite::{SqliteStore, SqliteTarget};
use secrecy::ExposeSecret;

use crate::config::{Config, ConfigError};

/// One store behind all the ports it fills.
#[derive(Clone)]
pub(crate) struct StorePorts {
    pub(crate) units: Arc<dyn UnitOfWorkFactory>,
    pub(crate) queries: Arc<dyn AppointmentQueries>,
    pub(crate) setup: Arc<dyn SetupStore>,
    pub(crate) keys: Arc<dyn ApiKeyStore>,
    pub(crate) sagas: Arc<dyn SagaQueue>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) news: Arc<dyn SharedInbox>,
    pub(crate) jobs: Arc<dyn JobQueue>,
    pub(crate) job_admin: Arc<dyn JobAdmin>,
    pub(crate) schedules: Arc<dyn ScheduleStore>,
    pub(crate) records: Arc<dyn EventRecords>,
    pub(crate) housekeeping: Arc<dyn Housekeeping>,
    pub(crate) reviews: Arc<dyn ReviewQueries>,
    pub(crate) history: Arc<dyn History>,
    /// The line to the other processes, if several may use it.
    pub(crate) wakeups: Option<Arc<dyn Wakeups>>,
    pub(crate) versions: Arc<dyn VersionMirror>,
    /// Whether several processes may use it at once.
    pub(crate) is_shared: bool,
}

impl StorePorts {
    fn of<S>(store: S, is_shared: bool) -> Self
    where
        S: UnitOfWorkFactory
            + AppointmentQueries
            + SetupStore
            + ApiKeyStore
            + SagaQueue
            + Outbox
            + SharedInbox
            + JobQueue
            + JobAdmin
            + ScheduleStore
            + EventRecords
            + Housekeeping
            + History
            + ReviewQueries
            + VersionMirror
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            units: store.clone(),
            queries: store.clone(),
            setup: store.clone(),
            keys: store.clone(),
            sagas: store.clone(),
            outbox: store.clone(),
            news: store.clone(),
            jobs: store.clone(),
            job_admin: store.clone(),
            schedules: store.clone(),
            records: store.clone(),
            housekeeping: store.clone(),
            reviews: store.clone(),
            history: store.clone(),
            wakeups: None,
            versions: store,
            is_shared,
        }
    }
}

/// What `BOOKING__DATABASE_URL` names.
pub(crate) enum DatabaseUrl<'a> {
    Postgres(&'a str),
    Sqlite(&'a str),
}

pub(crate) fn database_url(config: &Config) -> anyhow::Result<DatabaseUrl<'_>> {
    let url = config.database_url.as_ref().ok_or(ConfigError::Missing {
        key: "BOOKING__DATABASE_URL",
        remedy: "give postgres://user:password@host/database, or sqlite:///path/to/file.db for a \
                 single machine (or try `booking-gateway demo`, which needs nothing)",
    })?;
    let url = url.expose_secret();
    if let Some(file) = url.strip_prefix("sqlite://") {
        return Ok(DatabaseUrl::Sqlite(file));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(DatabaseUrl::Postgres(url));
    }
    bail!("BOOKING__DATABASE_URL must begin with postgres:// or sqlite://")
}

/// Opens the configured store.
pub(crate) async fn open_store(config: &Config) -> anyhow::Result<StorePorts> {
    match database_url(config)? {
        DatabaseUrl::Postgres(url) => {
            let store = connect_postgres(config, url).await?;
            refuse_unfit(&store).await?;
            let wakeups: Arc<dyn Wakeups> = Arc::new(store.clone());
            Ok(StorePorts {
                wakeups: Some(wakeups),
                ..StorePorts::of(store, true)
            })
        }
        DatabaseUrl::Sqlite(file) => open_sqlite(Path::new(file)),
    }
}

pub(crate) async fn connect_postgres(config: &Config, url: &str) -> anyhow::Result<PgStore> {
    let replica = config
        .database_replica_url
        .as_ref()
        .map(|url| url.expose_secret().to_owned());
    let settings = PgSettings {
        replica_url: replica,
        ..PgSettings::new(url)
    };
    PgStore::connect(settings)
        .await
        .context("the database cannot be used")
}

/// A database that would fail at the first request is refused at the start.
async fn refuse_unfit(store: &PgStore) -> anyhow::Result<()> {
    for finding in store
        .check()
        .await
        .context("the database cannot be checked")?
    {
        match finding.severity {
            Severity::Fine => {}
            Severity::Warning => tracing::warn!("database: {}", finding.text),
            Severity::Error => bail!("the database is not fit for use: {}", finding.text),
        }
    }
    Ok(())
}

/// Opens (and migrates) an embedded store.
pub(crate) fn open_sqlite(file: &Path) -> anyhow::Result<StorePorts> {
    let store = SqliteStore::open(SqliteTarget::File(file.to_owned()))
        .with_context(|| format!("the database file {} cannot be used", file.display()))?;
    Ok(StorePorts::of(store, false))
}
