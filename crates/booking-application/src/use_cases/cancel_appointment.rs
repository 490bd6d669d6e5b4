//! Cancel an appointment: the intent is the promise.

use std::sync::Arc;

use booking_domain::appointment::{Cancellation, Refused, RefusedReason, State};
use booking_domain::error::{Classified, ErrorKind};
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{AppointmentView, LeasedSaga, StoreError};
use booking_domain::saga::{Saga, SagaKind};

use crate::after_commit::Change;
use crate::availability::reach;
use crate::{Actor, Application, Failure};

/// The wish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CancelAppointment {
    /// Which.
    pub id: AppointmentId,
    /// Why.
    pub reason: Option<String>,
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
            Self::NotActive | Self::InProgress => ErrorKind::Conflict,
            Self::Failed(failure) => failure.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "appointment_not_found",
            Self::NotActive => "appointment_not_active",
            Self::InProgress => "booking_in_progress",
            Self::Failed(failure) => failure.code(),
        }
    }
}

impl Application {
    /// Cancels. The answer "cancelled" holds from the first commit on; Cal.com is told until it
    /// has let go.
    pub async fn cancel_appointment(
        self: &Arc<Self>,
        actor: Actor,
        command: CancelAppointment,
    ) -> Result<AppointmentView, CancelError> {
        let app = self.clone();
        tokio::spawn(async move { app.cancel(actor, command).await })
            .await
            .unwrap_or_else(|gone| Err(Failure::Interrupted(gone).into()))
    }

    async fn cancel(
        self: Arc<Self>,
        actor: Actor,
        command: CancelAppointment,
    ) -> Result<AppointmentView, CancelError> {
        if let Some(leased) = self.record_intent(&actor, &command).await? {
            let _ = self.drive_until(actor.deadline, leased).await;
        }
        Ok(self
            .appointment_or_inconsistent(actor.company, command.id)
            .await?)
    }

    async fn record_intent(
        &self,
        actor: &Actor,
        command: &CancelAppointment,
    ) -> Result<Option<LeasedSaga>, CancelError> {
        let now = self.now();
        let setup = self
            .company(actor.company)
            .await?
            .ok_or(CancelError::NotFound)?;
        let mut unit = self.deps.units.begin(actor.company).await?;
        let mut appointment = unit.find(command.id).await?.ok_or(CancelError::NotFound)?;
        let service = setup.service(appointment.booking().service);
        let wish = Cancellation {
            at: now,
            origin: actor.origin,
            by: actor.by.clone(),
            reason: command.reason.clone(),
        };
        let before = appointment.clone();
        if appointment.cancel(wish, now)? == booking_domain::appointment::Applied::AlreadyApplied {
            return Ok(None);
        }
        let reach = service
            .map(|service| reach(&setup, service))
            .unwrap_or_default();
        unit.save(&mut appointment, reach).await?;
        let saga = match appointment.state() {
            State::Cancelling { placement, .. } => {
                let whose = (actor.company, command.id);
                let uid = placement.uid.clone();
                let saga = Saga::calling(self.new_saga_id(), whose, SagaKind::Cancel, uid, now);
                let due_at = saga.due_at(&self.settings.saga);
                Some(unit.start_saga(&saga, due_at).await?)
            }
            _ => None,
        };
        let change = Change {
            before: Some(&before),
            raised: unit.commit().await?,
            update: None,
            after: &appointment,
        };
        self.reached("after_hold");
        self.after_commit(&setup, change).await;
        Ok(saga)
    }
}
