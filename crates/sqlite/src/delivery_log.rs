//! The delivery log.

use async_trait::async_trait;
use booking_domain::contact::{Contact, Email, PersonName, Phone};
use booking_domain::events::DomainEvent;
use booking_domain::ids::{AppointmentId, CampaignId, CompanyId, CustomerId, JobId};
use booking_domain::messages::{Consent, Reach, Template};
use booking_domain::ports::{
    About, Addressee, Channel, DeliveryLog, Job, LoggedMessage, NewMessage, NotificationStatus,
    Outcome, Queue, StoreError,
};
use booking_domain::time::Instant;
use rusqlite::{Connection, params};
use serde_json::json;
use uuid::Uuid;

use crate::SqliteStore;
use crate::error::corrupt;
use crate::jobs;
use crate::statements::{Columns, all, first, micros, run};

#[async_trait]
impl DeliveryLog for SqliteStore {
    async fn reach(
        &self,
        whose: &[(CompanyId, AppointmentId)],
    ) -> Result<Vec<Option<Reach>>, StoreError> {
        const ACTION: &str = "see how customers can be reached";
        self.readers.read(ACTION, |connection| {
            let one = |(company, id): &(CompanyId, AppointmentId)| {
                first(
                    connection,
                    ACTION,
                    "SELECT a.starts_at, c.email IS NOT NULL AS email, c.phone IS NOT NULL AS phone
                     FROM appointments a
                     JOIN customers c ON c.company_id = a.company_id AND c.id = a.customer_id
                     WHERE a.company_id = ?1 AND a.id = ?2",
                    params![company.get(), id.get().as_bytes()],
                    |row| {
                        Ok(Reach {
                            email: row.get("email")?,
                            phone: row.get("phone")?,
                            starts_at: row.instant("starts_at")?,
                        })
                    },
                )
            };
            whose.iter().map(one).collect()
        })
    }

    async fn file(
        &self,
        messages: &[NewMessage],
        job: &str,
        now: Instant,
    ) -> Result<Vec<Uuid>, StoreError> {
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        let mut fresh = Vec::new();
        for message in messages {
            if !insert(connection, message, now)? {
                continue;
            }
            fresh.push(message.id);
            if let Some(at) = message.due_at() {
                let payload = json!({ "message": message.id });
                let what = (Queue::Notifications, job);
                let job = Job {
                    company: Some(message.company),
                    trace_parent: message.trace_parent,
                    ..Job::new(JobId::new(message.id), what, payload, at)
                };
                jobs::insert(connection, &job)?;
            }
        }
        transaction.commit().await?;
        Ok(fresh)
    }

    async fn message(
        &self,
        company: CompanyId,
        id: Uuid,
    ) -> Result<Option<LoggedMessage>, StoreError> {
        const ACTION: &str = "read a message";
        self.readers.read(ACTION, |connection| {
            first(
                connection,
                ACTION,
                "SELECT id, appointment_id, sequence, campaign_id, customer_id, template,
                        lead_minutes, channel, status, attempt
                 FROM notifications WHERE company_id = ?1 AND id = ?2",
                params![company.get(), id.as_bytes()],
                read_message,
            )
        })
    }

    async fn addressee(
        &self,
        company: CompanyId,
        customer: CustomerId,
    ) -> Result<Option<Addressee>, StoreError> {
        const ACTION: &str = "read a customer";
        self.readers.read(ACTION, |connection| {
            first(
                connection,
                ACTION,
                "SELECT name, email, phone, locale, marketing_since, opted_out_at
                 FROM customers WHERE company_id = ?1 AND id = ?2",
                params![company.get(), customer.get()],
                read_addressee,
            )
        })
    }

    async fn events_since(
        &self,
        company: CompanyId,
        (appointment, sequence): (AppointmentId, i64),
    ) -> Result<Vec<DomainEvent>, StoreError> {
        const ACTION: &str = "see what happened since";
        self.readers.read(ACTION, |connection| {
            all(
                connection,
                ACTION,
                "SELECT sequence, event FROM appointment_events
                 WHERE company_id = ?1 AND appointment_id = ?2 AND sequence > ?3
                 UNION ALL
                 SELECT sequence, event FROM outbox
                 WHERE company_id = ?1 AND appointment_id = ?2 AND sequence > ?3
                 ORDER BY sequence",
                params![company.get(), appointment.get().as_bytes(), sequence],
                |row| row.json("event"),
            )
        })
    }

    async fn begin_try(
        &self,
        company: CompanyId,
        id: Uuid,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let transaction = self.transaction().await?;
        let begun = run(
            transaction.connection(),
            "note that a message is tried",
            "UPDATE notifications
             SET status = 'queued', detail = NULL, attempt = attempt + 1, started_at = ?3,
                 finished_at = NULL
             WHERE company_id = ?1 AND id = ?2 AND status <> 'sent'",
            params![company.get(), id.as_bytes(), now.unix_micros()],
        )?;
        transaction.commit().await?;
        Ok(begun == 1)
    }

    async fn finish(
        &self,
        company: CompanyId,
        (id, outcome): (Uuid, &Outcome),
        now: Instant,
    ) -> Result<(), StoreError> {
        let reference = match outcome {
            Outcome::Sent(reference) => reference.as_deref(),
            Outcome::NotSent(_) | Outcome::Failed(_) => None,
        };
        let transaction = self.transaction().await?;
        run(
            transaction.connection(),
            "note what came of a message",
            "UPDATE notifications
             SET status = ?3, detail = ?4, reference = ?5, finished_at = ?6
             WHERE company_id = ?1 AND id = ?2 AND status <> 'sent'",
            params![
                company.get(),
                id.as_bytes(),
                outcome.status().as_str(),
                outcome.detail(),
                reference,
                now.unix_micros()
            ],
        )?;
        transaction.commit().await.map(drop)
    }
}

/// Whether it is new.
fn insert(connection: &Connection, message: &NewMessage, now: Instant) -> Result<bool, StoreError> {
    let (appointment, sequence, campaign, customer) = match message.about {
        About::Appointment { id, sequence } => (Some(id), Some(sequence), None, None),
        About::Campaign { id, customer } => (None, None, Some(id), Some(customer)),
    };
    let ((status, detail), due_at) = (message.status(), message.due_at());
    run(
        connection,
        "note a message",
        "INSERT INTO notifications (company_id, id, appointment_id, sequence, campaign_id,
            customer_id, channel, template, lead_minutes, status, detail, due_at, created_at,
            finished_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
                 CASE WHEN ?12 IS NULL THEN ?13 END)
         ON CONFLICT DO NOTHING",
        params![
            message.company.get(),
            message.id.as_bytes(),
            appointment.map(|it| *it.get().as_bytes()),
            sequence,
            campaign.map(|it| *it.get().as_bytes()),
            customer.map(CustomerId::get),
            message.planned.channel.as_str(),
            message.planned.template.as_str(),
            message.planned.lead_minutes,
            status.as_str(),
            detail,
            micros(due_at),
            now.unix_micros()
        ],
    )
    .map(|written| written == 1)
}

fn read_message(row: &Columns<'_>) -> Result<LoggedMessage, StoreError> {
    let id = |name| Ok::<_, StoreError>(row.get::<Option<[u8; 16]>>(name)?.map(Uuid::from_bytes));
    let appointment = id("appointment_id")?.zip(row.get("sequence")?);
    let campaign = id("campaign_id")?.zip(row.id_if_any("customer_id", CustomerId::new)?);
    let about = match (appointment, campaign) {
        (Some((id, sequence)), None) => About::Appointment {
            id: AppointmentId::new(id),
            sequence,
        },
        (None, Some((id, customer))) => About::Campaign {
            id: CampaignId::new(id),
            customer,
        },
        _ => return Err(corrupt("notifications".to_owned(), Nothing)),
    };
    Ok(LoggedMessage {
        id: row.uuid("id")?,
        about,
        template: row.parsed("template", Template::parse)?,
        lead_minutes: row.get("lead_minutes")?,
        channel: row.parsed("channel", Channel::parse)?,
        status: row.parsed("status", NotificationStatus::parse)?,
        attempt: row.get("attempt")?,
    })
}

#[derive(Debug, thiserror::Error)]
#[error("a message about nothing")]
struct Nothing;

fn read_addressee(row: &Columns<'_>) -> Result<Addressee, StoreError> {
    // Without a name: erased.
    let contact = match row.parsed_if_any("name", |text| PersonName::parse(text).ok())? {
        None => None,
        Some(name) => Some(Contact {
            name,
            email: row.parsed_if_any("email", |text| Email::parse(text).ok())?,
            phone: row.parsed_if_any("phone", |text| Phone::parse(text).ok())?,
            locale: row.get("locale")?,
        }),
    };
    let consent = read_consent(row)?;
    Ok(Addressee { contact, consent })
}

pub(crate) fn read_consent(row: &Columns<'_>) -> Result<Consent, StoreError> {
    Ok(Consent {
        marketing_since: row.instant_if_any("marketing_since")?,
        opted_out_at: row.instant_if_any("opted_out_at")?,
    })
}
