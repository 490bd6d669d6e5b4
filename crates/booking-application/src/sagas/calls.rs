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

/// So many moves of one booking are followed.
const MOST_MOVES: usize = 20;

struct Subject {
    appointment: Appointment,
    contact: Contact,
    account: CalcomAccount,
    host: Option<booking_domain::ids::HostId>,
}

impl Application {
    /// Makes the call, whose intent is committed already; `None` when there is nothing left to ask
    /// for, since news from Cal.com has settled it.
    pub(crate) async fn call(&self, saga: &Saga) -> Result<Option<Observation>, StoreError> {
        let subject = match self.subject(saga).await? {
            Ok(subject) => subject,
            Err(problem) => return Ok(Some(Observation::Refused(Refusal::Account(problem)))),
        };
        let began = self.now();
        let result = match (saga.kind, &saga.uid, subject.appointment.state()) {
            (SagaKind::Create, _, State::Pending { cancel: None }) => {
                match create_request(saga, &subject) {
                    Some(request) => self.deps.calendar.create(&subject.account, &request).await,
                    None => return Ok(Some(no_event_type())),
                }
            }
            // Called off before it was made: Cal.com never hears of it.
            (SagaKind::Create, _, State::Pending { cancel: Some(_) }) => {
                return Ok(Some(called_off()));
            }
            (SagaKind::Create, _, _) => return Ok(None),
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
                return Ok(Some(Observation::Refused(Refusal::Gone)));
            }
        };
        metrics::histogram!("booking_calcom_call_seconds", "kind" => saga.kind.as_str())
            .record(self.now().since(began).as_seconds_f64());
        Ok(Some(observation(result)))
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
        match ours.into_iter().next() {
            Some(found) => self.what_became_of(&subject.account, found).await,
            None => Ok(None),
        }
    }

    async fn find_moved(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
    ) -> Result<Option<Option<RemoteBooking>>, CalendarError> {
        let Some(old) = self.deps.calendar.get(account, uid).await? else {
            return Ok(Some(None));
        };
        if old.is_live() {
            return Ok(None);
        }
        self.what_became_of(account, old).await
    }

    /// The booking itself while it stands, else the one that replaced it, and so on;
    /// `Some(None)` when the last of them is off, `None` when it is not shown yet.
    async fn what_became_of(
        &self,
        account: &CalcomAccount,
        booking: RemoteBooking,
    ) -> Result<Option<Option<RemoteBooking>>, CalendarError> {
        let mut last = booking;
        for _ in 0..MOST_MOVES {
            if last.is_live() {
                return Ok(Some(Some(last)));
            }
            let Some(successor) = last.rescheduled_to else {
                return Ok(Some(None));
            };
            match self.deps.calendar.get(account, &successor).await? {
                Some(next) => last = next,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    async fn find_cancelled(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
    ) -> Result<Option<Option<RemoteBooking>>, CalendarError> {
        match self.deps.calendar.get(account, uid).await? {
            Some(booking) if booking.is_live() => Ok(None),
            // Moved meanwhile: then what stands now is to be cancelled.
            Some(booking) => self.what_became_of(account, booking).await,
            None => Ok(Some(None)),
        }
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

fn called_off() -> Observation {
    Observation::CalledOff("it was called off before it was made".to_owned())
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
