//! The calls themselves: what is asked of Cal.com, and what the answer is to a saga.

use std::collections::BTreeMap;

use booking_domain::appointment::{Appointment, RemoteBooking, State};
use booking_domain::contact::Contact;
use booking_domain::ids::BookingUid;
use booking_domain::ports::{
    CalendarError, CreateBooking, FindBookings, MoveBooking, OUR_APPOINTMENT, StoreError,
};
use booking_domain::saga::{Observation, Refusal, Saga, SagaKind};
use booking_domain::tenant::CalcomAccount;

use crate::Application;

/// The metadata key under which Cal.com keeps our saga's id.
const OUR_SAGA: &str = "gw_saga";

struct Subject {
    appointment: Appointment,
    contact: Contact,
    account: CalcomAccount,
    host: Option<booking_domain::ids::HostId>,
}

impl Application {
    /// Makes the call. Its intent is committed already.
    pub(crate) async fn call(&self, saga: &Saga) -> Result<Observation, StoreError> {
        let subject = match self.subject(saga).await? {
            Ok(subject) => subject,
            Err(problem) => return Ok(Observation::Refused(Refusal::Account(problem))),
        };
        let began = self.now();
        let result = match (saga.kind, &saga.uid, subject.appointment.state()) {
            (SagaKind::Create, _, _) => match create_request(saga, &subject) {
                Some(request) => self.deps.calendar.create(&subject.account, &request).await,
                None => return Ok(no_event_type()),
            },
            (SagaKind::Reschedule, Some(uid), State::Rescheduling { to, .. }) => {
                let wish = MoveBooking {
                    uid: uid.clone(),
                    start: to.start(),
                    reason: None,
                };
                self.deps.calendar.reschedule(&subject.account, &wish).await
            }
            // News may have given it another name since the saga began.
            (SagaKind::Cancel, Some(began_with), state) => {
                let uid = state.uid().unwrap_or(began_with);
                let reason = state.cancellation().and_then(|it| it.reason.as_deref());
                self.deps
                    .calendar
                    .cancel(&subject.account, uid, reason)
                    .await
            }
            (SagaKind::Reschedule | SagaKind::Cancel, _, _) => {
                return Ok(Observation::Refused(Refusal::Gone));
            }
        };
        metrics::histogram!("booking_calcom_call_seconds", "kind" => saga.kind.as_str())
            .record(self.now().since(began).as_seconds_f64());
        Ok(observation(result))
    }

    /// Asks whether the call had happened.
    pub(crate) async fn look_up(&self, saga: &Saga) -> Result<Observation, StoreError> {
        let subject = match self.subject(saga).await? {
            Ok(subject) => subject,
            Err(_) => return Ok(Observation::LookUpFailed),
        };
        let found = match (saga.kind, &saga.uid) {
            (SagaKind::Create, _) => self.find_created(&subject).await,
            (SagaKind::Reschedule, Some(uid)) => self.find_moved(&subject.account, uid).await,
            (SagaKind::Cancel, Some(uid)) => self.find_cancelled(&subject.account, uid).await,
            (SagaKind::Reschedule | SagaKind::Cancel, None) => Ok(Some(None)),
        };
        Ok(match found {
            Ok(Some(Some(booking))) => Observation::Executed(Box::new(booking)),
            Ok(Some(None)) => Observation::Refused(Refusal::Gone),
            Ok(None) => Observation::NotFound,
            Err(error) => {
                tracing::warn!(%error, saga = %saga.id, "the look-up at Cal.com failed");
                Observation::LookUpFailed
            }
        })
    }

    /// `Some(Some(booking))`: it happened; `None`: it did not.
    async fn find_created(
        &self,
        subject: &Subject,
    ) -> Result<Option<Option<RemoteBooking>>, CalendarError> {
        let booking = subject.appointment.booking();
        let Some(event_type) = booking.event_type else {
            return Ok(None);
        };
        let wanted = FindBookings {
            event_type,
            window: booking.range,
        };
        let mut ours = self.deps.calendar.find(&subject.account, &wanted).await?;
        ours.retain(|remote| remote.ours == Some(booking.id));
        // A live one first; among equals the oldest, which Cal.com lists under the lesser name.
        ours.sort_by(|a, b| {
            b.is_live()
                .cmp(&a.is_live())
                .then_with(|| a.uid.cmp(&b.uid))
        });
        if ours.len() > 1 {
            tracing::error!(appointment = %booking.id, count = ours.len(), "more than one booking at Cal.com carries our id");
        }
        Ok(ours
            .into_iter()
            .next()
            .map(|found| found.is_live().then_some(found)))
    }

    async fn find_moved(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
    ) -> Result<Option<Option<RemoteBooking>>, CalendarError> {
        let Some(old) = self.deps.calendar.get(account, uid).await? else {
            return Ok(Some(None));
        };
        match &old.rescheduled_to {
            Some(successor) => Ok(Some(self.deps.calendar.get(account, successor).await?)),
            None if old.is_live() => Ok(None),
            None => Ok(Some(None)),
        }
    }

    async fn find_cancelled(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
    ) -> Result<Option<Option<RemoteBooking>>, CalendarError> {
        let found = self.deps.calendar.get(account, uid).await?;
        Ok(if found.is_some_and(|booking| booking.is_live()) {
            None
        } else {
            Some(None)
        })
    }

    /// What the saga is about; `Err` when the company's set-up no longer allows it.
    async fn subject(&self, saga: &Saga) -> Result<Result<Subject, String>, StoreError> {
        let Some(setup) = self.company(saga.company).await? else {
            return Ok(Err("the company is gone".to_owned()));
        };
        let Some(account) = setup.company.calcom.clone() else {
            return Ok(Err("the company has no Cal.com account".to_owned()));
        };
        let mut unit = self.deps.units.begin(saga.company).await?;
        let Some(appointment) = unit.find(saga.appointment).await? else {
            return Ok(Err("the appointment is gone".to_owned()));
        };
        let Some(contact) = unit.contact_of(appointment.booking().customer).await? else {
            return Ok(Err("the customer was erased".to_owned()));
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

fn create_request(saga: &Saga, subject: &Subject) -> Option<CreateBooking> {
    let booking = subject.appointment.booking();
    let metadata = BTreeMap::from([
        (OUR_APPOINTMENT.to_owned(), booking.id.to_string()),
        (OUR_SAGA.to_owned(), saga.id.to_string()),
    ]);
    Some(CreateBooking {
        event_type: booking.event_type?,
        range: booking.range,
        attendee: subject.contact.clone(),
        time_zone: booking.time_zone,
        host: subject.host,
        notes: booking.notes.clone(),
        metadata,
    })
}

fn no_event_type() -> Observation {
    Observation::Refused(Refusal::Account(
        "the service has no Cal.com event type".to_owned(),
    ))
}

fn observation(result: Result<RemoteBooking, CalendarError>) -> Observation {
    match result {
        Ok(booking) => Observation::Executed(Box::new(booking)),
        Err(CalendarError::NotExecuted { reason, retry_at }) => {
            tracing::warn!(reason, "Cal.com was not reached");
            Observation::NotExecuted(retry_at)
        }
        Err(CalendarError::Refused(refusal)) => Observation::Refused(refusal),
        Err(CalendarError::Ambiguous { source }) => {
            tracing::warn!(
                error = &*source as &dyn std::error::Error,
                "Cal.com's answer is unknown"
            );
            Observation::Ambiguous
        }
    }
}
