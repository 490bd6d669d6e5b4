//! What came back, carried over in one commit: saga, appointment, and the answer to repeats.

use booking_domain::appointment::{Appointment, State};
use booking_domain::availability::{LiveClaim, claim_choices};
use booking_domain::idempotency::StoredOutcome;
use booking_domain::ports::{LeasedSaga, StoreError, UnitOfWork};
use booking_domain::saga::{Observation, Phase, Refusal, Saga, SagaKind, SagaPolicy, Verdict};
use booking_domain::tenant::CompanySetup;
use booking_domain::time::Instant;

use crate::Application;
use crate::after_commit::Change;

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
        let mut unit = self.deps.store.units.begin(leased.saga.company).await?;
        let (mut refusal, mut changed) = (None, None);
        if verdict != Verdict::Undecided {
            let found = unit.find(leased.saga.appointment).await?;
            if let (Some(setup), Some(mut appointment)) = (setup, found) {
                let before = appointment.clone();
                let settles = matches!(verdict, Verdict::Apply(_) | Verdict::Keep(..));
                refusal = self
                    .carry_over(
                        &mut *unit,
                        (&setup, &leased.saga),
                        &mut appointment,
                        verdict,
                    )
                    .await?;
                self.count_latency(&leased.saga, settles);
                finish_key(&mut *unit, &leased.saga, &before, refusal.as_ref()).await?;
                changed = Some((setup, before, appointment));
            }
        }
        unit.update_saga(leased, due_while_driven(&leased.saga, policy, now))
            .await?;
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

    /// From the commit of the wish to Cal.com's confirmation.
    fn count_latency(&self, saga: &Saga, settles: bool) {
        let is_wish = matches!(
            saga.kind,
            SagaKind::Create | SagaKind::Reschedule | SagaKind::Cancel
        );
        if settles && is_wish && saga.phase == Phase::Done {
            let took = self.now().since(saga.started_at).as_seconds_f64();
            metrics::histogram!("booking_sync_latency_seconds").record(took);
        }
    }
}

/// What is due at once is whose who drives it now: nobody else takes it up meanwhile, unless they die.
fn due_while_driven(saga: &Saga, policy: &SagaPolicy, now: Instant) -> Option<Instant> {
    let due_at = saga.due_at(policy);
    due_at.map(|it| {
        if it <= now {
            now + policy.call_limit
        } else {
            it
        }
    })
}

/// Whoever repeats the command from now on gets what it came to.
pub(super) async fn finish_key(
    unit: &mut dyn UnitOfWork,
    saga: &Saga,
    before: &Appointment,
    refusal: Option<&Refusal>,
) -> Result<(), StoreError> {
    let (Some(key), Phase::Done) = (&saga.key, &saga.phase) else {
        return Ok(());
    };
    let is_called_off = matches!(before.state(), State::Pending { cancel: Some(_) });
    let outcome = match refusal.filter(|_| !is_called_off) {
        Some(refusal) => StoredOutcome::Refused {
            code: command_code(refusal).to_owned(),
            detail: refusal.to_string(),
            alternatives: Vec::new(),
            asked_by: before.booking().by.clone(),
        },
        None => StoredOutcome::Appointment {
            id: saga.appointment,
        },
    };
    unit.finish_key(key, &outcome).await
}

/// The code that the command's own error has for it.
const fn command_code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::SlotTaken => "slot_taken",
        Refusal::Gone => "appointment_not_active",
        Refusal::Invalid(_) | Refusal::Account(_) => "calendar_refused",
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
