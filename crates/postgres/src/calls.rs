//! Calls of voice agents, and the appointments that name them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use booking_domain::calls::{Call, CallId, Content};
use booking_domain::contact::Phone;
use booking_domain::ids::{AppointmentId, CompanyId, CustomerId};
use booking_domain::ports::{
    CallCursor, CallFilter, CallLog, CallPage, CallView, HistoryEntry, StoreError,
};
use booking_domain::tenant::CallRules;
use booking_domain::time::Instant;
use sqlx::types::Json;
use sqlx::{PgConnection, QueryBuilder};
use uuid::Uuid;

use crate::PgStore;
use crate::error::{corrupt, failed};
use crate::rows::to_db;
use crate::session::Session;
use crate::unit_of_work::begin_reading;

const NOTE: &str = "note a call";
const READ: &str = "read calls";

#[derive(sqlx::FromRow)]
struct Row {
    call: Json<Call>,
    content: Option<String>,
}

impl Row {
    fn read(self) -> Result<Call, StoreError> {
        let mut call = self.call.0;
        if let Some(content) = self.content {
            call.content = serde_json::from_str(&content)
                .map_err(|error| corrupt(format!("calls.content of {}", call.id), error))?;
        }
        Ok(call)
    }
}

fn content_column(content: &Content) -> Result<Option<String>, StoreError> {
    if content.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(content);
    text.map(Some)
        .map_err(|error| corrupt("the content of a call", error))
}

#[async_trait]
impl CallLog for PgStore {
    async fn note(&self, company: CompanyId, told: &Call) -> Result<(), StoreError> {
        let batch = format!("BEGIN; SET LOCAL app.company = '{company}'");
        let session = Session::begin(&self.companies, &batch).await;
        let mut session = session.map_err(failed(NOTE))?;
        let conn = session.conn();
        // Whoever comes second waits here, and then finds what the first has written.
        let row = sqlx::query!(
            r#"INSERT INTO calls AS c (company_id, id, at, caller, content, call)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (company_id, id) DO UPDATE SET at = c.at
               RETURNING call AS "call: Json<Call>", content"#,
            company.get(),
            told.id.as_str(),
            to_db(told.at()),
            told.caller.as_ref().map(Phone::expose),
            content_column(&told.content)?,
            Json(told) as _,
        )
        .fetch_one(&mut *conn)
        .await
        .map_err(failed(NOTE))?;
        let known = Row {
            call: row.call,
            content: row.content,
        };
        let known = known.read()?;
        let joined = known.clone().join(told.clone());
        if joined != known {
            sqlx::query!(
                "UPDATE calls SET at = $3, caller = $4, content = $5, call = $6
                 WHERE company_id = $1 AND id = $2",
                company.get(),
                joined.id.as_str(),
                to_db(joined.at()),
                joined.caller.as_ref().map(Phone::expose),
                content_column(&joined.content)?,
                Json(&joined) as _,
            )
            .execute(&mut *conn)
            .await
            .map_err(failed(NOTE))?;
        }
        let named = appointments(conn, company, &told.id).await?;
        let named: Vec<Uuid> = named.into_iter().map(AppointmentId::get).collect();
        sqlx::query!(
            "INSERT INTO call_appointments (company_id, call_id, appointment_id)
             SELECT $1, $2, id FROM unnest($3::uuid[]) id ON CONFLICT DO NOTHING",
            company.get(),
            told.id.as_str(),
            &named,
        )
        .execute(&mut *conn)
        .await
        .map_err(failed(NOTE))?;
        session.commit(None).await.map(drop).map_err(failed(NOTE))
    }

    async fn call(&self, company: CompanyId, id: &CallId) -> Result<Option<CallView>, StoreError> {
        let mut session = begin_reading(&self.companies, company).await?;
        let row = sqlx::query_as!(
            Row,
            r#"SELECT call AS "call: Json<Call>", content FROM calls
               WHERE company_id = $1 AND id = $2"#,
            company.get(),
            id.as_str(),
        )
        .fetch_optional(session.conn())
        .await
        .map_err(failed(READ))?;
        let Some(row) = row else {
            return Ok(None);
        };
        Ok(Some(CallView {
            call: row.read()?,
            appointments: appointments(session.conn(), company, id).await?,
        }))
    }

    async fn calls(
        &self,
        company: CompanyId,
        filter: &CallFilter,
        after: Option<&CallCursor>,
        limit: u32,
    ) -> Result<CallPage, StoreError> {
        let mut session = begin_reading(&self.companies, company).await?;
        let only = match filter.appointment {
            Some(appointment) => Some(calls_of(session.conn(), company, appointment).await?),
            None => None,
        };
        let mut query =
            QueryBuilder::new("SELECT call, NULL::text AS content FROM calls WHERE company_id = ");
        query.push_bind(company.get());
        if let Some(only) = only {
            query.push(" AND id = ANY (").push_bind(only).push(")");
        }
        if let Some(from) = filter.from {
            query.push(" AND at >= ").push_bind(to_db(from));
        }
        if let Some(to) = filter.to {
            query.push(" AND at < ").push_bind(to_db(to));
        }
        if let Some(after) = after {
            query.push(" AND (at, id) < (").push_bind(to_db(after.at));
            query.push(", ").push_bind(after.id.as_str()).push(")");
        }
        // One more than wanted tells whether there is a next page.
        query.push(" ORDER BY at DESC, id DESC LIMIT ");
        query.push_bind(i64::from(limit) + 1);
        let rows = query.build_query_as::<Row>().fetch_all(session.conn());
        let rows = rows.await.map_err(failed(READ))?;
        let mut calls = rows
            .into_iter()
            .map(Row::read)
            .collect::<Result<Vec<_>, _>>()?;
        let more = calls.len() > limit as usize;
        calls.truncate(limit as usize);
        let mut found = noted(session.conn(), company, &calls).await?;
        let last = calls.last().filter(|_| more);
        let next = last.map(|last| CallCursor {
            at: last.at(),
            id: last.id.clone(),
        });
        let view = |call: Call| CallView {
            appointments: found.remove(call.id.as_str()).unwrap_or_default(),
            call,
        };
        Ok(CallPage {
            items: calls.into_iter().map(view).collect(),
            next,
        })
    }

    async fn forget_calls_of(
        &self,
        company: CompanyId,
        customer: CustomerId,
    ) -> Result<u64, StoreError> {
        const ACTION: &str = "forget a customer's calls";
        let batch = format!("BEGIN; SET LOCAL app.company = '{company}'");
        let session = Session::begin(&self.companies, &batch).await;
        let mut session = session.map_err(failed(ACTION))?;
        let theirs = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM appointments WHERE company_id = $1 AND customer_id = $2"#,
            company.get(),
            customer.get(),
        )
        .fetch_all(session.conn())
        .await
        .map_err(failed(ACTION))?;
        let mut calls = Vec::new();
        for appointment in theirs {
            let appointment = AppointmentId::new(appointment);
            calls.extend(calls_of(session.conn(), company, appointment).await?);
        }
        let gone = sqlx::query!(
            "DELETE FROM calls WHERE company_id = $1 AND (id = ANY ($2) OR caller = (
                 SELECT phone FROM customers WHERE company_id = $1 AND id = $3))",
            company.get(),
            &calls,
            customer.get(),
        )
        .execute(session.conn())
        .await
        .map_err(failed(ACTION))?
        .rows_affected();
        session.commit(None).await.map_err(failed(ACTION))?;
        Ok(gone)
    }

    async fn prune_calls(&self, now: Instant, limit: u32) -> Result<u64, StoreError> {
        const ACTION: &str = "delete old calls";
        let limit = i64::from(limit);
        // Where a company has not said how long, what holds for all.
        let days = i32::try_from(CallRules::default().keep_days).unwrap_or(i32::MAX);
        let old = sqlx::query!(
            "DELETE FROM calls WHERE (company_id, id) IN (
                 SELECT o.company_id, o.id FROM companies c CROSS JOIN LATERAL (
                     SELECT company_id, id FROM calls k
                     WHERE k.company_id = c.company_id AND k.at < $1::timestamptz - make_interval(
                         days => coalesce((c.calls ->> 'keep_days')::int, $2))
                     ORDER BY k.at LIMIT $3) o
                 LIMIT $3)",
            to_db(now),
            days,
            limit,
        )
        .execute(&self.system)
        .await
        .map_err(failed(ACTION))?;
        let emptied = sqlx::query!(
            "UPDATE calls SET content = NULL WHERE (company_id, id) IN (
                 SELECT o.company_id, o.id FROM companies c CROSS JOIN LATERAL (
                     SELECT company_id, id FROM calls k
                     WHERE k.company_id = c.company_id AND k.content IS NOT NULL
                     LIMIT $1) o
                 WHERE c.calls ->> 'transcripts' IS DISTINCT FROM 'with_consent'
                 LIMIT $1)",
            limit,
        )
        .execute(&self.system)
        .await
        .map_err(failed(ACTION))?;
        Ok(old.rows_affected() + emptied.rows_affected())
    }
}

/// The appointments that were made, moved or cancelled in a call: as noted, and as they say
/// themselves.
async fn appointments(
    conn: &mut PgConnection,
    company: CompanyId,
    call: &CallId,
) -> Result<Vec<AppointmentId>, StoreError> {
    let (from, until) = call.range_of_actors();
    let found = sqlx::query_scalar!(
        r#"
        SELECT appointment_id AS "id!" FROM call_appointments
        WHERE company_id = $1 AND call_id = $2
        UNION
        SELECT id FROM appointments WHERE company_id = $1 AND created_by LIKE 'call %'
            AND created_by COLLATE "C" >= $3 AND created_by COLLATE "C" < $4
        UNION
        SELECT id FROM appointments WHERE company_id = $1 AND rescheduled_by LIKE 'call %'
            AND rescheduled_by COLLATE "C" >= $3 AND rescheduled_by COLLATE "C" < $4
        UNION
        SELECT id FROM appointments WHERE company_id = $1 AND cancelled_by LIKE 'call %'
            AND cancelled_by COLLATE "C" >= $3 AND cancelled_by COLLATE "C" < $4
        ORDER BY 1"#,
        company.get(),
        call.as_str(),
        from,
        until,
    )
    .fetch_all(conn)
    .await
    .map_err(failed(READ))?;
    Ok(found.into_iter().map(AppointmentId::new).collect())
}

/// The appointments that were noted with these calls.
async fn noted(
    conn: &mut PgConnection,
    company: CompanyId,
    calls: &[Call],
) -> Result<BTreeMap<String, Vec<AppointmentId>>, StoreError> {
    let ids: Vec<_> = calls.iter().map(|it| it.id.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        "SELECT call_id, appointment_id FROM call_appointments
         WHERE company_id = $1 AND call_id = ANY ($2) ORDER BY call_id, appointment_id",
        company.get(),
        &ids,
    )
    .fetch_all(conn)
    .await
    .map_err(failed(READ))?;
    let mut found: BTreeMap<String, Vec<AppointmentId>> = BTreeMap::new();
    for row in rows {
        let of_call = found.entry(row.call_id).or_default();
        of_call.push(AppointmentId::new(row.appointment_id));
    }
    Ok(found)
}

/// The calls in which an appointment was made, moved or cancelled.
async fn calls_of(
    conn: &mut PgConnection,
    company: CompanyId,
    appointment: AppointmentId,
) -> Result<Vec<String>, StoreError> {
    let id: Uuid = appointment.get();
    sqlx::query_scalar!(
        r#"
        SELECT call_id AS "id!" FROM call_appointments
        WHERE company_id = $1 AND appointment_id = $2
        UNION
        SELECT split_part(n.who, ' ', 2) FROM appointments a
        CROSS JOIN LATERAL (VALUES (a.created_by), (a.rescheduled_by), (a.cancelled_by)) AS n (who)
        WHERE a.company_id = $1 AND a.id = $2 AND n.who LIKE 'call %'"#,
        company.get(),
        id,
    )
    .fetch_all(conn)
    .await
    .map_err(failed(READ))
}

/// The lines of the calls in the history of an appointment.
pub(crate) async fn call_lines(
    conn: &mut PgConnection,
    company: CompanyId,
    appointment: AppointmentId,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let ids = calls_of(conn, company, appointment).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT call AS "call: Json<Call>", NULL::text AS content FROM calls
           WHERE company_id = $1 AND id = ANY ($2) ORDER BY at, id"#,
        company.get(),
        &ids,
    )
    .fetch_all(conn)
    .await
    .map_err(failed(READ))?;
    let mut lines = Vec::new();
    for (number, row) in (0..).zip(rows) {
        lines.extend(row.read()?.history(number));
    }
    Ok(lines)
}
