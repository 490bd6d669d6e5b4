//! Importing companies: creates what is new, brings the rest up to date, in one transaction.
//!
//! Each statement touches a row only if something in it differs, so that a second run changes
//! nothing, and its count says whether the company changed at all.

use booking_domain::ids::CompanyId;
use booking_domain::ports::StoreError;
use booking_domain::tenant::{CompanyEntry, ServiceEntry, SetupFile};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

use crate::error::failed;
use crate::session::Session;
use crate::setup_touched::Touched;
use crate::unit_of_work::setup_lock;

pub(crate) const IMPORT: &str = "import a set-up";
/// How much of a key people see.
const PREFIX_CHARS: usize = 11;

type Hash<'a> = &'a (dyn for<'b> Fn(&'b str) -> String + Sync);

pub(crate) async fn import(
    system: &PgPool,
    file: &SetupFile,
    hash: Hash<'_>,
) -> Result<(), StoreError> {
    let mut companies: Vec<&CompanyEntry> = file.companies.iter().collect();
    companies.sort_by_key(|company| company.id);
    // All locks first and in one order: units of work of these companies end, and none begins.
    let locks: Vec<String> = companies
        .iter()
        .map(|company| setup_lock(company.id, false))
        .collect();
    let mut session = Session::begin(system, "BEGIN")
        .await
        .map_err(failed(IMPORT))?;
    if !locks.is_empty() {
        let batch = locks.join("; ");
        session.run(&batch).await.map_err(failed(IMPORT))?;
    }
    for company in companies {
        let mut touched = Touched::default();
        import_company(session.conn(), company, hash, &mut touched).await?;
        touched.regroup(session.conn(), company.id).await?;
        touched.bump(session.conn(), company.id).await?;
    }
    let committed = session.commit(None).await;
    committed.map(drop).map_err(failed(IMPORT))
}

async fn import_company(
    conn: &mut PgConnection,
    company: &CompanyEntry,
    hash: Hash<'_>,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let id = company.id.get();
    touched.account = has_other_account(conn, company).await?;
    let mut rows = sqlx::query!(
        "INSERT INTO companies AS c (company_id, name, time_zone, locale, calcom, retell, texts,
             calls, messages)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (company_id) DO UPDATE SET
             name = EXCLUDED.name, time_zone = EXCLUDED.time_zone, locale = EXCLUDED.locale,
             calcom = EXCLUDED.calcom, retell = EXCLUDED.retell, texts = EXCLUDED.texts,
             calls = EXCLUDED.calls, messages = EXCLUDED.messages
         WHERE (c.name, c.time_zone, c.locale, c.calcom, c.retell, c.texts, c.calls, c.messages)
               IS DISTINCT FROM
               (EXCLUDED.name, EXCLUDED.time_zone, EXCLUDED.locale, EXCLUDED.calcom,
                EXCLUDED.retell, EXCLUDED.texts, EXCLUDED.calls, EXCLUDED.messages)",
        id,
        company.name,
        company.time_zone.to_string(),
        company.locale,
        company.calcom.as_ref().map(Json) as _,
        Json(&company.retell) as _,
        Json(&company.texts) as _,
        Json(&company.calls) as _,
        Json(&company.messages) as _,
    )
    .execute(&mut *conn)
    .await
    .map_err(failed(IMPORT))?
    .rows_affected();
    rows += import_branches(conn, company).await?;
    rows += import_staff(conn, company).await?;
    for service in &company.services {
        let changed = import_service(conn, company.id, service).await?
            + import_service_staff(conn, company.id, service).await?;
        if changed > 0 {
            touched.services.insert(service.id);
            rows += changed;
        }
    }
    rows += import_keys(conn, company, hash).await?;
    touched.anything = rows > 0;
    Ok(())
}

async fn has_other_account(
    conn: &mut PgConnection,
    company: &CompanyEntry,
) -> Result<bool, StoreError> {
    let other = sqlx::query_scalar!(
        r#"SELECT calcom IS DISTINCT FROM $2 AS "other!" FROM companies WHERE company_id = $1"#,
        company.id.get(),
        company.calcom.as_ref().map(Json) as _,
    )
    .fetch_optional(conn)
    .await
    .map_err(failed(IMPORT))?;
    Ok(other.unwrap_or_default())
}

async fn import_branches(
    conn: &mut PgConnection,
    company: &CompanyEntry,
) -> Result<u64, StoreError> {
    let mut rows = 0;
    for branch in &company.branches {
        let changed = sqlx::query!(
            "INSERT INTO branches AS b (id, company_id, name) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name
             WHERE b.company_id = EXCLUDED.company_id AND b.name <> EXCLUDED.name",
            branch.id.get(),
            company.id.get(),
            branch.name,
        )
        .execute(&mut *conn)
        .await
        .map_err(failed(IMPORT))?;
        rows += changed.rows_affected();
    }
    let ids: Vec<i64> = company.branches.iter().map(|it| it.id.get()).collect();
    let foreign = sqlx::query_scalar!(
        "SELECT id FROM branches WHERE id = ANY ($1) AND company_id <> $2 ORDER BY id LIMIT 1",
        &ids,
        company.id.get(),
    )
    .fetch_optional(conn)
    .await
    .map_err(failed(IMPORT))?;
    refuse_foreign("branch", foreign)?;
    Ok(rows)
}

async fn import_staff(conn: &mut PgConnection, company: &CompanyEntry) -> Result<u64, StoreError> {
    let mut rows = 0;
    for person in &company.staff {
        let changed = sqlx::query!(
            "INSERT INTO staff AS s (id, company_id, name, email, calcom_user_id)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO UPDATE SET
                 name = EXCLUDED.name, email = EXCLUDED.email,
                 calcom_user_id = EXCLUDED.calcom_user_id
             WHERE s.company_id = EXCLUDED.company_id AND (s.name, s.email, s.calcom_user_id)
                   IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.email, EXCLUDED.calcom_user_id)",
            person.id.get(),
            company.id.get(),
            person.name,
            person.email,
            person.calcom_user_id.map(|it| it.get()),
        )
        .execute(&mut *conn)
        .await
        .map_err(failed(IMPORT))?;
        rows += changed.rows_affected();
    }
    let ids: Vec<i64> = company.staff.iter().map(|it| it.id.get()).collect();
    let foreign = sqlx::query_scalar!(
        "SELECT id FROM staff WHERE id = ANY ($1) AND company_id <> $2 ORDER BY id LIMIT 1",
        &ids,
        company.id.get(),
    )
    .fetch_optional(conn)
    .await
    .map_err(failed(IMPORT))?;
    refuse_foreign("staff", foreign)?;
    Ok(rows)
}

async fn import_service(
    conn: &mut PgConnection,
    company: CompanyId,
    service: &ServiceEntry,
) -> Result<u64, StoreError> {
    let reminders: Result<Vec<_>, _> = service
        .reminder_minutes
        .iter()
        .map(|it| whole(*it))
        .collect();
    let changed = sqlx::query!(
        "INSERT INTO services AS s (
             id, company_id, branch_id, name, aliases, duration_minutes, buffer_before_minutes,
             buffer_after_minutes, event_type_id, capacity, opening_hours, price_cents, reminder_minutes,
             requires, group_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)
         ON CONFLICT (id) DO UPDATE SET
             branch_id = EXCLUDED.branch_id, name = EXCLUDED.name, aliases = EXCLUDED.aliases,
             duration_minutes = EXCLUDED.duration_minutes,
             buffer_before_minutes = EXCLUDED.buffer_before_minutes,
             buffer_after_minutes = EXCLUDED.buffer_after_minutes,
             event_type_id = EXCLUDED.event_type_id, capacity = EXCLUDED.capacity,
             opening_hours = EXCLUDED.opening_hours, price_cents = EXCLUDED.price_cents,
             reminder_minutes = EXCLUDED.reminder_minutes, requires = EXCLUDED.requires
         WHERE s.company_id = EXCLUDED.company_id AND
               (s.branch_id, s.name, s.aliases, s.duration_minutes, s.buffer_before_minutes,
                s.buffer_after_minutes, s.event_type_id, s.capacity, s.opening_hours,
                s.price_cents, s.reminder_minutes, s.requires)
               IS DISTINCT FROM
               (EXCLUDED.branch_id, EXCLUDED.name, EXCLUDED.aliases, EXCLUDED.duration_minutes,
                EXCLUDED.buffer_before_minutes, EXCLUDED.buffer_after_minutes,
                EXCLUDED.event_type_id, EXCLUDED.capacity, EXCLUDED.opening_hours,
                EXCLUDED.price_cents, EXCLUDED.reminder_minutes, EXCLUDED.requires)",
        service.id.get(),
        company.get(),
        service.branch_id.map(|it| it.get()),
        service.name,
        &service.aliases,
        whole(service.duration_minutes)?,
        whole(service.buffer_before_minutes)?,
        whole(service.buffer_after_minutes)?,
        service.calcom_event_type_id.map(|it| it.get()),
        whole(service.capacity)?,
        Json(&service.opening_hours) as _,
        service.price_cents,
        &reminders?,
        Json(&service.requires) as _,
    )
    .execute(&mut *conn)
    .await
    .map_err(failed(IMPORT))?
    .rows_affected();
    let foreign = sqlx::query_scalar!(
        "SELECT id FROM services WHERE id = $1 AND company_id <> $2",
        service.id.get(),
        company.get(),
    )
    .fetch_optional(conn)
    .await
    .map_err(failed(IMPORT))?;
    refuse_foreign("service", foreign)?;
    Ok(changed)
}

async fn import_service_staff(
    conn: &mut PgConnection,
    company: CompanyId,
    service: &ServiceEntry,
) -> Result<u64, StoreError> {
    let ids: Vec<i64> = service.staff_ids.iter().map(|it| it.get()).collect();
    let gone = sqlx::query!(
        "DELETE FROM service_staff
         WHERE company_id = $1 AND service_id = $2 AND staff_id <> ALL ($3)",
        company.get(),
        service.id.get(),
        &ids,
    )
    .execute(&mut *conn)
    .await
    .map_err(failed(IMPORT))?;
    let changed = sqlx::query!(
        "INSERT INTO service_staff AS known (company_id, service_id, staff_id, position)
         SELECT $1, $2, staff_id, min(position)
         FROM unnest($3::bigint[]) WITH ORDINALITY AS named (staff_id, position)
         GROUP BY staff_id
         ON CONFLICT (company_id, service_id, staff_id) DO UPDATE SET position = EXCLUDED.position
         WHERE known.position <> EXCLUDED.position",
        company.get(),
        service.id.get(),
        &ids,
    )
    .execute(conn)
    .await
    .map_err(failed(IMPORT))?;
    Ok(gone.rows_affected() + changed.rows_affected())
}

async fn import_keys(
    conn: &mut PgConnection,
    company: &CompanyEntry,
    hash: Hash<'_>,
) -> Result<u64, StoreError> {
    let mut rows = 0;
    for key in &company.api_keys {
        let digest = hash(&key.token);
        let prefix: String = key.token.chars().take(PREFIX_CHARS).collect();
        let changed = sqlx::query!(
            "INSERT INTO api_keys AS k (digest, prefix, company_id, scopes, created_at)
             VALUES ($1, $2, $3, $4, now())
             ON CONFLICT (digest) DO UPDATE SET scopes = EXCLUDED.scopes
             WHERE k.company_id = EXCLUDED.company_id AND k.scopes <> EXCLUDED.scopes",
            digest,
            prefix,
            company.id.get(),
            &key.scopes,
        )
        .execute(&mut *conn)
        .await
        .map_err(failed(IMPORT))?;
        rows += changed.rows_affected();
        let foreign = sqlx::query_scalar!(
            "SELECT company_id FROM api_keys WHERE digest = $1 AND company_id <> $2",
            digest,
            company.id.get(),
        )
        .fetch_optional(&mut *conn)
        .await
        .map_err(failed(IMPORT))?;
        if foreign.is_some() {
            return Err(StoreError::Conflict(format!(
                "an API key of company {} belongs to another company",
                company.id
            )));
        }
    }
    Ok(rows)
}

fn refuse_foreign(what: &str, id: Option<i64>) -> Result<(), StoreError> {
    match id {
        None => Ok(()),
        Some(id) => Err(StoreError::Conflict(format!(
            "{what} {id} belongs to another company; ids are unique across the installation"
        ))),
    }
}

fn whole(number: u32) -> Result<i32, StoreError> {
    i32::try_from(number)
        .map_err(|_| StoreError::Conflict(format!("{number} is too large a number")))
}
