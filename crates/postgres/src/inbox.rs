//! Webhooks received, inside a unit of work.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, BookingUid, CompanyId};
use booking_domain::ports::{
    Delivery, DeliveryStatus, DueBooking, Filed, Judge, Quarantined, Settlement, SharedInbox,
    StoreError, WebhookInbox,
};
use booking_domain::time::Instant;

use crate::PgStore;
use crate::error::failed;
use crate::records::{AuditRow, write_audit};
use crate::rows::{from_db, to_db};
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl WebhookInbox for PgUnitOfWork {
    async fn receive(&mut self, delivery: &Delivery) -> Result<bool, StoreError> {
        sqlx::query!(
            "INSERT INTO webhook_inbox (company_id, key, trigger, booking_uid, body, received_at,
                 reschedule_uid, sent_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (company_id, key) DO NOTHING",
            self.company.get(),
            delivery.key,
            delivery.trigger,
            delivery.uid.as_ref().map(BookingUid::expose),
            delivery.body,
            to_db(delivery.received_at),
            delivery.rescheduled_from.as_ref().map(BookingUid::expose),
            delivery.sent_at.map(to_db),
        )
        .execute(self.conn())
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(failed("file a webhook"))
    }

    async fn settle(&mut self, key: &str, settlement: Settlement<'_>) -> Result<(), StoreError> {
        let settled = sqlx::query!(
            "UPDATE webhook_inbox
             SET status = $3, appointment_id = $4, reason = $5,
                 body = CASE WHEN $6 THEN body END, converge_at = $7
             WHERE company_id = $1 AND key = $2",
            self.company.get(),
            key,
            settlement.status.as_str(),
            settlement.appointment.map(AppointmentId::get),
            settlement.reason,
            settlement.status == DeliveryStatus::Quarantined,
            settlement.converge_at.map(to_db),
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

    async fn waiting(&mut self, names: &[BookingUid]) -> Result<Vec<Delivery>, StoreError> {
        let names: Vec<_> = names.iter().map(|name| name.expose().to_owned()).collect();
        let rows = sqlx::query!(
            "SELECT key, trigger, booking_uid, reschedule_uid, body, sent_at, received_at
             FROM webhook_inbox
             WHERE company_id = $1 AND status = 'quarantined'
               AND (booking_uid = ANY($2) OR reschedule_uid = ANY($2))
             ORDER BY coalesce(sent_at, received_at), key",
            self.company.get(),
            &names,
        )
        .fetch_all(self.conn())
        .await
        .map_err(failed("find webhooks that wait"))?;
        let name = |text: Option<String>| text.as_deref().and_then(BookingUid::parse);
        rows.into_iter()
            .map(|row| {
                Ok(Delivery {
                    key: row.key,
                    trigger: row.trigger,
                    uid: name(row.booking_uid),
                    rescheduled_from: name(row.reschedule_uid),
                    body: row.body.unwrap_or_default(),
                    sent_at: row.sent_at.map(from_db).transpose()?,
                    received_at: from_db(row.received_at)?,
                })
            })
            .collect()
    }

    async fn converged(
        &mut self,
        uid: &BookingUid,
        until: Instant,
        next: Option<Instant>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE webhook_inbox SET converge_at = $4
             WHERE company_id = $1 AND booking_uid = $2 AND received_at <= $3
               AND converge_at IS NOT NULL",
            self.company.get(),
            uid.expose(),
            to_db(until),
            next.map(to_db),
        )
        .execute(self.conn())
        .await
        .map(drop)
        .map_err(failed("note that a booking was read"))
    }

    async fn audit_dropped(
        &mut self,
        delivery: &Delivery,
        (about, why): (Option<AppointmentId>, &str),
    ) -> Result<(), StoreError> {
        let row = AuditRow {
            company: self.company,
            at: delivery.received_at,
            actor: "calcom",
            action: "webhook_dropped",
            appointment: about,
            sequence: None,
            detail: Some(format!("{}: {why}", delivery.trigger)),
        };
        write_audit(self.conn(), &[row]).await.map(drop)
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

#[async_trait]
impl SharedInbox for PgStore {
    async fn file_settled(
        &self,
        company: CompanyId,
        delivery: Delivery,
        judge: Judge,
    ) -> Result<Filed, StoreError> {
        self.desk.file(company, delivery, judge).await
    }

    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<DueBooking>, StoreError> {
        self.rollbacks.settled().await;
        let rows = sqlx::query!(
            r#"
            WITH due AS (
                SELECT company_id, key FROM webhook_inbox
                WHERE converge_at <= $1 AND booking_uid IS NOT NULL
                ORDER BY converge_at, company_id, key
                LIMIT $3
                FOR UPDATE SKIP LOCKED
            ), leased AS (
                UPDATE webhook_inbox w SET converge_at = $2, attempts = w.attempts + 1
                FROM due WHERE w.company_id = due.company_id AND w.key = due.key
                RETURNING w.company_id, w.booking_uid, w.attempts, w.received_at
            )
            SELECT company_id, booking_uid AS "booking_uid!", max(attempts) AS "attempts!",
                   min(received_at) AS "received_at!"
            FROM leased GROUP BY company_id, booking_uid
            ORDER BY min(received_at), booking_uid"#,
            to_db(now),
            to_db(leased_until),
            i64::from(limit),
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("lease bookings to be read"))?;
        let mut due = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(uid) = BookingUid::parse(&row.booking_uid) else {
                self.bury_news((row.company_id, &row.booking_uid), now)
                    .await?;
                continue;
            };
            due.push(DueBooking {
                company: CompanyId::new(row.company_id),
                uid,
                attempts: u32::try_from(row.attempts).unwrap_or_default(),
                received_at: from_db(row.received_at)?,
            });
        }
        Ok(due)
    }
}

impl PgStore {
    /// News about a booking whose name nobody can read goes to the dead jobs, and waits no more.
    async fn bury_news(&self, (company, uid): (i64, &str), now: Instant) -> Result<(), StoreError> {
        tracing::error!("a webhook's booking cannot be read: see `jobs list --state dead`");
        sqlx::query!(
            "WITH unread AS (
                 UPDATE webhook_inbox SET converge_at = NULL
                 WHERE company_id = $1 AND booking_uid = $2 AND converge_at IS NOT NULL
                 RETURNING company_id, key
             )
             INSERT INTO dead_jobs (id, company_id, queue, kind, payload, run_at, attempt, fence,
                                    created_at, died_at, reason)
             SELECT gen_random_uuid(), company_id, 'calcom_sync', 'news',
                    jsonb_build_object('key', key), $3, 0, 0, $3, $3,
                    'webhook_inbox.booking_uid: it is no name'
             FROM unread",
            company,
            uid,
            to_db(now),
        )
        .execute(&self.system)
        .await
        .map(drop)
        .map_err(failed("bury a webhook"))
    }
}
