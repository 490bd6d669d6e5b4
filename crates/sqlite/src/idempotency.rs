//! Keys that make a repeat harmless.

use async_trait::async_trait;
use booking_domain::idempotency::{Fingerprint, IdempotencyKey, KeyClaim, StoredOutcome};
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{IdempotencyStore, StoreError};
use booking_domain::time::Instant;
use rusqlite::params;

use crate::statements::{Columns, first, json, run};
use crate::unit_of_work::SqliteUnitOfWork;

#[async_trait]
impl IdempotencyStore for SqliteUnitOfWork {
    async fn claim_key(
        &mut self,
        key: &IdempotencyKey,
        fingerprint: &Fingerprint,
        appointment: AppointmentId,
        now: Instant,
    ) -> Result<KeyClaim, StoreError> {
        const ACTION: &str = "claim an idempotency key";
        let is_new = run(
            self.connection(),
            ACTION,
            "INSERT INTO idempotency_keys (company_id, key, fingerprint, appointment_id, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            params![
                self.company.get(),
                key.as_str(),
                fingerprint.0,
                appointment.get().as_bytes(),
                now.unix_micros()
            ],
        )? == 1;
        if is_new {
            return Ok(KeyClaim::New);
        }
        let found = first(
            self.connection(),
            ACTION,
            "SELECT k.fingerprint, k.outcome, a.id AS appointment_id FROM idempotency_keys k
             LEFT JOIN appointments a ON a.company_id = k.company_id AND a.id = k.appointment_id
             WHERE k.company_id = ?1 AND k.key = ?2",
            params![self.company.get(), key.as_str()],
            |row| what_came_of_it(row, fingerprint),
        )?;
        Ok(found.unwrap_or(KeyClaim::Running(None)))
    }

    async fn finish_key(
        &mut self,
        key: &IdempotencyKey,
        outcome: &StoredOutcome,
    ) -> Result<(), StoreError> {
        let written = run(
            self.connection(),
            "finish an idempotency key",
            "UPDATE idempotency_keys SET outcome = ?3 WHERE company_id = ?1 AND key = ?2",
            params![self.company.get(), key.as_str(), json(outcome)?],
        )?;
        if written == 1 {
            Ok(())
        } else {
            let problem = "the idempotency key was never claimed";
            Err(StoreError::Conflict(problem.to_owned()))
        }
    }
}

fn what_came_of_it(row: &Columns<'_>, fingerprint: &Fingerprint) -> Result<KeyClaim, StoreError> {
    if row.get::<String>("fingerprint")? != fingerprint.0 {
        return Ok(KeyClaim::OtherRequest);
    }
    if let Some(outcome) = row.json_if_any("outcome")? {
        return Ok(KeyClaim::Finished(outcome));
    }
    let appointment = match row.get::<Option<[u8; 16]>>("appointment_id")? {
        Some(_) => Some(AppointmentId::new(row.uuid("appointment_id")?)),
        None => None,
    };
    Ok(KeyClaim::Running(appointment))
}
