//! Events on their way to the listeners.
//!
//! A lease puts `due_at` of an appointment's first event off to its end, so that it comes again by
//! itself if its relay died; those behind it come along, because nobody gets one of them while the
//! first is there.

use async_trait::async_trait;
use booking_domain::events::DomainEvent;
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{Outbox, OutboxEntry, StoreError};
use booking_domain::time::Instant;
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::SqliteStore;
use crate::error::corrupt;
use crate::statements::{all, first, json, run};

/// The first events of appointments that are due at `?1`, oldest first, `?2` of them.
const HEADS: &str = "SELECT id, company_id, appointment_id FROM outbox AS o
    WHERE due_at <= ?1
      AND NOT EXISTS (SELECT 1 FROM outbox AS earlier
          WHERE earlier.company_id = o.company_id
            AND earlier.appointment_id = o.appointment_id AND earlier.sequence < o.sequence)
    ORDER BY id LIMIT ?2";

#[async_trait]
impl Outbox for SqliteStore {
    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        const ACTION: &str = "lease outbox entries";
        let heads = |connection: &Connection, limit: u32| {
            let params = params![now.unix_micros(), limit];
            all(connection, ACTION, HEADS, params, |row| {
                let appointment = AppointmentId::new(row.uuid("appointment_id")?);
                Ok((row.get::<i64>("id")?, row.company()?, appointment))
            })
        };
        // Most of the time there is nothing to do, and nobody need wait for the writer.
        let found = self
            .readers
            .read(ACTION, |connection| heads(connection, 1))?;
        if found.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        let mut entries = Vec::new();
        for (head, company, appointment) in heads(connection, limit)? {
            run(
                connection,
                ACTION,
                "UPDATE outbox SET due_at = ?2 WHERE id = ?1",
                params![head, leased_until.unix_micros()],
            )?;
            entries.extend(all(
                connection,
                ACTION,
                "SELECT id, event FROM outbox WHERE company_id = ?1 AND appointment_id = ?2
                 ORDER BY sequence",
                params![company.get(), appointment.get().as_bytes()],
                |row| Ok((row.get::<i64>("id")?, row.json::<DomainEvent>("event"))),
            )?);
        }
        entries.sort_by_key(|(id, _)| *id);
        let mut readable = Vec::with_capacity(entries.len());
        for (id, event) in entries {
            match event {
                Ok(event) => readable.push(OutboxEntry { id, event }),
                Err(error) => bury(connection, id, (now, &error.to_string()))?,
            }
        }
        transaction.commit().await?;
        Ok(readable)
    }

    async fn delivered(&self, ids: &[i64]) -> Result<(), StoreError> {
        const ACTION: &str = "note a delivery";
        if ids.is_empty() {
            return Ok(());
        }
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        for id in ids {
            let event = first(
                connection,
                ACTION,
                "DELETE FROM outbox WHERE id = ?1 RETURNING event",
                params![id],
                |row| row.json::<DomainEvent>("event"),
            )?;
            if let Some(event) = event {
                keep(connection, &event)?;
            }
        }
        transaction.commit().await.map(drop)
    }
}

/// Puts an event into the history of its appointment.
fn keep(connection: &Connection, event: &DomainEvent) -> Result<(), StoreError> {
    run(
        connection,
        "keep an event",
        "INSERT INTO appointment_events (company_id, appointment_id, sequence, event, occurred_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            event.company.get(),
            event.appointment.get().as_bytes(),
            event.sequence,
            json(event)?,
            event.occurred_at.unix_micros()
        ],
    )
    .map(drop)
}

/// An event that nobody can read goes to the dead jobs, as it stands.
fn bury(
    connection: &Connection,
    id: i64,
    (now, reason): (Instant, &str),
) -> Result<(), StoreError> {
    const ACTION: &str = "bury an event";
    tracing::error!(
        event = id,
        reason,
        "an event cannot be read: see `jobs list --state dead`"
    );
    // The row has no UUID: it gets one that says which row it was.
    let dead = Uuid::from_u64_pair(0x6f75_7462_6f78_8000, id.unsigned_abs());
    run(
        connection,
        ACTION,
        "INSERT INTO dead_jobs (id, company_id, queue, kind, payload, run_at, attempt, fence,
                                died_at, reason)
         SELECT ?2, company_id, 'listeners', 'event', event, ?3, 0, 0, ?3, ?4
         FROM outbox WHERE id = ?1",
        params![id, dead.as_bytes(), now.unix_micros(), reason],
    )?;
    let deleted = run(connection, ACTION, "DELETE FROM outbox WHERE id = ?1", [id])?;
    if deleted == 1 {
        Ok(())
    } else {
        Err(corrupt(format!("outbox {id}"), "it vanished"))
    }
}
