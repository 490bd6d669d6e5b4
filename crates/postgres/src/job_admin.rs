//! The queues as people see them: jobs, dead jobs, and wishes to Cal.com among them.

use async_trait::async_trait;
use booking_domain::ids::{CompanyId, JobId};
use booking_domain::ports::{
    Backlog, JobAdmin, JobChange, JobFilter, JobState, JobView, Queue, QueueCount, StoreError,
};
use booking_domain::time::Instant;

use crate::PgStore;
use crate::error::failed;
use crate::rows::{from_db, to_db, word};

#[async_trait]
impl JobAdmin for PgStore {
    async fn jobs(
        &self,
        filter: &JobFilter,
        (now, limit): (Instant, u32),
    ) -> Result<Vec<JobView>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT id AS "id!", company_id, queue AS "queue!", kind AS "kind!", state AS "state!",
                   attempt AS "attempt!", run_at, error
            FROM (
                SELECT id, company_id, queue, kind, attempt, run_at, last_error AS error,
                       CASE WHEN locked_until > $6 THEN 'running' ELSE 'waiting' END AS state
                FROM jobs
                UNION ALL
                SELECT id, company_id, queue, kind, attempt, run_at, reason, 'dead' FROM dead_jobs
                UNION ALL
                SELECT id, company_id, 'calcom_sync', 'saga.' || kind,
                       coalesce((saga ->> 'failed_calls')::integer, 0), due_at, saga #>> '{phase,reason}',
                       CASE phase WHEN 'stuck' THEN 'dead' WHEN 'calling' THEN 'running' ELSE 'waiting' END
                FROM sagas WHERE phase <> 'done'
            ) AS everything
            WHERE ($1::bigint IS NULL OR company_id = $1)
              AND ($2::text IS NULL OR queue = $2)
              AND ($3::text IS NULL OR state = $3)
              AND ($4::uuid IS NULL OR id > $4)
              AND ($7::uuid IS NULL OR id = $7)
            ORDER BY id LIMIT $5"#,
            filter.company.map(CompanyId::get),
            filter.queue.map(Queue::as_str),
            filter.state.map(JobState::as_str),
            filter.after.map(JobId::get),
            i64::from(limit),
            to_db(now),
            filter.id.map(JobId::get),
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("list jobs"))?;
        rows.into_iter()
            .map(|row| {
                Ok(JobView {
                    id: JobId::new(row.id),
                    company: row.company_id.map(CompanyId::new),
                    queue: word("jobs.queue", &row.queue, Queue::parse)?,
                    kind: row.kind,
                    state: word("the state of a job", &row.state, JobState::parse)?,
                    attempt: row.attempt.cast_unsigned(),
                    run_at: row.run_at.map(from_db).transpose()?,
                    error: row.error,
                })
            })
            .collect()
    }

    async fn retry(
        &self,
        company: Option<CompanyId>,
        id: JobId,
        now: Instant,
    ) -> Result<JobChange, StoreError> {
        let changed = sqlx::query_scalar!(
            r#"
            WITH risen AS (
                DELETE FROM dead_jobs WHERE id = $1 AND ($2::bigint IS NULL OR company_id = $2)
                RETURNING *
            ), filed AS (
                INSERT INTO jobs (id, company_id, queue, kind, payload, order_key, sequence, run_at,
                                  due_since, fence, trace_parent, created_at)
                SELECT id, company_id, queue, kind, payload, order_key, sequence, $3, $3, fence,
                       trace_parent, created_at
                FROM risen RETURNING 1
            ), hastened AS (
                UPDATE jobs SET run_at = $3, due_since = $3, attempt = 0, locked_until = NULL
                WHERE id = $1 AND ($2::bigint IS NULL OR company_id = $2)
                  AND (locked_until IS NULL OR locked_until <= $3)
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM filed) + (SELECT count(*) FROM hastened) AS "changed!""#,
            id.get(),
            company.map(CompanyId::get),
            to_db(now),
        )
        .fetch_one(&self.system)
        .await
        .map_err(failed("retry a job"))?;
        self.said(changed, company, id).await
    }

    async fn discard(
        &self,
        company: Option<CompanyId>,
        (id, now): (JobId, Instant),
    ) -> Result<JobChange, StoreError> {
        let changed = sqlx::query_scalar!(
            r#"
            WITH dead AS (
                DELETE FROM dead_jobs WHERE id = $1 AND ($2::bigint IS NULL OR company_id = $2)
                RETURNING 1
            ), waiting AS (
                DELETE FROM jobs WHERE id = $1 AND ($2::bigint IS NULL OR company_id = $2)
                  AND (locked_until IS NULL OR locked_until <= $3)
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM dead) + (SELECT count(*) FROM waiting) AS "changed!""#,
            id.get(),
            company.map(CompanyId::get),
            to_db(now),
        )
        .fetch_one(&self.system)
        .await
        .map_err(failed("discard a job"))?;
        self.said(changed, company, id).await
    }

    async fn counts(&self) -> Result<Vec<QueueCount>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT queue AS "queue!", sum(open)::bigint AS "open!", sum(dead)::bigint AS "dead!"
            FROM (
                SELECT queue, 1 AS open, 0 AS dead FROM jobs
                UNION ALL SELECT queue, 0, 1 FROM dead_jobs
                UNION ALL
                SELECT 'calcom_sync', (phase <> 'stuck')::integer, (phase = 'stuck')::integer
                FROM sagas WHERE phase <> 'done'
            ) AS everything
            GROUP BY queue"#
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("count jobs"))?;
        let found = |queue: Queue| rows.iter().find(|row| row.queue == queue.as_str());
        let of = |queue| {
            let (open, dead) = found(queue).map_or((0, 0), |row| (row.open, row.dead));
            QueueCount {
                queue,
                open: open.unsigned_abs(),
                dead: dead.unsigned_abs(),
            }
        };
        Ok(Queue::ALL.map(of).to_vec())
    }

    async fn backlog(&self, stale: Instant) -> Result<Backlog, StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT
                (SELECT count(*) FROM appointments
                 WHERE sync_status IN ('pending', 'failed') AND state = 'pending'
                   AND created_at <= $1) AS "stale_holds!",
                (SELECT count(*) FROM sagas
                 WHERE phase <> 'done' AND kind IN ('cancel', 'discard', 'rebook'))
                    AS "compensations!",
                (SELECT count(*) FROM sagas WHERE phase <> 'done' AND phase = 'stuck')
                    AS "stuck_sagas!",
                (SELECT count(*) FROM reviews WHERE resolved_at IS NULL) AS "open_reviews!""#,
            to_db(stale),
        )
        .fetch_one(&self.system)
        .await
        .map_err(failed("count what should not be there"))?;
        Ok(Backlog {
            stale_holds: row.stale_holds.unsigned_abs(),
            compensations: row.compensations.unsigned_abs(),
            stuck_sagas: row.stuck_sagas.unsigned_abs(),
            open_reviews: row.open_reviews.unsigned_abs(),
        })
    }
}

impl PgStore {
    /// What is said when so many rows were changed.
    async fn said(
        &self,
        changed: i64,
        company: Option<CompanyId>,
        id: JobId,
    ) -> Result<JobChange, StoreError> {
        if changed > 0 {
            return Ok(JobChange::Done);
        }
        let there = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM jobs
               WHERE id = $1 AND ($2::bigint IS NULL OR company_id = $2)) AS "there!""#,
            id.get(),
            company.map(CompanyId::get),
        )
        .fetch_one(&self.system)
        .await
        .map_err(failed("find a job"))?;
        Ok(if there {
            JobChange::Running
        } else {
            JobChange::NotFound
        })
    }
}
