//! The books that listeners keep: figures, the audit log, the delivery log.

use async_trait::async_trait;
use booking_domain::events::DomainEvent;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{EventRecords, Job, Notification, NotificationStatus, StoreError};
use sqlx::Acquire;
use uuid::Uuid;

use crate::PgStore;
use crate::error::failed;
use crate::jobs::insert;
use crate::rows::to_db;

#[async_trait]
impl EventRecords for PgStore {
    async fn count(&self, event: &DomainEvent) -> Result<bool, StoreError> {
        sqlx::query!(
            "WITH first AS (
                 INSERT INTO analytics_counted (company_id, appointment_id, sequence, counted_at)
                 VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING 1
             )
             INSERT INTO analytics_daily AS d (company_id, day, service_id, outcome, source, n)
             SELECT $1, ($4 AT TIME ZONE 'UTC')::date, $5, $6, $7, 1 FROM first
             ON CONFLICT (company_id, day, service_id, outcome, source) DO UPDATE SET n = d.n + 1",
            event.company.get(),
            event.appointment.get(),
            event.sequence,
            to_db(event.occurred_at),
            event.service.get(),
            event.kind.as_str(),
            event.origin.as_str(),
        )
        .execute(&self.system)
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(failed("count an event"))
    }

    async fn audit(&self, event: &DomainEvent) -> Result<bool, StoreError> {
        const ACTION: &str = "write to the audit log";
        let mut conn = self.system.acquire().await.map_err(failed(ACTION))?;
        let mut unit = conn.begin().await.map_err(failed(ACTION))?;
        // One writer for a company at a time: its numbers have no gaps and no twins.
        sqlx::query!(
            "SELECT pg_advisory_xact_lock(hashtext('audit_log'), hashint8($1))",
            event.company.get(),
        )
        .execute(&mut *unit)
        .await
        .map_err(failed(ACTION))?;
        let written = sqlx::query!(
            "INSERT INTO audit_log (company_id, seq, at, actor, action, appointment_id, sequence)
             SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6
             FROM (SELECT seq FROM audit_log WHERE company_id = $1 ORDER BY seq DESC LIMIT 1) AS last
             ON CONFLICT ON CONSTRAINT audit_log_once DO NOTHING",
            event.company.get(),
            to_db(event.occurred_at),
            event.origin.as_str(),
            event.kind.as_str(),
            event.appointment.get(),
            event.sequence,
        )
        .execute(&mut *unit)
        .await
        .map_err(failed(ACTION))?;
        unit.commit().await.map_err(failed(ACTION))?;
        Ok(written.rows_affected() == 1)
    }

    async fn notify(
        &self,
        event: &DomainEvent,
        (notification, job): (&Notification, &Job),
    ) -> Result<bool, StoreError> {
        const ACTION: &str = "note a message";
        let mut conn = self.system.acquire().await.map_err(failed(ACTION))?;
        let mut unit = conn.begin().await.map_err(failed(ACTION))?;
        let noted = sqlx::query!(
            "INSERT INTO notifications (company_id, id, appointment_id, sequence, channel, template,
                                        status, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING",
            event.company.get(),
            notification.id,
            event.appointment.get(),
            event.sequence,
            notification.channel.as_str(),
            notification.template,
            NotificationStatus::Queued.as_str(),
            to_db(job.run_at),
        )
        .execute(&mut *unit)
        .await
        .map_err(failed(ACTION))?;
        let is_new = noted.rows_affected() == 1;
        if is_new {
            insert(&mut unit, job).await?;
        }
        unit.commit().await.map_err(failed(ACTION))?;
        Ok(is_new)
    }

    async fn notified(
        &self,
        (company, id): (CompanyId, Uuid),
        status: NotificationStatus,
        detail: &str,
    ) -> Result<bool, StoreError> {
        sqlx::query!(
            "UPDATE notifications SET status = $3, detail = $4 WHERE company_id = $1 AND id = $2",
            company.get(),
            id,
            status.as_str(),
            detail,
        )
        .execute(&self.system)
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(failed("note what became of a message"))
    }
}
