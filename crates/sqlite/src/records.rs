//! The books that listeners keep: figures, the audit log.

use async_trait::async_trait;
use booking_domain::events::DomainEvent;
use booking_domain::ports::{EventRecords, StoreError};
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::statements::run;

#[async_trait]
impl EventRecords for SqliteStore {
    async fn count(&self, events: &[&DomainEvent]) -> Result<u64, StoreError> {
        let transaction = self.transaction().await?;
        let mut counted = 0;
        for event in events {
            counted += count_one(transaction.connection(), event)?;
        }
        transaction.commit().await?;
        Ok(counted)
    }

    async fn audit(&self, events: &[&DomainEvent]) -> Result<u64, StoreError> {
        let transaction = self.transaction().await?;
        let mut written = 0;
        for event in events {
            written += run(
                transaction.connection(),
                "write to the audit log",
                "INSERT INTO audit_log (company_id, seq, at, actor, action, appointment_id, sequence)
                 SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4, ?5, ?6
                 FROM audit_log WHERE company_id = ?1
                 ON CONFLICT (company_id, appointment_id, sequence) DO NOTHING",
                params![
                    event.company.get(),
                    event.occurred_at.unix_micros(),
                    event.origin.as_str(),
                    event.kind.as_str(),
                    event.appointment.get().as_bytes(),
                    event.sequence
                ],
            )? as u64;
        }
        transaction.commit().await?;
        Ok(written)
    }
}

fn count_one(connection: &Connection, event: &DomainEvent) -> Result<u64, StoreError> {
    const ACTION: &str = "count an event";
    let counted = run(
        connection,
        ACTION,
        "INSERT INTO analytics_counted (company_id, appointment_id, sequence, counted_at)
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        params![
            event.company.get(),
            event.appointment.get().as_bytes(),
            event.sequence,
            event.occurred_at.unix_micros()
        ],
    )?;
    if counted == 0 {
        return Ok(0);
    }
    run(
        connection,
        ACTION,
        "INSERT INTO analytics_daily (company_id, day, service_id, outcome, source, n)
         VALUES (?1, ?2, ?3, ?4, ?5, 1)
         ON CONFLICT (company_id, day, service_id, outcome, source) DO UPDATE SET n = n + 1",
        params![
            event.company.get(),
            event.occurred_at.utc_day().to_string(),
            event.service.get(),
            event.kind.as_str(),
            event.origin.as_str()
        ],
    )?;
    Ok(1)
}
