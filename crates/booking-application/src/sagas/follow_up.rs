//! What a saga leaves to others: a cancellation that was wished for meanwhile, bookings that nobody
//! bears, a booking that a move has lost, and looking out for what comes late.

use booking_domain::appointment::{Appointment, RemoteBooking, State};
use booking_domain::ids::BookingUid;
use booking_domain::ports::{StoreError, UnitOfWork};
use booking_domain::saga::{Phase, Refusal, Saga, SagaKind};
use booking_domain::time::TimeRange;

use crate::Application;
use crate::trace;

impl Application {
    /// A cancellation that came while the booking was still being made starts now; one whose
    /// booking was moved starts again under its new name.
    pub(crate) async fn cancel_if_wished(
        &self,
        unit: &mut dyn UnitOfWork,
        saga: &Saga,
        appointment: &Appointment,
    ) -> Result<(), StoreError> {
        let State::Cancelling { placement, .. } = appointment.state() else {
            return Ok(());
        };
        let is_over = matches!(saga.phase, Phase::Done);
        let is_this = saga.kind == SagaKind::Cancel && saga.uid == placement.uid;
        let leads_there = matches!(
            saga.kind,
            SagaKind::Create | SagaKind::Cancel | SagaKind::Rebook
        );
        if !is_over || is_this || !leads_there {
            return Ok(());
        }
        self.start_cancel(unit, appointment).await
    }

    /// Nobody is on the way to cancel what is to be cancelled: somebody sets out.
    pub(crate) async fn ensure_cancelled(
        &self,
        unit: &mut dyn UnitOfWork,
        appointment: &Appointment,
    ) -> Result<(), StoreError> {
        if !matches!(appointment.state(), State::Cancelling { .. }) {
            return Ok(());
        }
        let others = unit.unfinished_sagas(appointment.id()).await?;
        // A create that ends sees the wish itself.
        let goes_on = |saga: &Saga| {
            let sees_it = matches!(saga.kind, SagaKind::Create | SagaKind::Cancel);
            sees_it && !matches!(saga.phase, Phase::Stuck { .. })
        };
        if others.iter().any(|other| goes_on(&other.saga)) {
            return Ok(());
        }
        self.start_cancel(unit, appointment).await
    }

    async fn start_cancel(
        &self,
        unit: &mut dyn UnitOfWork,
        appointment: &Appointment,
    ) -> Result<(), StoreError> {
        let uid = appointment.uid().cloned();
        let next = self.next_saga(appointment, SagaKind::Cancel, uid);
        self.start(unit, &next).await
    }

    /// Calls off bookings of ours at Cal.com that the appointment does not bear.
    pub(crate) async fn discard_all(
        &self,
        unit: &mut dyn UnitOfWork,
        appointment: &mut Appointment,
        names: Vec<BookingUid>,
    ) -> Result<(), StoreError> {
        if names.is_empty() {
            return Ok(());
        }
        tracing::error!(appointment = %appointment.id(), count = names.len(), "bookings at Cal.com carry our id, and no appointment bears them: they are called off");
        metrics::counter!("booking_duplicates_discarded_total").increment(names.len() as u64);
        let others = unit.unfinished_sagas(appointment.id()).await?;
        for uid in names {
            let is_under_way = others.iter().any(|other| {
                other.saga.kind == SagaKind::Discard && other.saga.uid.as_ref() == Some(&uid)
            });
            if !is_under_way {
                let next = self.next_saga(appointment, SagaKind::Discard, Some(uid));
                self.start(unit, &next).await?;
            }
        }
        let detail =
            "Cal.com held more bookings of this appointment than it bears; they are called off";
        self.ask(unit, appointment, ("duplicate_at_calcom", detail))
            .await
    }

    /// The old booking is off and there is no new one: the customer must not be left with nothing.
    pub(super) async fn book_again(
        &self,
        unit: &mut dyn UnitOfWork,
        saga: &Saga,
        appointment: &Appointment,
    ) -> Result<(), StoreError> {
        let State::Rescheduling { to, .. } = appointment.state() else {
            return Ok(());
        };
        tracing::error!(appointment = %appointment.id(), "a move at Cal.com has lost the booking: it is booked again");
        metrics::counter!("booking_lost_in_move_total").increment(1);
        self.rebook(unit, (saga, appointment), *to).await
    }

    /// The wanted time first, then the old one; when both are refused, a person must see to it.
    /// Whether the refusal is the last word.
    pub(super) async fn rebook_refused(
        &self,
        unit: &mut dyn UnitOfWork,
        saga: &Saga,
        appointment: &mut Appointment,
    ) -> Result<bool, StoreError> {
        if !matches!(appointment.state(), State::Rescheduling { .. }) {
            return Ok(false);
        }
        let former = appointment.range();
        if saga.target != Some(former) {
            self.rebook(unit, (saga, appointment), former).await?;
            return Ok(false);
        }
        let _ = appointment.lost(self.now());
        let detail = "a move at Cal.com has lost the booking, and neither its new nor its old time \
                      could be booked again: the customer must be told";
        self.ask(unit, appointment, ("lost_in_move", detail))
            .await?;
        self.guard(unit, saga).await?;
        Ok(true)
    }

    async fn rebook(
        &self,
        unit: &mut dyn UnitOfWork,
        (saga, appointment): (&Saga, &Appointment),
        target: TimeRange,
    ) -> Result<(), StoreError> {
        let uid = appointment.uid().cloned();
        let next = Saga {
            target: Some(target),
            key: saga.key.clone(),
            ..self.next_saga(appointment, SagaKind::Rebook, uid)
        };
        self.start(unit, &next).await
    }

    /// A booking that was given up may still arrive, unless Cal.com certainly never got the wish.
    pub(super) async fn guard_if_late(
        &self,
        unit: &mut dyn UnitOfWork,
        saga: &Saga,
        refusal: &Refusal,
    ) -> Result<(), StoreError> {
        match refusal {
            // It was found, and it is off.
            Refusal::Gone => Ok(()),
            Refusal::SlotTaken => self.guard(unit, saga).await,
            _ if saga.was_ambiguous => self.guard(unit, saga).await,
            _ => Ok(()),
        }
    }

    async fn guard(&self, unit: &mut dyn UnitOfWork, saga: &Saga) -> Result<(), StoreError> {
        let whose = (saga.company, saga.appointment);
        let guard = Saga::guard(self.new_saga_id(), whose, self.now());
        self.start(unit, &guard).await
    }

    fn next_saga(
        &self,
        appointment: &Appointment,
        kind: SagaKind,
        uid: Option<BookingUid>,
    ) -> Saga {
        let whose = (appointment.booking().company, appointment.id());
        Saga::ready(self.new_saga_id(), whose, kind, uid, self.now())
    }

    async fn start(&self, unit: &mut dyn UnitOfWork, saga: &Saga) -> Result<(), StoreError> {
        let saga = saga.clone().traced(trace::current());
        let due_at = saga.due_at(&self.settings.saga);
        unit.start_saga(&saga, due_at).await.map(drop)
    }
}

/// Whether this booking of ours stands at Cal.com although the appointment does not bear it. What
/// somebody has moved there is theirs. While the appointment is being made or moved, it may be what
/// it is about to bear.
pub(crate) fn is_stray(appointment: &Appointment, remote: &RemoteBooking) -> bool {
    remote.is_live()
        && remote.ours == Some(appointment.id())
        && remote.rescheduled_from.is_none()
        && appointment.uid() != Some(&remote.uid)
}
