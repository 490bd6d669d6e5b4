//! Reading companies and what can be booked there.

use std::collections::BTreeMap;

use async_trait::async_trait;
use booking_domain::contact::ContactField;
use booking_domain::ids::{BranchId, CompanyId, EventTypeId, GroupId, HostId, ServiceId, StaffId};
use booking_domain::ports::{SetupStore, StoreError};
use booking_domain::tenant::{
    Branch, CalcomAccount, CallRules, Company, CompanySetup, MessageRules, OpeningHours, OwnTexts,
    RetellSettings, Service, SetupFile, Staff,
};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::PgStore;
use crate::error::{corrupt, failed};
use crate::setup_import;
use crate::unit_of_work::begin_snapshot;

const READ: &str = "read a company's set-up";

#[async_trait]
impl SetupStore for PgStore {
    async fn load(&self, company: CompanyId) -> Result<Option<CompanySetup>, StoreError> {
        let mut session = begin_snapshot(&self.companies, company).await?;
        let conn = session.conn();
        let found = read_companies(conn, Some(company)).await?.pop();
        let Some(found) = found else {
            return Ok(None);
        };
        Ok(Some(CompanySetup {
            company: found,
            branches: read_branches(conn, company).await?,
            staff: read_staff(conn, company).await?,
            services: read_services(conn, company).await?,
        }))
    }

    async fn companies(&self) -> Result<Vec<Company>, StoreError> {
        let mut conn = self.system.acquire().await.map_err(failed(READ))?;
        read_companies(&mut conn, None).await
    }

    async fn import(
        &self,
        file: &SetupFile,
        hash: &(dyn for<'a> Fn(&'a str) -> String + Sync),
    ) -> Result<(), StoreError> {
        setup_import::import(&self.system, file, hash).await
    }
}

async fn read_companies(
    conn: &mut PgConnection,
    only: Option<CompanyId>,
) -> Result<Vec<Company>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT company_id, name, time_zone, locale, calcom AS "calcom: Json<CalcomAccount>",
               retell AS "retell: Json<RetellSettings>", texts AS "texts: Json<OwnTexts>",
               calls AS "calls: Json<CallRules>", messages AS "messages: Json<MessageRules>"
        FROM companies WHERE $1::bigint IS NULL OR company_id = $1 ORDER BY company_id"#,
        only.map(CompanyId::get),
    )
    .fetch_all(conn)
    .await
    .map_err(failed(READ))?;
    rows.into_iter()
        .map(|row| {
            Ok(Company {
                id: CompanyId::new(row.company_id),
                name: row.name,
                time_zone: row
                    .time_zone
                    .parse()
                    .map_err(|error| corrupt("companies.time_zone", error))?,
                locale: row.locale,
                calcom: row.calcom.map(|it| it.0),
                retell: row.retell.0,
                texts: row.texts.0,
                calls: row.calls.0,
                messages: row.messages.0,
            })
        })
        .collect()
}

async fn read_branches(
    conn: &mut PgConnection,
    company: CompanyId,
) -> Result<Vec<Branch>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, name FROM branches WHERE company_id = $1 ORDER BY id",
        company.get()
    )
    .fetch_all(conn)
    .await
    .map_err(failed(READ))?;
    let branch = |row: (i64, String)| Branch {
        id: BranchId::new(row.0),
        name: row.1,
    };
    Ok(rows
        .into_iter()
        .map(|row| branch((row.id, row.name)))
        .collect())
}

async fn read_staff(conn: &mut PgConnection, company: CompanyId) -> Result<Vec<Staff>, StoreError> {
    let rows = sqlx::query!(
        "SELECT id, name, email, calcom_user_id FROM staff WHERE company_id = $1 ORDER BY id",
        company.get()
    )
    .fetch_all(conn)
    .await
    .map_err(failed(READ))?;
    Ok(rows
        .into_iter()
        .map(|row| Staff {
            id: StaffId::new(row.id),
            name: row.name,
            email: row.email,
            calcom_user_id: row.calcom_user_id.map(HostId::new),
        })
        .collect())
}

async fn read_services(
    conn: &mut PgConnection,
    company: CompanyId,
) -> Result<Vec<Service>, StoreError> {
    let mut staff = staff_of_services(conn, company).await?;
    let rows = sqlx::query!(
        r#"
        SELECT id, branch_id, name, aliases, duration_minutes, buffer_before_minutes,
               buffer_after_minutes, event_type_id, capacity,
               opening_hours AS "opening_hours: Json<OpeningHours>", reminder_minutes,
               requires AS "requires: Json<Vec<ContactField>>", group_id
        FROM services WHERE company_id = $1 ORDER BY id"#,
        company.get()
    )
    .fetch_all(conn)
    .await
    .map_err(failed(READ))?;
    Ok(rows
        .into_iter()
        .map(|row| Service {
            id: ServiceId::new(row.id),
            branch: row.branch_id.map(BranchId::new),
            name: row.name,
            aliases: row.aliases,
            duration_minutes: row.duration_minutes.cast_unsigned(),
            buffer_before_minutes: row.buffer_before_minutes.cast_unsigned(),
            buffer_after_minutes: row.buffer_after_minutes.cast_unsigned(),
            event_type: row.event_type_id.map(EventTypeId::new),
            staff: staff.remove(&ServiceId::new(row.id)).unwrap_or_default(),
            capacity: row.capacity.cast_unsigned(),
            opening_hours: row.opening_hours.0,
            reminder_minutes: row
                .reminder_minutes
                .into_iter()
                .map(i32::cast_unsigned)
                .collect(),
            requires: row.requires.0,
            group: GroupId::new(row.group_id),
        })
        .collect())
}

/// Who performs what, in the order in which they are tried.
pub(crate) async fn staff_of_services(
    conn: &mut PgConnection,
    company: CompanyId,
) -> Result<BTreeMap<ServiceId, Vec<StaffId>>, StoreError> {
    let rows = sqlx::query!(
        "SELECT service_id, staff_id FROM service_staff
         WHERE company_id = $1 ORDER BY service_id, position, staff_id",
        company.get()
    )
    .fetch_all(conn)
    .await
    .map_err(failed(READ))?;
    let mut staff: BTreeMap<ServiceId, Vec<StaffId>> = BTreeMap::new();
    for row in rows {
        staff
            .entry(ServiceId::new(row.service_id))
            .or_default()
            .push(StaffId::new(row.staff_id));
    }
    Ok(staff)
}
