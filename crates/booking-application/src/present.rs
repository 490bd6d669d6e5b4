//! An appointment as every entry point shows it: the JSON of the public contract.

use std::collections::BTreeMap;

use booking_domain::ports::AppointmentView;
use serde::Serialize;

/// The customer of an appointment; empty fields after erasure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields of the contract")]
pub struct CustomerJson {
    pub id: i64,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// An appointment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields of the contract")]
pub struct AppointmentJson {
    pub id: String,
    pub company_id: i64,
    pub branch_id: Option<i64>,
    pub service_id: i64,
    pub staff_id: Option<i64>,
    pub customer: CustomerJson,
    pub starts_at: String,
    pub ends_at: String,
    pub time_zone: &'static str,
    pub status: &'static str,
    pub sync_status: &'static str,
    pub sync_origin: &'static str,
    pub sync_error: Option<String>,
    pub requires_manual_review: bool,
    pub manual_review_flagged_at: Option<String>,
    pub calcom_booking_uid: Option<String>,
    pub booking_source: &'static str,
    pub created_by: String,
    pub rescheduled_by: Option<String>,
    pub cancelled_by: Option<String>,
    pub cancellation_reason: Option<String>,
    pub notes: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub version: i64,
    pub created_at: String,
    pub updated_at: String,
}

impl From<&AppointmentView> for AppointmentJson {
    fn from(view: &AppointmentView) -> Self {
        let record = view.appointment.to_record();
        let zone = record.time_zone;
        Self {
            id: record.id.to_string(),
            company_id: record.company.get(),
            branch_id: record.branch.map(|id| id.get()),
            service_id: record.service.get(),
            staff_id: view.appointment.staff().map(|id| id.get()),
            customer: CustomerJson {
                id: record.customer.get(),
                name: view.customer_name.as_ref().map(|it| it.expose().to_owned()),
                email: view
                    .customer_email
                    .as_ref()
                    .map(|it| it.expose().to_owned()),
                phone: view
                    .customer_phone
                    .as_ref()
                    .map(|it| it.expose().to_owned()),
            },
            starts_at: zone.rfc3339(record.range.start()),
            ends_at: zone.rfc3339(record.range.end()),
            time_zone: zone.name(),
            status: view.appointment.status().as_str(),
            sync_status: record.sync_status.as_str(),
            sync_origin: record.sync_origin.as_str(),
            sync_error: record.sync_error,
            requires_manual_review: record.review_reason.is_some(),
            manual_review_flagged_at: record.review_flagged_at.map(|at| at.to_string()),
            calcom_booking_uid: record.booking_uid.map(|uid| uid.expose().to_owned()),
            booking_source: record.booking_source.as_str(),
            created_by: record.created_by,
            rescheduled_by: record.rescheduled_by,
            cancelled_by: record.cancelled_by,
            cancellation_reason: record.cancellation_reason,
            notes: record.notes,
            metadata: record.metadata,
            version: record.version,
            created_at: record.created_at.to_string(),
            updated_at: record.updated_at.to_string(),
        }
    }
}
