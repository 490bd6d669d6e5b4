//! Reading appointments: for lists, pages and the overlay.

use async_trait::async_trait;
use booking_domain::appointment::{StateName, Status};
use booking_domain::availability::LiveClaim;
use booking_domain::ids::{AppointmentId, CompanyId, GroupId};
use booking_domain::ports::{
    AppointmentFilter, AppointmentPage, AppointmentQueries, AppointmentView, PageCursor, StoreError,
};
use booking_domain::time::TimeRange;
use sqlx::{Postgres, QueryBuilder};

use crate::PgStore;
use crate::customers::{read_email, read_name, read_phone};
use crate::error::failed;
use crate::rows::{AppointmentRow, range, resource, to_db};
use crate::unit_of_work::begin_reading;

/// With every column of `AppointmentRow`, and the customer's.
const VIEW: &str = "SELECT a.*, c.name AS customer_name, c.email AS customer_email, \
     c.phone AS customer_phone \
     FROM appointments a \
     JOIN customers c ON c.company_id = a.company_id AND c.id = a.customer_id \
     WHERE a.company_id = ";

#[derive(sqlx::FromRow)]
struct ViewRow {
    #[sqlx(flatten)]
    appointment: AppointmentRow,
    customer_name: Option<String>,
    customer_email: Option<String>,
    customer_phone: Option<String>,
}

impl ViewRow {
    fn restore(self) -> Result<AppointmentView, StoreError> {
        Ok(AppointmentView {
            appointment: self.appointment.restore()?,
            customer_name: self.customer_name.as_deref().map(read_name).transpose()?,
            customer_email: self.customer_email.as_deref().map(read_email).transpose()?,
            customer_phone: self.customer_phone.as_deref().map(read_phone).transpose()?,
        })
    }
}

#[async_trait]
impl AppointmentQueries for PgStore {
    async fn get(
        &self,
        company: CompanyId,
        id: AppointmentId,
    ) -> Result<Option<AppointmentView>, StoreError> {
        let mut query = QueryBuilder::new(VIEW);
        query.push_bind(company.get());
        query.push(" AND a.id = ").push_bind(id.get());
        let mut session = begin_reading(&self.companies, company).await?;
        query
            .build_query_as::<ViewRow>()
            .fetch_optional(session.conn())
            .await
            .map_err(failed("read an appointment"))?
            .map(ViewRow::restore)
            .transpose()
    }

    async fn list(
        &self,
        company: CompanyId,
        filter: &AppointmentFilter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<AppointmentPage, StoreError> {
        let mut query = QueryBuilder::new(VIEW);
        query.push_bind(company.get());
        push_filter(&mut query, filter);
        if let Some(after) = after {
            query.push(" AND (a.starts_at, a.id) > (");
            query.push_bind(to_db(after.starts_at)).push(", ");
            query.push_bind(after.id.get()).push(")");
        }
        // One more than wanted tells whether there is a next page.
        query.push(" ORDER BY a.starts_at, a.id LIMIT ");
        query.push_bind(i64::from(limit) + 1);
        let mut session = begin_reading(&self.replica, company).await?;
        let mut rows = query
            .build_query_as::<ViewRow>()
            .fetch_all(session.conn())
            .await
            .map_err(failed("list appointments"))?;
        drop(session);
        let wanted = limit as usize;
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let items = rows
            .into_iter()
            .map(ViewRow::restore)
            .collect::<Result<Vec<_>, _>>()?;
        let next = items.last().filter(|_| more).map(|last| PageCursor {
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
        let mut session = begin_reading(&self.companies, company).await?;
        let rows = sqlx::query!(
            r#"
            WITH resources AS (
                SELECT 1::smallint AS kind, p.staff_id AS id
                FROM services s
                JOIN service_staff p ON p.company_id = s.company_id AND p.service_id = s.id
                WHERE s.company_id = $1 AND s.group_id = $2
                UNION
                SELECT 2::smallint, s.id FROM services s
                WHERE s.company_id = $1 AND s.group_id = $2
            )
            SELECT c.resource_kind, c.resource_id, c.unit, c.taken_from, c.taken_until
            FROM resources r
            JOIN live_claims c ON c.company_id = $1
                              AND c.resource_kind = r.kind AND c.resource_id = r.id
            WHERE c.taken_until > $3 AND c.taken_from < $4
            ORDER BY c.taken_from, c.claim_id"#,
            company.get(),
            group.get(),
            to_db(window.start()),
            to_db(window.end()),
        )
        .fetch_all(session.conn())
        .await
        .map_err(failed("read live claims"))?;
        drop(session);
        rows.into_iter()
            .map(|row| {
                Ok(LiveClaim {
                    resource: resource(row.resource_kind, row.resource_id, row.unit)?,
                    during: range(row.taken_from, row.taken_until)?,
                })
            })
            .collect()
    }
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &AppointmentFilter) {
    if let Some(status) = filter.status {
        query
            // Until it is moved, it is what it was.
            .push(" AND CASE WHEN NOT a.accepted_before THEN 'scheduled' ELSE a.state END = ANY (")
            .push_bind(states(status))
            .push(")");
    }
    if let Some(sync_status) = filter.sync_status {
        query
            .push(" AND a.sync_status = ")
            .push_bind(sync_status.as_str());
    }
    if let Some(from) = filter.from {
        query.push(" AND a.ends_at > ").push_bind(to_db(from));
    }
    if let Some(to) = filter.to {
        query.push(" AND a.starts_at < ").push_bind(to_db(to));
    }
    if let Some(service) = filter.service {
        query.push(" AND a.service_id = ").push_bind(service.get());
    }
    if let Some(staff) = filter.staff {
        query
            .push(" AND coalesce(a.staff_id, a.wanted_staff_id) = ")
            .push_bind(staff.get());
    }
    if let Some(phone) = &filter.customer_phone {
        query
            .push(" AND c.phone = ")
            .push_bind(phone.expose().to_owned());
    }
    if let Some(email) = &filter.customer_email {
        query
            .push(" AND c.email = ")
            .push_bind(email.expose().to_owned());
    }
    match filter.requires_review {
        Some(true) => query.push(" AND a.review_reason IS NOT NULL"),
        Some(false) => query.push(" AND a.review_reason IS NULL"),
        None => query,
    };
}

fn states(status: Status) -> Vec<&'static str> {
    status.states().into_iter().map(StateName::as_str).collect()
}
