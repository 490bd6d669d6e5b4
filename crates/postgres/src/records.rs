//! The books that listeners keep: figures, the audit log. A statement writes as many events as there
//! are.
//!
//! What each event needs is looked up by itself (`LATERAL … LIMIT`, a subquery), not joined: a plan
//! for a join is made while the tables are small, reads them whole, and is kept when they have grown.

use async_trait::async_trait;
use booking_domain::events::DomainEvent;
use booking_domain::ids::{AppointmentId, CompanyId};
use booking_domain::ports::{EventRecords, StoreError};
use booking_domain::time::Instant;
use sqlx::{Acquire, PgConnection};
use uuid::Uuid;

use crate::PgStore;
use crate::error::failed;
use crate::rows::to_db;

/// A row of the audit log.
pub(crate) struct AuditRow<'a> {
    pub(crate) company: CompanyId,
    pub(crate) at: Instant,
    pub(crate) actor: &'a str,
    pub(crate) action: &'a str,
    pub(crate) appointment: Option<AppointmentId>,
    /// Which change of it.
    pub(crate) sequence: Option<i64>,
    pub(crate) detail: Option<String>,
}

impl<'a> AuditRow<'a> {
    fn of(event: &'a DomainEvent) -> Self {
        Self {
            company: event.company,
            at: event.occurred_at,
            actor: event.origin.as_str(),
            action: event.kind.as_str(),
            appointment: Some(event.appointment),
            sequence: Some(event.sequence),
            detail: None,
        }
    }
}

/// Writes those whose change was not written before; how many. The transaction is the caller's.
pub(crate) async fn write_audit(
    conn: &mut PgConnection,
    rows: &[AuditRow<'_>],
) -> Result<u64, StoreError> {
    const ACTION: &str = "write to the audit log";
    let companies = column(rows, |it| it.company.get());
    // One writer for a company at a time: its numbers have no gaps and no twins.
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtext('audit_log'), company)
         FROM (SELECT DISTINCT hashint8(id) AS company FROM unnest($1::bigint[]) id ORDER BY 1) c",
        &companies,
    )
    .execute(&mut *conn)
    .await
    .map_err(failed(ACTION))?;
    sqlx::query!(
        "INSERT INTO audit_log (company_id, seq, at, actor, action, appointment_id, sequence, detail)
         SELECT t.company_id,
                coalesce(last.seq, 0) + row_number() OVER (PARTITION BY t.company_id ORDER BY t.n),
                t.at, t.actor, t.action, t.appointment_id, t.sequence, t.detail
         FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[],
                     $6::bigint[], $7::text[])
             WITH ORDINALITY
                 AS t (company_id, at, actor, action, appointment_id, sequence, detail, n)
         LEFT JOIN LATERAL (
             SELECT seq FROM audit_log a WHERE a.company_id = t.company_id
             ORDER BY seq DESC LIMIT 1
         ) AS last ON true
         WHERE (
             SELECT true FROM audit_log a
             WHERE a.company_id = t.company_id AND a.appointment_id = t.appointment_id
               AND a.sequence = t.sequence
         ) IS NULL",
        &companies,
        &column(rows, |it| to_db(it.at)),
        &column(rows, |it| it.actor) as &[&str],
        &column(rows, |it| it.action) as &[&str],
        &column(rows, |it| it.appointment.map(AppointmentId::get)) as &[Option<Uuid>],
        &column(rows, |it| it.sequence) as &[Option<i64>],
        &column(rows, |it| it.detail.as_deref()) as &[Option<&str>],
    )
    .execute(conn)
    .await
    .map(|done| done.rows_affected())
    .map_err(failed(ACTION))
}

/// A column of many events.
fn column<'a, E: 'a, T>(events: &'a [E], of: impl FnMut(&'a E) -> T) -> Vec<T> {
    events.iter().map(of).collect()
}

#[async_trait]
impl EventRecords for PgStore {
    async fn count(&self, events: &[&DomainEvent]) -> Result<u64, StoreError> {
        // In one order, so that two who count the same wait for each other in that order.
        sqlx::query_scalar!(
            r#"
            WITH told AS (
                SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::timestamptz[],
                                     $5::bigint[], $6::text[], $7::text[])
                    AS t (company_id, appointment_id, sequence, at, service_id, outcome, source)
                ORDER BY 1, 2, 3
            ), first AS (
                INSERT INTO analytics_counted (company_id, appointment_id, sequence, counted_at)
                SELECT company_id, appointment_id, sequence, at FROM told ON CONFLICT DO NOTHING
                RETURNING company_id, appointment_id, sequence
            ), counted AS (
                INSERT INTO analytics_daily AS d (company_id, day, service_id, outcome, source, n)
                SELECT company_id, (at AT TIME ZONE 'UTC')::date, service_id, outcome, source, count(*)
                FROM told JOIN first USING (company_id, appointment_id, sequence)
                GROUP BY 1, 2, 3, 4, 5
                ORDER BY 1, 2, 3, 4, 5
                ON CONFLICT (company_id, day, service_id, outcome, source)
                    DO UPDATE SET n = d.n + excluded.n
            )
            SELECT count(*) AS "n!" FROM first"#,
            &column(events, |it| it.company.get()),
            &column(events, |it| it.appointment.get()),
            &column(events, |it| it.sequence),
            &column(events, |it| to_db(it.occurred_at)),
            &column(events, |it| it.service.get()),
            &column(events, |it| it.kind.as_str()) as &[&str],
            &column(events, |it| it.origin.as_str()) as &[&str],
        )
        .fetch_one(&self.system)
        .await
        .map(i64::unsigned_abs)
        .map_err(failed("count events"))
    }

    async fn audit(&self, events: &[&DomainEvent]) -> Result<u64, StoreError> {
        const ACTION: &str = "write to the audit log";
        let mut conn = self.system.acquire().await.map_err(failed(ACTION))?;
        let mut unit = conn.begin().await.map_err(failed(ACTION))?;
        let rows = column(events, |it| AuditRow::of(it));
        let written = write_audit(&mut unit, &rows).await?;
        unit.commit().await.map_err(failed(ACTION))?;
        Ok(written)
    }
}
