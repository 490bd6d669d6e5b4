//! Sagas: written inside a unit of work, leased by workers.
//!
//! A lease is a time and a fence. Leasing sets both; writing progress needs the fence and gives the
//! time back, after which `due_at` alone says when somebody has to look again.

use async_trait::async_trait;
use booking_domain::ids::{CompanyId, SagaId};
use booking_domain::ports::{LeasedSaga, SagaLog, SagaQueue, StoreError};
use booking_domain::saga::Saga;
use booking_domain::time::Instant;
use serde_json::Value;
use sqlx::types::Json;

use crate::PgStore;
use crate::error::{corrupt, failed};
use crate::rows::to_db;
use crate::unit_of_work::PgUnitOfWork;

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
        sqlx::query!(
            "INSERT INTO sagas (company_id, id, appointment_id, kind, phase, saga, due_at, fence)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            self.company.get(),
            saga.id.get(),
            saga.appointment.get(),
            saga.kind.as_str(),
            saga.phase.as_str(),
            Json(saga) as _,
            due_at.map(to_db),
            fence,
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
        let updated = sqlx::query!(
            "UPDATE sagas SET phase = $4, saga = $5, due_at = $6, leased_until = NULL
             WHERE company_id = $1 AND id = $2 AND fence = $3",
            self.company.get(),
            saga.id.get(),
            fence,
            saga.phase.as_str(),
            Json(saga) as _,
            due_at.map(to_db),
        )
        .execute(self.conn())
        .await
        .map_err(failed("update a saga"))?;
        if updated.rows_affected() == 0 {
            return Err(StoreError::Changed);
        }
        Ok(())
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
            RETURNING s.saga, s.fence, s.due_at"#,
            to_db(now),
            to_db(leased_until),
            i64::from(limit),
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("lease due sagas"))?;
        let mut due = rows
            .into_iter()
            .map(|row| Ok((row.due_at, read(row.saga, row.fence)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
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
}

fn read(saga: Value, fence: i64) -> Result<LeasedSaga, StoreError> {
    serde_json::from_value(saga)
        .map(|saga| LeasedSaga { saga, fence })
        .map_err(|error| corrupt("sagas.saga", error))
}
