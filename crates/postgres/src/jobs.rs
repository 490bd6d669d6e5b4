//! Jobs: filed inside a unit of work or beside it, leased by workers.
//!
//! A lease is a time and a fence, as with sagas. Rows are found by state, never by position, and a
//! row that cannot be read goes to the dead where it stands.

use async_trait::async_trait;
use booking_domain::ids::{CompanyId, JobId};
use booking_domain::ports::{Job, JobLog, JobOrder, JobQueue, LeasedJob, Queue, StoreError};
use booking_domain::time::Instant;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::PgStore;
use crate::error::{corrupt, failed};
use crate::rows::{from_db, to_db};
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl JobLog for PgUnitOfWork {
    async fn enqueue(&mut self, job: &Job) -> Result<bool, StoreError> {
        if job.company != Some(self.company) {
            return Err(StoreError::Conflict(
                "the job is not this company's".to_owned(),
            ));
        }
        insert(self.conn(), job).await
    }
}

/// Files a job unless one of its dedupe key waits.
pub(crate) async fn insert(conn: &mut PgConnection, job: &Job) -> Result<bool, StoreError> {
    sqlx::query!(
        "INSERT INTO jobs (id, company_id, queue, kind, payload, dedupe_key, order_key, sequence,
                           run_at, due_since, trace_parent, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, now())
         ON CONFLICT DO NOTHING",
        job.id.get(),
        job.company.map(CompanyId::get),
        job.queue.as_str(),
        job.kind,
        job.payload,
        job.dedupe_key,
        job.order.as_ref().map(|order| order.key.as_str()),
        job.order.as_ref().map(|order| order.sequence),
        to_db(job.run_at),
        job.trace_parent.map(|parent| parent.to_string()),
    )
    .execute(conn)
    .await
    .map(|done| done.rows_affected() == 1)
    .map_err(failed("file a job"))
}

#[async_trait]
impl JobQueue for PgStore {
    async fn enqueue(&self, job: &Job) -> Result<bool, StoreError> {
        let mut conn = self.system.acquire().await.map_err(failed("file a job"))?;
        insert(&mut conn, job).await
    }

    async fn lease(
        &self,
        queue: Queue,
        limit: u32,
        (now, until): (Instant, Instant),
    ) -> Result<Vec<LeasedJob>, StoreError> {
        self.rollbacks.settled().await;
        let mut rows = sqlx::query_as!(
            Row,
            r#"
            WITH due AS (
                SELECT j.id, j.locked_until IS NOT NULL AS was_cut_off FROM jobs j
                WHERE j.queue = $1 AND j.run_at <= $2
                  AND (j.locked_until IS NULL OR j.locked_until <= $2)
                  AND NOT EXISTS (
                      SELECT FROM jobs earlier
                      WHERE earlier.queue = j.queue AND earlier.order_key = j.order_key
                        AND earlier.sequence < j.sequence)
                ORDER BY j.run_at, j.id
                LIMIT $4
                FOR UPDATE SKIP LOCKED
            )
            UPDATE jobs j
            SET locked_until = $3, fence = j.fence + 1, attempt = j.attempt + 1, dedupe_key = NULL
            FROM due WHERE j.id = due.id
            RETURNING j.id, j.company_id, j.kind, j.payload, j.order_key, j.sequence, j.run_at,
                      j.due_since, j.attempt, j.fence, j.trace_parent,
                      due.was_cut_off AS "was_cut_off!""#,
            queue.as_str(),
            to_db(now),
            to_db(until),
            i64::from(limit),
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("lease jobs"))?;
        rows.sort_by_key(|row| (row.run_at, row.id));
        let mut leased = Vec::with_capacity(rows.len());
        for row in rows {
            let (id, fence) = (row.id, row.fence);
            match row.read(queue) {
                Ok(job) => leased.push(job),
                Err(error) => self.bury_row(id, fence, (now, &error.to_string())).await?,
            }
        }
        Ok(leased)
    }

    async fn extend(&self, leased: &LeasedJob, until: Instant) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE jobs SET locked_until = $3 WHERE id = $1 AND fence = $2",
            leased.job.id.get(),
            leased.fence,
            to_db(until),
        )
        .execute(&self.system)
        .await
        .map_err(failed("go on having a job"))
        .and_then(|done| still_ours(done.rows_affected()))
    }

    async fn done(&self, leased: &LeasedJob) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM jobs WHERE id = $1 AND fence = $2",
            leased.job.id.get(),
            leased.fence,
        )
        .execute(&self.system)
        .await
        .map_err(failed("note that a job is done"))
        .and_then(|done| still_ours(done.rows_affected()))
    }

    async fn fail(
        &self,
        leased: &LeasedJob,
        run_at: Instant,
        error: &str,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE jobs SET run_at = $3, last_error = $4, locked_until = NULL
             WHERE id = $1 AND fence = $2",
            leased.job.id.get(),
            leased.fence,
            to_db(run_at),
            error,
        )
        .execute(&self.system)
        .await
        .map_err(failed("put a job off"))
        .and_then(|done| still_ours(done.rows_affected()))
    }

    async fn bury(&self, leased: &LeasedJob, now: Instant, reason: &str) -> Result<(), StoreError> {
        self.bury_row(leased.job.id.get(), leased.fence, (now, reason))
            .await
    }

    async fn give_back(&self, leased: &LeasedJob) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE jobs SET locked_until = NULL, attempt = attempt - 1
             WHERE id = $1 AND fence = $2",
            leased.job.id.get(),
            leased.fence,
        )
        .execute(&self.system)
        .await
        .map_err(failed("give a job back"))
        .and_then(|done| still_ours(done.rows_affected()))
    }

    async fn busy_orders(&self, queue: Queue, keys: &[String]) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar!(
            r#"SELECT key AS "key!" FROM unnest($2::text[]) key
               WHERE EXISTS (SELECT FROM jobs j WHERE j.queue = $1 AND j.order_key = key)"#,
            queue.as_str(),
            keys,
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("see which rows of jobs are busy"))
    }
}

impl PgStore {
    async fn bury_row(
        &self,
        id: Uuid,
        fence: i64,
        (now, reason): (Instant, &str),
    ) -> Result<(), StoreError> {
        tracing::error!(job = %id, reason, "a job is given up: see `jobs list --state dead`");
        sqlx::query!(
            "WITH gone AS (DELETE FROM jobs WHERE id = $1 AND fence = $2 RETURNING *)
             INSERT INTO dead_jobs (id, company_id, queue, kind, payload, order_key, sequence,
                                    run_at, attempt, fence, trace_parent, created_at, died_at, reason)
             SELECT id, company_id, queue, kind, payload, order_key, sequence,
                    run_at, attempt, fence, trace_parent, created_at, $3, $4
             FROM gone",
            id,
            fence,
            to_db(now),
            reason,
        )
        .execute(&self.system)
        .await
        .map_err(failed("give a job up"))
        .and_then(|done| still_ours(done.rows_affected()))
    }
}

/// A lease that has passed to another leaves no row under its fence.
fn still_ours(rows: u64) -> Result<(), StoreError> {
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Changed)
    }
}

struct Row {
    id: Uuid,
    company_id: Option<i64>,
    kind: String,
    payload: Value,
    order_key: Option<String>,
    sequence: Option<i64>,
    run_at: DateTime<Utc>,
    due_since: DateTime<Utc>,
    attempt: i32,
    fence: i64,
    trace_parent: Option<String>,
    was_cut_off: bool,
}

impl Row {
    fn read(self, queue: Queue) -> Result<LeasedJob, StoreError> {
        // Only this program writes here; what it could not have written is not tried.
        if !self.payload.is_object() {
            return Err(corrupt("jobs.payload", "not an object"));
        }
        let order = self.order_key.zip(self.sequence);
        Ok(LeasedJob {
            job: Job {
                id: JobId::new(self.id),
                company: self.company_id.map(CompanyId::new),
                queue,
                kind: self.kind,
                payload: self.payload,
                dedupe_key: None,
                order: order.map(|(key, sequence)| JobOrder { key, sequence }),
                run_at: from_db(self.run_at)?,
                trace_parent: self.trace_parent.and_then(|it| it.parse().ok()),
            },
            attempt: self.attempt.cast_unsigned(),
            due_since: from_db(self.due_since)?,
            fence: self.fence,
            was_cut_off: self.was_cut_off,
        })
    }
}
