//! The calls themselves: what is asked of Cal.com, and what the answer is to a saga.

use std::collections::BTreeMap;

use booking_domain::appointment::{RemoteBooking, State};
use booking_domain::ports::{
    CalendarError, CreateBooking, MoveBooking, OUR_APPOINTMENT, StoreError,
};
use booking_domain::saga::{Observation, Refusal, Saga, SagaKind};

use super::subject::Subject;
use crate::{Application, key_digest};

/// The metadata key under which Cal.com keeps our saga's id.
const OUR_SAGA: &str = "gw_saga";

/// And the number of the try that made it.
const OUR_ATTEMPT: &str = "gw_attempt";
/// And a word for the company, which says nothing to others.
const OUR_TENANT: &str = "gw_tenant";

/// How to mend what Cal.com does with two people of one number.
const SAME_CUSTOMER: &str = "Cal.com has a booking with the same e-mail address or telephone number at \
                             this time and makes no second one: give another address and number, or \
                             another time";

impl Application {
    /// Makes the call, whose intent is committed already; `None` when there is nothing left to ask
    /// for, since news from Cal.com has settled it.
    pub(crate) async fn call(&self, saga: &Saga) -> Result<Option<Observation>, StoreError> {
        let subject = match self.subject(saga).await? {
            Ok(subject) => subject,
            Err(problem) => return Ok(Some(Observation::Refused(Refusal::Account(problem)))),
        };
        // Reading may have taken long, and this process may have been stopped.
        let began = self.now();
        if !saga.may_still_call(&self.settings.saga, began) {
            tracing::warn!(saga = %saga.id, "a call was not made, since its time was nearly over");
            return Ok(Some(Observation::NotExecuted(None)));
        }
        let result = match self.ask_calcom(saga, &subject).await {
            Asked::Answer(result) => result,
            Asked::Nothing => return Ok(None),
            Asked::Known(observation) => return Ok(Some(observation)),
        };
        metrics::histogram!("booking_calcom_call_seconds", "kind" => saga.kind.as_str())
            .record(self.now().since(began).as_seconds_f64());
        match &result {
            Ok(older) if older.ours.is_some_and(|it| it != saga.appointment) => {
                self.taken_for_another(saga, older).await.map(Some)
            }
            _ => Ok(Some(observation(result))),
        }
    }

    /// Cal.com takes who has the same number or address at the same time for one and the same, and
    /// answers with the booking that it has: it has made none.
    async fn taken_for_another(
        &self,
        saga: &Saga,
        older: &RemoteBooking,
    ) -> Result<Observation, StoreError> {
        let known = match older.ours {
            Some(other) => self.deps.store.queries.get(saga.company, other).await?,
            None => None,
        };
        let stands = known.is_some_and(|view| {
            matches!(
                view.appointment.state(),
                State::Pending { cancel: None }
                    | State::Scheduled(_)
                    | State::Confirmed(_)
                    | State::Rescheduling { .. }
            )
        });
        Ok(if stands {
            Observation::Refused(Refusal::Invalid(SAME_CUSTOMER.to_owned()))
        } else {
            // It is being called off there.
            Observation::NotExecuted(None)
        })
    }

    async fn ask_calcom(&self, saga: &Saga, subject: &Subject) -> Asked {
        let (calendar, account) = (&self.deps.calendar, &subject.account);
        Asked::Answer(match (saga.kind, &saga.uid, subject.appointment.state()) {
            (SagaKind::Create, _, State::Pending { cancel: None })
            | (SagaKind::Rebook, _, State::Rescheduling { .. }) => {
                match create_request(saga, subject) {
                    Ok(request) => calendar.create(account, &request).await,
                    Err(refusal) => return Asked::Known(Observation::Refused(refusal)),
                }
            }
            // Called off before it was made: Cal.com never hears of it.
            (SagaKind::Create, _, State::Pending { cancel: Some(_) }) => {
                return Asked::Known(called_off());
            }
            (SagaKind::Create | SagaKind::Rebook | SagaKind::Guard, _, _) => {
                return Asked::Nothing;
            }
            (SagaKind::Reschedule, Some(uid), State::Rescheduling { to, reason, .. }) => {
                let wish = MoveBooking {
                    uid: uid.clone(),
                    start: to.start(),
                    reason: reason.clone(),
                };
                calendar.reschedule(account, &wish).await
            }
            // News may have given it another name since the saga began.
            (SagaKind::Cancel, Some(began_with), state) => {
                let uid = state.uid().unwrap_or(began_with);
                let reason = state.cancellation().and_then(|it| it.reason.as_deref());
                calendar.cancel(account, uid, reason).await
            }
            (SagaKind::Discard, Some(uid), _) => {
                calendar.cancel(account, uid, Some("duplicate")).await
            }
            (SagaKind::Reschedule | SagaKind::Cancel | SagaKind::Discard, _, _) => {
                return Asked::Known(Observation::Refused(Refusal::Gone));
            }
        })
    }
}

/// What asking came to.
enum Asked {
    /// Cal.com's answer, or that there is none.
    Answer(Result<RemoteBooking, CalendarError>),
    /// Nothing is left to ask for.
    Nothing,
    /// The outcome is known without asking.
    Known(Observation),
}

fn create_request(saga: &Saga, subject: &Subject) -> Result<CreateBooking, Refusal> {
    let booking = subject.appointment.booking();
    let attempt = saga.attempt.as_ref().map_or(1, |attempt| attempt.number);
    let tenant = key_digest(&format!("company {}", booking.company));
    let metadata = BTreeMap::from([
        (OUR_APPOINTMENT.to_owned(), booking.id.to_string()),
        (OUR_SAGA.to_owned(), saga.id.to_string()),
        (OUR_ATTEMPT.to_owned(), attempt.to_string()),
        (OUR_TENANT.to_owned(), tenant[..16].to_owned()),
    ]);
    let erased = || Refusal::Invalid("the customer was erased".to_owned());
    Ok(CreateBooking {
        event_type: booking.event_type.ok_or_else(no_event_type)?,
        range: saga.target.unwrap_or(booking.range),
        attendee: subject.contact.clone().ok_or_else(erased)?,
        time_zone: booking.time_zone,
        host: subject.host,
        notes: booking.notes.clone(),
        metadata,
    })
}

fn called_off() -> Observation {
    Observation::CalledOff("it was called off before it was made".to_owned())
}

fn no_event_type() -> Refusal {
    Refusal::Account("the service has no Cal.com event type".to_owned())
}

fn observation(result: Result<RemoteBooking, CalendarError>) -> Observation {
    match result {
        Ok(booking) => Observation::Executed(Box::new(booking)),
        Err(CalendarError::NotExecuted {
            reason,
            retry_at,
            tried,
        }) => {
            tracing::warn!(reason, tried, "Cal.com was not reached");
            match retry_at {
                Some(retry_at) if !tried => Observation::HeldBack(retry_at),
                _ => Observation::NotExecuted(retry_at),
            }
        }
        Err(CalendarError::Refused(refusal)) => {
            if let Refusal::Account(words) = &refusal {
                tracing::error!(words, "Cal.com refuses a company's account");
                metrics::counter!("booking_calcom_account_refused_total").increment(1);
            }
            Observation::Refused(refusal)
        }
        Err(CalendarError::Ambiguous { source }) => {
            tracing::warn!(
                error = &*source as &dyn std::error::Error,
                "Cal.com's answer is unknown"
            );
            Observation::Ambiguous
        }
    }
}
