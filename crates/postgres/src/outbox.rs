//! Events on their way to the listeners.

use async_trait::async_trait;
use booking_domain::ports::{Outbox, OutboxEntry, StoreError};
use booking_domain::time::Instant;

use crate::PgStore;
use crate::error::failed;
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
        // Only an appointment's first event is leased; those behind it come along, because nobody
        // else can have them while it is there.
        let rows = sqlx::query!(
            r#"
            WITH heads AS (
                SELECT o.id, o.company_id, o.appointment_id FROM outbox o
                WHERE o.due_at <= $1 AND (o.leased_until IS NULL OR o.leased_until <= $1)
                  AND NOT EXISTS (
                      SELECT FROM outbox earlier
                      WHERE earlier.company_id = o.company_id
                        AND earlier.appointment_id = o.appointment_id
                        AND earlier.sequence < o.sequence)
                ORDER BY o.id
                LIMIT $3
                FOR UPDATE SKIP LOCKED
            ), leased AS (
                UPDATE outbox o SET leased_until = $2 FROM heads WHERE o.id = heads.id
            )
            SELECT o.id, o.event FROM heads
            JOIN outbox o ON o.company_id = heads.company_id
                AND o.appointment_id = heads.appointment_id
            ORDER BY o.id"#,
            to_db(now),
            to_db(leased_until),
            i64::from(limit),
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("lease events"))?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            match serde_json::from_value(row.event) {
                Ok(event) => entries.push(OutboxEntry { id: row.id, event }),
                Err(error) => self.bury_event(row.id, now, &error.to_string()).await?,
            }
        }
        Ok(entries)
    }

    async fn delivered(&self, ids: &[i64]) -> Result<(), StoreError> {
        sqlx::query!(
            "WITH gone AS (DELETE FROM outbox WHERE id = ANY ($1) RETURNING *)
             INSERT INTO appointment_events (company_id, appointment_id, sequence, event, occurred_at)
             SELECT company_id, appointment_id, sequence, event,
                    (event ->> 'occurred_at')::timestamptz
             FROM gone",
            ids,
        )
        .execute(&self.system)
        .await
        .map(drop)
        .map_err(failed("note that events were delivered"))
    }
}

impl PgStore {
    /// An event that nobody can read goes to the dead jobs, as it stands.
    async fn bury_event(&self, id: i64, now: Instant, reason: &str) -> Result<(), StoreError> {
        tracing::error!(
            event = id,
            reason,
            "an event cannot be read: see `jobs list --state dead`"
        );
        sqlx::query!(
            "WITH gone AS (DELETE FROM outbox WHERE id = $1 RETURNING *)
             INSERT INTO dead_jobs (id, company_id, queue, kind, payload, run_at, attempt, fence,
                                    created_at, died_at, reason)
             SELECT gen_random_uuid(), company_id, 'listeners', 'event', event, $2, 0, 0, $2, $2, $3
             FROM gone",
            id,
            to_db(now),
            reason,
        )
        .execute(&self.system)
        .await
        .map(drop)
        .map_err(failed("bury an event"))
    }
}
