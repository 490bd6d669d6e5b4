//! The delivery log. A statement writes as many messages as there are, each with its job.
//!
//! What each message needs is looked up by itself (`LATERAL … LIMIT`), as in `records`.

use async_trait::async_trait;
use booking_domain::contact::Contact;
use booking_domain::events::DomainEvent;
use booking_domain::ids::{AppointmentId, CampaignId, CompanyId, CustomerId};
use booking_domain::messages::{Consent, Reach, Template};
use booking_domain::ports::{
    About, Addressee, Channel, DeliveryLog, LoggedMessage, NewMessage, NotificationStatus, Outcome,
    StoreError,
};
use booking_domain::time::Instant;
use uuid::Uuid;

use crate::PgStore;
use crate::customers::{read_email, read_name, read_phone};
use crate::error::{corrupt, failed};
use crate::rows::{from_db, to_db, word};

/// What a message is about, as four columns.
fn columns(about: About) -> (Option<Uuid>, Option<i64>, Option<Uuid>, Option<i64>) {
    match about {
        About::Appointment { id, sequence } => (Some(id.get()), Some(sequence), None, None),
        About::Campaign { id, customer } => (None, None, Some(id.get()), Some(customer.get())),
    }
}

fn column<'a, T>(messages: &'a [NewMessage], of: impl FnMut(&'a NewMessage) -> T) -> Vec<T> {
    messages.iter().map(of).collect()
}

#[async_trait]
impl DeliveryLog for PgStore {
    async fn reach(
        &self,
        whose: &[(CompanyId, AppointmentId)],
    ) -> Result<Vec<Option<Reach>>, StoreError> {
        let companies: Vec<_> = whose.iter().map(|(company, _)| company.get()).collect();
        let ids: Vec<_> = whose.iter().map(|(_, id)| id.get()).collect();
        let rows = sqlx::query!(
            r#"
            SELECT t.n AS "n!", c.starts_at, c.email AS "email!", c.phone AS "phone!"
            FROM unnest($1::bigint[], $2::uuid[])
                WITH ORDINALITY AS t (company_id, appointment_id, n)
            CROSS JOIN LATERAL (
                SELECT a.starts_at, c.email IS NOT NULL AS email, c.phone IS NOT NULL AS phone
                FROM appointments a
                JOIN customers c ON c.company_id = a.company_id AND c.id = a.customer_id
                WHERE a.company_id = t.company_id AND a.id = t.appointment_id
                LIMIT 1
            ) AS c"#,
            &companies,
            &ids,
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("see how customers can be reached"))?;
        let mut found = vec![None; whose.len()];
        for row in rows {
            let at = usize::try_from(row.n - 1).map_err(|error| corrupt("an ordinal", error))?;
            found[at] = Some(Reach {
                email: row.email,
                phone: row.phone,
                starts_at: from_db(row.starts_at)?,
            });
        }
        Ok(found)
    }

    async fn file(
        &self,
        messages: &[NewMessage],
        job: &str,
        now: Instant,
    ) -> Result<Vec<Uuid>, StoreError> {
        let about = |it: &NewMessage| columns(it.about);
        // In one order, so that two who file the same wait for each other in that order.
        sqlx::query_scalar!(
            r#"
            WITH told AS (
                SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::bigint[],
                                     $5::uuid[], $6::bigint[], $7::text[], $8::text[], $9::int[],
                                     $10::text[], $11::text[], $12::timestamptz[], $13::text[])
                    AS t (company_id, id, appointment_id, sequence, campaign_id, customer_id,
                          channel, template, lead_minutes, status, detail, due_at, trace_parent)
                ORDER BY company_id, appointment_id, sequence, template, lead_minutes,
                         campaign_id, customer_id
            ), fresh AS (
                INSERT INTO notifications (company_id, id, appointment_id, sequence, campaign_id,
                    customer_id, channel, template, lead_minutes, status, detail, due_at,
                    created_at, finished_at)
                SELECT company_id, id, appointment_id, sequence, campaign_id, customer_id, channel,
                       template, lead_minutes, status, detail, due_at, $15::timestamptz,
                       CASE WHEN due_at IS NULL THEN $15::timestamptz END
                FROM told
                ON CONFLICT DO NOTHING
                RETURNING company_id, id
            ), filed AS (
                INSERT INTO jobs (id, company_id, queue, kind, payload, run_at, due_since,
                                  trace_parent, created_at)
                SELECT t.id, t.company_id, 'notifications', $14,
                       jsonb_build_object('message', t.id), t.due_at, t.due_at, t.trace_parent, $15::timestamptz
                FROM told t JOIN fresh USING (company_id, id)
                WHERE t.due_at IS NOT NULL
            )
            SELECT id AS "id!" FROM fresh"#,
            &column(messages, |it| it.company.get()),
            &column(messages, |it| it.id),
            &column(messages, |it| about(it).0) as &[Option<Uuid>],
            &column(messages, |it| about(it).1) as &[Option<i64>],
            &column(messages, |it| about(it).2) as &[Option<Uuid>],
            &column(messages, |it| about(it).3) as &[Option<i64>],
            &column(messages, |it| it.planned.channel.as_str()) as &[&str],
            &column(messages, |it| it.planned.template.as_str()) as &[&str],
            &column(messages, |it| it.planned.lead_minutes.cast_signed()),
            &column(messages, |it| it.status().0.as_str()) as &[&str],
            &column(messages, |it| it.status().1) as &[Option<&str>],
            &column(messages, |it| it.due_at().map(to_db)) as &[Option<_>],
            &column(messages, |it| it.trace_parent.map(|parent| parent.to_string()))
                as &[Option<String>],
            job,
            to_db(now),
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("note messages"))
    }

    async fn message(
        &self,
        company: CompanyId,
        id: Uuid,
    ) -> Result<Option<LoggedMessage>, StoreError> {
        sqlx::query_as!(
            MessageRow,
            "SELECT id, appointment_id, sequence, campaign_id, customer_id, template,
                    lead_minutes, channel, status, attempt
             FROM notifications WHERE company_id = $1 AND id = $2",
            company.get(),
            id,
        )
        .fetch_optional(&self.system)
        .await
        .map_err(failed("read a message"))?
        .map(MessageRow::read)
        .transpose()
    }

    async fn addressee(
        &self,
        company: CompanyId,
        customer: CustomerId,
    ) -> Result<Option<Addressee>, StoreError> {
        let row = sqlx::query!(
            "SELECT name, email, phone, locale, marketing_since, opted_out_at
             FROM customers WHERE company_id = $1 AND id = $2",
            company.get(),
            customer.get(),
        )
        .fetch_optional(&self.system)
        .await
        .map_err(failed("read a customer"))?;
        let Some(row) = row else {
            return Ok(None);
        };
        let contact = match &row.name {
            None => None,
            Some(name) => Some(Contact {
                name: read_name(name)?,
                email: row.email.as_deref().map(read_email).transpose()?,
                phone: row.phone.as_deref().map(read_phone).transpose()?,
                locale: row.locale,
            }),
        };
        let consent = Consent {
            marketing_since: row.marketing_since.map(from_db).transpose()?,
            opted_out_at: row.opted_out_at.map(from_db).transpose()?,
        };
        Ok(Some(Addressee { contact, consent }))
    }

    async fn events_since(
        &self,
        company: CompanyId,
        (appointment, sequence): (AppointmentId, i64),
    ) -> Result<Vec<DomainEvent>, StoreError> {
        // Together: the relay moves events from one to the other.
        sqlx::query_scalar!(
            r#"
            SELECT event AS "event!" FROM (
                SELECT sequence, event FROM appointment_events
                WHERE company_id = $1 AND appointment_id = $2 AND sequence > $3
                UNION ALL
                SELECT sequence, event FROM outbox
                WHERE company_id = $1 AND appointment_id = $2 AND sequence > $3
            ) AS since ORDER BY sequence"#,
            company.get(),
            appointment.get(),
            sequence,
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("see what happened since"))?
        .into_iter()
        .map(|event| serde_json::from_value(event).map_err(|error| corrupt("an event", error)))
        .collect()
    }

    async fn begin_try(
        &self,
        company: CompanyId,
        id: Uuid,
        now: Instant,
    ) -> Result<bool, StoreError> {
        sqlx::query!(
            "UPDATE notifications
             SET status = 'queued', detail = NULL, attempt = attempt + 1, started_at = $3,
                 finished_at = NULL
             WHERE company_id = $1 AND id = $2 AND status <> 'sent'",
            company.get(),
            id,
            to_db(now),
        )
        .execute(&self.system)
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(failed("note that a message is tried"))
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
        sqlx::query!(
            "UPDATE notifications
             SET status = $3, detail = $4, reference = $5, finished_at = $6
             WHERE company_id = $1 AND id = $2 AND status <> 'sent'",
            company.get(),
            id,
            outcome.status().as_str(),
            outcome.detail(),
            reference,
            to_db(now),
        )
        .execute(&self.system)
        .await
        .map(drop)
        .map_err(failed("note what came of a message"))
    }
}

struct MessageRow {
    id: Uuid,
    appointment_id: Option<Uuid>,
    sequence: Option<i64>,
    campaign_id: Option<Uuid>,
    customer_id: Option<i64>,
    template: String,
    lead_minutes: i32,
    channel: String,
    status: String,
    attempt: i32,
}

impl MessageRow {
    fn read(self) -> Result<LoggedMessage, StoreError> {
        let appointment = self.appointment_id.zip(self.sequence);
        let campaign = self.campaign_id.zip(self.customer_id);
        let about = match (appointment, campaign) {
            (Some((id, sequence)), None) => About::Appointment {
                id: AppointmentId::new(id),
                sequence,
            },
            (None, Some((id, customer))) => About::Campaign {
                id: CampaignId::new(id),
                customer: CustomerId::new(customer),
            },
            _ => return Err(corrupt("notifications", "a message about nothing")),
        };
        Ok(LoggedMessage {
            id: self.id,
            about,
            template: word("notifications.template", &self.template, Template::parse)?,
            lead_minutes: self.lead_minutes.cast_unsigned(),
            channel: word("notifications.channel", &self.channel, Channel::parse)?,
            status: word(
                "notifications.status",
                &self.status,
                NotificationStatus::parse,
            )?,
            attempt: self.attempt.cast_unsigned(),
        })
    }
}
