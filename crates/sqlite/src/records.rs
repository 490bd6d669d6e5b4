//! The books that listeners keep: figures, the audit log, the delivery log.

use async_trait::async_trait;
use booking_domain::events::DomainEvent;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{EventRecords, Job, Notification, NotificationStatus, StoreError};
use rusqlite::params;
use uuid::Uuid;

use crate::SqliteStore;
use crate::jobs::insert;
use crate::statements::run;

#[async_trait]
impl EventRecords for SqliteStore {
    async fn count(&self, event: &DomainEvent) -> Result<bool, StoreError> {
        const ACTION: &str = "count an event";
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
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
            return Ok(false);
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
        transaction.commit().await?;
        Ok(true)
    }

    async fn audit(&self, event: &DomainEvent) -> Result<bool, StoreError> {
        let transaction = self.transaction().await?;
        let written = run(
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
        )?;
        transaction.commit().await?;
        Ok(written == 1)
    }

    async fn notify(
        &self,
        event: &DomainEvent,
        (notification, job): (&Notification, &Job),
    ) -> Result<bool, StoreError> {
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        let noted = run(
            connection,
            "note a message",
            "INSERT INTO notifications (company_id, id, appointment_id, sequence, channel, template,
                                        status, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            params![
                event.company.get(),
                notification.id.as_bytes(),
                event.appointment.get().as_bytes(),
                event.sequence,
                notification.channel.as_str(),
                notification.template,
                NotificationStatus::Queued.as_str(),
                job.run_at.unix_micros()
            ],
        )?;
        if noted == 1 {
            insert(connection, job)?;
        }
        transaction.commit().await?;
        Ok(noted == 1)
    }

    async fn notified(
        &self,
        (company, id): (CompanyId, Uuid),
        status: NotificationStatus,
        detail: &str,
    ) -> Result<bool, StoreError> {
        let transaction = self.transaction().await?;
        let noted = run(
            transaction.connection(),
            "note what became of a message",
            "UPDATE notifications SET status = ?3, detail = ?4 WHERE company_id = ?1 AND id = ?2",
            params![company.get(), id.as_bytes(), status.as_str(), detail],
        )?;
        transaction.commit().await?;
        Ok(noted == 1)
    }
}
