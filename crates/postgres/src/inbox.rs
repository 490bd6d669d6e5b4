//! Webhooks received, inside a unit of work.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, BookingUid};
use booking_domain::ports::{Delivery, DeliveryStatus, Quarantined, StoreError, WebhookInbox};

use crate::error::failed;
use crate::rows::{from_db, to_db};
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl WebhookInbox for PgUnitOfWork {
    async fn receive(&mut self, delivery: &Delivery) -> Result<bool, StoreError> {
        sqlx::query!(
            "INSERT INTO webhook_inbox (company_id, key, trigger, booking_uid, body, received_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (company_id, key) DO NOTHING",
            self.company.get(),
            delivery.key,
            delivery.trigger,
            delivery.uid.as_ref().map(BookingUid::expose),
            delivery.body,
            to_db(delivery.received_at),
        )
        .execute(self.conn())
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(failed("file a webhook"))
    }

    async fn settle(
        &mut self,
        key: &str,
        status: DeliveryStatus,
        appointment: Option<AppointmentId>,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let settled = sqlx::query!(
            "UPDATE webhook_inbox
             SET status = $3, appointment_id = $4, reason = $5,
                 body = CASE WHEN $6 THEN body END
             WHERE company_id = $1 AND key = $2",
            self.company.get(),
            key,
            status.as_str(),
            appointment.map(AppointmentId::get),
            reason,
            status == DeliveryStatus::Quarantined,
        )
        .execute(self.conn())
        .await
        .map_err(failed("settle a webhook"))?;
        if settled.rows_affected() == 0 {
            return Err(StoreError::Conflict(
                "the webhook was never filed".to_owned(),
            ));
        }
        Ok(())
    }

    async fn cancellation_filed(&mut self, uid: &BookingUid) -> Result<bool, StoreError> {
        sqlx::query_scalar!(
            r#"
            SELECT EXISTS (
                SELECT FROM webhook_inbox
                WHERE company_id = $1 AND booking_uid = $2
                  AND trigger IN ('BOOKING_CANCELLED', 'BOOKING_REJECTED')) AS "filed!""#,
            self.company.get(),
            uid.expose(),
        )
        .fetch_one(self.conn())
        .await
        .map_err(failed("look for a cancellation"))
    }

    async fn quarantined(&mut self, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        let rows = sqlx::query!(
            "SELECT key, trigger, reason, received_at FROM webhook_inbox
             WHERE company_id = $1 AND status = 'quarantined'
             ORDER BY received_at DESC, key
             LIMIT $2",
            self.company.get(),
            i64::from(limit),
        )
        .fetch_all(self.conn())
        .await
        .map_err(failed("list webhooks kept for a person"))?;
        rows.into_iter()
            .map(|row| {
                Ok(Quarantined {
                    key: row.key,
                    trigger: row.trigger,
                    reason: row.reason.unwrap_or_default(),
                    received_at: from_db(row.received_at)?,
                })
            })
            .collect()
    }
}
