//! Jobs: filed inside a unit of work or beside it, leased by workers.

use async_trait::async_trait;
use booking_domain::ids::{CompanyId, JobId};
use booking_domain::ports::{Job, JobLog, JobOrder, JobQueue, LeasedJob, Queue, StoreError};
use booking_domain::time::Instant;
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::SqliteStore;
use crate::statements::{Columns, all, first, json, run};
use crate::unit_of_work::SqliteUnitOfWork;

/// What is due in queue `?1` at `?2`, longest due first, `?3` of them.
const DUE: &str = "SELECT id, company_id, kind, payload, order_key, sequence, run_at, due_since,
        attempt + 1 AS attempt, fence + 1 AS fence, trace_parent,
        locked_until IS NOT NULL AS was_cut_off
    FROM jobs AS j
    WHERE queue = ?1 AND run_at <= ?2 AND (locked_until IS NULL OR locked_until <= ?2)
      AND NOT EXISTS (SELECT 1 FROM jobs AS earlier
          WHERE earlier.queue = j.queue AND earlier.order_key = j.order_key
            AND earlier.sequence < j.sequence)
    ORDER BY run_at, id LIMIT ?3";

#[async_trait]
impl JobLog for SqliteUnitOfWork {
    async fn enqueue(&mut self, job: &Job) -> Result<bool, StoreError> {
        let company = job.company.unwrap_or(CompanyId::new(0));
        self.own_company(company)?;
        insert(self.connection(), job)
    }
}

/// Files a job unless one of its dedupe key waits.
pub(crate) fn insert(connection: &Connection, job: &Job) -> Result<bool, StoreError> {
    run(
        connection,
        "file a job",
        "INSERT INTO jobs (id, company_id, queue, kind, payload, dedupe_key, order_key, sequence,
                           run_at, due_since, trace_parent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10) ON CONFLICT DO NOTHING",
        params![
            job.id.get().as_bytes(),
            job.company.map(CompanyId::get),
            job.queue.as_str(),
            job.kind,
            json(&job.payload)?,
            job.dedupe_key,
            job.order.as_ref().map(|order| order.key.as_str()),
            job.order.as_ref().map(|order| order.sequence),
            job.run_at.unix_micros(),
            job.trace_parent.map(|parent| parent.to_string()),
        ],
    )
    .map(|written| written == 1)
}

#[async_trait]
impl JobQueue for SqliteStore {
    async fn enqueue(&self, job: &Job) -> Result<bool, StoreError> {
        let transaction = self.transaction().await?;
        let is_new = insert(transaction.connection(), job)?;
        transaction.commit().await?;
        Ok(is_new)
    }

    async fn lease(
        &self,
        queue: Queue,
        limit: u32,
        (now, until): (Instant, Instant),
    ) -> Result<Vec<LeasedJob>, StoreError> {
        const ACTION: &str = "lease jobs";
        let due = |connection: &Connection, limit: u32| {
            let params = params![queue.as_str(), now.unix_micros(), limit];
            all(connection, ACTION, DUE, params, |row| {
                Ok((row.uuid("id")?, read(row, queue)))
            })
        };
        // Most of the time there is nothing to do, and nobody need wait for the writer.
        let found = self.readers.read(ACTION, |connection| due(connection, 1))?;
        if found.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        let mut leased = Vec::new();
        for (id, job) in due(connection, limit)? {
            run(
                connection,
                ACTION,
                "UPDATE jobs SET locked_until = ?2, fence = fence + 1, attempt = attempt + 1,
                    dedupe_key = NULL WHERE id = ?1",
                params![id.as_bytes(), until.unix_micros()],
            )?;
            match job {
                Ok(job) => leased.push(job),
                Err(error) => bury(connection, id, (now, &error.to_string()))?,
            }
        }
        transaction.commit().await?;
        Ok(leased)
    }

    async fn extend(&self, leased: &LeasedJob, until: Instant) -> Result<(), StoreError> {
        self.write(leased, |connection, id, fence| {
            run(
                connection,
                "go on having a job",
                "UPDATE jobs SET locked_until = ?3 WHERE id = ?1 AND fence = ?2",
                params![id, fence, until.unix_micros()],
            )
        })
        .await
    }

    async fn done(&self, leased: &LeasedJob) -> Result<(), StoreError> {
        self.write(leased, |connection, id, fence| {
            run(
                connection,
                "note that a job is done",
                "DELETE FROM jobs WHERE id = ?1 AND fence = ?2",
                params![id, fence],
            )
        })
        .await
    }

    async fn fail(
        &self,
        leased: &LeasedJob,
        run_at: Instant,
        error: &str,
    ) -> Result<(), StoreError> {
        self.write(leased, |connection, id, fence| {
            run(
                connection,
                "put a job off",
                "UPDATE jobs SET run_at = ?3, last_error = ?4, locked_until = NULL
                 WHERE id = ?1 AND fence = ?2",
                params![id, fence, run_at.unix_micros(), error],
            )
        })
        .await
    }

    async fn bury(&self, leased: &LeasedJob, now: Instant, reason: &str) -> Result<(), StoreError> {
        self.write(leased, |connection, id, fence| {
            let ours = "SELECT 1 FROM jobs WHERE id = ?1 AND fence = ?2";
            let found = first(
                connection,
                "give a job up",
                ours,
                params![id, fence],
                |_| Ok(()),
            )?;
            if found.is_some() {
                bury(connection, leased.job.id.get(), (now, reason))?;
            }
            Ok(found.iter().len())
        })
        .await
    }

    async fn give_back(&self, leased: &LeasedJob) -> Result<(), StoreError> {
        self.write(leased, |connection, id, fence| {
            run(
                connection,
                "give a job back",
                "UPDATE jobs SET locked_until = NULL, attempt = attempt - 1
                 WHERE id = ?1 AND fence = ?2",
                params![id, fence],
            )
        })
        .await
    }

    async fn busy_orders(&self, queue: Queue, keys: &[String]) -> Result<Vec<String>, StoreError> {
        const ACTION: &str = "see which rows of jobs are busy";
        self.readers.read(ACTION, |connection| {
            let mut busy = Vec::new();
            for key in keys {
                let found = first(
                    connection,
                    ACTION,
                    "SELECT 1 FROM jobs WHERE queue = ?1 AND order_key = ?2",
                    params![queue.as_str(), key],
                    |_| Ok(()),
                )?;
                busy.extend(found.map(|()| key.clone()));
            }
            Ok(busy)
        })
    }
}

impl SqliteStore {
    /// Writes about a leased job; [`StoreError::Changed`] if no row has its fence.
    async fn write(
        &self,
        leased: &LeasedJob,
        step: impl FnOnce(&Connection, &[u8], i64) -> Result<usize, StoreError> + Send,
    ) -> Result<(), StoreError> {
        let transaction = self.transaction().await?;
        let id = leased.job.id.get();
        let written = step(transaction.connection(), id.as_bytes(), leased.fence)?;
        if written == 0 {
            return Err(StoreError::Changed);
        }
        transaction.commit().await.map(drop)
    }
}

fn bury(
    connection: &Connection,
    id: Uuid,
    (now, reason): (Instant, &str),
) -> Result<(), StoreError> {
    const ACTION: &str = "give a job up";
    tracing::error!(job = %id, reason, "a job is given up: see `jobs list --state dead`");
    run(
        connection,
        ACTION,
        "INSERT INTO dead_jobs (id, company_id, queue, kind, payload, order_key, sequence, run_at,
                                attempt, fence, trace_parent, died_at, reason)
         SELECT id, company_id, queue, kind, payload, order_key, sequence, run_at, attempt, fence,
                trace_parent, ?2, ?3
         FROM jobs WHERE id = ?1",
        params![id.as_bytes(), now.unix_micros(), reason],
    )?;
    let sql = "DELETE FROM jobs WHERE id = ?1";
    run(connection, ACTION, sql, params![id.as_bytes()]).map(drop)
}

fn read(row: &Columns<'_>, queue: Queue) -> Result<LeasedJob, StoreError> {
    let key: Option<String> = row.get("order_key")?;
    let order = key.zip(row.get::<Option<i64>>("sequence")?);
    // Only this program writes here; what it could not have written is not tried.
    let payload: serde_json::Map<_, _> = row.json("payload")?;
    Ok(LeasedJob {
        job: Job {
            id: JobId::new(row.uuid("id")?),
            company: row.id_if_any("company_id", CompanyId::new)?,
            queue,
            kind: row.get("kind")?,
            payload: payload.into(),
            dedupe_key: None,
            order: order.map(|(key, sequence)| JobOrder { key, sequence }),
            run_at: row.instant("run_at")?,
            trace_parent: row
                .get::<Option<String>>("trace_parent")?
                .and_then(|it| it.parse().ok()),
        },
        attempt: row.get("attempt")?,
        due_since: row.instant("due_since")?,
        was_cut_off: row.get("was_cut_off")?,
        fence: row.get("fence")?,
    })
}
