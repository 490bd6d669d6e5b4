//! Deleting what nobody needs any more, and finding what is over.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, CompanyId};
use booking_domain::ports::{Housekeeping, Retention, StoreError};
use booking_domain::time::Instant;
use rusqlite::params;

use crate::SqliteStore;
use crate::statements::{all, run};

#[async_trait]
impl Housekeeping for SqliteStore {
    async fn prune(&self, keep: &Retention, limit: u32) -> Result<u64, StoreError> {
        const ACTION: &str = "delete what is over";
        // Nothing that is on its way: not the outbox, no open job, no saga that is not over; and
        // not the row that stands for all days.
        let by_age = [
            ("dead_jobs", "id", "died_at < ?1", keep.dead_jobs),
            (
                "webhook_inbox",
                "company_id, key",
                "received_at < ?1",
                keep.inbox,
            ),
            (
                "idempotency_keys",
                "company_id, key",
                "created_at < ?1",
                keep.keys,
            ),
            (
                "sagas",
                "company_id, id",
                "phase = 'done' AND unixepoch(json_extract(saga, '$.started_at')) * 1000000 < ?1",
                keep.sagas,
            ),
            (
                "analytics_counted",
                "company_id, appointment_id, sequence",
                "counted_at < ?1",
                keep.dead_jobs,
            ),
            (
                "availability_versions",
                "company_id, group_id, day",
                "day > -719162 AND day < ?1 / 86400000000",
                keep.versions,
            ),
            (
                "notifications",
                "company_id, id",
                "created_at < ?1 AND status <> 'queued'",
                keep.messages,
            ),
            (
                "campaigns",
                "company_id, id",
                "created_at < ?1 AND chosen_at IS NOT NULL AND NOT EXISTS (
                     SELECT 1 FROM notifications n
                     WHERE n.company_id = campaigns.company_id AND n.campaign_id = campaigns.id)",
                keep.messages,
            ),
        ];
        let transaction = self.transaction().await?;
        let mut gone = 0;
        for (table, key, is_old, before) in by_age {
            let sql = format!(
                "DELETE FROM {table} WHERE ({key}) IN
                     (SELECT {key} FROM {table} WHERE {is_old} LIMIT ?2)"
            );
            let params = params![before.unix_micros(), limit];
            gone += run(transaction.connection(), ACTION, &sql, params)? as u64;
        }
        transaction.commit().await?;
        Ok(gone)
    }

    async fn over(
        &self,
        now: Instant,
        limit: u32,
    ) -> Result<Vec<(CompanyId, AppointmentId)>, StoreError> {
        const ACTION: &str = "find what is over";
        self.readers.read(ACTION, |connection| {
            all(
                connection,
                ACTION,
                "SELECT company_id, id FROM appointments
                 WHERE state IN ('scheduled', 'confirmed') AND ends_at <= ?1
                 ORDER BY ends_at LIMIT ?2",
                params![now.unix_micros(), limit],
                |row| Ok((row.company()?, AppointmentId::new(row.uuid("id")?))),
            )
        })
    }
}
