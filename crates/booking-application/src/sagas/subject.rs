//! What a saga is about, read right before Cal.com is asked.

use booking_domain::appointment::Appointment;
use booking_domain::contact::Contact;
use booking_domain::ids::HostId;
use booking_domain::ports::StoreError;
use booking_domain::saga::{Saga, SagaKind};
use booking_domain::tenant::CalcomAccount;

use crate::Application;

pub(super) struct Subject {
    pub(super) appointment: Appointment,
    /// Known only where a booking is to be made.
    pub(super) contact: Option<Contact>,
    pub(super) account: CalcomAccount,
    pub(super) host: Option<HostId>,
}

impl Application {
    /// What the saga is about; `Err` when the company's set-up no longer allows it.
    pub(super) async fn subject(&self, saga: &Saga) -> Result<Result<Subject, String>, StoreError> {
        let Some(setup) = self.company(saga.company).await? else {
            return Ok(Err("the company is gone".to_owned()));
        };
        let Some(account) = setup.company.calcom.clone() else {
            return Ok(Err("the company has no Cal.com account".to_owned()));
        };
        let mut unit = self.deps.store.units.begin(saga.company).await?;
        let Some(appointment) = unit.find(saga.appointment).await? else {
            return Ok(Err("the appointment is gone".to_owned()));
        };
        // To move or to call off, nobody need be known: the customer may have been erased.
        let contact = match saga.kind {
            SagaKind::Create | SagaKind::Rebook => {
                unit.contact_of(appointment.booking().customer).await?
            }
            _ => None,
        };
        let wanted = appointment.booking().wanted_staff;
        let host = wanted
            .and_then(|person| setup.staff_member(person))
            .and_then(|person| person.calcom_user_id);
        Ok(Ok(Subject {
            appointment,
            contact,
            account,
            host,
        }))
    }
}
