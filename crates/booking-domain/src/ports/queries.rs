//! Reading appointments: for lists, pages and the overlay.

use async_trait::async_trait;

use super::StoreError;
use crate::appointment::{Appointment, Status, SyncStatus};
use crate::availability::LiveClaim;
use crate::contact::{Email, PersonName, Phone};
use crate::ids::{AppointmentId, CompanyId, GroupId, ServiceId, StaffId};
use crate::time::{Instant, TimeRange};

/// An appointment with its customer, for reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppointmentView {
    /// The appointment.
    pub appointment: Appointment,
    /// What the customer is called; `None` after erasure.
    pub customer_name: Option<PersonName>,
    /// Their address.
    pub customer_email: Option<Email>,
    /// Their number.
    pub customer_phone: Option<Phone>,
}

/// Which appointments.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(
    missing_docs,
    reason = "each field narrows the list; see the API's query parameters"
)]
pub struct AppointmentFilter {
    pub status: Option<Status>,
    pub sync_status: Option<SyncStatus>,
    /// Those that overlap `[from, …)`.
    pub from: Option<Instant>,
    /// Those that begin before it.
    pub to: Option<Instant>,
    pub service: Option<ServiceId>,
    pub staff: Option<StaffId>,
    pub customer_phone: Option<Phone>,
    pub customer_email: Option<Email>,
    pub requires_review: Option<bool>,
}

/// The place in a list after which the next page begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageCursor {
    /// Beginning of the last appointment seen.
    pub starts_at: Instant,
    /// Its id.
    pub id: AppointmentId,
}

/// A page of a list, in the order of beginning and id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppointmentPage {
    /// The appointments.
    pub items: Vec<AppointmentView>,
    /// Where to go on; `None` at the end.
    pub next: Option<PageCursor>,
}

/// Reading a company's appointments.
#[async_trait]
pub trait AppointmentQueries: Send + Sync {
    /// One appointment; `None` if this company has none such. Never answered by a replica: who has
    /// just written it must find it.
    async fn get(
        &self,
        company: CompanyId,
        id: AppointmentId,
    ) -> Result<Option<AppointmentView>, StoreError>;

    /// A page of up to `limit`.
    async fn list(
        &self,
        company: CompanyId,
        filter: &AppointmentFilter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<AppointmentPage, StoreError>;

    /// The claims in force on any resource of this group's services, overlapping `window`. Never
    /// answered by a replica: what was committed before the call is in the answer.
    async fn live_claims(
        &self,
        company: CompanyId,
        group: GroupId,
        window: TimeRange,
    ) -> Result<Vec<LiveClaim>, StoreError>;
}
