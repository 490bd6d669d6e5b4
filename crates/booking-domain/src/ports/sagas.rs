//! Sagas: written with the appointment, picked up by whoever is free.

use async_trait::async_trait;

use super::StoreError;
use crate::ids::{AppointmentId, CompanyId, SagaId};
use crate::saga::{Attempt, Saga, SagaKind};
use crate::time::Instant;

/// A saga and the right to work on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeasedSaga {
    /// The saga.
    pub saga: Saga,
    /// Grows with every lease: a write under an older fence is refused.
    pub fence: i64,
}

/// One row of the log of what was tried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SagaAttempt {
    /// For which saga.
    pub saga: SagaId,
    /// What that saga asks for.
    pub of: SagaKind,
    /// Under which lease.
    pub fence: i64,
    /// The try.
    pub attempt: Attempt,
}

/// Sagas inside a unit of work. Their last attempt (`Saga::attempt`) is written with them, in a row
/// of its own that stays when the next one is written.
#[async_trait]
pub trait SagaLog {
    /// Writes a new saga, leased to the writer under fence 1, due at `due_at` if nobody comes back.
    async fn start_saga(
        &mut self,
        saga: &Saga,
        due_at: Option<Instant>,
    ) -> Result<LeasedSaga, StoreError>;

    /// Writes how far it has come and when it is due next, which replaces the lease;
    /// [`StoreError::Changed`] if the lease has passed to another.
    async fn update_saga(
        &mut self,
        leased: &LeasedSaga,
        due_at: Option<Instant>,
    ) -> Result<(), StoreError>;

    /// The sagas of an appointment that are not over, oldest first, locked until the unit of work
    /// ends, each with the fence it has: whoever holds a lease keeps it until one is written.
    async fn unfinished_sagas(
        &mut self,
        appointment: AppointmentId,
    ) -> Result<Vec<LeasedSaga>, StoreError>;
}

/// The sagas of all companies, for workers.
#[async_trait]
pub trait SagaQueue: Send + Sync {
    /// Leases up to `limit` sagas that are due at `now`: nobody else gets them before
    /// `leased_until`, and each has a new fence.
    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<LeasedSaga>, StoreError>;

    /// Leases this one, whoever has it now, if it is not over.
    async fn lease(
        &self,
        company: CompanyId,
        saga: SagaId,
        leased_until: Instant,
    ) -> Result<Option<LeasedSaga>, StoreError>;

    /// Makes those sagas of the companies due at `now` that wait for a later moment to call, since
    /// Cal.com could not or was not to be asked before. Leased ones are left alone, and so are
    /// look-ups. How many there were. Repeating it is harmless.
    async fn hasten(&self, companies: &[CompanyId], now: Instant) -> Result<u32, StoreError>;

    /// What was tried for an appointment, in the order of beginning.
    async fn attempts(
        &self,
        company: CompanyId,
        appointment: AppointmentId,
    ) -> Result<Vec<SagaAttempt>, StoreError>;
}
