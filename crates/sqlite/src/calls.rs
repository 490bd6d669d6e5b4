//! Calls of voice agents, and the appointments that name them.

use async_trait::async_trait;
use booking_domain::calls::{Call, CallId, Content};
use booking_domain::contact::Phone;
use booking_domain::ids::{AppointmentId, CompanyId, CustomerId};
use booking_domain::ports::{
    CallCursor, CallFilter, CallLog, CallPage, CallView, HistoryEntry, StoreError,
};
use booking_domain::tenant::CallRules;
use booking_domain::time::Instant;
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::statements::{Columns, all, first, json, micros, run};

const NOTE: &str = "note a call";
const READ: &str = "read calls";

/// The calls in which an appointment (`?2`) was made, moved or cancelled: as noted, and as it says
/// itself.
const CALLS_OF: &str = "
    SELECT call_id FROM call_appointments WHERE company_id = ?1 AND appointment_id = ?2
    UNION
    SELECT substr(who, 6, instr(substr(who, 6) || ' ', ' ') - 1) FROM (
        SELECT created_by AS who FROM appointments WHERE company_id = ?1 AND id = ?2
        UNION SELECT rescheduled_by FROM appointments WHERE company_id = ?1 AND id = ?2
        UNION SELECT cancelled_by FROM appointments WHERE company_id = ?1 AND id = ?2)
    WHERE who >= 'call ' AND who < 'call!'";

/// The appointments that were made, moved or cancelled in a call (`?2`), whose actors lie between
/// `?3` and `?4`.
const APPOINTMENTS_OF: &str = "
    SELECT appointment_id AS id FROM call_appointments WHERE company_id = ?1 AND call_id = ?2
    UNION
    SELECT id FROM appointments WHERE company_id = ?1
        AND created_by >= 'call ' AND created_by < 'call!' AND created_by >= ?3 AND created_by < ?4
    UNION
    SELECT id FROM appointments WHERE company_id = ?1
        AND rescheduled_by >= 'call ' AND rescheduled_by < 'call!'
        AND rescheduled_by >= ?3 AND rescheduled_by < ?4
    UNION
    SELECT id FROM appointments WHERE company_id = ?1
        AND cancelled_by >= 'call ' AND cancelled_by < 'call!'
        AND cancelled_by >= ?3 AND cancelled_by < ?4
    ORDER BY 1";

#[async_trait]
impl CallLog for SqliteStore {
    async fn note(&self, company: CompanyId, told: &Call) -> Result<(), StoreError> {
        let transaction = self.transaction().await?;
        note(transaction.connection(), company, told)?;
        transaction.commit().await.map(drop)
    }

    async fn call(&self, company: CompanyId, id: &CallId) -> Result<Option<CallView>, StoreError> {
        self.readers.read(READ, |connection| {
            let sql = "SELECT call, content FROM calls WHERE company_id = ?1 AND id = ?2";
            let key = params![company.get(), id.as_str()];
            let Some(call) = first(connection, READ, sql, key, with_content)? else {
                return Ok(None);
            };
            Ok(Some(CallView {
                appointments: appointments(connection, company, id)?,
                call,
            }))
        })
    }

    async fn calls(
        &self,
        company: CompanyId,
        filter: &CallFilter,
        after: Option<&CallCursor>,
        limit: u32,
    ) -> Result<CallPage, StoreError> {
        // Without an appointment its part is of no consequence.
        let sql = format!(
            "SELECT call FROM calls WHERE company_id = ?1
                 AND (?2 IS NULL OR id IN ({CALLS_OF}))
                 AND (?3 IS NULL OR at >= ?3) AND (?4 IS NULL OR at < ?4)
                 AND (?5 IS NULL OR (at, id) < (?5, ?6))
             ORDER BY at DESC, id DESC LIMIT ?7"
        );
        let appointment = filter.appointment.map(AppointmentId::get);
        self.readers.read(READ, |connection| {
            let values = params![
                company.get(),
                appointment.as_ref().map(|id| id.as_bytes()),
                micros(filter.from),
                micros(filter.to),
                micros(after.map(|it| it.at)),
                after.map(|it| it.id.as_str()),
                // One more than wanted tells whether there is a next page.
                i64::from(limit) + 1
            ];
            let mut calls = all(connection, READ, &sql, values, without_content)?;
            let size = usize::try_from(limit).unwrap_or(usize::MAX);
            let more = calls.len() > size;
            calls.truncate(size);
            let last = calls.last().filter(|_| more);
            let next = last.map(|last| CallCursor {
                at: last.at(),
                id: last.id.clone(),
            });
            let views = calls.into_iter();
            let items = views.map(|call| {
                Ok(CallView {
                    appointments: noted(connection, company, &call.id)?,
                    call,
                })
            });
            Ok(CallPage {
                items: items.collect::<Result<_, _>>()?,
                next,
            })
        })
    }

    async fn forget_calls_of(
        &self,
        company: CompanyId,
        customer: CustomerId,
    ) -> Result<u64, StoreError> {
        let transaction = self.transaction().await?;
        let gone = forget(transaction.connection(), company, customer)?;
        transaction.commit().await?;
        Ok(gone)
    }

    async fn prune_calls(&self, now: Instant, limit: u32) -> Result<u64, StoreError> {
        const ACTION: &str = "delete old calls";
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        // Where a company has not said how long, what holds for all.
        let old = run(
            connection,
            ACTION,
            "DELETE FROM calls WHERE (company_id, id) IN (
                 SELECT k.company_id, k.id FROM companies c
                 JOIN calls k ON k.company_id = c.company_id
                 WHERE k.at < ?1 - coalesce(c.calls ->> '$.keep_days', ?2) * 86400000000 LIMIT ?3)",
            params![now.unix_micros(), CallRules::default().keep_days, limit],
        )?;
        let emptied = run(
            connection,
            ACTION,
            "UPDATE calls SET content = NULL WHERE (company_id, id) IN (
                 SELECT k.company_id, k.id FROM companies c
                 JOIN calls k ON k.company_id = c.company_id
                 WHERE k.content IS NOT NULL
                     AND c.calls ->> '$.transcripts' IS NOT 'with_consent' LIMIT ?1)",
            params![limit],
        )?;
        transaction.commit().await?;
        Ok((old + emptied) as u64)
    }
}

fn note(connection: &Connection, company: CompanyId, told: &Call) -> Result<(), StoreError> {
    let sql = "SELECT call, content FROM calls WHERE company_id = ?1 AND id = ?2";
    let key = params![company.get(), told.id.as_str()];
    let known = first(connection, NOTE, sql, key, with_content)?;
    let joined = match known.clone() {
        Some(known) => known.join(told.clone()),
        None => told.clone(),
    };
    if known.as_ref() != Some(&joined) {
        write(connection, company, &joined)?;
    }
    for appointment in appointments(connection, company, &told.id)? {
        let id = appointment.get();
        run(
            connection,
            NOTE,
            "INSERT INTO call_appointments (company_id, call_id, appointment_id)
             VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![company.get(), told.id.as_str(), id.as_bytes()],
        )?;
    }
    Ok(())
}

fn forget(
    connection: &Connection,
    company: CompanyId,
    customer: CustomerId,
) -> Result<u64, StoreError> {
    const ACTION: &str = "forget a customer's calls";
    let theirs = all(
        connection,
        ACTION,
        "SELECT id FROM appointments WHERE company_id = ?1 AND customer_id = ?2",
        params![company.get(), customer.get()],
        |row| row.uuid("id"),
    )?;
    let mut gone = 0;
    for appointment in theirs {
        let sql = format!("DELETE FROM calls WHERE company_id = ?1 AND id IN ({CALLS_OF})");
        let key = params![company.get(), appointment.as_bytes()];
        gone += run(connection, ACTION, &sql, key)?;
    }
    let by_number = "DELETE FROM calls WHERE company_id = ?1 AND caller = (
        SELECT phone FROM customers WHERE company_id = ?1 AND id = ?2)";
    let key = params![company.get(), customer.get()];
    gone += run(connection, ACTION, by_number, key)?;
    Ok(gone as u64)
}

fn write(connection: &Connection, company: CompanyId, call: &Call) -> Result<(), StoreError> {
    let content = match call.content.is_empty() {
        true => None,
        false => Some(json(&call.content)?),
    };
    run(
        connection,
        NOTE,
        "INSERT INTO calls (company_id, id, at, caller, content, call)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (company_id, id) DO UPDATE SET
             at = excluded.at, caller = excluded.caller, content = excluded.content,
             call = excluded.call",
        params![
            company.get(),
            call.id.as_str(),
            call.at().unix_micros(),
            call.caller.as_ref().map(Phone::expose),
            content,
            json(call)?
        ],
    )
    .map(drop)
}

fn without_content(row: &Columns<'_>) -> Result<Call, StoreError> {
    row.json("call")
}

fn with_content(row: &Columns<'_>) -> Result<Call, StoreError> {
    let content: Option<Content> = row.json_if_any("content")?;
    Ok(Call {
        content: content.unwrap_or_default(),
        ..without_content(row)?
    })
}

fn noted(
    connection: &Connection,
    company: CompanyId,
    call: &CallId,
) -> Result<Vec<AppointmentId>, StoreError> {
    all(
        connection,
        READ,
        "SELECT appointment_id AS id FROM call_appointments WHERE company_id = ?1 AND call_id = ?2
         ORDER BY 1",
        params![company.get(), call.as_str()],
        |row| row.uuid("id").map(AppointmentId::new),
    )
}

fn appointments(
    connection: &Connection,
    company: CompanyId,
    call: &CallId,
) -> Result<Vec<AppointmentId>, StoreError> {
    let (from, until) = call.range_of_actors();
    let values = params![company.get(), call.as_str(), from, until];
    all(connection, READ, APPOINTMENTS_OF, values, |row| {
        row.uuid("id").map(AppointmentId::new)
    })
}

/// The lines of the calls in the history of an appointment.
pub(crate) fn call_lines(
    connection: &Connection,
    company: CompanyId,
    appointment: AppointmentId,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let sql = format!(
        "SELECT call FROM calls WHERE company_id = ?1 AND id IN ({CALLS_OF}) ORDER BY at, id"
    );
    let id = appointment.get();
    let key = params![company.get(), id.as_bytes()];
    let calls = all(connection, READ, &sql, key, without_content)?;
    let numbered = (0..).zip(calls);
    Ok(numbered
        .flat_map(|(number, call)| call.history(number))
        .collect())
}
