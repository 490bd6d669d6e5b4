//! What happened to one appointment, from all the tables that know something of it.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, CompanyId};
use booking_domain::ports::{History, HistoryEntry, HistoryKind, StoreError};
use chrono::{DateTime, Utc};

use crate::PgStore;
use crate::calls::call_lines;
use crate::error::failed;
use crate::rows::{from_db, word};
use crate::unit_of_work::begin_reading;

/// Events that wait for the relay are told like those it has passed on. Rows are numbered in the
/// order in which they come to be, so that a line keeps its number.
const HISTORY: &str = "
    SELECT occurred_at AS at, 'event' AS kind, sequence AS number, event ->> 'kind' AS name,
           event ->> 'origin' AS actor, NULL AS detail
    FROM appointment_events WHERE company_id = $1 AND appointment_id = $2
    UNION ALL
    SELECT (event ->> 'occurred_at')::timestamptz, 'event', sequence, event ->> 'kind',
           event ->> 'origin', NULL
    FROM outbox WHERE company_id = $1 AND appointment_id = $2
    UNION ALL
    SELECT (saga ->> 'started_at')::timestamptz, 'saga_step', row_number() OVER (ORDER BY id), kind,
           NULL, phase
    FROM sagas WHERE company_id = $1 AND appointment_id = $2
    UNION ALL
    SELECT a.started_at, 'sync_attempt', row_number() OVER (ORDER BY a.started_at, s.id, a.attempt),
           s.kind || '.' || a.kind, NULL,
           coalesce(a.outcome || coalesce(': ' || a.detail, ''), 'nobody knows what came of it')
    FROM sagas s JOIN saga_attempts a ON a.company_id = s.company_id AND a.saga_id = s.id
    WHERE s.company_id = $1 AND s.appointment_id = $2
    UNION ALL
    SELECT opened_at, 'review', 2 * row_number() OVER (ORDER BY opened_at, id), reason, NULL, detail
    FROM reviews WHERE company_id = $1 AND appointment_id = $2
    UNION ALL
    SELECT resolved_at, 'review', 2 * row_number() OVER (ORDER BY resolved_at, id) + 1,
           reason || '.resolved', resolved_by,
           action || coalesce(': ' || note, '')
    FROM reviews WHERE company_id = $1 AND appointment_id = $2 AND resolved_at IS NOT NULL
    UNION ALL
    SELECT created_at, 'notification', 2 * row_number() OVER (ORDER BY created_at, id),
           CASE WHEN lead_minutes > 0 THEN 'reminder_scheduled' ELSE template END, NULL,
           channel || ': ' || CASE
               WHEN lead_minutes > 0 THEN to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
               WHEN due_at IS NULL THEN status || coalesce(': ' || detail, '')
               ELSE 'queued' END
    FROM notifications WHERE company_id = $1 AND appointment_id = $2
    UNION ALL
    SELECT finished_at, 'notification', 2 * row_number() OVER (ORDER BY finished_at, id) + 1,
           template, NULL, channel || ': ' || status || coalesce(': ' || detail, '')
    FROM notifications
    WHERE company_id = $1 AND appointment_id = $2 AND finished_at IS NOT NULL AND due_at IS NOT NULL
    UNION ALL
    SELECT at, 'audit', seq, action, actor, detail
    FROM audit_log WHERE company_id = $1 AND appointment_id = $2";

#[derive(sqlx::FromRow)]
struct Row {
    at: DateTime<Utc>,
    kind: String,
    number: i64,
    name: String,
    actor: Option<String>,
    detail: Option<String>,
}

#[async_trait]
impl History for PgStore {
    async fn history(
        &self,
        company: CompanyId,
        appointment: AppointmentId,
    ) -> Result<Vec<HistoryEntry>, StoreError> {
        let mut session = begin_reading(&self.companies, company).await?;
        let rows: Vec<Row> = sqlx::query_as(HISTORY)
            .bind(company.get())
            .bind(appointment.get())
            .fetch_all(session.conn())
            .await
            .map_err(failed("read the history of an appointment"))?;
        let calls = call_lines(session.conn(), company, appointment).await?;
        drop(session);
        let entry = |row: Row| {
            Ok(HistoryEntry {
                at: from_db(row.at)?,
                kind: word("history", &row.kind, HistoryKind::parse)?,
                number: row.number,
                name: row.name,
                actor: row.actor,
                detail: row.detail,
            })
        };
        let mut entries = rows
            .into_iter()
            .map(entry)
            .collect::<Result<Vec<_>, StoreError>>()?;
        entries.extend(calls);
        entries.sort_by_key(HistoryEntry::place);
        Ok(entries)
    }
}
