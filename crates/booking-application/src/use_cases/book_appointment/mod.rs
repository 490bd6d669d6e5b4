//! Book an appointment: hold the slot here, make the booking at Cal.com, confirm.
//!
//! The hold is the lock and commits first, together with the intent to call. From then on the
//! command belongs to the saga: it goes on when the caller hangs up, and whoever waits longer
//! than their deadline hears "pending".

mod check;
mod error;

use std::collections::BTreeMap;
use std::sync::Arc;

use booking_domain::appointment::{Appointment, Booking, State};
use booking_domain::availability::claim_choices;
use booking_domain::contact::Contact;
use booking_domain::error::Classified;
use booking_domain::idempotency::StoredOutcome;
use booking_domain::ids::{AppointmentId, BranchId, ServiceId, StaffId};
use booking_domain::origin::SyncOrigin;
use booking_domain::person::Evidence;
use booking_domain::ports::{
    AppointmentView, ClaimRequest, HoldOutcome, LeasedSaga, StoreError, UnitOfWork,
};
use booking_domain::saga::{Refusal, SagaKind};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::Instant;

use self::check::check_wish;
pub use self::error::BookError;
use self::error::{kept, refused_before};
use super::AlternativesQuestion;
use super::once::{Once, Repeat, key_of, used_before};
use crate::after_commit::Change;
use crate::availability::{Guard, reach};
use crate::trace::{self, carried};
use crate::{Actor, Application, Failure};

/// The wish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookAppointment {
    /// What.
    pub service: ServiceId,
    /// Where; absent: where the service is offered.
    pub branch: Option<BranchId>,
    /// When.
    pub start: Instant,
    /// For whom.
    pub customer: Contact,
    /// With whom, if the customer wishes for somebody.
    pub staff: Option<StaffId>,
    /// Free text.
    pub notes: Option<String>,
    /// Free data, kept and given back.
    pub metadata: BTreeMap<String, String>,
    /// Under which key a repeat is the same booking.
    pub idempotency: Once,
}

/// The appointment as it stands now: confirmed, or still pending at the deadline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Booked {
    /// The appointment.
    pub view: AppointmentView,
    /// Whether this was a repeat of an earlier command.
    pub replayed: bool,
}

/// What the first transaction came to.
enum FirstStep {
    /// Held here, and Cal.com is to be asked.
    Held(Box<LeasedSaga>),
    /// Done: Cal.com does not know the service.
    Local(AppointmentId),
    /// A repeat.
    Repeat(Repeat),
    /// Everybody is taken.
    Taken,
}

/// Outcomes that are the fault of nobody who asked.
const FAILURES: [&str; 3] = ["calendar_refused", "internal_error", "store_unavailable"];

/// Shows failures as 0 from the start: an alert cannot see what is not there.
pub(crate) fn announce_failures() {
    for source in SyncOrigin::ALL {
        for outcome in FAILURES {
            count(outcome, source, 0);
        }
    }
}

fn count(outcome: &'static str, source: SyncOrigin, bookings: u64) {
    metrics::counter!("booking_bookings_total", "outcome" => outcome, "source" => source.as_str())
        .increment(bookings);
}

/// Alternatives given with a refusal.
const ALTERNATIVES: usize = 3;

impl Application {
    /// Books. Answers when Cal.com has answered, or at the actor's deadline with the appointment
    /// still pending.
    pub async fn book_appointment(
        self: &Arc<Self>,
        actor: Actor,
        command: BookAppointment,
    ) -> Result<Booked, BookError> {
        let source = actor.origin;
        let app = self.clone();
        let result = tokio::spawn(carried(async move { app.book(actor, command).await }))
            .await
            .unwrap_or_else(|gone| Err(Failure::Interrupted(gone).into()));
        let outcome = match &result {
            Ok(booked) if booked.replayed => "replayed",
            Ok(booked) => booked.view.appointment.status().as_str(),
            Err(error) => error.code(),
        };
        count(outcome, source, 1);
        result
    }

    async fn book(
        self: Arc<Self>,
        actor: Actor,
        command: BookAppointment,
    ) -> Result<Booked, BookError> {
        let setup = self
            .company(actor.company)
            .await?
            .ok_or(BookError::ServiceNotFound)?;
        let service = setup
            .service(command.service)
            .ok_or(BookError::ServiceNotFound)?;
        let replayed = |view| Booked {
            view,
            replayed: true,
        };
        match self.first_step(&actor, &command, &setup, service).await? {
            FirstStep::Held(leased) => self.finish(&actor, &command, *leased).await,
            FirstStep::Local(id) => {
                let view = self.appointment_or_inconsistent(actor.company, id).await?;
                Ok(Booked {
                    view,
                    replayed: false,
                })
            }
            FirstStep::Repeat(Repeat::Appointment(id)) => self
                .appointment_or_inconsistent(actor.company, id)
                .await
                .map(replayed)
                .map_err(Into::into),
            FirstStep::Repeat(Repeat::Refused(refusal)) => Err(refused_before(refusal)),
            FirstStep::Taken => Err(self.taken(&actor, &command, None).await?),
        }
    }

    /// Checks the wish and makes the hold: one transaction.
    async fn first_step(
        &self,
        actor: &Actor,
        command: &BookAppointment,
        setup: &CompanySetup,
        service: &Service,
    ) -> Result<FirstStep, BookError> {
        let now = self.now();
        let range = service.range_from(command.start);
        let offer = self.offer_of(setup, service, &range).await;
        let mut unit = self.deps.store.units.begin(actor.company).await?;
        let id = self.new_appointment_id();
        if let Some(claim) = used_before(&mut *unit, &command.idempotency, (id, now)).await? {
            // What follows reads on its own: nothing is held meanwhile.
            drop(unit);
            let repeat = self.repeated(actor, claim, |appointment| {
                let waiting = now.since(appointment.created_at());
                matches!(appointment.state(), State::Pending { .. }) && waiting <= actor.deadline
            });
            return Ok(FirstStep::Repeat(repeat.await?));
        }
        check_wish(setup, service, command, now)?;
        let customer = unit
            .customer_for(&command.customer, Evidence::of(actor.origin))
            .await?;
        let booking = Booking {
            id,
            company: actor.company,
            branch: command.branch.or(service.branch),
            service: service.id,
            event_type: service.event_type,
            customer,
            wanted_staff: command.staff,
            range,
            time_zone: setup.company.time_zone,
            origin: actor.origin,
            by: actor.by.clone(),
            notes: command.notes.clone(),
            metadata: command.metadata.clone(),
        };
        let mut appointment = Appointment::book(booking, now);
        appointment.traced(trace::current());
        let claim = ClaimRequest {
            slot: range,
            during: service.padded(&range),
            choices: claim_choices(service, command.staff),
            pinned: command.staff.is_some(),
        };
        let held = unit
            .hold(&mut appointment, &claim, reach(setup, service))
            .await?;
        let HoldOutcome::Held(resource) = held else {
            return Ok(FirstStep::Taken);
        };
        let step = if service.event_type.is_some() {
            let leased = self.start_create(&mut *unit, (actor, id), &command.idempotency);
            FirstStep::Held(Box::new(leased.await?))
        } else {
            // Nobody else is asked, so this commit is the whole story.
            if let Some((key, _)) = &command.idempotency {
                let outcome = StoredOutcome::Appointment { id };
                unit.finish_key(key, &outcome).await?;
            }
            FirstStep::Local(id)
        };
        let (sole, changed) = (claim.sole(resource), (None, &appointment));
        let update = self.to_update(setup, changed, sole).await;
        let change = Change {
            before: None,
            after: &appointment,
            update,
            raised: unit.commit().await?,
        };
        self.reached("after_hold");
        self.note_offer(actor.company, id, offer);
        self.after_commit(setup, change).await;
        Ok(step)
    }

    /// The intent to call is part of the commit that makes the hold.
    async fn start_create(
        &self,
        unit: &mut dyn UnitOfWork,
        (actor, id): (&Actor, AppointmentId),
        once: &Once,
    ) -> Result<LeasedSaga, StoreError> {
        let saga = self.begun_wish((actor.company, id), SagaKind::Create, None);
        let saga = saga.under(key_of(once));
        let due_at = saga.due_at(&self.settings.saga);
        unit.start_saga(&saga, due_at).await
    }

    /// The hold stands: drive the saga, and answer at the deadline whatever has happened.
    async fn finish(
        self: &Arc<Self>,
        actor: &Actor,
        command: &BookAppointment,
        leased: LeasedSaga,
    ) -> Result<Booked, BookError> {
        let id = leased.saga.appointment;
        let begun = tokio::time::Instant::now();
        let refusal = self.drive_until(actor.deadline, leased).await;
        let rest = actor.since(begun);
        let view = self.appointment_or_inconsistent(actor.company, id).await?;
        match (view.appointment.state(), refusal) {
            (State::Cancelled { .. }, Some(Refusal::SlotTaken)) => {
                Err(self.taken(&rest, command, Some(id)).await?)
            }
            // Another worker has heard the refusal, or it came after the deadline.
            (State::Cancelled { cancel, .. }, None)
                if cancel.reason.as_deref() == Some(Refusal::SlotTaken.code()) =>
            {
                Err(self.taken(&rest, command, Some(id)).await?)
            }
            (State::Cancelled { .. }, Some(refusal)) => {
                let error = BookError::CalendarRefused(refusal.to_string());
                self.store_refusal(actor, command, Some(id), &error).await?;
                Err(error)
            }
            (state, _) => {
                // "Noted" is an answer too; the saga files what becomes of it over that, in the
                // commit that brings it about.
                if matches!(state, State::Pending { .. }) {
                    let noted = StoredOutcome::Appointment { id };
                    self.finish_key(actor, &command.idempotency, Some(id), &noted)
                        .await?;
                }
                Ok(Booked {
                    view,
                    replayed: false,
                })
            }
        }
    }

    /// The answer to a slot that somebody else has, with what is near; kept for repeats.
    async fn taken(
        &self,
        actor: &Actor,
        command: &BookAppointment,
        made: Option<AppointmentId>,
    ) -> Result<BookError, BookError> {
        let guard = if made.is_some() {
            Guard::Calcom
        } else {
            Guard::Database
        };
        self.figures.prevented(actor.company, guard);
        let question = AlternativesQuestion {
            service: command.service,
            start: command.start,
            limit: ALTERNATIVES,
            staff: command.staff,
        };
        let alternatives = self.near_a_refusal(actor, &question).await;
        let error = BookError::SlotTaken { alternatives };
        self.store_refusal(actor, command, made, &error).await?;
        Ok(error)
    }

    async fn store_refusal(
        &self,
        actor: &Actor,
        command: &BookAppointment,
        made: Option<AppointmentId>,
        error: &BookError,
    ) -> Result<(), BookError> {
        let outcome = kept(error, &actor.by);
        self.finish_key(actor, &command.idempotency, made, &outcome)
            .await?;
        Ok(())
    }
}
