//! Sagas: written inside a unit of work, leased by workers.
//!
//! A lease is a fence and a time: leasing raises the fence and puts `due_at` off to the end of the
//! lease; writing progress needs the fence and says itself when the saga is due next.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, CompanyId, SagaId};
use booking_domain::ports::{LeasedSaga, SagaAttempt, SagaLog, SagaQueue, StoreError};
use booking_domain::saga::{Attempt, AttemptKind, Phase, Saga, SagaKind};
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
        self.write_attempt(&leased)?;
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
            self.write_attempt(leased)
        } else {
            Err(StoreError::Changed)
        }
    }

    async fn unfinished_sagas(
        &mut self,
        appointment: AppointmentId,
    ) -> Result<Vec<LeasedSaga>, StoreError> {
        all(
            self.connection(),
            "find an appointment's sagas",
            "SELECT saga, fence FROM sagas
             WHERE company_id = ?1 AND appointment_id = ?2 AND phase <> 'done' ORDER BY id",
            params![self.company.get(), appointment.get().as_bytes()],
            read,
        )
    }
}

impl SqliteUnitOfWork {
    fn write_attempt(&self, leased: &LeasedSaga) -> Result<(), StoreError> {
        let Some(attempt) = &leased.saga.attempt else {
            return Ok(());
        };
        run(
            self.connection(),
            "write an attempt",
            "INSERT INTO saga_attempts (company_id, saga_id, attempt, kind, fence, started_at,
                                        ended_at, outcome, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (company_id, saga_id, attempt) DO UPDATE SET
                ended_at = excluded.ended_at, outcome = excluded.outcome, detail = excluded.detail",
            params![
                self.company.get(),
                leased.saga.id.get().as_bytes(),
                attempt.number,
                attempt.kind.as_str(),
                leased.fence,
                attempt.started_at.unix_micros(),
                micros(attempt.ended_at),
                attempt.outcome,
                attempt.detail
            ],
        )
        .map(drop)
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
            match lease(connection, company, saga, leased_until) {
                Err(error @ StoreError::Corrupt { .. }) => {
                    shelve(connection, (company, saga), &error)?;
                }
                found => leased.extend(found?),
            }
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

    async fn attempts(
        &self,
        company: CompanyId,
        appointment: AppointmentId,
    ) -> Result<Vec<SagaAttempt>, StoreError> {
        const ACTION: &str = "read an appointment's attempts";
        self.readers.read(ACTION, |connection| {
            all(
                connection,
                ACTION,
                "SELECT a.*, s.kind AS saga_kind FROM sagas s
                 JOIN saga_attempts a ON a.company_id = s.company_id AND a.saga_id = s.id
                 WHERE s.company_id = ?1 AND s.appointment_id = ?2
                 ORDER BY a.started_at, a.saga_id, a.attempt",
                params![company.get(), appointment.get().as_bytes()],
                read_attempt,
            )
        })
    }

    async fn hasten(&self, companies: &[CompanyId], now: Instant) -> Result<u32, StoreError> {
        let transaction = self.transaction().await?;
        let mut hastened = 0;
        for company in companies {
            hastened += hasten(transaction.connection(), *company, now)?;
        }
        transaction.commit().await?;
        Ok(hastened)
    }
}

/// `due_at` of a leased saga is the end of its lease: what it waits for stands in the saga itself,
/// and where the two differ somebody has it.
fn hasten(
    connection: &rusqlite::Connection,
    company: CompanyId,
    now: Instant,
) -> Result<u32, StoreError> {
    const ACTION: &str = "hasten sagas";
    let waiting = all(
        connection,
        ACTION,
        "SELECT saga, fence, due_at FROM sagas
         WHERE company_id = ?1 AND phase = 'ready' AND due_at > ?2",
        params![company.get(), now.unix_micros()],
        |row| Ok((read(row)?, row.instant("due_at")?)),
    )?;
    let mut hastened = 0;
    for (mut leased, due_at) in waiting {
        if !matches!(leased.saga.phase, Phase::Ready { not_before } if not_before == due_at) {
            continue;
        }
        leased.saga.phase = Phase::Ready { not_before: now };
        hastened += run(
            connection,
            ACTION,
            "UPDATE sagas SET saga = ?3, due_at = ?4 WHERE company_id = ?1 AND id = ?2",
            params![
                company.get(),
                leased.saga.id.get().as_bytes(),
                json(&leased.saga)?,
                now.unix_micros()
            ],
        )? as u32;
    }
    Ok(hastened)
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

/// A saga that cannot be read holds nobody up: it is stuck, as a person sees among the jobs.
fn shelve(
    connection: &rusqlite::Connection,
    (company, saga): (CompanyId, SagaId),
    why: &StoreError,
) -> Result<(), StoreError> {
    tracing::error!(%saga, error = why as &dyn std::error::Error, "a saga cannot be read");
    run(
        connection,
        "put a saga aside",
        "UPDATE sagas SET phase = 'stuck', due_at = NULL WHERE company_id = ?1 AND id = ?2",
        params![company.get(), saga.get().as_bytes()],
    )
    .map(drop)
}

fn read(row: &Columns<'_>) -> Result<LeasedSaga, StoreError> {
    Ok(LeasedSaga {
        saga: row.json("saga")?,
        fence: row.get("fence")?,
    })
}

fn read_attempt(row: &Columns<'_>) -> Result<SagaAttempt, StoreError> {
    Ok(SagaAttempt {
        saga: SagaId::new(row.uuid("saga_id")?),
        of: row.parsed("saga_kind", SagaKind::parse)?,
        fence: row.get("fence")?,
        attempt: Attempt {
            number: row.get("attempt")?,
            kind: row.parsed("kind", AttemptKind::parse)?,
            started_at: row.instant("started_at")?,
            ended_at: row.instant_if_any("ended_at")?,
            outcome: row.get("outcome")?,
            detail: row.get("detail")?,
        },
    })
}
