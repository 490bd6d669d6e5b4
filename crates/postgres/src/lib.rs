//! The Postgres store: every storage port of the domain over Postgres 15 or newer.
//!
//! | question | module |
//! |---|---|
//! | how are connections opened, and who sees which rows? | `pool` |
//! | what is a transaction here? | `session`, `unit_of_work` |
//! | how does an appointment take a slot? | `claims`, `assign` |
//! | how does it reach the tables? | `appointments`, `rows` |
//! | which days does a change touch? | `versions`, `mirror`, `changes` |
//! | how is a burst of webhooks filed? | `webhook_rounds` |
//! | what is picked up by workers? | `outbox`, `sagas`, `jobs`, `schedules`, `wakeups` |
//! | what are customers sent, and who agreed to it? | `delivery_log`, `campaigns`, `consents` |
//! | what does a constraint's name mean? | `error` |
//!
//! **The order of locks** is the same everywhere, so that no two transactions wait for each other
//! in a circle: idempotency key or inbox row → customer → appointment → claims → sagas → versions.
//! Versions come last by construction: they are written by the commit itself.
#![forbid(unsafe_code)]

mod api_keys;
mod appointments;
mod assign;
mod calls;
mod campaigns;
mod changes;
mod check;
mod claims;
mod consents;
mod customers;
mod delivery_log;
mod error;
mod history;
mod housekeeping;
mod idempotency;
mod inbox;
mod job_admin;
mod jobs;
mod mirror;
mod outbox;
mod pool;
mod queries;
mod records;
mod reviews;
mod rounds;
mod rows;
mod sagas;
mod schedules;
mod session;
mod setup;
mod setup_import;
mod setup_touched;
mod unit_of_work;
mod versions;
mod wakeups;
mod webhook_rounds;

use sqlx::Connection;
use sqlx::PgPool;

pub use check::{Finding, Severity};
pub use error::PgError;
pub use pool::PgSettings;

use mirror::Mirror;
use session::Rollbacks;
use wakeups::Line;
use webhook_rounds::Desk;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/postgres");

/// The store. Cheap to clone: clones share connections and the version mirror.
#[derive(Clone)]
pub struct PgStore {
    /// Sees a company's rows once its transaction has named the company.
    companies: PgPool,
    /// As `companies`, on a replica if there is one: for reads that may lag.
    replica: PgPool,
    /// For all-company workers: sees every row.
    system: PgPool,
    mirror: Mirror,
    rollbacks: Rollbacks,
    line: Line,
    desk: Desk,
    settings: PgSettings,
}

impl PgStore {
    /// Checks that the server answers, and prepares the pools; further connections are opened as
    /// they are needed. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`PgError::Url`] and [`PgError::Unreachable`]; both say what was tried and how to mend it.
    pub async fn connect(settings: PgSettings) -> Result<Self, PgError> {
        let company = settings.company_options()?;
        let system = settings.system_options()?;
        let replica = settings.replica_options()?;
        pool::connect_once(&company, settings.acquire_timeout)
            .await?
            .close()
            .await
            .ok();
        let companies = settings.pool(company, settings.max_connections);
        let workers = settings.pool(system.clone(), pool::SYSTEM_CONNECTIONS);
        Ok(Self {
            replica: replica.map_or_else(
                || companies.clone(),
                |replica| settings.pool(replica, settings.max_connections),
            ),
            companies,
            desk: Desk::start(settings.pool(settings.desk_options()?, webhook_rounds::CONNECTIONS)),
            line: Line::start(workers.clone(), system.clone()),
            system: workers,
            mirror: Mirror::start(system),
            rollbacks: Rollbacks::default(),
            settings,
        })
    }

    /// Brings the schema up to date. May be repeated, and run by several processes at once: one
    /// does the work, the others wait for it.
    ///
    /// # Errors
    /// [`PgError::Migrate`] when a migration fails (nothing of it stays), or when the database was
    /// migrated by a newer version of this program.
    pub async fn migrate(&self) -> Result<(), PgError> {
        let options = self.settings.migration_options()?;
        let mut conn = pool::connect_once(&options, self.settings.acquire_timeout).await?;
        let done = MIGRATIONS.run(&mut conn).await;
        conn.close().await.ok();
        done.map_err(PgError::Migrate)
    }

    /// Whether the primary answers.
    ///
    /// # Errors
    /// [`PgError::Query`] when it does not.
    pub async fn ping(&self) -> Result<(), PgError> {
        sqlx::query("SELECT 1")
            .execute(&self.companies)
            .await
            .map(drop)
            .map_err(|source| PgError::Query {
                action: "ping the database",
                source,
            })
    }

    /// Closes all connections, letting transactions under way end first.
    pub async fn close(&self) {
        self.companies.close().await;
        self.replica.close().await;
        self.system.close().await;
    }
}

impl std::fmt::Debug for PgStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgStore")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
