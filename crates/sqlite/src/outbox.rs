//! Events on their way to the listeners.
//!
//! A lease puts `due_at` off to its end, so that an entry whose relay died comes again by itself.

use async_trait::async_trait;
use booking_domain::ports::{Outbox, OutboxEntry, StoreError};
use booking_domain::time::Instant;
use rusqlite::params;

use crate::SqliteStore;
use crate::statements::{all, first, run};

/// What is due at `?1`, oldest first, `?2` of them.
const DUE: &str = "SELECT id, failed, event FROM outbox
    WHERE delivered_at IS NULL AND due_at <= ?1 ORDER BY id LIMIT ?2";

#[async_trait]
impl Outbox for SqliteStore {
    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        const ACTION: &str = "lease outbox entries";
        // Most of the time there is nothing to do, and nobody need wait for the writer.
        let anything = self.readers.read(ACTION, |connection| {
            first(
                connection,
                ACTION,
                DUE,
                params![now.unix_micros(), 1],
                |_| Ok(()),
            )
        })?;
        if anything.is_none() || limit == 0 {
            return Ok(Vec::new());
        }
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        let due = all(
            connection,
            ACTION,
            DUE,
            params![now.unix_micros(), limit],
            |row| {
                Ok(OutboxEntry {
                    id: row.get("id")?,
                    failed: row.get("failed")?,
                    event: row.json("event")?,
                })
            },
        )?;
        for entry in &due {
            run(
                connection,
                ACTION,
                "UPDATE outbox SET due_at = ?2 WHERE id = ?1",
                params![entry.id, leased_until.unix_micros()],
            )?;
        }
        transaction.commit().await?;
        Ok(due)
    }

    async fn delivered(&self, ids: &[i64], now: Instant) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let transaction = self.transaction().await?;
        for id in ids {
            run(
                transaction.connection(),
                "note a delivery",
                "UPDATE outbox SET delivered_at = ?2 WHERE id = ?1 AND delivered_at IS NULL",
                params![id, now.unix_micros()],
            )?;
        }
        transaction.commit().await.map(drop)
    }

    async fn postpone(&self, id: i64, due_at: Instant, error: &str) -> Result<(), StoreError> {
        let transaction = self.transaction().await?;
        run(
            transaction.connection(),
            "postpone a delivery",
            "UPDATE outbox SET due_at = ?2, failed = failed + 1, last_error = ?3
             WHERE id = ?1 AND delivered_at IS NULL",
            params![id, due_at.unix_micros(), error],
        )?;
        transaction.commit().await.map(drop)
    }
}
