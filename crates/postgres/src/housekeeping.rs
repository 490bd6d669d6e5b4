//! Deleting what nobody needs any more, and finding what is over.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, CompanyId};
use booking_domain::ports::{Housekeeping, Retention, StoreError};
use booking_domain::time::Instant;

use crate::PgStore;
use crate::error::failed;
use crate::rows::to_db;

#[async_trait]
impl Housekeeping for PgStore {
    async fn prune(&self, keep: &Retention, limit: u32) -> Result<u64, StoreError> {
        // Nothing that is on its way: not the outbox, no open job, no saga that is not over.
        let limit = i64::from(limit);
        let gone = sqlx::query_scalar!(
            r#"
            WITH dead AS (
                DELETE FROM dead_jobs WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM dead_jobs WHERE died_at < $1 LIMIT $6))
                RETURNING 1
            ), inbox AS (
                DELETE FROM webhook_inbox WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM webhook_inbox WHERE received_at < $2 LIMIT $6))
                RETURNING 1
            ), keys AS (
                DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM idempotency_keys WHERE created_at < $3 LIMIT $6))
                RETURNING 1
            ), over AS (
                DELETE FROM sagas WHERE phase = 'done' AND ctid = ANY (ARRAY(
                    SELECT ctid FROM sagas
                    WHERE phase = 'done' AND (saga ->> 'started_at')::timestamptz < $4
                    ORDER BY id LIMIT $6))
                RETURNING 1
            ), counted AS (
                DELETE FROM analytics_counted WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM analytics_counted WHERE counted_at < $1 LIMIT $6))
                RETURNING 1
            ), versions AS (
                DELETE FROM availability_versions WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM availability_versions
                    -- '0001-01-01' stands for all days.
                    WHERE day > '0001-01-01' AND day < ($5 AT TIME ZONE 'UTC')::date LIMIT $6))
                RETURNING 1
            ), messages AS (
                DELETE FROM notifications WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM notifications
                    WHERE created_at < $7 AND status <> 'queued' LIMIT $6))
                RETURNING 1
            ), campaigns AS (
                DELETE FROM campaigns WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM campaigns c
                    WHERE created_at < $7 AND chosen_at IS NOT NULL AND NOT EXISTS (
                        SELECT FROM notifications n
                        WHERE n.company_id = c.company_id AND n.campaign_id = c.id) LIMIT $6))
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM dead) + (SELECT count(*) FROM inbox)
                 + (SELECT count(*) FROM keys) + (SELECT count(*) FROM over)
                 + (SELECT count(*) FROM counted) + (SELECT count(*) FROM versions)
                 + (SELECT count(*) FROM messages) + (SELECT count(*) FROM campaigns) AS "gone!""#,
            to_db(keep.dead_jobs),
            to_db(keep.inbox),
            to_db(keep.keys),
            to_db(keep.sagas),
            to_db(keep.versions),
            limit,
            to_db(keep.messages),
        )
        .fetch_one(&self.system)
        .await
        .map_err(failed("delete what is over"))?;
        Ok(gone.unsigned_abs())
    }

    async fn over(
        &self,
        now: Instant,
        limit: u32,
    ) -> Result<Vec<(CompanyId, AppointmentId)>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT a.company_id, a.id
            FROM companies c CROSS JOIN LATERAL (
                SELECT company_id, id, ends_at FROM appointments a
                WHERE a.company_id = c.company_id AND a.starts_at <= $1 AND a.ends_at <= $1
                  AND a.state IN ('scheduled', 'confirmed')
                ORDER BY a.starts_at, a.id LIMIT $2) AS a
            ORDER BY a.ends_at LIMIT $2"#,
            to_db(now),
            i64::from(limit),
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("find what is over"))?;
        let found = rows.into_iter();
        Ok(found
            .map(|row| (CompanyId::new(row.company_id), AppointmentId::new(row.id)))
            .collect())
    }
}
