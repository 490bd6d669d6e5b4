//! The store: Postgres, or SQLite for a single machine.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use booking_domain::ports::{StorePorts, Wakeups};
use booking_postgres::{PgSettings, PgStore, Severity};
use booking_sqlite::{SqliteStore, SqliteTarget};
use secrecy::ExposeSecret;

use crate::config::{Config, ConfigError};

/// A store, and who may use it.
#[derive(Clone)]
pub(crate) struct OpenStore {
    pub(crate) ports: StorePorts,
    /// The line to the other processes, if several may use it.
    pub(crate) wakeups: Option<Arc<dyn Wakeups>>,
    /// Whether several processes may use it at once.
    pub(crate) is_shared: bool,
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
pub(crate) async fn open_store(config: &Config) -> anyhow::Result<OpenStore> {
    match database_url(config)? {
        DatabaseUrl::Postgres(url) => {
            let store = connect_postgres(config, url).await?;
            refuse_unfit(&store).await?;
            let store = Arc::new(store);
            Ok(OpenStore {
                wakeups: Some(store.clone()),
                ports: StorePorts::of(store),
                is_shared: true,
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
pub(crate) fn open_sqlite(file: &Path) -> anyhow::Result<OpenStore> {
    let store = SqliteStore::open(SqliteTarget::File(file.to_owned()))
        .with_context(|| format!("the database file {} cannot be used", file.display()))?;
    Ok(OpenStore {
        ports: StorePorts::of(Arc::new(store)),
        wakeups: None,
        is_shared: false,
    })
}
