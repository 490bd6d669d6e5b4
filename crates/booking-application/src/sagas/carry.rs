//! What a verdict does to the appointment.

use booking_domain::appointment::{Appointment, Cancellation, Refused, RemoteBooking, State};
use booking_domain::ids::{BookingUid, JobId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{StoreError, UnitOfWork};
use booking_domain::saga::{Phase, Refusal, Saga, SagaKind, Verdict};
use booking_domain::tenant::CompanySetup;
use booking_domain::time::{Span, TimeRange};

use crate::Application;
use crate::availability::reach;
use crate::listeners::read_booking;
use crate::use_cases::staff_of;

/// Who books waits for an answer so long, and is told then that the booking is noted.
const VOICE_WAITS: Span = Span::seconds(2);
const OTHERS_WAIT: Span = Span::seconds(8);

/// Whose saga, and which.
type Context<'a> = (&'a CompanySetup, &'a Saga);

impl Application {
    /// The refusal, if one was carried over.
    pub(super) async fn carry_over(
        &self,
        unit: &mut dyn UnitOfWork,
        (setup, saga): Context<'_>,
        appointment: &mut Appointment,
        verdict: Verdict,
    ) -> Result<Option<Refusal>, StoreError> {
        let before = appointment.clone();
        let mut refusal = None;
        match verdict {
            Verdict::Undecided => return Ok(None),
            Verdict::Apply(remote) if saga.kind == SagaKind::Discard => {
                self.outdate(unit, setup, (appointment, remote.range))
                    .await?;
            }
            Verdict::Apply(remote) => {
                self.apply_remote(unit, (setup, saga), appointment, &remote)
                    .await?;
            }
            Verdict::Keep(remote, others) => {
                self.apply_remote(unit, (setup, saga), appointment, &remote)
                    .await?;
                self.discard_all(unit, appointment, others).await?;
            }
            Verdict::Discard(late) => self.discard_all(unit, appointment, late).await?,
            Verdict::Release(why) => {
                if self.release(unit, saga, appointment, &why).await? {
                    self.ask_if_late(unit, (saga, &before), appointment).await?;
                    refusal = Some(why);
                }
            }
            Verdict::BookAgain => self.book_again(unit, saga, appointment).await?,
            Verdict::Review(question) => {
                self.ask(unit, appointment, (question.reason, &question.detail))
                    .await?;
            }
        }
        if saga.alarmed && saga.phase == Phase::Done {
            self.settle_alarms(unit, appointment).await?;
        }
        self.save_following(unit, setup, Some(&before), appointment)
            .await?;
        self.cancel_if_wished(unit, saga, appointment).await?;
        if saga.kind == SagaKind::Cancel && matches!(before.state(), State::Cancelled { .. }) {
            // Cal.com tells of a cancellation before it lets go of the slot. What was fetched
            // between the news and the answer does not show it as free.
            self.outdate(unit, setup, (&before, before.range())).await?;
        }
        Ok(refusal)
    }

    /// Whoever was told that the booking is noted, and has gone since, must be told that it is not.
    async fn ask_if_late(
        &self,
        unit: &mut dyn UnitOfWork,
        (saga, before): (&Saga, &Appointment),
        appointment: &mut Appointment,
    ) -> Result<(), StoreError> {
        let is_wished = matches!(before.state(), State::Pending { cancel: None });
        let waits = match before.booking().origin {
            SyncOrigin::Retell => VOICE_WAITS,
            _ => OTHERS_WAIT,
        };
        if saga.kind != SagaKind::Create || !is_wished || self.now().since(saga.started_at) < waits
        {
            return Ok(());
        }
        let detail = "Cal.com has refused a booking that was noted: the customer must be told";
        self.ask(unit, appointment, ("refused_late", detail)).await
    }

    async fn outdate(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        (appointment, freed): (&Appointment, TimeRange),
    ) -> Result<(), StoreError> {
        let service = appointment.booking().service;
        let reach = setup
            .service(service)
            .map_or(Span::ZERO, |service| reach(setup, service));
        unit.outdate(service, Some(&[freed]), reach).await
    }

    /// Cal.com did it. Where that no longer fits what happened here, our booking is called off
    /// there; what is not ours alone is for a person.
    async fn apply_remote(
        &self,
        unit: &mut dyn UnitOfWork,
        (setup, saga): Context<'_>,
        appointment: &mut Appointment,
        remote: &RemoteBooking,
    ) -> Result<(), StoreError> {
        let asked = wanted_range(saga, appointment);
        if let Err(refused) = self.carry_effect(setup, saga.kind, appointment, remote) {
            return self
                .settle_misfit(unit, saga, appointment, (remote, refused))
                .await;
        }
        let is_as_asked =
            remote.rescheduled_from.is_some() || asked.is_none_or(|it| it == remote.range);
        if !is_as_asked {
            let detail = "Cal.com gave it another time than was asked for";
            self.ask(unit, appointment, ("time_conflict", detail))
                .await?;
        }
        if is_with_another(setup, appointment, remote) {
            let detail = "Cal.com gave it to another person than the customer wished for";
            self.ask(unit, appointment, ("host_conflict", detail))
                .await?;
        }
        Ok(())
    }

    /// What Cal.com made no longer fits: it has been moved since, or it is one too many, or nobody
    /// but a person can tell.
    async fn settle_misfit(
        &self,
        unit: &mut dyn UnitOfWork,
        saga: &Saga,
        appointment: &mut Appointment,
        (remote, refused): (&RemoteBooking, Refused),
    ) -> Result<(), StoreError> {
        let makes = matches!(saga.kind, SagaKind::Create | SagaKind::Rebook);
        let is_moved = remote.rescheduled_from.is_some();
        if saga.kind == SagaKind::Create && bore(unit, appointment, &remote.uid).await? {
            // News was faster than the answer, and has told of its move.
            return Ok(());
        }
        match appointment.state() {
            // What was made has been moved since: the move, which is under way, finds it.
            State::Rescheduling { .. } if makes && is_moved => return Ok(()),
            // The news of the move is still on its way, or lost.
            State::Scheduled(_) | State::Confirmed(_) | State::Cancelling { .. }
                if makes && is_moved =>
            {
                return self.read_soon(unit, appointment).await;
            }
            _ => {}
        }
        if makes && !is_moved && remote.is_live() && appointment.uid() != Some(&remote.uid) {
            return self
                .discard_all(unit, appointment, vec![remote.uid.clone()])
                .await;
        }
        let detail = refused.to_string();
        self.ask(unit, appointment, ("state_conflict", &detail))
            .await
    }

    /// Its booking is read at Cal.com, and what stands there is believed.
    async fn read_soon(
        &self,
        unit: &mut dyn UnitOfWork,
        appointment: &Appointment,
    ) -> Result<(), StoreError> {
        let id = JobId::new(self.deps.ids.uuid());
        let whose = (appointment.booking().company, appointment.id());
        let job = read_booking(id, whose, self.now());
        unit.enqueue(&job).await.map(drop)
    }

    fn carry_effect(
        &self,
        setup: &CompanySetup,
        kind: SagaKind,
        appointment: &mut Appointment,
        remote: &RemoteBooking,
    ) -> Result<(), Refused> {
        let is_known = appointment.uid() == Some(&remote.uid);
        if is_known && matches!(appointment.state(), State::Cancelled { .. }) {
            // News told of it before, and it has ended since.
            return Ok(());
        }
        let (staff, now) = (staff_of(setup, remote), self.now());
        let applied = match kind {
            SagaKind::Create => appointment.confirm(remote, staff, now),
            SagaKind::Reschedule | SagaKind::Rebook => appointment.moved(remote, staff, now),
            // It was moved meanwhile: what is to be cancelled bears another name.
            SagaKind::Cancel if remote.is_live() => appointment.moved(remote, staff, now),
            SagaKind::Cancel => appointment.cancelled(self.by_calcom(), now),
            SagaKind::Discard | SagaKind::Guard => return Ok(()),
        };
        applied.map(|_| ())
    }

    /// Whether the refusal was carried over: news may have settled it otherwise.
    async fn release(
        &self,
        unit: &mut dyn UnitOfWork,
        saga: &Saga,
        appointment: &mut Appointment,
        refusal: &Refusal,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        match saga.kind {
            SagaKind::Create => {
                // What stands by now is Cal.com's word, and newer than this.
                if !matches!(appointment.state(), State::Pending { .. }) {
                    return Ok(false);
                }
                let _ = appointment.reject(refusal.code(), SyncOrigin::Calcom, now);
                self.guard_if_late(unit, saga, refusal).await?;
            }
            SagaKind::Rebook => return self.rebook_refused(unit, saga, appointment).await,
            SagaKind::Discard | SagaKind::Guard => return Ok(false),
            SagaKind::Reschedule | SagaKind::Cancel => {
                let released = match refusal {
                    Refusal::Gone => appointment.cancelled(self.by_calcom(), now),
                    _ => appointment.stay(now),
                };
                if let Err(refused) = released {
                    let detail = refused.to_string();
                    self.ask(unit, appointment, ("state_conflict", &detail))
                        .await?;
                }
            }
        }
        Ok(true)
    }

    pub(super) fn by_calcom(&self) -> Cancellation {
        Cancellation {
            at: self.now(),
            origin: SyncOrigin::Calcom,
            by: SyncOrigin::Calcom.to_string(),
            reason: None,
        }
    }
}

/// Whether the appointment had this name at Cal.com once, and has another now.
async fn bore(
    unit: &mut dyn UnitOfWork,
    appointment: &Appointment,
    uid: &BookingUid,
) -> Result<bool, StoreError> {
    let found = unit.find_by_uid(uid).await?;
    let is_its = found.is_some_and(|found| found.id() == appointment.id());
    Ok(is_its && appointment.uid() != Some(uid))
}

/// The time that was asked for, where Cal.com may not choose another.
fn wanted_range(saga: &Saga, appointment: &Appointment) -> Option<TimeRange> {
    match (saga.kind, appointment.state()) {
        (SagaKind::Create, State::Pending { .. }) => Some(appointment.range()),
        (SagaKind::Rebook, State::Rescheduling { .. }) => saga.target,
        _ => None,
    }
}

/// Whether the customer wished for somebody, and Cal.com says that it is another.
fn is_with_another(
    setup: &CompanySetup,
    appointment: &Appointment,
    remote: &RemoteBooking,
) -> bool {
    let is_told = remote.host.is_some() || remote.host_email.is_some();
    let wanted = appointment.booking().wanted_staff;
    wanted.is_some() && is_told && remote.is_live() && staff_of(setup, remote) != wanted
}
