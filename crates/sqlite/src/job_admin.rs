//! The queues as people see them: jobs, dead jobs, and wishes to Cal.com among them.

use async_trait::async_trait;
use booking_domain::ids::{CompanyId, JobId};
use booking_domain::ports::{
    Backlog, JobAdmin, JobChange, JobFilter, JobState, JobView, Queue, QueueCount, StoreError,
};
use booking_domain::time::Instant;
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::statements::{all, first, run};

const EVERYTHING: &str = "
    SELECT id, company_id, queue, kind, attempt, run_at, error, state FROM (
        SELECT id, company_id, queue, kind, attempt, run_at, last_error AS error,
               CASE WHEN locked_until > ?6 THEN 'running' ELSE 'waiting' END AS state
        FROM jobs
        UNION ALL
        SELECT id, company_id, queue, kind, attempt, run_at, reason, 'dead' FROM dead_jobs
        UNION ALL
        SELECT id, company_id, 'calcom_sync', 'saga.' || kind,
               CASE WHEN json_valid(saga) THEN coalesce(json_extract(saga, '$.failed_calls'), 0) ELSE 0 END,
               due_at,
               CASE WHEN json_valid(saga) THEN json_extract(saga, '$.phase.reason') END,
               CASE phase WHEN 'stuck' THEN 'dead' WHEN 'calling' THEN 'running' ELSE 'waiting' END
        FROM sagas WHERE phase <> 'done')
    WHERE (?1 IS NULL OR company_id = ?1) AND (?2 IS NULL OR queue = ?2)
      AND (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR id > ?4)
      AND (?7 IS NULL OR id = ?7)
    ORDER BY id LIMIT ?5";

#[async_trait]
impl JobAdmin for SqliteStore {
    async fn jobs(
        &self,
        filter: &JobFilter,
        (now, limit): (Instant, u32),
    ) -> Result<Vec<JobView>, StoreError> {
        const ACTION: &str = "list jobs";
        let params = params![
            filter.company.map(CompanyId::get),
            filter.queue.map(Queue::as_str),
            filter.state.map(JobState::as_str),
            filter.after.map(|id| id.get().into_bytes()),
            limit,
            now.unix_micros(),
            filter.id.map(|id| id.get().into_bytes()),
        ];
        self.readers.read(ACTION, |connection| {
            all(connection, ACTION, EVERYTHING, params, |row| {
                Ok(JobView {
                    id: JobId::new(row.uuid("id")?),
                    company: row.id_if_any("company_id", CompanyId::new)?,
                    queue: row.parsed("queue", Queue::parse)?,
                    kind: row.get("kind")?,
                    state: row.parsed("state", JobState::parse)?,
                    attempt: row.get("attempt")?,
                    run_at: row.instant_if_any("run_at")?,
                    error: row.get("error")?,
                })
            })
        })
    }

    async fn retry(
        &self,
        company: Option<CompanyId>,
        id: JobId,
        now: Instant,
    ) -> Result<JobChange, StoreError> {
        self.change_one((company, id, now), |connection, target| {
            let (id, _, now) = target;
            let risen = dead(connection, target)?;
            if risen {
                run(
                    connection,
                    "retry a job",
                    "INSERT INTO jobs (id, company_id, queue, kind, payload, order_key, sequence,
                                       run_at, due_since, fence, trace_parent)
                     SELECT id, company_id, queue, kind, payload, order_key, sequence, ?2, ?2,
                            fence, trace_parent
                     FROM dead_jobs WHERE id = ?1",
                    params![id, now],
                )?;
                forget(connection, id)?;
            }
            let hastened = run(
                connection,
                "retry a job",
                "UPDATE jobs SET run_at = ?3, due_since = ?3, attempt = 0, locked_until = NULL
                 WHERE id = ?1 AND (?2 IS NULL OR company_id = ?2)
                   AND (locked_until IS NULL OR locked_until <= ?3)",
                params![id, target.1, now],
            )?;
            Ok(risen || hastened > 0)
        })
        .await
    }

    async fn discard(
        &self,
        company: Option<CompanyId>,
        (id, now): (JobId, Instant),
    ) -> Result<JobChange, StoreError> {
        self.change_one((company, id, now), |connection, target| {
            let (id, company, now) = target;
            let was_dead = dead(connection, target)?;
            if was_dead {
                forget(connection, id)?;
            }
            let deleted = run(
                connection,
                "discard a job",
                "DELETE FROM jobs WHERE id = ?1 AND (?2 IS NULL OR company_id = ?2)
                   AND (locked_until IS NULL OR locked_until <= ?3)",
                params![id, company, now],
            )?;
            Ok(was_dead || deleted > 0)
        })
        .await
    }

    async fn counts(&self) -> Result<Vec<QueueCount>, StoreError> {
        const ACTION: &str = "count jobs";
        let sql = "SELECT
            (SELECT count(*) FROM jobs WHERE queue = ?1)
                + (SELECT count(*) FROM sagas
                   WHERE ?1 = 'calcom_sync' AND phase NOT IN ('done', 'stuck')) AS open,
            (SELECT count(*) FROM dead_jobs WHERE queue = ?1)
                + (SELECT count(*) FROM sagas
                   WHERE ?1 = 'calcom_sync' AND phase = 'stuck') AS dead";
        self.readers.read(ACTION, |connection| {
            let mut counts = Vec::new();
            for queue in Queue::ALL {
                counts.extend(first(connection, ACTION, sql, [queue.as_str()], |row| {
                    Ok(QueueCount {
                        queue,
                        open: row.get("open")?,
                        dead: row.get("dead")?,
                    })
                })?);
            }
            Ok(counts)
        })
    }

    async fn backlog(&self, stale: Instant) -> Result<Backlog, StoreError> {
        const ACTION: &str = "count what should not be there";
        let sql = "SELECT
            (SELECT count(*) FROM appointments
             WHERE sync_status IN ('pending', 'failed') AND state = 'pending'
               AND created_at <= ?1) AS stale_holds,
            (SELECT count(*) FROM sagas
             WHERE phase <> 'done' AND kind IN ('cancel', 'discard', 'rebook')) AS compensations,
            (SELECT count(*) FROM sagas WHERE phase = 'stuck') AS stuck_sagas,
            (SELECT count(*) FROM reviews WHERE resolved_at IS NULL) AS open_reviews";
        let counted = self.readers.read(ACTION, |connection| {
            first(connection, ACTION, sql, [stale.unix_micros()], |row| {
                Ok(Backlog {
                    stale_holds: row.get("stale_holds")?,
                    compensations: row.get("compensations")?,
                    stuck_sagas: row.get("stuck_sagas")?,
                    open_reviews: row.get("open_reviews")?,
                })
            })
        })?;
        Ok(counted.unwrap_or_default())
    }
}

/// A job's id, whose it must be, and now: as they are stored.
type Target<'a> = (&'a [u8], Option<i64>, i64);

impl SqliteStore {
    async fn change_one(
        &self,
        (company, id, now): (Option<CompanyId>, JobId, Instant),
        step: impl FnOnce(&Connection, Target<'_>) -> Result<bool, StoreError> + Send,
    ) -> Result<JobChange, StoreError> {
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        let company = company.map(CompanyId::get);
        let id = id.get();
        if step(connection, (id.as_bytes(), company, now.unix_micros()))? {
            transaction.commit().await?;
            return Ok(JobChange::Done);
        }
        let there = first(
            connection,
            "find a job",
            "SELECT 1 FROM jobs WHERE id = ?1 AND (?2 IS NULL OR company_id = ?2)",
            params![id.as_bytes(), company],
            |_| Ok(()),
        )?;
        Ok(there.map_or(JobChange::NotFound, |()| JobChange::Running))
    }
}

fn dead(connection: &Connection, (id, company, _): Target<'_>) -> Result<bool, StoreError> {
    first(
        connection,
        "find a dead job",
        "SELECT 1 FROM dead_jobs WHERE id = ?1 AND (?2 IS NULL OR company_id = ?2)",
        params![id, company],
        |_| Ok(()),
    )
    .map(|found| found.is_some())
}

fn forget(connection: &Connection, id: &[u8]) -> Result<(), StoreError> {
    let sql = "DELETE FROM dead_jobs WHERE id = ?1";
    run(connection, "forget a dead job", sql, params![id]).map(drop)
}
