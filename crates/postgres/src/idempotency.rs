//! Idempotency keys inside a unit of work.

use async_trait::async_trait;
use booking_domain::idempotency::{Fingerprint, IdempotencyKey, KeyClaim, StoredOutcome};
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{IdempotencyStore, StoreError};
use booking_domain::time::Instant;
use sqlx::types::Json;

use crate::error::{corrupt, failed};
use crate::rows::to_db;
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl IdempotencyStore for PgUnitOfWork {
    async fn claim_key(
        &mut self,
        key: &IdempotencyKey,
        fingerprint: &Fingerprint,
        appointment: AppointmentId,
        now: Instant,
    ) -> Result<KeyClaim, StoreError> {
        let inserted = sqlx::query!(
            "INSERT INTO idempotency_keys (company_id, key, fingerprint, appointment_id, created_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (company_id, key) DO NOTHING",
            self.company.get(),
            key.as_str(),
            fingerprint.0,
            appointment.get(),
            to_db(now),
        )
        .execute(self.conn())
        .await
        .map_err(failed("claim an idempotency key"))?;
        if inserted.rows_affected() == 1 {
            return Ok(KeyClaim::New);
        }
        // A statement of its own: it sees what the other, waited for above, has committed.
        let taken = sqlx::query!(
            r#"
            SELECT k.fingerprint, k.outcome, a.id AS "appointment?"
            FROM idempotency_keys k
            LEFT JOIN appointments a ON a.company_id = k.company_id AND a.id = k.appointment_id
            WHERE k.company_id = $1 AND k.key = $2"#,
            self.company.get(),
            key.as_str(),
        )
        .fetch_one(self.conn())
        .await
        .map_err(failed("claim an idempotency key"))?;
        if taken.fingerprint != fingerprint.0 {
            return Ok(KeyClaim::OtherRequest);
        }
        match taken.outcome {
            Some(outcome) => serde_json::from_value(outcome)
                .map(KeyClaim::Finished)
                .map_err(|error| corrupt("idempotency_keys.outcome", error)),
            None => Ok(KeyClaim::Running(taken.appointment.map(AppointmentId::new))),
        }
    }

    async fn finish_key(
        &mut self,
        key: &IdempotencyKey,
        outcome: &StoredOutcome,
    ) -> Result<(), StoreError> {
        let finished = sqlx::query!(
            "UPDATE idempotency_keys SET outcome = $3 WHERE company_id = $1 AND key = $2",
            self.company.get(),
            key.as_str(),
            Json(outcome) as _,
        )
        .execute(self.conn())
        .await
        .map_err(failed("finish an idempotency key"))?;
        if finished.rows_affected() == 0 {
            return Err(StoreError::Conflict(
                "the idempotency key was never claimed".to_owned(),
            ));
        }
        Ok(())
    }
}
