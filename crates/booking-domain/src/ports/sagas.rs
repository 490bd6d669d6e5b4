//! Sagas: written with the appointment, picked up by whoever is free.

use async_trait::async_trait;

use super::StoreError;
use crate::ids::{CompanyId, SagaId};
use crate::saga::Saga;
use crate::time::Instant;

/// A saga and the right to work on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeasedSaga {
    /// The saga.
    pub saga: Saga,
    /// Grows with every lease: a write under an older fence is refused.
    pub fence: i64,
}

/// Sagas inside a unit of work.
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
}
