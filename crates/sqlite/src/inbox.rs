//! Webhooks received: once each, and what became of them.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, BookingUid};
use booking_domain::ports::{Delivery, DeliveryStatus, Quarantined, StoreError, WebhookInbox};
use rusqlite::params;

use crate::statements::{all, first, run};
use crate::unit_of_work::SqliteUnitOfWork;

#[async_trait]
impl WebhookInbox for SqliteUnitOfWork {
    async fn receive(&mut self, delivery: &Delivery) -> Result<bool, StoreError> {
        run(
            self.connection(),
            "file a webhook",
            "INSERT INTO webhook_inbox (company_id, key, trigger, booking_uid, body, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            params![
                self.company.get(),
                delivery.key,
                delivery.trigger,
                delivery.uid.as_ref().map(BookingUid::expose),
                delivery.body,
                delivery.received_at.unix_micros()
            ],
        )
        .map(|written| written == 1)
    }

    async fn settle(
        &mut self,
        key: &str,
        status: DeliveryStatus,
        appointment: Option<AppointmentId>,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        // The body is personal: only a person who has to look at it needs it any longer.
        let settled = run(
            self.connection(),
            "settle a webhook",
            "UPDATE webhook_inbox SET status = ?3, appointment_id = ?4, reason = ?5,
                body = CASE WHEN ?6 THEN body END
             WHERE company_id = ?1 AND key = ?2",
            params![
                self.company.get(),
                key,
                status.as_str(),
                appointment.map(|id| id.get().into_bytes()),
                reason,
                status == DeliveryStatus::Quarantined
            ],
        )?;
        if settled == 1 {
            Ok(())
        } else {
            let problem = "the webhook was never filed";
            Err(StoreError::Conflict(problem.to_owned()))
        }
    }

    async fn cancellation_filed(&mut self, uid: &BookingUid) -> Result<bool, StoreError> {
        first(
            self.connection(),
            "look for a cancellation",
            "SELECT 1 FROM webhook_inbox
             WHERE company_id = ?1 AND booking_uid = ?2 AND trigger IN ('BOOKING_CANCELLED', 'BOOKING_REJECTED')",
            params![self.company.get(), uid.expose()],
            |_| Ok(()),
        )
        .map(|found| found.is_some())
    }

    async fn quarantined(&mut self, limit: u32) -> Result<Vec<Quarantined>, StoreError> {
        all(
            self.connection(),
            "list quarantined webhooks",
            "SELECT key, trigger, reason, received_at FROM webhook_inbox
             WHERE company_id = ?1 AND status = 'quarantined'
             ORDER BY received_at DESC, key LIMIT ?2",
            params![self.company.get(), limit],
            |row| {
                Ok(Quarantined {
                    key: row.get("key")?,
                    trigger: row.get("trigger")?,
                    reason: row.get::<Option<String>>("reason")?.unwrap_or_default(),
                    received_at: row.instant("received_at")?,
                })
            },
        )
    }
}
