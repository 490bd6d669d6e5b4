//! Webhooks received: once each, and what became of them.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, BookingUid, CompanyId};
use booking_domain::ports::{
    Delivery, DeliveryStatus, DueBooking, Filed, Judge, Quarantined, Settlement, SharedInbox,
    StoreError, UnitOfWorkFactory, WebhookInbox,
};
use booking_domain::time::Instant;
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::statements::{Columns, all, json, micros, run};
use crate::unit_of_work::SqliteUnitOfWork;

#[async_trait]
impl WebhookInbox for SqliteUnitOfWork {
    async fn receive(&mut self, delivery: &Delivery) -> Result<bool, StoreError> {
        run(
            self.connection(),
            "file a webhook",
            "INSERT INTO webhook_inbox (company_id, key, trigger, booking_uid, body, received_at,
                reschedule_uid, sent_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            params![
                self.company.get(),
                delivery.key,
                delivery.trigger,
                delivery.uid.as_ref().map(BookingUid::expose),
                delivery.body,
                delivery.received_at.unix_micros(),
                delivery.rescheduled_from.as_ref().map(BookingUid::expose),
                micros(delivery.sent_at)
            ],
        )
        .map(|written| written == 1)
    }

    async fn settle(&mut self, key: &str, settlement: Settlement<'_>) -> Result<(), StoreError> {
        // The body is personal: only a person who has to look at it, or news that makes its booking
        // known, needs it any longer.
        let settled = run(
            self.connection(),
            "settle a webhook",
            "UPDATE webhook_inbox SET status = ?3, appointment_id = ?4, reason = ?5,
                body = CASE WHEN ?6 THEN body END, converge_at = ?7
             WHERE company_id = ?1 AND key = ?2",
            params![
                self.company.get(),
                key,
                settlement.status.as_str(),
                settlement.appointment.map(|id| id.get().into_bytes()),
                settlement.reason,
                settlement.status == DeliveryStatus::Quarantined,
                micros(settlement.converge_at)
            ],
        )?;
        if settled == 1 {
            Ok(())
        } else {
            let problem = "the webhook was never filed";
            Err(StoreError::Conflict(problem.to_owned()))
        }
    }

    async fn waiting(&mut self, names: &[BookingUid]) -> Result<Vec<Delivery>, StoreError> {
        let names: Vec<_> = names.iter().map(BookingUid::expose).collect();
        all(
            self.connection(),
            "find webhooks that wait",
            "SELECT key, trigger, booking_uid, reschedule_uid, body, sent_at, received_at
             FROM webhook_inbox
             WHERE company_id = ?1 AND status = 'quarantined'
               AND (booking_uid IN (SELECT value FROM json_each(?2))
                    OR reschedule_uid IN (SELECT value FROM json_each(?2)))
             ORDER BY coalesce(sent_at, received_at), key",
            params![self.company.get(), json(&names)?],
            delivery,
        )
    }

    async fn converged(
        &mut self,
        uid: &BookingUid,
        until: Instant,
        next: Option<Instant>,
    ) -> Result<(), StoreError> {
        run(
            self.connection(),
            "note that a booking was read",
            "UPDATE webhook_inbox SET converge_at = ?4
             WHERE company_id = ?1 AND booking_uid = ?2 AND received_at <= ?3
               AND converge_at IS NOT NULL",
            params![
                self.company.get(),
                uid.expose(),
                until.unix_micros(),
                micros(next)
            ],
        )
        .map(drop)
    }

    async fn audit_dropped(
        &mut self,
        delivery: &Delivery,
        (about, why): (Option<AppointmentId>, &str),
    ) -> Result<(), StoreError> {
        run(
            self.connection(),
            "write to the audit log",
            "INSERT INTO audit_log (company_id, seq, at, actor, action, detail, appointment_id)
             SELECT ?1, coalesce(max(seq), 0) + 1, ?2, 'calcom', 'webhook_dropped', ?3, ?4
             FROM audit_log WHERE company_id = ?1",
            params![
                self.company.get(),
                delivery.received_at.unix_micros(),
                format!("{}: {why}", delivery.trigger),
                about.map(|id| *id.get().as_bytes())
            ],
        )
        .map(drop)
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

#[async_trait]
impl SharedInbox for SqliteStore {
    /// One at a time: there is one writer, and its commits are short.
    async fn file_settled(
        &self,
        company: CompanyId,
        delivery: Delivery,
        judge: Judge,
    ) -> Result<Filed, StoreError> {
        let mut unit = self.begin(company).await?;
        let known = match &delivery.uid {
            Some(uid) => unit.find_by_uid(uid).await?,
            None => None,
        };
        let Some((status, appointment)) = judge(known.as_ref()) else {
            return Ok(Filed::Undecided);
        };
        if !unit.receive(&delivery).await? {
            return Ok(Filed::Repeat);
        }
        let settlement = Settlement {
            status,
            appointment,
            reason: None,
            converge_at: None,
        };
        unit.settle(&delivery.key, settlement).await?;
        unit.commit().await?;
        Ok(Filed::New(status, appointment))
    }

    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<DueBooking>, StoreError> {
        const ACTION: &str = "lease bookings to be read";
        const DUE: &str = "SELECT company_id, booking_uid, max(attempts) + 1 AS attempts,
                min(received_at) AS received_at
            FROM webhook_inbox WHERE converge_at <= ?1 AND booking_uid IS NOT NULL
            GROUP BY company_id, booking_uid ORDER BY min(converge_at), booking_uid LIMIT ?2";
        // Most of the time there is nothing to do, and nobody need wait for the writer.
        let anything = self.readers.read(ACTION, |connection| {
            all(
                connection,
                ACTION,
                DUE,
                params![now.unix_micros(), 1],
                |_| Ok(()),
            )
        })?;
        if anything.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        let due = all(
            connection,
            ACTION,
            DUE,
            params![now.unix_micros(), limit],
            |row| {
                let uid: String = row.get("booking_uid")?;
                let of_it = (row.get("attempts")?, row.instant("received_at")?);
                Ok((row.company()?, uid, of_it))
            },
        )?;
        let mut readable = Vec::with_capacity(due.len());
        for (company, uid, (attempts, received_at)) in due {
            match BookingUid::parse(&uid) {
                Some(uid) => readable.push(DueBooking {
                    company,
                    uid,
                    attempts,
                    received_at,
                }),
                None => bury(connection, (company, &uid), now)?,
            }
        }
        let due = readable;
        for booking in &due {
            run(
                connection,
                ACTION,
                "UPDATE webhook_inbox SET converge_at = ?4, attempts = attempts + 1
                 WHERE company_id = ?1 AND booking_uid = ?2 AND converge_at <= ?3",
                params![
                    booking.company.get(),
                    booking.uid.expose(),
                    now.unix_micros(),
                    leased_until.unix_micros()
                ],
            )?;
        }
        transaction.commit().await?;
        Ok(due)
    }
}

/// News about a booking whose name nobody can read goes to the dead jobs, and waits no more.
fn bury(
    connection: &Connection,
    (company, uid): (CompanyId, &str),
    now: Instant,
) -> Result<(), StoreError> {
    const ACTION: &str = "bury a webhook";
    tracing::error!("a webhook's booking cannot be read: see `jobs list --state dead`");
    run(
        connection,
        ACTION,
        "INSERT INTO dead_jobs (id, company_id, queue, kind, payload, run_at, attempt, fence,
                                died_at, reason)
         SELECT randomblob(16), company_id, 'calcom_sync', 'news', json_object('key', key), ?3, 0, 0,
                ?3, 'webhook_inbox.booking_uid: it is no name'
         FROM webhook_inbox
         WHERE company_id = ?1 AND booking_uid = ?2 AND converge_at IS NOT NULL",
        params![company.get(), uid, now.unix_micros()],
    )?;
    run(
        connection,
        ACTION,
        "UPDATE webhook_inbox SET converge_at = NULL WHERE company_id = ?1 AND booking_uid = ?2",
        params![company.get(), uid],
    )
    .map(drop)
}

fn delivery(row: &Columns<'_>) -> Result<Delivery, StoreError> {
    let name = |column: &str| -> Result<Option<BookingUid>, StoreError> {
        let text: Option<String> = row.get(column)?;
        Ok(text.as_deref().and_then(BookingUid::parse))
    };
    Ok(Delivery {
        key: row.get("key")?,
        trigger: row.get("trigger")?,
        uid: name("booking_uid")?,
        rescheduled_from: name("reschedule_uid")?,
        body: row.get::<Option<String>>("body")?.unwrap_or_default(),
        sent_at: row.instant_if_any("sent_at")?,
        received_at: row.instant("received_at")?,
    })
}
