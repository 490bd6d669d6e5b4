//! Move an appointment: take the new time before the old one is given up.

use std::sync::Arc;

use booking_domain::appointment::{Applied, Refused, RefusedReason, State};
use booking_domain::availability::claim_choices;
use booking_domain::error::{Classified, ErrorKind};
use booking_domain::ids::{AppointmentId, BookingUid};
use booking_domain::ports::{AppointmentView, ClaimRequest, HoldOutcome, LeasedSaga, StoreError};
use booking_domain::saga::{Refusal, Saga, SagaKind};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::{Instant, TimeRange};

use super::AlternativesQuestion;
use crate::after_commit::Change;
use crate::availability::{Guard, reach};
use crate::{Actor, Application, Failure};

/// The wish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RescheduleAppointment {
    /// Which.
    pub id: AppointmentId,
    /// Where to.
    pub start: Instant,
    /// Why.
    pub reason: Option<String>,
}

/// Why it stays where it is.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RescheduleError {
    #[error("there is no such appointment")]
    NotFound,
    #[error("the appointment is over or cancelled")]
    NotActive,
    #[error("the appointment is just being booked, moved or cancelled: try again in a moment")]
    InProgress,
    #[error("the slot lies in the past")]
    SlotInPast,
    #[error("the slot lies outside the opening hours")]
    OutsideOpeningHours,
    #[error("the slot is taken")]
    SlotTaken { alternatives: Vec<TimeRange> },
    #[error("Cal.com refuses the move: {0}")]
    CalendarRefused(String),
    #[error("the appointment could not be moved")]
    Failed(#[from] Failure),
}

impl From<StoreError> for RescheduleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Changed => Self::InProgress,
            other => Self::Failed(other.into()),
        }
    }
}

impl From<Refused> for RescheduleError {
    fn from(refused: Refused) -> Self {
        match refused.reason {
            RefusedReason::InProgress => Self::InProgress,
            RefusedReason::NotActive | RefusedReason::OtherBooking => Self::NotActive,
        }
    }
}

impl Classified for RescheduleError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NotActive | Self::InProgress | Self::SlotTaken { .. } => ErrorKind::Conflict,
            Self::SlotInPast | Self::OutsideOpeningHours | Self::CalendarRefused(_) => {
                ErrorKind::Invalid
            }
            Self::Failed(failure) => failure.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "appointment_not_found",
            Self::NotActive => "appointment_not_active",
            Self::InProgress => "booking_in_progress",
            Self::SlotInPast => "slot_in_past",
            Self::OutsideOpeningHours => "outside_opening_hours",
            Self::SlotTaken { .. } => "slot_taken",
            Self::CalendarRefused(_) => "calendar_refused",
            Self::Failed(failure) => failure.code(),
        }
    }
}

enum FirstStep {
    Held(LeasedSaga),
    /// Nothing to ask Cal.com.
    Settled,
    Taken,
}

impl Application {
    /// Moves. Answers when Cal.com has answered, or at the deadline with the move still under way.
    pub async fn reschedule_appointment(
        self: &Arc<Self>,
        actor: Actor,
        command: RescheduleAppointment,
    ) -> Result<AppointmentView, RescheduleError> {
        let app = self.clone();
        tokio::spawn(async move { app.reschedule(actor, command).await })
            .await
            .unwrap_or_else(|gone| Err(Failure::Interrupted(gone).into()))
    }

    async fn reschedule(
        self: Arc<Self>,
        actor: Actor,
        command: RescheduleAppointment,
    ) -> Result<AppointmentView, RescheduleError> {
        let known = self.deps.queries.get(actor.company, command.id).await?;
        let known = known.ok_or(RescheduleError::NotFound)?.appointment;
        let setup = self
            .company(actor.company)
            .await?
            .ok_or(RescheduleError::NotFound)?;
        let service = setup
            .service(known.booking().service)
            .ok_or(RescheduleError::NotActive)?;
        match self
            .take_new_time(&actor, &command, &setup, service)
            .await?
        {
            FirstStep::Held(leased) => {
                let refusal = self.drive_until(actor.deadline, leased).await;
                let view = self
                    .appointment_or_inconsistent(actor.company, command.id)
                    .await?;
                self.answer(&actor, &command, service, (view, refusal))
                    .await
            }
            FirstStep::Settled => Ok(self
                .appointment_or_inconsistent(actor.company, command.id)
                .await?),
            FirstStep::Taken => {
                self.figures.prevented(actor.company, Guard::Database);
                Err(self.new_time_taken(&actor, &command, service).await)
            }
        }
    }

    async fn take_new_time(
        &self,
        actor: &Actor,
        command: &RescheduleAppointment,
        setup: &CompanySetup,
        service: &Service,
    ) -> Result<FirstStep, RescheduleError> {
        let now = self.now();
        let to = service.range_from(command.start);
        let offer = self.offer_of(setup, service, &to).await;
        let mut unit = self.deps.units.begin(actor.company).await?;
        let mut appointment = unit
            .find(command.id)
            .await?
            .ok_or(RescheduleError::NotFound)?;
        let before = appointment.clone();
        if command.start <= now {
            return Err(RescheduleError::SlotInPast);
        }
        if !service.opening_hours.covers(&to, setup.company.time_zone) {
            return Err(RescheduleError::OutsideOpeningHours);
        }
        if appointment.reschedule(to, actor.origin, &actor.by, now)? == Applied::AlreadyApplied {
            return Ok(FirstStep::Settled);
        }
        let wanted = appointment.booking().wanted_staff;
        let claim = ClaimRequest {
            slot: to,
            during: service.padded(&to),
            choices: claim_choices(service, wanted),
            pinned: wanted.is_some(),
        };
        let held = unit
            .hold(&mut appointment, &claim, reach(setup, service))
            .await?;
        let HoldOutcome::Held(resource) = held else {
            return Ok(FirstStep::Taken);
        };
        let step = match moving_uid(appointment.state()) {
            Some(uid) => {
                let whose = (actor.company, command.id);
                let id = self.new_saga_id();
                let saga = Saga::calling(id, whose, SagaKind::Reschedule, Some(uid), now);
                let due_at = saga.due_at(&self.settings.saga);
                FirstStep::Held(unit.start_saga(&saga, due_at).await?)
            }
            None => FirstStep::Settled,
        };
        // A move that asks nobody has given up the old time already.
        let is_hold = matches!(step, FirstStep::Held(_));
        let sole = claim.sole(resource).filter(|_| is_hold);
        let changed = (Some(&before), &appointment);
        let update = self.to_update(setup, changed, sole).await;
        let change = Change {
            before: Some(&before),
            after: &appointment,
            update,
            raised: unit.commit().await?,
        };
        self.reached("after_hold");
        self.note_offer(actor.company, command.id, offer);
        self.after_commit(setup, change).await;
        Ok(step)
    }

    async fn answer(
        &self,
        actor: &Actor,
        command: &RescheduleAppointment,
        service: &Service,
        (view, refusal): (AppointmentView, Option<Refusal>),
    ) -> Result<AppointmentView, RescheduleError> {
        match refusal {
            None => Ok(view),
            Some(Refusal::SlotTaken) => {
                self.figures.prevented(actor.company, Guard::Calcom);
                Err(self.new_time_taken(actor, command, service).await)
            }
            Some(Refusal::Gone) => Err(RescheduleError::NotActive),
            Some(refusal) => Err(RescheduleError::CalendarRefused(refusal.to_string())),
        }
    }

    async fn new_time_taken(
        &self,
        actor: &Actor,
        command: &RescheduleAppointment,
        service: &Service,
    ) -> RescheduleError {
        let question = AlternativesQuestion {
            service: service.id,
            start: command.start,
            limit: 3,
            staff: None,
        };
        let alternatives = self.near_a_refusal(actor, &question).await;
        RescheduleError::SlotTaken { alternatives }
    }
}

fn moving_uid(state: &State) -> Option<BookingUid> {
    match state {
        State::Rescheduling { from, .. } => from.uid.clone(),
        _ => None,
    }
}
