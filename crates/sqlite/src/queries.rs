//! Reading appointments: lists, pages, and the claims for the overlay.

use async_trait::async_trait;
use booking_domain::availability::LiveClaim;
use booking_domain::contact::{Email, PersonName, Phone};
use booking_domain::ids::{AppointmentId, CompanyId, GroupId};
use booking_domain::ports::{
    AppointmentFilter, AppointmentPage, AppointmentQueries, AppointmentView, PageCursor, StoreError,
};
use booking_domain::time::TimeRange;
use rusqlite::types::Value;
use rusqlite::{params, params_from_iter};

use crate::SqliteStore;
use crate::claims::resource;
use crate::rows::appointment;
use crate::statements::{Columns, all, first};

const VIEW: &str = "SELECT a.*, c.name AS customer_name, c.email AS customer_email,
        c.phone AS customer_phone
    FROM appointments a
    JOIN customers c ON c.company_id = a.company_id AND c.id = a.customer_id
    WHERE a.company_id = ?1";

#[async_trait]
impl AppointmentQueries for SqliteStore {
    async fn get(
        &self,
        company: CompanyId,
        id: AppointmentId,
    ) -> Result<Option<AppointmentView>, StoreError> {
        const ACTION: &str = "show an appointment";
        self.readers.read(ACTION, |connection| {
            let sql = format!("{VIEW} AND a.id = ?2");
            let id = id.get();
            first(
                connection,
                ACTION,
                &sql,
                params![company.get(), id.as_bytes()],
                view,
            )
        })
    }

    async fn list(
        &self,
        company: CompanyId,
        filter: &AppointmentFilter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<AppointmentPage, StoreError> {
        const ACTION: &str = "list appointments";
        let limit = limit.max(1);
        let mut wanted = Conditions::of(company);
        wanted.narrow(filter);
        if let Some(after) = after {
            wanted.begin_after(after);
        }
        // One more than the page holds: is there another page?
        let sql = format!(
            "{VIEW}{} ORDER BY a.starts_at, a.id LIMIT {}",
            wanted.sql,
            u64::from(limit) + 1
        );
        let mut items = self.readers.read(ACTION, |connection| {
            all(
                connection,
                ACTION,
                &sql,
                params_from_iter(wanted.values),
                view,
            )
        })?;
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_more = items.len() > size;
        items.truncate(size);
        let last = items.last().filter(|_| is_more);
        let next = last.map(|last| PageCursor {
            starts_at: last.appointment.range().start(),
            id: last.appointment.id(),
        });
        Ok(AppointmentPage { items, next })
    }

    async fn live_claims(
        &self,
        company: CompanyId,
        group: GroupId,
        window: TimeRange,
    ) -> Result<Vec<LiveClaim>, StoreError> {
        const ACTION: &str = "read the claims in force";
        self.readers.read(ACTION, |connection| {
            all(
                connection,
                ACTION,
                "SELECT resource_kind, resource_id, unit, taken_from, taken_until FROM live_claims
                 WHERE company_id = ?1 AND resource_kind = 1 AND resource_id IN (
                         SELECT m.staff_id FROM services s
                         JOIN service_staff m ON m.company_id = s.company_id AND m.service_id = s.id
                         WHERE s.company_id = ?1 AND s.group_id = ?2)
                     AND taken_until > ?3 AND taken_from < ?4
                 UNION ALL
                 SELECT resource_kind, resource_id, unit, taken_from, taken_until FROM live_claims
                 WHERE company_id = ?1 AND resource_kind = 2 AND resource_id IN (
                         SELECT id FROM services WHERE company_id = ?1 AND group_id = ?2)
                     AND taken_until > ?3 AND taken_from < ?4",
                params![
                    company.get(),
                    group.get(),
                    window.start().unix_micros(),
                    window.end().unix_micros()
                ],
                |row| {
                    Ok(LiveClaim {
                        resource: resource(row)?,
                        during: row.range("taken_from", "taken_until")?,
                    })
                },
            )
        })
    }
}

fn view(row: &Columns<'_>) -> Result<AppointmentView, StoreError> {
    Ok(AppointmentView {
        appointment: appointment(row)?,
        customer_name: row.parsed_if_any("customer_name", |text| PersonName::parse(text).ok())?,
        customer_email: row.parsed_if_any("customer_email", |text| Email::parse(text).ok())?,
        customer_phone: row.parsed_if_any("customer_phone", |text| Phone::parse(text).ok())?,
    })
}

/// What narrows a list: fixed text with a value for every question mark.
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn of(company: CompanyId) -> Self {
        Self {
            sql: String::new(),
            values: vec![company.get().into()],
        }
    }

    /// Adds `column operator ?`.
    fn and(&mut self, condition: &'static str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.sql += &format!(" AND {condition} ?{}", self.values.len());
    }

    fn narrow(&mut self, filter: &AppointmentFilter) {
        if let Some(status) = filter.status {
            let states = status.states();
            // Our own words, no input.
            let words: Vec<_> = states.iter().map(|state| format!("'{state}'")).collect();
            // Until it is moved, it is what it was.
            self.sql += &format!(
                " AND CASE WHEN a.accepted_before = 0 THEN 'scheduled' ELSE a.state END IN ({})",
                words.join(", ")
            );
        }
        if let Some(status) = filter.sync_status {
            self.and("a.sync_status =", status.as_str().to_owned());
        }
        if let Some(from) = filter.from {
            self.and("a.ends_at >", from.unix_micros());
        }
        if let Some(to) = filter.to {
            self.and("a.starts_at <", to.unix_micros());
        }
        if let Some(service) = filter.service {
            self.and("a.service_id =", service.get());
        }
        if let Some(staff) = filter.staff {
            // Who performs it, as far as known; else who was wished for.
            self.and("COALESCE(a.staff_id, a.wanted_staff_id) =", staff.get());
        }
        if let Some(phone) = &filter.customer_phone {
            self.and("c.phone =", phone.expose().to_owned());
        }
        if let Some(email) = &filter.customer_email {
            self.and("c.email =", email.expose().to_owned());
        }
        if let Some(wanted) = filter.requires_review {
            self.and("(a.review_reason IS NOT NULL) =", i64::from(wanted));
        }
    }

    fn begin_after(&mut self, cursor: PageCursor) {
        self.values.push(cursor.starts_at.unix_micros().into());
        self.values.push(cursor.id.get().as_bytes().to_vec().into());
        let last = self.values.len();
        self.sql += &format!(" AND (a.starts_at, a.id) > (?{}, ?{last})", last - 1);
    }
}
