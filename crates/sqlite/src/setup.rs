//! Reading a company's set-up: one consistent picture.

use std::collections::HashMap;

use async_trait::async_trait;
use booking_domain::ids::{BranchId, CompanyId, EventTypeId, GroupId, HostId, ServiceId, StaffId};
use booking_domain::ports::{SetupStore, StoreError};
use booking_domain::tenant::{Branch, Company, CompanySetup, Service, SetupFile, Staff};
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::import::import;
use crate::statements::{Columns, all, first};

const ACTION: &str = "read a company's set-up";

#[async_trait]
impl SetupStore for SqliteStore {
    async fn load(&self, id: CompanyId) -> Result<Option<CompanySetup>, StoreError> {
        self.readers.read(ACTION, |connection| load(connection, id))
    }

    async fn companies(&self) -> Result<Vec<Company>, StoreError> {
        self.readers.read(ACTION, |connection| {
            let sql = "SELECT * FROM companies ORDER BY company_id";
            all(connection, ACTION, sql, [], company)
        })
    }

    async fn import(
        &self,
        file: &SetupFile,
        hash: &(dyn for<'a> Fn(&'a str) -> String + Sync),
    ) -> Result<(), StoreError> {
        let mut transaction = self.transaction().await?;
        import(&mut transaction, file, hash)?;
        transaction.commit().await.map(drop)
    }
}

/// The company with everything that belongs to it.
pub(crate) fn load(
    connection: &Connection,
    id: CompanyId,
) -> Result<Option<CompanySetup>, StoreError> {
    let sql = "SELECT * FROM companies WHERE company_id = ?1";
    let Some(company) = first(connection, ACTION, sql, [id.get()], company)? else {
        return Ok(None);
    };
    Ok(Some(CompanySetup {
        company,
        branches: branches(connection, id)?,
        staff: staff(connection, id)?,
        services: services(connection, id)?,
    }))
}

fn company(row: &Columns<'_>) -> Result<Company, StoreError> {
    Ok(Company {
        id: row.company()?,
        name: row.get("name")?,
        time_zone: row.parsed("time_zone", |name| name.parse().ok())?,
        locale: row.get("locale")?,
        calcom: row.json_if_any("calcom")?,
        retell: row.json("retell")?,
        texts: row.json("texts")?,
        calls: row.json("calls")?,
        messages: row.json("messages")?,
    })
}

fn branches(connection: &Connection, company: CompanyId) -> Result<Vec<Branch>, StoreError> {
    let sql = "SELECT id, name FROM branches WHERE company_id = ?1 ORDER BY id";
    all(connection, ACTION, sql, [company.get()], |row| {
        Ok(Branch {
            id: row.id("id", BranchId::new)?,
            name: row.get("name")?,
        })
    })
}

fn staff(connection: &Connection, company: CompanyId) -> Result<Vec<Staff>, StoreError> {
    let sql = "SELECT * FROM staff WHERE company_id = ?1 ORDER BY id";
    all(connection, ACTION, sql, [company.get()], |row| {
        Ok(Staff {
            id: row.id("id", StaffId::new)?,
            name: row.get("name")?,
            email: row.get("email")?,
            calcom_user_id: row.id_if_any("calcom_user_id", HostId::new)?,
        })
    })
}

/// The company's services with their staff, by id.
pub(crate) fn services(
    connection: &Connection,
    company: CompanyId,
) -> Result<Vec<Service>, StoreError> {
    let mut performers: HashMap<ServiceId, Vec<StaffId>> = HashMap::new();
    let pairs = all(
        connection,
        ACTION,
        "SELECT service_id, staff_id FROM service_staff WHERE company_id = ?1
         ORDER BY service_id, position",
        params![company.get()],
        |row| {
            let service = row.id("service_id", ServiceId::new)?;
            Ok((service, row.id("staff_id", StaffId::new)?))
        },
    )?;
    for (service, person) in pairs {
        performers.entry(service).or_default().push(person);
    }
    let sql = "SELECT * FROM services WHERE company_id = ?1 ORDER BY id";
    let mut services = all(connection, ACTION, sql, [company.get()], service)?;
    for service in &mut services {
        service.staff = performers.remove(&service.id).unwrap_or_default();
    }
    Ok(services)
}

fn service(row: &Columns<'_>) -> Result<Service, StoreError> {
    Ok(Service {
        id: row.id("id", ServiceId::new)?,
        branch: row.id_if_any("branch_id", BranchId::new)?,
        name: row.get("name")?,
        aliases: row.json("aliases")?,
        duration_minutes: row.get("duration_minutes")?,
        buffer_before_minutes: row.get("buffer_before_minutes")?,
        buffer_after_minutes: row.get("buffer_after_minutes")?,
        event_type: row.id_if_any("event_type_id", EventTypeId::new)?,
        staff: Vec::new(),
        capacity: row.get("capacity")?,
        opening_hours: row.json("opening_hours")?,
        reminder_minutes: row.json("reminder_minutes")?,
        requires: row.json("requires")?,
        group: row.id("group_id", GroupId::new)?,
    })
}
