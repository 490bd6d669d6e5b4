//! Keys that make a repeat harmless, inside the unit of work of the command itself.

use async_trait::async_trait;

use super::StoreError;
use crate::idempotency::{Fingerprint, IdempotencyKey, KeyClaim, StoredOutcome};
use crate::ids::AppointmentId;
use crate::time::Instant;

/// Idempotency keys inside a unit of work.
#[async_trait]
pub trait IdempotencyStore {
    /// Takes the key for a command that will make `appointment`, unless it was taken before.
    /// Waits for a concurrent unit of work that is just taking it.
    async fn claim_key(
        &mut self,
        key: &IdempotencyKey,
        fingerprint: &Fingerprint,
        appointment: AppointmentId,
        now: Instant,
    ) -> Result<KeyClaim, StoreError>;

    /// StorePorts what the command came to.
    async fn finish_key(
        &mut self,
        key: &IdempotencyKey,
        outcome: &StoredOutcome,
    ) -> Result<(), StoreError>;
}
