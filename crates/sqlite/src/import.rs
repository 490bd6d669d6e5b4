//! Importing a set-up file: what is new is created, what is named is brought up to date, the rest
//! stays; all in one transaction.

use std::collections::BTreeMap;

use booking_domain::ids::{BranchId, CompanyId, EventTypeId, HostId, ServiceId};
use booking_domain::ports::StoreError;
use booking_domain::tenant::{
    ApiKeyEntry, CompanyEntry, CompanySetup, Service, ServiceEntry, SetupFile, Staff,
    availability_groups,
};
use rusqlite::{Connection, Params, params};

use crate::setup::{load, services};
use crate::statements::{first, json, run};
use crate::transaction::Transaction;

const ACTION: &str = "import a set-up";
/// How much of a key is kept readable, so that people can tell keys apart.
const PREFIX_CHARS: usize = 11;

/// Imports the file; `hash` turns the text of an API key into what is stored.
pub(crate) fn import(
    transaction: &mut Transaction,
    file: &SetupFile,
    hash: &dyn Fn(&str) -> String,
) -> Result<(), StoreError> {
    for company in &file.companies {
        let before = load(transaction.connection(), company.id)?;
        let import = Import {
            connection: transaction.connection(),
            company: company.id,
        };
        import.whole(company, hash)?;
        let after = load(transaction.connection(), company.id)?;
        bump_what_changed(transaction, before, after);
    }
    Ok(())
}

/// Forgets all days of the groups that a changed service belongs to now, or belonged to.
///
/// Joining or leaving a group changes the service; so does everything else that matters to what is
/// free: its people, places, buffers and length. Another Cal.com account changes them all.
fn bump_what_changed(
    transaction: &mut Transaction,
    before: Option<CompanySetup>,
    after: Option<CompanySetup>,
) {
    let Some(after) = after else { return };
    let id = after.company.id;
    let account = before.as_ref().map(|it| it.company.calcom.clone());
    let same_account = account.is_some_and(|account| account == after.company.calcom);
    let before = before.into_iter().flat_map(|it| it.services);
    let mut before: BTreeMap<ServiceId, Service> = before.map(|it| (it.id, it)).collect();
    for service in &after.services {
        let old = before.remove(&service.id);
        if !same_account || old.as_ref() != Some(service) {
            let groups = old.map(|old| old.group).into_iter().chain([service.group]);
            for group in groups {
                transaction.bumps.all_days(id, group);
            }
        }
    }
    transaction.bumps.setup(id);
}

#[derive(Clone, Copy)]
struct Import<'a> {
    connection: &'a Connection,
    company: CompanyId,
}

impl Import<'_> {
    fn whole(self, entry: &CompanyEntry, hash: &dyn Fn(&str) -> String) -> Result<(), StoreError> {
        self.company(entry)?;
        for branch in &entry.branches {
            self.branch(branch.id, &branch.name)?;
        }
        for person in &entry.staff {
            self.person(person)?;
        }
        for service in &entry.services {
            self.service(service)?;
        }
        for key in &entry.api_keys {
            self.key(key, &hash(&key.token))?;
        }
        self.refuse_shared_event_types()?;
        self.regroup()
    }

    /// Writes a row that is ours: an update that meets another company's row changes nothing.
    fn write(self, what: String, sql: &str, params: impl Params) -> Result<(), StoreError> {
        if run(self.connection, ACTION, sql, params)? == 1 {
            Ok(())
        } else {
            let problem = format!("{what} belongs to another company");
            Err(StoreError::Conflict(problem))
        }
    }

    fn company(self, entry: &CompanyEntry) -> Result<(), StoreError> {
        let calcom = entry.calcom.as_ref().map(json).transpose()?;
        run(
            self.connection,
            ACTION,
            "INSERT INTO companies (company_id, name, time_zone, locale, calcom, retell, texts,
                calls, messages)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone,
                locale = excluded.locale, calcom = excluded.calcom, retell = excluded.retell,
                texts = excluded.texts, calls = excluded.calls, messages = excluded.messages",
            params![
                self.company.get(),
                entry.name,
                entry.time_zone.name(),
                entry.locale,
                calcom,
                json(&entry.retell)?,
                json(&entry.texts)?,
                json(&entry.calls)?,
                json(&entry.messages)?
            ],
        )
        .map(drop)
    }

    fn branch(self, id: BranchId, name: &str) -> Result<(), StoreError> {
        self.write(
            format!("branch {id}"),
            "INSERT INTO branches (id, company_id, name) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name
             WHERE company_id = excluded.company_id",
            params![id.get(), self.company.get(), name],
        )
    }

    fn person(self, person: &Staff) -> Result<(), StoreError> {
        self.write(
            format!("staff {}", person.id),
            "INSERT INTO staff (id, company_id, name, email, calcom_user_id)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email,
                calcom_user_id = excluded.calcom_user_id
             WHERE company_id = excluded.company_id",
            params![
                person.id.get(),
                self.company.get(),
                person.name,
                person.email,
                person.calcom_user_id.map(HostId::get)
            ],
        )
    }

    fn service(self, service: &ServiceEntry) -> Result<(), StoreError> {
        // A new service is alone until `regroup` has looked at all of them.
        self.write(
            format!("service {}", service.id),
            "INSERT INTO services (id, company_id, branch_id, name, aliases, duration_minutes,
                buffer_before_minutes, buffer_after_minutes, event_type_id, capacity,
                opening_hours, price_cents, reminder_minutes, requires, group_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?1)
             ON CONFLICT (id) DO UPDATE SET branch_id = excluded.branch_id, name = excluded.name,
                aliases = excluded.aliases, duration_minutes = excluded.duration_minutes,
                buffer_before_minutes = excluded.buffer_before_minutes,
                buffer_after_minutes = excluded.buffer_after_minutes,
                event_type_id = excluded.event_type_id, capacity = excluded.capacity,
                opening_hours = excluded.opening_hours, price_cents = excluded.price_cents,
                reminder_minutes = excluded.reminder_minutes, requires = excluded.requires
             WHERE company_id = excluded.company_id",
            params![
                service.id.get(),
                self.company.get(),
                service.branch_id.map(BranchId::get),
                service.name,
                json(&service.aliases)?,
                service.duration_minutes,
                service.buffer_before_minutes,
                service.buffer_after_minutes,
                service.calcom_event_type_id.map(EventTypeId::get),
                service.capacity,
                json(&service.opening_hours)?,
                service.price_cents,
                json(&service.reminder_minutes)?,
                json(&service.requires)?
            ],
        )?;
        self.performers(service)
    }

    fn performers(self, service: &ServiceEntry) -> Result<(), StoreError> {
        let (company, id) = (self.company.get(), service.id.get());
        let forget = "DELETE FROM service_staff WHERE company_id = ?1 AND service_id = ?2";
        run(self.connection, ACTION, forget, params![company, id])?;
        for (position, person) in (0i64..).zip(&service.staff_ids) {
            run(
                self.connection,
                ACTION,
                "INSERT INTO service_staff (company_id, service_id, staff_id, position)
                 VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                params![company, id, person.get(), position],
            )?;
        }
        Ok(())
    }

    /// A key that was taken back stays so.
    fn key(self, key: &ApiKeyEntry, digest: &str) -> Result<(), StoreError> {
        let prefix: String = key.token.chars().take(PREFIX_CHARS).collect();
        self.write(
            format!("API key {prefix}…"),
            "INSERT INTO api_keys (digest, company_id, prefix, scopes, created_at)
             VALUES (?1, ?2, ?3, ?4, CAST(unixepoch('subsec') * 1000000 AS INTEGER))
             ON CONFLICT (digest) DO UPDATE SET scopes = excluded.scopes
             WHERE company_id = excluded.company_id",
            params![digest, self.company.get(), prefix, key.scopes.join(" ")],
        )
    }

    /// A number of Cal.com's means one service. Checked at the end, since one file may pass a
    /// number on from one service to another.
    fn refuse_shared_event_types(self) -> Result<(), StoreError> {
        let shared = first(
            self.connection,
            ACTION,
            "SELECT event_type_id FROM services
             WHERE company_id = ?1 AND event_type_id IS NOT NULL
             GROUP BY event_type_id HAVING count(*) > 1",
            params![self.company.get()],
            |row| row.id("event_type_id", EventTypeId::new),
        )?;
        match shared {
            None => Ok(()),
            Some(event_type) => Err(StoreError::Conflict(format!(
                "Cal.com event type {event_type} belongs to two services of company {}",
                self.company
            ))),
        }
    }

    /// Finds the groups anew, over all services of the company.
    fn regroup(self) -> Result<(), StoreError> {
        let services = services(self.connection, self.company)?;
        let groups = availability_groups(services.into_iter().map(|it| (it.id, it.staff)));
        for (service, group) in groups {
            run(
                self.connection,
                ACTION,
                "UPDATE services SET group_id = ?3 WHERE company_id = ?1 AND id = ?2",
                params![self.company.get(), service.get(), group.get()],
            )?;
        }
        Ok(())
    }
}
