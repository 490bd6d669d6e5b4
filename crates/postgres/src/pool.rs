//! How connections are opened, and who sees which rows.
//!
//! Two kinds of connections, same role: those of the company pool see nothing until a transaction
//! names its company; those of the small system pool are opened with `app.scope=system` and see all
//! companies, for the workers that serve them all.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool};

use crate::error::PgError;

/// Workers' passes are short and few.
pub(crate) const SYSTEM_CONNECTIONS: u32 = 4;

/// How to reach Postgres.
#[derive(Clone)]
pub struct PgSettings {
    /// Such as `postgres://booking:secret@db.example:5432/booking`. The role must own the database
    /// and should not be a superuser.
    pub url: String,
    /// A read replica, for lists only; these may lag.
    pub replica_url: Option<String>,
    /// Most connections for companies' work, per server. Four more serve the workers, two
    /// webhooks that change nothing, one the version mirror.
    pub max_connections: u32,
    /// How long to wait for a connection, new or free.
    pub acquire_timeout: Duration,
    /// How long one statement may take, waiting for locks included.
    pub statement_timeout: Duration,
}

impl PgSettings {
    /// The settings for this address, everything else as usual.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            replica_url: None,
            max_connections: 16,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(15),
        }
    }

    fn options(&self, url: &str) -> Result<PgConnectOptions, PgError> {
        let statement = self.statement_timeout.as_millis().to_string();
        // The driver takes any scheme, and makes up what is missing.
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            let text = "it begins with neither postgres:// nor postgresql://";
            return Err(PgError::Url(sqlx::Error::Configuration(text.into())));
        }
        let options = PgConnectOptions::from_str(url).map_err(PgError::Url)?;
        Ok(options
            .application_name("booking-gateway")
            .options([
                ("statement_timeout", statement.as_str()),
                // A transaction never spans a call to the outside: this long means it is lost.
                ("idle_in_transaction_session_timeout", "60000"),
            ])
            .disable_statement_logging())
    }

    pub(crate) fn company_options(&self) -> Result<PgConnectOptions, PgError> {
        self.options(&self.url)
    }

    pub(crate) fn replica_options(&self) -> Result<Option<PgConnectOptions>, PgError> {
        self.replica_url
            .as_deref()
            .map(|url| self.options(url))
            .transpose()
    }

    pub(crate) fn system_options(&self) -> Result<PgConnectOptions, PgError> {
        Ok(self.options(&self.url)?.options([("app.scope", "system")]))
    }

    /// Who waits here holds up a whole round: whatever is locked for longer is filed alone.
    pub(crate) fn desk_options(&self) -> Result<PgConnectOptions, PgError> {
        Ok(self.system_options()?.options([("lock_timeout", "500")]))
    }

    /// A migration may take its time, and may have to look at every company's rows.
    pub(crate) fn migration_options(&self) -> Result<PgConnectOptions, PgError> {
        Ok(self.system_options()?.options([("statement_timeout", "0")]))
    }

    pub(crate) fn pool(&self, options: PgConnectOptions, most: u32) -> PgPool {
        PgPoolOptions::new()
            .max_connections(most.max(1))
            .acquire_timeout(self.acquire_timeout)
            // Costs a round trip per use; `Session::begin` copes with a dead connection instead.
            .test_before_acquire(false)
            .connect_lazy_with(options)
    }
}

impl std::fmt::Debug for PgSettings {
    /// Without the addresses: they carry passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgSettings")
            .field("max_connections", &self.max_connections)
            .field("replica", &self.replica_url.is_some())
            .finish_non_exhaustive()
    }
}

/// One connection, or why not: a pool would only say that it ran out of time.
pub(crate) async fn connect_once(
    options: &PgConnectOptions,
    limit: Duration,
) -> Result<PgConnection, PgError> {
    let source = match tokio::time::timeout(limit, options.connect()).await {
        Ok(Ok(conn)) => return Ok(conn),
        Ok(Err(source)) => source,
        Err(_) => sqlx::Error::Io(std::io::Error::new(
            std::io::ErrorKind::TimedOut,
            format!("no answer within {limit:?}"),
        )),
    };
    let target = format!(
        "database '{}' as '{}' at {}:{}",
        options.get_database().unwrap_or(options.get_username()),
        options.get_username(),
        options.get_socket().map_or_else(
            || options.get_host().to_owned(),
            |path| path.display().to_string()
        ),
        options.get_port()
    );
    Err(PgError::Unreachable { target, source })
}
