//! What came back, carried over to the appointment in the same commit as the saga.

use booking_domain::appointment::{Appointment, Cancellation, Refused, RemoteBooking, State};
use booking_domain::availability::{LiveClaim, claim_choices};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{LeasedSaga, StoreError, UnitOfWork};
use booking_domain::saga::{Observation, Phase, Refusal, Saga, SagaKind, Verdict};
use booking_domain::tenant::CompanySetup;
use booking_domain::time::Span;

use crate::Application;
use crate::after_commit::Change;
use crate::availability::reach;
use crate::use_cases::staff_of;

impl Application {
    /// One commit: saga and appointment. `Some` when the saga is over.
    pub(crate) async fn apply_observation(
        &self,
        leased: &mut LeasedSaga,
        observation: Observation,
    ) -> Result<Option<Option<Refusal>>, StoreError> {
        let (policy, now) = (&self.settings.saga, self.now());
        let verdict = leased.saga.observe(observation, policy, now);
        // Before the transaction begins: it may have to be loaded.
        let setup = self.company(leased.saga.company).await?;
        let mut unit = self.deps.units.begin(leased.saga.company).await?;
        let mut refusal = None;
        let mut changed = None;
        if verdict != Verdict::Undecided {
            let found = unit.find(leased.saga.appointment).await?;
            if let (Some(setup), Some(mut appointment)) = (setup, found) {
                let before = appointment.clone();
                refusal = self
                    .carry_over(&mut *unit, &setup, &leased.saga, &mut appointment, verdict)
                    .await?;
                changed = Some((setup, before, appointment));
            }
        }
        unit.update_saga(leased, leased.saga.due_at(policy)).await?;
        let update = match &changed {
            Some((setup, before, after)) => {
                let took = took(setup, &leased.saga, after);
                self.to_update(setup, (Some(before), after), took).await
            }
            None => None,
        };
        self.reached("before_settle");
        let raised = unit.commit().await?;
        self.reached("after_settle");
        if let Some((setup, before, after)) = changed {
            let change = Change {
                before: Some(&before),
                after: &after,
                raised,
                update,
            };
            self.after_commit(&setup, change).await;
            let is_taken = refusal == Some(Refusal::SlotTaken);
            self.settle_offer(leased.saga.company, leased.saga.appointment, is_taken);
        }
        let over = matches!(leased.saga.phase, Phase::Done | Phase::Stuck { .. });
        Ok(over.then_some(refusal))
    }

    async fn carry_over(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        saga: &Saga,
        appointment: &mut Appointment,
        verdict: Verdict,
    ) -> Result<Option<Refusal>, StoreError> {
        let before = appointment.clone();
        let (outcome, refusal) = match verdict {
            Verdict::Undecided => return Ok(None),
            Verdict::Apply(remote) => {
                let applied = self.carry_effect(setup, saga.kind, appointment, &remote);
                (applied, None)
            }
            Verdict::Release(refusal) => (
                self.carry_refusal(saga.kind, appointment, &refusal),
                Some(refusal),
            ),
            Verdict::Review(detail) => {
                let _ = appointment.flag_for_review("sync_failed", &detail, self.now());
                (Ok(()), None)
            }
        };
        if let Err(refused) = outcome {
            // What Cal.com did no longer fits what happened here: a person must decide.
            let detail = refused.to_string();
            let _ = appointment.flag_for_review("state_conflict", &detail, self.now());
        }
        self.save_following(unit, setup, Some(&before), appointment)
            .await?;
        self.cancel_if_wished(unit, saga, appointment).await?;
        if saga.kind == SagaKind::Cancel && matches!(before.state(), State::Cancelled { .. }) {
            self.outdate_again(unit, setup, &before).await?;
        }
        Ok(refusal)
    }

    /// Cal.com tells of a cancellation before it lets go of the slot. What was fetched between the
    /// news and the answer does not show it as free.
    async fn outdate_again(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        cancelled: &Appointment,
    ) -> Result<(), StoreError> {
        let service = cancelled.booking().service;
        let reach = setup
            .service(service)
            .map_or(Span::ZERO, |service| reach(setup, service));
        unit.outdate(service, Some(&[cancelled.range()]), reach)
            .await
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
            SagaKind::Reschedule => appointment.moved(remote, staff, now),
            // It was moved meanwhile: what is to be cancelled bears another name.
            SagaKind::Cancel if remote.is_live() => appointment.moved(remote, staff, now),
            SagaKind::Cancel => appointment.cancelled(self.by_calcom(), now),
        };
        applied.map(|_| ())
    }

    fn carry_refusal(
        &self,
        kind: SagaKind,
        appointment: &mut Appointment,
        refusal: &Refusal,
    ) -> Result<(), Refused> {
        let now = self.now();
        let applied = match (kind, refusal) {
            (SagaKind::Create, refusal) => {
                appointment.reject(refusal.code(), SyncOrigin::Calcom, now)
            }
            (SagaKind::Reschedule | SagaKind::Cancel, Refusal::Gone) => {
                appointment.cancelled(self.by_calcom(), now)
            }
            (SagaKind::Reschedule, _) => appointment.stay(now),
            (SagaKind::Cancel, refusal) => {
                // Cancelled is what people were told: somebody has to see to it.
                Ok(appointment.flag_for_review("cancel_refused", &refusal.to_string(), now))
            }
        };
        applied.map(|_| ())
    }

    fn by_calcom(&self) -> Cancellation {
        Cancellation {
            at: self.now(),
            origin: SyncOrigin::Calcom,
            by: SyncOrigin::Calcom.to_string(),
            reason: None,
        }
    }

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
        if saga.kind == SagaKind::Cancel && saga.uid == placement.uid {
            return Ok(());
        }
        let now = self.now();
        let whose = (saga.company, saga.appointment);
        let uid = placement.uid.clone();
        let mut next = Saga::calling(self.new_saga_id(), whose, SagaKind::Cancel, uid, now);
        next.phase = Phase::Ready { not_before: now };
        unit.start_saga(&next, Some(now)).await?;
        Ok(())
    }
}

/// The claim that the answer made final: a new booking of the only one who could serve it. Nothing
/// was given up then, and what the hold took is still all that is taken.
fn took(setup: &CompanySetup, saga: &Saga, after: &Appointment) -> Option<LiveClaim> {
    let service = setup.service(after.booking().service)?;
    let choices = claim_choices(service, None);
    let ([resource], [slot]) = (&choices[..], &after.live_ranges()[..]) else {
        return None;
    };
    let is_new = saga.kind == SagaKind::Create && matches!(after.state(), State::Confirmed { .. });
    is_new.then(|| LiveClaim {
        resource: *resource,
        during: service.padded(slot),
    })
}
