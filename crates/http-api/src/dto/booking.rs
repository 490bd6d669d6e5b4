//! Bodies of the commands: book, move, cancel.

use std::collections::BTreeMap;

use booking_application::{BookAppointment, CancelAppointment, RescheduleAppointment, Terms};
use booking_domain::idempotency::{Fingerprint, IdempotencyKey};
use booking_domain::ids::{AppointmentId, BranchId, ServiceId, StaffId};
use booking_domain::time::ZoneName;
use serde::Deserialize;
use utoipa::ToSchema;

use super::NewCustomer;
use crate::extract::{instant, object};
use crate::problem::{FieldErrors, Problem};

const MAX_NOTES: usize = 2_000;
const MAX_REASON: usize = 500;
/// As many as Cal.com takes.
const MAX_METADATA: usize = 50;
const MAX_METADATA_NAME: usize = 40;
const MAX_METADATA_VALUE: usize = 500;

/// A wish for an appointment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBooking {
    /// What.
    #[schema(example = 1)]
    pub(crate) service_id: i64,
    /// When it begins: RFC 3339 with an offset.
    #[schema(format = DateTime, example = "2025-10-13T08:00:00+02:00")]
    pub(crate) start: String,
    /// For whom.
    #[serde(deserialize_with = "object")]
    pub(crate) customer: NewCustomer,
    /// With whom, if the customer wishes for somebody.
    pub(crate) staff_id: Option<i64>,
    /// Where; absent: where the service is offered.
    pub(crate) branch_id: Option<i64>,
    /// Free text.
    #[schema(max_length = 2000)]
    pub(crate) notes: Option<String>,
    /// Free texts by name, kept and given back: up to 50, names of 40 and texts of 500 characters.
    pub(crate) metadata: Option<BTreeMap<String, String>>,
}

impl NewBooking {
    /// The command, or everything that is wrong with the wish.
    pub(crate) fn command(
        self,
        zone: ZoneName,
        idempotency: Option<(IdempotencyKey, Fingerprint)>,
    ) -> Result<BookAppointment, Problem> {
        let mut wrong = FieldErrors::default();
        let start = wrong.check("start", instant(&self.start));
        let customer = self.customer.read(zone, &mut wrong);
        check_text("notes", self.notes.as_deref(), MAX_NOTES, &mut wrong);
        let metadata = self.metadata.unwrap_or_default();
        check_metadata(&metadata, &mut wrong);
        let (Some(start), Some(customer)) = (start, customer) else {
            return Err(wrong.into_problem());
        };
        wrong.into_result()?;
        Ok(BookAppointment {
            service: ServiceId::new(self.service_id),
            branch: self.branch_id.map(BranchId::new),
            start,
            customer,
            staff: self.staff_id.map(StaffId::new),
            notes: self.notes.filter(|notes| !notes.trim().is_empty()),
            metadata,
            idempotency,
        })
    }
}

/// Another time for an appointment.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Reschedule)]
#[serde(deny_unknown_fields)]
pub(crate) struct RescheduleBody {
    /// When it begins: RFC 3339 with an offset.
    #[schema(format = DateTime, example = "2025-10-14T09:00:00+02:00")]
    pub(crate) start: String,
    /// Why.
    #[schema(max_length = 500)]
    pub(crate) reason: Option<String>,
}

impl RescheduleBody {
    pub(crate) fn command(
        self,
        id: AppointmentId,
        terms: Terms,
    ) -> Result<RescheduleAppointment, Problem> {
        let mut wrong = FieldErrors::default();
        let start = wrong.check("start", instant(&self.start));
        check_text("reason", self.reason.as_deref(), MAX_REASON, &mut wrong);
        let Some(start) = start else {
            return Err(wrong.into_problem());
        };
        wrong.into_result()?;
        Ok(RescheduleAppointment {
            id,
            start,
            reason: self.reason,
            terms,
        })
    }
}

/// Calls an appointment off.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Cancel)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelBody {
    /// Why.
    #[schema(max_length = 500)]
    pub(crate) reason: Option<String>,
}

impl CancelBody {
    pub(crate) fn command(
        self,
        id: AppointmentId,
        terms: Terms,
    ) -> Result<CancelAppointment, Problem> {
        let mut wrong = FieldErrors::default();
        check_text("reason", self.reason.as_deref(), MAX_REASON, &mut wrong);
        wrong.into_result()?;
        Ok(CancelAppointment {
            id,
            reason: self.reason,
            terms,
        })
    }
}

/// Length, and no control characters but those of running text: not every store keeps them.
pub(super) fn check_text(field: &str, text: Option<&str>, most: usize, wrong: &mut FieldErrors) {
    let text = text.unwrap_or_default();
    if text.chars().count() > most {
        wrong.add(field, format!("is longer than {most} characters"));
    }
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        wrong.add(field, "contains control characters");
    }
}

fn check_metadata(metadata: &BTreeMap<String, String>, wrong: &mut FieldErrors) {
    if metadata.len() > MAX_METADATA {
        wrong.add("metadata", format!("has more than {MAX_METADATA} entries"));
    }
    for (name, value) in metadata.iter().take(MAX_METADATA) {
        if name.is_empty() {
            wrong.add("metadata", "has an entry without a name");
        }
        check_text("metadata", Some(name), MAX_METADATA_NAME, wrong);
        check_text(
            &format!("metadata.{name}"),
            Some(value),
            MAX_METADATA_VALUE,
            wrong,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once() {
        let body = serde_json::json!({
            "service_id": 1, "start": "2025-10-13T08:00:00",
            "customer": {"name": "A", "email": "x"},
            "notes": "n".repeat(MAX_NOTES + 1),
            "metadata": {"": "x", "bell": "\u{7}"},
        });
        let wish: NewBooking = serde_json::from_value(body).expect("right shape");
        let problem = wish.command(ZoneName::UTC, None).expect_err("refused");
        let told = format!("{problem:?}");
        for field in [
            "start",
            "customer.email",
            "notes",
            "metadata",
            "metadata.bell",
        ] {
            assert!(
                told.contains(&format!("field: \"{field}\"")),
                "{field}: {told}"
            );
        }
    }
}
