//! Cancel an appointment: the intent is the promise.

use std::sync::Arc;

use booking_domain::appointment::{Applied, Cancellation, Refused, RefusedReason, State};
use booking_domain::error::{Classified, ErrorKind};
use booking_domain::idempotency::StoredOutcome;
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{LeasedSaga, StoreError};
use booking_domain::saga::SagaKind;

use super::once::{Changed, NoRepeat, Terms, used_before};
use crate::after_commit::Change;
use crate::availability::reach;
use crate::trace::{self, carried};
use crate::{Actor, Application, Failure};

/// The wish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CancelAppointment {
    /// Which.
    pub id: AppointmentId,
    /// Why.
    pub reason: Option<String>,
    /// Under which terms.
    pub terms: Terms,
}

/// Why it stands.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum CancelError {
    #[error("there is no such appointment")]
    NotFound,
    #[error("the appointment is over")]
    NotActive,
    #[error("the appointment is just being moved: try again in a moment")]
    InProgress,
    #[error("the appointment has changed: read it again")]
    OtherVersion,
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error("the first request with this idempotency key is still running")]
    FirstRunning,
    #[error("the appointment could not be cancelled")]
    Failed(#[from] Failure),
}

impl From<StoreError> for CancelError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Changed => Self::InProgress,
            other => Self::Failed(other.into()),
        }
    }
}

impl From<NoRepeat> for CancelError {
    fn from(why: NoRepeat) -> Self {
        match why {
            NoRepeat::KeyReused => Self::KeyReused,
            NoRepeat::InProgress => Self::FirstRunning,
            NoRepeat::Failed(failure) => Self::Failed(failure),
        }
    }
}

impl From<Refused> for CancelError {
    fn from(refused: Refused) -> Self {
        match refused.reason {
            RefusedReason::InProgress => Self::InProgress,
            RefusedReason::NotActive | RefusedReason::OtherBooking => Self::NotActive,
        }
    }
}

impl Classified for CancelError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NotActive
            | Self::InProgress
            | Self::OtherVersion
            | Self::KeyReused
            | Self::FirstRunning => ErrorKind::Conflict,
            Self::Failed(failure) => failure.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "appointment_not_found",
            Self::NotActive => "appointment_not_active",
            Self::InProgress => "booking_in_progress",
            Self::OtherVersion => "precondition_failed",
            Self::KeyReused => "idempotency_conflict",
            Self::FirstRunning => "request_in_progress",
            Self::Failed(failure) => failure.code(),
        }
    }
}

enum FirstStep {
    /// Cal.com is to be told.
    Recorded(Box<LeasedSaga>),
    /// Nobody is to be told.
    Settled,
    Repeat,
}

impl Application {
    /// Cancels. The answer "cancelled" holds from the first commit on; Cal.com is told until it
    /// has let go.
    pub async fn cancel_appointment(
        self: &Arc<Self>,
        actor: Actor,
        command: CancelAppointment,
    ) -> Result<Changed, CancelError> {
        let app = self.clone();
        tokio::spawn(carried(async move { app.cancel(actor, command).await }))
            .await
            .unwrap_or_else(|gone| Err(Failure::Interrupted(gone).into()))
    }

    async fn cancel(
        self: Arc<Self>,
        actor: Actor,
        command: CancelAppointment,
    ) -> Result<Changed, CancelError> {
        let step = self.record_intent(&actor, &command).await?;
        let replayed = matches!(step, FirstStep::Repeat);
        if let FirstStep::Recorded(leased) = step {
            let _ = self.drive_until(actor.deadline, *leased).await;
        }
        let view = self
            .appointment_or_inconsistent(actor.company, command.id)
            .await?;
        Ok(Changed { view, replayed })
    }

    async fn record_intent(
        &self,
        actor: &Actor,
        command: &CancelAppointment,
    ) -> Result<FirstStep, CancelError> {
        let now = self.now();
        let setup = self
            .company(actor.company)
            .await?
            .ok_or(CancelError::NotFound)?;
        let mut unit = self.deps.store.units.begin(actor.company).await?;
        let once = &command.terms.idempotency;
        if let Some(claim) = used_before(&mut *unit, once, (command.id, now)).await? {
            drop(unit);
            self.repeated(actor, claim, |_| false).await?;
            return Ok(FirstStep::Repeat);
        }
        if let Some((key, _)) = once {
            let outcome = StoredOutcome::Appointment { id: command.id };
            unit.finish_key(key, &outcome).await?;
        }
        let mut appointment = unit.find(command.id).await?.ok_or(CancelError::NotFound)?;
        if !command.terms.fit(&appointment) {
            return Err(CancelError::OtherVersion);
        }
        let service = setup.service(appointment.booking().service);
        let wish = Cancellation {
            at: now,
            origin: actor.origin,
            by: actor.by.clone(),
            reason: command.reason.clone(),
        };
        let before = appointment.clone();
        if appointment.cancel(wish, now)? == Applied::AlreadyApplied {
            unit.commit().await?;
            return Ok(FirstStep::Settled);
        }
        let reach = service
            .map(|service| reach(&setup, service))
            .unwrap_or_default();
        appointment.traced(trace::current());
        unit.save(&mut appointment, reach).await?;
        let step = match appointment.state() {
            State::Cancelling { placement, .. } => {
                let whose = (actor.company, command.id);
                let uid = placement.uid.clone();
                let saga = self.begun_wish(whose, SagaKind::Cancel, uid);
                let due_at = saga.due_at(&self.settings.saga);
                FirstStep::Recorded(Box::new(unit.start_saga(&saga, due_at).await?))
            }
            _ => FirstStep::Settled,
        };
        let change = Change {
            before: Some(&before),
            raised: unit.commit().await?,
            update: None,
            after: &appointment,
        };
        self.reached("after_hold");
        self.after_commit(&setup, change).await;
        Ok(step)
    }
}
