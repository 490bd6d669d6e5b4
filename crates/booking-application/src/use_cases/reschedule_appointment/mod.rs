//! Move an appointment: take the new time before the old one is given up.

mod error;
mod waiting;

use std::sync::Arc;

use booking_domain::appointment::{Applied, Appointment, State};
use booking_domain::availability::claim_choices;
use booking_domain::idempotency::StoredOutcome;
use booking_domain::ids::{AppointmentId, BookingUid};
use booking_domain::ports::{ClaimRequest, HoldOutcome, LeasedSaga, StoreError, UnitOfWork};
use booking_domain::saga::{Refusal, SagaKind};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::{Instant, TimeRange};

pub use self::error::RescheduleError;
use self::error::{kept, refused_before};
pub(crate) use self::waiting::MOVE;
use self::waiting::waits_for_its_booking;
use super::AlternativesQuestion;
use super::once::{Changed, Repeat, Terms, used_before};
use crate::after_commit::Change;
use crate::availability::{Guard, reach};
use crate::trace::{self, carried};
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
    /// Under which terms.
    pub terms: Terms,
}

enum FirstStep {
    Held {
        leased: Box<LeasedSaga>,
        /// The time that it would keep.
        from: TimeRange,
    },
    /// Nothing to ask Cal.com.
    Settled,
    Taken,
    Repeat(Repeat),
}

impl Application {
    /// Moves. Answers when Cal.com has answered, or at the deadline with the move still under way.
    pub async fn reschedule_appointment(
        self: &Arc<Self>,
        actor: Actor,
        command: RescheduleAppointment,
    ) -> Result<Changed, RescheduleError> {
        let app = self.clone();
        tokio::spawn(carried(async move { app.reschedule(actor, command).await }))
            .await
            .unwrap_or_else(|gone| Err(Failure::Interrupted(gone).into()))
    }

    async fn reschedule(
        self: Arc<Self>,
        actor: Actor,
        command: RescheduleAppointment,
    ) -> Result<Changed, RescheduleError> {
        let known = self
            .deps
            .store
            .queries
            .get(actor.company, command.id)
            .await?;
        let known = known.ok_or(RescheduleError::NotFound)?.appointment;
        let setup = self
            .company(actor.company)
            .await?
            .ok_or(RescheduleError::NotFound)?;
        let service = setup
            .service(known.booking().service)
            .ok_or(RescheduleError::NotActive)?;
        let step = self.take_new_time(&actor, &command, &setup, service);
        let begun = tokio::time::Instant::now();
        let refusal = match step.await? {
            FirstStep::Held { leased, from } => {
                match self.drive_until(actor.deadline, *leased).await {
                    None => self.heard_by_another(&actor, (command.id, from)).await?,
                    refusal => refusal,
                }
            }
            FirstStep::Settled => None,
            FirstStep::Taken => {
                self.figures.prevented(actor.company, Guard::Database);
                let error = self.new_time_taken(&actor, &command, service).await;
                return self.refused(&actor, &command, error).await;
            }
            FirstStep::Repeat(Repeat::Refused(refusal)) => return Err(refused_before(refusal)),
            FirstStep::Repeat(Repeat::Appointment(id)) => {
                let view = self.appointment_or_inconsistent(actor.company, id).await?;
                return Ok(Changed {
                    view,
                    replayed: true,
                });
            }
        };
        let error = match refusal {
            None => return self.settled(&actor, &command).await,
            Some(Refusal::SlotTaken) => {
                self.figures.prevented(actor.company, Guard::Calcom);
                let rest = actor.since(begun);
                self.new_time_taken(&rest, &command, service).await
            }
            Some(Refusal::Gone) => RescheduleError::NotActive,
            Some(refusal) => RescheduleError::CalendarRefused(refusal.to_string()),
        };
        self.refused(&actor, &command, error).await
    }

    /// The refusal that another worker has heard, or that came after the deadline.
    async fn heard_by_another(
        &self,
        actor: &Actor,
        (id, from): (AppointmentId, TimeRange),
    ) -> Result<Option<Refusal>, RescheduleError> {
        let now = self.appointment_or_inconsistent(actor.company, id);
        let appointment = now.await?.appointment;
        let stays = appointment.range() == from;
        Ok(match appointment.state() {
            State::Confirmed(_) | State::Scheduled(_) if stays => Some(Refusal::SlotTaken),
            State::Cancelled { .. } => Some(Refusal::Gone),
            _ => None,
        })
    }

    /// The answer to a move that was made or is under way, kept for repeats.
    async fn settled(
        &self,
        actor: &Actor,
        command: &RescheduleAppointment,
    ) -> Result<Changed, RescheduleError> {
        let id = command.id;
        let once = &command.terms.idempotency;
        let outcome = StoredOutcome::Appointment { id };
        self.finish_key(actor, once, Some(id), &outcome).await?;
        let view = self.appointment_or_inconsistent(actor.company, id).await?;
        Ok(Changed {
            view,
            replayed: false,
        })
    }

    /// The answer to a move that was refused, kept for repeats.
    async fn refused(
        &self,
        actor: &Actor,
        command: &RescheduleAppointment,
        error: RescheduleError,
    ) -> Result<Changed, RescheduleError> {
        let once = &command.terms.idempotency;
        let outcome = kept(&error, &actor.by);
        self.finish_key(actor, once, Some(command.id), &outcome)
            .await?;
        Err(error)
    }

    async fn start_move(
        &self,
        unit: &mut dyn UnitOfWork,
        (appointment, uid): (&Appointment, BookingUid),
        terms: &Terms,
    ) -> Result<LeasedSaga, StoreError> {
        let whose = (appointment.booking().company, appointment.id());
        let saga = self.begun_wish(whose, SagaKind::Reschedule, Some(uid));
        let saga = saga.under(terms.key());
        let due_at = saga.due_at(&self.settings.saga);
        unit.start_saga(&saga, due_at).await
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
        let mut unit = self.deps.store.units.begin(actor.company).await?;
        let once = &command.terms.idempotency;
        if let Some(claim) = used_before(&mut *unit, once, (command.id, now)).await? {
            drop(unit);
            let repeat = self.repeated(actor, claim, |appointment| {
                matches!(appointment.state(), State::Rescheduling { .. })
            });
            return Ok(FirstStep::Repeat(repeat.await?));
        }
        let mut appointment = unit
            .find(command.id)
            .await?
            .ok_or(RescheduleError::NotFound)?;
        if !command.terms.fit(&appointment) {
            return Err(RescheduleError::OtherVersion);
        }
        let before = appointment.clone();
        if command.start <= now {
            return Err(RescheduleError::SlotInPast);
        }
        if !service.opening_hours.covers(&to, setup.company.time_zone) {
            return Err(RescheduleError::OutsideOpeningHours);
        }
        match appointment.reschedule(to, actor.origin, &actor.by, now) {
            Ok(Applied::Applied) => {}
            Ok(Applied::AlreadyApplied) => return Ok(FirstStep::Settled),
            Err(_) if waits_for_its_booking(&appointment) => {
                self.file_move(unit, actor, command).await?;
                return Ok(FirstStep::Settled);
            }
            Err(refused) => return Err(refused.into()),
        }
        appointment.because(command.reason.as_deref());
        appointment.traced(trace::current());
        let claim = claim_for(service, &appointment, to);
        let held = unit
            .hold(&mut appointment, &claim, reach(setup, service))
            .await?;
        let HoldOutcome::Held(resource) = held else {
            return Ok(FirstStep::Taken);
        };
        let step = match moving_uid(appointment.state()) {
            Some(uid) => {
                let leased = self.start_move(&mut *unit, (&appointment, uid), &command.terms);
                FirstStep::Held {
                    leased: Box::new(leased.await?),
                    from: before.range(),
                }
            }
            None => FirstStep::Settled,
        };
        // A move that asks nobody has given up the old time already.
        let is_hold = matches!(step, FirstStep::Held { .. });
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

fn claim_for(service: &Service, appointment: &Appointment, to: TimeRange) -> ClaimRequest {
    let wanted = appointment.booking().wanted_staff;
    ClaimRequest {
        slot: to,
        during: service.padded(&to),
        choices: claim_choices(service, wanted),
        pinned: wanted.is_some(),
    }
}

fn moving_uid(state: &State) -> Option<BookingUid> {
    match state {
        State::Rescheduling { from, .. } => from.uid.clone(),
        _ => None,
    }
}
