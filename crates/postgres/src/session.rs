//! A transaction on a pooled connection: begun, and ended, in one round trip.
//!
//! Not `sqlx::Transaction`, for three reasons. A `begin` that is cancelled, or that fails after
//! `BEGIN` (a lock it waits for in the same batch), leaves an open transaction in the pool. `COMMIT`
//! after a failed statement silently rolls back and reports success. And the last statement could
//! not travel together with its `COMMIT`.

use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres};
use tokio::sync::RwLock;

/// How long a server may say nothing at all. It ends statements itself long before that
/// (`statement_timeout`); this is for one that is gone without a word.
const SILENCE: Duration = Duration::from_secs(30);

/// An open transaction. Dropping it undoes everything, whatever state it is in.
pub(crate) struct Session {
    /// `None` only while being dropped or committed.
    conn: Option<PoolConnection<Postgres>>,
    rollbacks: Option<Rollbacks>,
}

/// The rollbacks under way. Dropping cannot wait for the server, so for a moment the rows are still
/// locked: whoever skips locked rows waits for this first, or would miss what was just let go.
#[derive(Clone, Default)]
pub(crate) struct Rollbacks(Arc<RwLock<()>>);

impl Rollbacks {
    /// How long somebody waits for a server that may not answer at all.
    const LIMIT: Duration = Duration::from_secs(1);

    /// Returns when all rollbacks that have begun are done.
    pub(crate) async fn settled(&self) {
        tokio::time::timeout(Self::LIMIT, self.0.write()).await.ok();
    }
}

impl Session {
    /// Takes a connection and sends `batch`, which must begin with `BEGIN` and contain nothing but
    /// text of ours and numbers. A connection that turns out to be dead is replaced: nothing has
    /// happened on it yet.
    pub(crate) async fn begin(pool: &PgPool, batch: &str) -> Result<Self, sqlx::Error> {
        let mut left = pool.options().get_max_connections();
        loop {
            // From here on, cancelled or not, dropping rolls back.
            let mut session = Self {
                conn: Some(pool.acquire().await?),
                rollbacks: None,
            };
            match session.run(batch).await {
                Err(error) if left > 0 && is_dead(&error) => {
                    left -= 1;
                    session.discard();
                }
                Err(error) => return Err(error),
                Ok(()) => return Ok(session),
            }
        }
    }

    /// Lets others wait for this session's rollback, should it come to that.
    pub(crate) fn tracked_by(mut self, rollbacks: &Rollbacks) -> Self {
        self.rollbacks = Some(rollbacks.clone());
        self
    }

    /// The connection, to run statements on.
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        self.conn.as_mut().expect("present until the session ends")
    }

    /// Runs statements without parameters. Text of ours and numbers only.
    pub(crate) async fn run(&mut self, batch: &str) -> Result<(), sqlx::Error> {
        answered(sqlx::raw_sql(AssertSqlSafe(batch)).execute(self.conn()))
            .await
            .map(drop)
    }

    /// Runs a last statement, commits, and gives its rows. An error after sending is ambiguous.
    pub(crate) async fn commit(mut self, last: Option<&str>) -> Result<Vec<PgRow>, sqlx::Error> {
        // In a transaction that has failed, the first of the two is an error; `COMMIT` alone would
        // be a rollback that looks like success.
        let batch = format!("{}; COMMIT", last.unwrap_or("SELECT WHERE false"));
        let rows = sqlx::raw_sql(AssertSqlSafe(batch)).fetch_all(self.conn());
        let rows = answered(rows).await?;
        self.conn = None;
        Ok(rows)
    }

    fn discard(mut self) {
        if let Some(mut conn) = self.conn.take() {
            conn.close_on_drop();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else {
            return;
        };
        let tracked = self.rollbacks.take();
        let tracked = tracked.and_then(|rollbacks| rollbacks.0.try_read_owned().ok());
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    let _until_done = tracked;
                    // Answers still under way (a cancelled statement) are read first.
                    let rollback = sqlx::raw_sql("ROLLBACK").execute(&mut *conn);
                    if answered(rollback).await.is_err() {
                        conn.close_on_drop();
                    }
                });
            }
            Err(_) => drop(conn.detach()),
        }
    }
}

async fn answered<T>(
    statement: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let silent = |_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
    tokio::time::timeout(SILENCE, statement)
        .await
        .unwrap_or_else(silent)
}

/// Whether the server has hung up, so that nothing was done.
fn is_dead(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::TimedOut,
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P01" | "57P02" | "25P03"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PgSettings, PgStore};
    use booking_domain::ports::{Outbox, SagaQueue};
    use booking_domain::time::{Instant, Span};
    use booking_test_support::postgres::TestDatabase;

    /// Turns red when a queue does not wait for rollbacks under way.
    #[tokio::test]
    async fn queues_wait_for_rollbacks() {
        let database = TestDatabase::create().await.unwrap();
        let settings = PgSettings::new(database.url());
        let store = PgStore::connect(settings).await.unwrap();
        store.migrate().await.unwrap();
        let now = Instant::from_unix_seconds(0).unwrap();
        let soon = Duration::from_millis(200);
        let rollback = Arc::clone(&store.rollbacks.0).try_read_owned().unwrap();
        let events = Outbox::lease_due(&store, now, now + Span::HOUR, 1);
        assert!(tokio::time::timeout(soon, events).await.is_err());
        let sagas = SagaQueue::lease_due(&store, now, now + Span::HOUR, 1);
        assert!(tokio::time::timeout(soon, sagas).await.is_err());
        drop(rollback);
        Outbox::lease_due(&store, now, now + Span::HOUR, 1)
            .await
            .unwrap();
        SagaQueue::lease_due(&store, now, now + Span::HOUR, 1)
            .await
            .unwrap();
    }
}
