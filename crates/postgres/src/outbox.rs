//! Events on their way to the listeners.

use async_trait::async_trait;
use booking_domain::ports::{Outbox, OutboxEntry, StoreError};
use booking_domain::time::Instant;

use crate::PgStore;
use crate::error::{corrupt, failed};
use crate::rows::to_db;

#[async_trait]
impl Outbox for PgStore {
    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        self.rollbacks.settled().await;
        // By state, not by position: an event that commits late has a low id and is found anyway.
        let mut rows = sqlx::query!(
            r#"
            WITH due AS (
                SELECT id FROM outbox
                WHERE delivered_at IS NULL AND due_at <= $1
                  AND (leased_until IS NULL OR leased_until <= $1)
                ORDER BY id
                LIMIT $3
                FOR UPDATE SKIP LOCKED
            )
            UPDATE outbox o SET leased_until = $2 FROM due WHERE o.id = due.id
            RETURNING o.id, o.failed, o.event"#,
            to_db(now),
            to_db(leased_until),
            i64::from(limit),
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("lease events"))?;
        rows.sort_by_key(|row| row.id);
        rows.into_iter()
            .map(|row| {
                Ok(OutboxEntry {
                    id: row.id,
                    failed: row.failed.cast_unsigned(),
                    event: serde_json::from_value(row.event)
                        .map_err(|error| corrupt(format!("outbox {}", row.id), error))?,
                })
            })
            .collect()
    }

    async fn delivered(&self, ids: &[i64], now: Instant) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE outbox SET delivered_at = $2, leased_until = NULL
             WHERE id = ANY ($1) AND delivered_at IS NULL",
            ids,
            to_db(now),
        )
        .execute(&self.system)
        .await
        .map(drop)
        .map_err(failed("note that events were delivered"))
    }

    async fn postpone(&self, id: i64, due_at: Instant, error: &str) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE outbox
             SET due_at = $2, last_error = $3, failed = failed + 1, leased_until = NULL
             WHERE id = $1 AND delivered_at IS NULL",
            id,
            to_db(due_at),
            error,
        )
        .execute(&self.system)
        .await
        .map(drop)
        .map_err(failed("postpone an event"))
    }
}
