//! Sagas: written inside a unit of work, leased by workers.
//!
//! A lease is a fence and a time: leasing raises the fence and puts `due_at` off to the end of the
//! lease; writing progress needs the fence and says itself when the saga is due next.

use async_trait::async_trait;
use booking_domain::ids::{CompanyId, SagaId};
use booking_domain::ports::{LeasedSaga, SagaLog, SagaQueue, StoreError};
use booking_domain::saga::Saga;
use booking_domain::time::Instant;
use rusqlite::params;

use crate::SqliteStore;
use crate::statements::{Columns, all, first, json, micros, run};
use crate::unit_of_work::SqliteUnitOfWork;

#[async_trait]
impl SagaLog for SqliteUnitOfWork {
    async fn start_saga(
        &mut self,
        saga: &Saga,
        due_at: Option<Instant>,
    ) -> Result<LeasedSaga, StoreError> {
        self.own_company(saga.company)?;
        let leased = LeasedSaga {
            saga: saga.clone(),
            fence: 1,
        };
        run(
            self.connection(),
            "start a saga",
            "INSERT INTO sagas (company_id, id, appointment_id, kind, phase, saga, due_at, fence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                self.company.get(),
                saga.id.get().as_bytes(),
                saga.appointment.get().as_bytes(),
                saga.kind.as_str(),
                saga.phase.as_str(),
                json(saga)?,
                micros(due_at),
                leased.fence
            ],
        )?;
        Ok(leased)
    }

    async fn update_saga(
        &mut self,
        leased: &LeasedSaga,
        due_at: Option<Instant>,
    ) -> Result<(), StoreError> {
        let LeasedSaga { saga, fence } = leased;
        self.own_company(saga.company)?;
        let written = run(
            self.connection(),
            "update a saga",
            "UPDATE sagas SET phase = ?4, saga = ?5, due_at = ?6
             WHERE company_id = ?1 AND id = ?2 AND fence = ?3",
            params![
                self.company.get(),
                saga.id.get().as_bytes(),
                fence,
                saga.phase.as_str(),
                json(saga)?,
                micros(due_at)
            ],
        )?;
        if written == 1 {
            Ok(())
        } else {
            Err(StoreError::Changed)
        }
    }
}

#[async_trait]
impl SagaQueue for SqliteStore {
    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<LeasedSaga>, StoreError> {
        const ACTION: &str = "lease due sagas";
        let due =
            "SELECT company_id, id FROM sagas WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2";
        // Most of the time there is nothing to do, and nobody need wait for the writer.
        let anything = self.readers.read(ACTION, |connection| {
            first(
                connection,
                ACTION,
                due,
                params![now.unix_micros(), 1],
                |_| Ok(()),
            )
        })?;
        if anything.is_none() || limit == 0 {
            return Ok(Vec::new());
        }
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        let found = all(
            connection,
            ACTION,
            due,
            params![now.unix_micros(), limit],
            |row| Ok((row.company()?, SagaId::new(row.uuid("id")?))),
        )?;
        let mut leased = Vec::with_capacity(found.len());
        for (company, saga) in found {
            leased.extend(lease(connection, company, saga, leased_until)?);
        }
        transaction.commit().await?;
        Ok(leased)
    }

    async fn lease(
        &self,
        company: CompanyId,
        saga: SagaId,
        leased_until: Instant,
    ) -> Result<Option<LeasedSaga>, StoreError> {
        let transaction = self.transaction().await?;
        let leased = lease(transaction.connection(), company, saga, leased_until)?;
        transaction.commit().await?;
        Ok(leased)
    }
}

fn lease(
    connection: &rusqlite::Connection,
    company: CompanyId,
    saga: SagaId,
    leased_until: Instant,
) -> Result<Option<LeasedSaga>, StoreError> {
    first(
        connection,
        "lease a saga",
        "UPDATE sagas SET due_at = ?3, fence = fence + 1
         WHERE company_id = ?1 AND id = ?2 AND phase <> 'done'
         RETURNING saga, fence",
        params![
            company.get(),
            saga.get().as_bytes(),
            leased_until.unix_micros()
        ],
        read,
    )
}

fn read(row: &Columns<'_>) -> Result<LeasedSaga, StoreError> {
    Ok(LeasedSaga {
        saga: row.json("saga")?,
        fence: row.get("fence")?,
    })
}
