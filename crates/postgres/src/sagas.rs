//! Sagas: written inside a unit of work, leased by workers.
//!
//! A lease is a time and a fence. Leasing sets both; writing progress needs the fence and gives the
//! time back, after which `due_at` alone says when somebody has to look again.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, CompanyId, SagaId};
use booking_domain::ports::{LeasedSaga, SagaAttempt, SagaLog, SagaQueue, StoreError};
use booking_domain::saga::{Attempt, AttemptKind, Saga, SagaKind};
use booking_domain::time::Instant;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use crate::PgStore;
use crate::error::{corrupt, failed};
use crate::rows::{from_db, to_db, word};
use crate::unit_of_work::{PgUnitOfWork, begin_reading};

#[async_trait]
impl SagaLog for PgUnitOfWork {
    async fn start_saga(
        &mut self,
        saga: &Saga,
        due_at: Option<Instant>,
    ) -> Result<LeasedSaga, StoreError> {
        let fence = 1;
        if saga.company != self.company {
            return Err(StoreError::Conflict(
                "the saga is another company's".to_owned(),
            ));
        }
        let attempt = AttemptColumns::of(saga);
        sqlx::query!(
            "WITH saga AS (
                INSERT INTO sagas (company_id, id, appointment_id, kind, phase, saga, due_at, fence)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             )
             INSERT INTO saga_attempts (company_id, saga_id, attempt, kind, fence, started_at,
                                        ended_at, outcome, detail)
             SELECT $1, $2, $9::int, $10::text, $8, $11::timestamptz, $12::timestamptz, $13::text,
                    $14::text
             WHERE $9::int IS NOT NULL",
            self.company.get(),
            saga.id.get(),
            saga.appointment.get(),
            saga.kind.as_str(),
            saga.phase.as_str(),
            Json(saga) as _,
            due_at.map(to_db),
            fence,
            attempt.number,
            attempt.kind,
            attempt.started_at,
            attempt.ended_at,
            attempt.outcome,
            attempt.detail,
        )
        .execute(self.conn())
        .await
        .map_err(failed("start a saga"))?;
        Ok(LeasedSaga {
            saga: saga.clone(),
            fence,
        })
    }

    async fn update_saga(
        &mut self,
        leased: &LeasedSaga,
        due_at: Option<Instant>,
    ) -> Result<(), StoreError> {
        let LeasedSaga { saga, fence } = leased;
        let attempt = AttemptColumns::of(saga);
        let updated = sqlx::query_scalar!(
            r#"
            WITH written AS (
                UPDATE sagas SET phase = $4, saga = $5, due_at = $6, leased_until = NULL
                WHERE company_id = $1 AND id = $2 AND fence = $3
                RETURNING fence
            ), tried AS (
                INSERT INTO saga_attempts (company_id, saga_id, attempt, kind, fence, started_at,
                                           ended_at, outcome, detail)
                SELECT $1, $2, $7::int, $8::text, w.fence, $9::timestamptz, $10::timestamptz,
                       $11::text, $12::text
                FROM written w WHERE $7::int IS NOT NULL
                ON CONFLICT (company_id, saga_id, attempt) DO UPDATE SET
                    ended_at = EXCLUDED.ended_at, outcome = EXCLUDED.outcome,
                    detail = EXCLUDED.detail
            )
            SELECT count(*) AS "written!" FROM written"#,
            self.company.get(),
            saga.id.get(),
            fence,
            saga.phase.as_str(),
            Json(saga) as _,
            due_at.map(to_db),
            attempt.number,
            attempt.kind,
            attempt.started_at,
            attempt.ended_at,
            attempt.outcome,
            attempt.detail,
        )
        .fetch_one(self.conn())
        .await
        .map_err(failed("update a saga"))?;
        if updated == 0 {
            return Err(StoreError::Changed);
        }
        Ok(())
    }

    async fn unfinished_sagas(
        &mut self,
        appointment: AppointmentId,
    ) -> Result<Vec<LeasedSaga>, StoreError> {
        sqlx::query!(
            "SELECT saga, fence FROM sagas
             WHERE company_id = $1 AND appointment_id = $2 AND phase <> 'done'
             ORDER BY id FOR UPDATE",
            self.company.get(),
            appointment.get(),
        )
        .fetch_all(self.conn())
        .await
        .map_err(failed("find an appointment's sagas"))?
        .into_iter()
        .map(|row| read(row.saga, row.fence))
        .collect()
    }
}

/// The last attempt of a saga as columns; all of them NULL when nothing was tried yet.
#[derive(Default)]
struct AttemptColumns<'a> {
    number: Option<i32>,
    kind: Option<&'static str>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    outcome: Option<&'a str>,
    detail: Option<&'a str>,
}

impl<'a> AttemptColumns<'a> {
    fn of(saga: &'a Saga) -> Self {
        let Some(attempt) = &saga.attempt else {
            return Self::default();
        };
        Self {
            number: Some(attempt.number.cast_signed()),
            kind: Some(attempt.kind.as_str()),
            started_at: Some(to_db(attempt.started_at)),
            ended_at: attempt.ended_at.map(to_db),
            outcome: attempt.outcome.as_deref(),
            detail: attempt.detail.as_deref(),
        }
    }
}

#[async_trait]
impl SagaQueue for PgStore {
    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<LeasedSaga>, StoreError> {
        self.rollbacks.settled().await;
        let rows = sqlx::query!(
            r#"
            WITH due AS (
                SELECT company_id, id FROM sagas
                WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
                ORDER BY due_at, id
                LIMIT $3
                FOR UPDATE SKIP LOCKED
            )
            UPDATE sagas s SET leased_until = $2, fence = s.fence + 1
            FROM due WHERE s.company_id = due.company_id AND s.id = due.id
            RETURNING s.company_id, s.id, s.saga, s.fence, s.due_at"#,
            to_db(now),
            to_db(leased_until),
            i64::from(limit),
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("lease due sagas"))?;
        let mut due = Vec::with_capacity(rows.len());
        for row in rows {
            match read(row.saga, row.fence) {
                Ok(leased) => due.push((row.due_at, leased)),
                Err(error) => self.shelve((row.company_id, row.id), &error).await?,
            }
        }
        due.sort_by_key(|(due_at, leased)| (*due_at, leased.saga.id));
        Ok(due.into_iter().map(|(_, leased)| leased).collect())
    }

    async fn lease(
        &self,
        company: CompanyId,
        saga: SagaId,
        leased_until: Instant,
    ) -> Result<Option<LeasedSaga>, StoreError> {
        sqlx::query!(
            "UPDATE sagas SET leased_until = $3, fence = fence + 1
             WHERE company_id = $1 AND id = $2 AND phase <> 'done'
             RETURNING saga, fence",
            company.get(),
            saga.get(),
            to_db(leased_until),
        )
        .fetch_optional(&self.system)
        .await
        .map_err(failed("lease a saga"))?
        .map(|row| read(row.saga, row.fence))
        .transpose()
    }

    async fn attempts(
        &self,
        company: CompanyId,
        appointment: AppointmentId,
    ) -> Result<Vec<SagaAttempt>, StoreError> {
        let mut session = begin_reading(&self.companies, company).await?;
        let rows = sqlx::query_as!(
            AttemptRow,
            "SELECT s.kind AS of, a.saga_id, a.attempt, a.kind, a.fence, a.started_at, a.ended_at,
                    a.outcome, a.detail
             FROM sagas s
             JOIN saga_attempts a ON a.company_id = s.company_id AND a.saga_id = s.id
             WHERE s.company_id = $1 AND s.appointment_id = $2
             ORDER BY a.started_at, a.saga_id, a.attempt",
            company.get(),
            appointment.get(),
        )
        .fetch_all(session.conn())
        .await
        .map_err(failed("read an appointment's attempts"))?;
        drop(session);
        rows.into_iter().map(AttemptRow::read).collect()
    }

    async fn hasten(&self, companies: &[CompanyId], now: Instant) -> Result<u32, StoreError> {
        let companies: Vec<i64> = companies.iter().map(|company| company.get()).collect();
        let hastened = sqlx::query!(
            "UPDATE sagas
             SET due_at = $2, saga = jsonb_set(saga, '{phase,not_before}', to_jsonb($3::text))
             WHERE company_id = ANY ($1) AND phase = 'ready' AND due_at > $2
               AND (leased_until IS NULL OR leased_until <= $2)",
            &companies,
            to_db(now),
            now.to_string(),
        )
        .execute(&self.system)
        .await
        .map_err(failed("hasten sagas"))?;
        Ok(hastened.rows_affected() as u32)
    }
}

impl PgStore {
    /// A saga that cannot be read holds nobody up: it is stuck, as a person sees among the jobs.
    async fn shelve(&self, (company, id): (i64, Uuid), why: &StoreError) -> Result<(), StoreError> {
        tracing::error!(saga = %id, error = why as &dyn std::error::Error, "a saga cannot be read");
        sqlx::query!(
            "UPDATE sagas SET phase = 'stuck', due_at = NULL, leased_until = NULL
             WHERE company_id = $1 AND id = $2",
            company,
            id,
        )
        .execute(&self.system)
        .await
        .map(drop)
        .map_err(failed("put a saga aside"))
    }
}

fn read(saga: Value, fence: i64) -> Result<LeasedSaga, StoreError> {
    serde_json::from_value(saga)
        .map(|saga| LeasedSaga { saga, fence })
        .map_err(|error| corrupt("sagas.saga", error))
}

struct AttemptRow {
    of: String,
    saga_id: Uuid,
    attempt: i32,
    kind: String,
    fence: i64,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    outcome: Option<String>,
    detail: Option<String>,
}

impl AttemptRow {
    fn read(self) -> Result<SagaAttempt, StoreError> {
        Ok(SagaAttempt {
            saga: SagaId::new(self.saga_id),
            of: word("sagas.kind", &self.of, SagaKind::parse)?,
            fence: self.fence,
            attempt: Attempt {
                number: self.attempt.cast_unsigned(),
                kind: word("saga_attempts.kind", &self.kind, AttemptKind::parse)?,
                started_at: from_db(self.started_at)?,
                ended_at: self.ended_at.map(from_db).transpose()?,
                outcome: self.outcome,
                detail: self.detail,
            },
        })
    }
}
