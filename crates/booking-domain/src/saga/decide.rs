//! What to do now, and what an answer means.

use super::attempt::Attempt;
use super::guard::keep_oldest;
use super::look_up::{LookUpPlan, Proof};
use super::words::{Decision, Observation, Question, Refusal, Verdict};
use super::{Phase, Saga, SagaKind, SagaPolicy};
use crate::time::{Instant, Span};

/// The look-ups so far.
#[derive(Clone, Default)]
struct Looks {
    made: u32,
    empty_after_quiet: u32,
    refused: Option<Refusal>,
    proof: Proof,
    vanished: bool,
}

impl Saga {
    /// What to do now.
    pub fn next(&self, policy: &SagaPolicy, now: Instant) -> Decision {
        match &self.phase {
            Phase::Ready { not_before } if *not_before <= now => Decision::Call,
            Phase::Ready { not_before } => Decision::Wait(*not_before),
            // Somebody's call; when its limit has passed, its outcome is unknown.
            Phase::Calling { started_at } if *started_at + policy.call_limit <= now => {
                Decision::LookUp
            }
            Phase::Calling { started_at } => Decision::Wait(*started_at + policy.call_limit),
            Phase::LookingUp { next_at, .. } if *next_at <= now => Decision::LookUp,
            Phase::LookingUp { next_at, .. } => Decision::Wait(*next_at),
            Phase::Done | Phase::Stuck { .. } => Decision::Rest,
        }
    }

    /// Whether the call whose intent is committed may still leave: it must be over before another
    /// worker takes its outcome for unknown.
    pub fn may_still_call(&self, policy: &SagaPolicy, now: Instant) -> bool {
        match &self.phase {
            Phase::Calling { started_at } => {
                now + policy.call_timeout <= *started_at + policy.call_limit
            }
            _ => false,
        }
    }

    /// Takes in what came back and says what it means for the appointment.
    pub fn observe(
        &mut self,
        observation: Observation,
        policy: &SagaPolicy,
        now: Instant,
    ) -> Verdict {
        self.note(&observation, now);
        if self.kind == SagaKind::Guard {
            return self.on_guard(observation, now);
        }
        let verdict = self.take_in(observation, policy, now);
        if verdict == Verdict::Undecided {
            return self.overdue(policy, now);
        }
        verdict
    }

    fn take_in(&mut self, observation: Observation, policy: &SagaPolicy, now: Instant) -> Verdict {
        match observation {
            // Moved meanwhile: what is to be called off bears another name.
            Observation::Executed(remote) if self.kind == SagaKind::Discard && remote.is_live() => {
                self.uid = Some(remote.uid);
                self.try_again(None, policy, now)
            }
            Observation::Executed(remote) => {
                self.phase = Phase::Done;
                Verdict::Apply(remote)
            }
            Observation::Several(found) => match keep_oldest(found) {
                Some((kept, others)) => {
                    self.phase = Phase::Done;
                    Verdict::Keep(kept, others)
                }
                None => self.nothing_found(false, policy, now),
            },
            Observation::Refused(refusal) => self.refused(refusal, policy, now),
            Observation::CalledOff(why) => {
                self.phase = Phase::Done;
                Verdict::Release(Refusal::Invalid(why))
            }
            Observation::NotExecuted(not_before) => self.try_again(not_before, policy, now),
            Observation::HeldBack(not_before) => {
                // A moment that is over would have it asked in a loop.
                let at_least = now + Span::seconds(1);
                self.wait_until(not_before.max(at_least), policy, now)
            }
            Observation::Ambiguous => {
                self.was_ambiguous = true;
                self.begin_look_up(None, policy, now);
                Verdict::Undecided
            }
            Observation::NotFound => self.nothing_found(false, policy, now),
            Observation::Vanished => self.nothing_found(true, policy, now),
            Observation::LookUpFailed => self.look_again(policy, now),
        }
    }

    fn refused(&mut self, refusal: Refusal, policy: &SagaPolicy, now: Instant) -> Verdict {
        let (is_call, undoes) = (self.is_calling(), self.kind.is_compensation());
        match refusal {
            // A booking that is gone may have been moved by somebody else: look.
            Refusal::Gone if is_call => self.begin_look_up(None, policy, now),
            Refusal::Gone => return self.release(refusal),
            // Nobody but a person can help, and it must be done all the same.
            Refusal::Account(words) if undoes => {
                return self.undo_refused("account_refused", words, policy, now);
            }
            refusal if matches!(self.kind, SagaKind::Cancel | SagaKind::Discard) => {
                return self.undo_refused("cancel_refused", refusal.to_string(), policy, now);
            }
            // After an unknown outcome no refusal is final: "slot taken" may be our own booking,
            // and so may be whatever else a repetition is refused for. Look first.
            refusal if is_call && self.was_ambiguous => {
                self.begin_look_up(Some(refusal), policy, now);
            }
            // Cal.com is known to say so of a booking that it has just made: look once.
            Refusal::SlotTaken if is_call => {
                self.begin_look_up(Some(refusal), policy, now);
                self.believe_once();
            }
            refusal => return self.release(refusal),
        }
        Verdict::Undecided
    }

    fn release(&mut self, refusal: Refusal) -> Verdict {
        self.phase = Phase::Done;
        Verdict::Release(refusal)
    }

    /// Records that a call begins now: commit this before the call.
    pub fn begin_call(&mut self, now: Instant) {
        self.attempt = Some(Box::new(Attempt::call(self.next_attempt(), now)));
        self.phase = Phase::Calling { started_at: now };
    }

    const fn is_calling(&self) -> bool {
        matches!(self.phase, Phase::Calling { .. })
    }

    pub(super) fn begin_look_up(
        &mut self,
        refused: Option<Refusal>,
        policy: &SagaPolicy,
        now: Instant,
    ) {
        let plan = LookUpPlan {
            since: now,
            quiet_time: policy.quiet_time,
        };
        let looks = Looks {
            refused,
            ..Looks::default()
        };
        self.look_later(plan, looks, now);
    }

    fn believe_once(&mut self) {
        if let Phase::LookingUp { proof, .. } = &mut self.phase {
            *proof = Proof::Once;
        }
    }

    fn since(&self) -> Instant {
        self.resumed_at.unwrap_or(self.started_at)
    }

    fn try_again(
        &mut self,
        not_before: Option<Instant>,
        policy: &SagaPolicy,
        now: Instant,
    ) -> Verdict {
        self.failed_calls += 1;
        let delayed = now + policy.backoff.delay_after(self.failed_calls);
        self.wait_until(not_before.unwrap_or(now).max(delayed), policy, now)
    }

    fn wait_until(&mut self, not_before: Instant, policy: &SagaPolicy, now: Instant) -> Verdict {
        let undoes = self.kind.is_compensation();
        if !undoes && now.since(self.since()) >= policy.give_up_after {
            return self.give_up("given_up", "Cal.com could not be reached in time");
        }
        let mut next = not_before;
        // Once more when a person is to hear of it, so that they hear what is true then.
        let alarm_at = self.started_at + policy.alarm_after;
        if undoes && !self.alarmed && now < alarm_at {
            next = next.min(alarm_at);
        }
        self.phase = Phase::Ready { not_before: next };
        Verdict::Undecided
    }

    fn undo_refused(
        &mut self,
        reason: &'static str,
        words: String,
        policy: &SagaPolicy,
        now: Instant,
    ) -> Verdict {
        let verdict = self.try_again(None, policy, now);
        if self.alarmed {
            return verdict;
        }
        self.alarmed = true;
        let detail = format!("{}: {words}", self.what());
        Verdict::Review(Question { reason, detail })
    }

    /// What must be undone and is not: said once, and gone on with.
    fn overdue(&mut self, policy: &SagaPolicy, now: Instant) -> Verdict {
        let undoes = self.kind.is_compensation();
        if !undoes || self.alarmed || now < self.started_at + policy.alarm_after {
            return Verdict::Undecided;
        }
        self.alarmed = true;
        Verdict::Review(Question {
            reason: "compensation_overdue",
            detail: format!("{}: not carried out yet", self.what()),
        })
    }

    /// How far the look-up has come; a call that was abandoned becomes one.
    fn looks(&mut self, policy: &SagaPolicy, now: Instant) -> (LookUpPlan, Looks) {
        let quiet_time = policy.quiet_time;
        let plan = |since| LookUpPlan { since, quiet_time };
        match &self.phase {
            Phase::LookingUp {
                since,
                made,
                empty_after_quiet,
                refused,
                proof,
                vanished,
                ..
            } => {
                let looks = Looks {
                    made: *made,
                    empty_after_quiet: *empty_after_quiet,
                    refused: refused.clone(),
                    proof: *proof,
                    vanished: *vanished,
                };
                (plan(*since), looks)
            }
            Phase::Calling { started_at } => {
                self.was_ambiguous = true;
                let since = (*started_at + policy.call_limit).min(now);
                (plan(since), Looks::default())
            }
            Phase::Ready { .. } | Phase::Done | Phase::Stuck { .. } => {
                (plan(now), Looks::default())
            }
        }
    }

    fn nothing_found(&mut self, vanished: bool, policy: &SagaPolicy, now: Instant) -> Verdict {
        let (plan, mut looks) = self.looks(policy, now);
        // To call off what stands may be asked for again at once: twice is as good as once.
        if matches!(self.kind, SagaKind::Cancel | SagaKind::Discard) {
            return self.try_again(None, policy, now);
        }
        if vanished && !self.was_ambiguous && looks.refused.is_none() {
            // It was off before we asked.
            return self.release(Refusal::Gone);
        }
        if vanished != looks.vanished {
            (looks.vanished, looks.empty_after_quiet) = (vanished, 0);
        }
        looks.made += 1;
        looks.empty_after_quiet += u32::from(looks.proof.counts(&plan, now));
        if looks.empty_after_quiet < looks.proof.needed() {
            self.look_later(plan, looks, now);
            return Verdict::Undecided;
        }
        if vanished {
            self.phase = Phase::Done;
            return Verdict::BookAgain;
        }
        match looks.refused {
            Some(refusal) => self.release(refusal),
            None => self.try_again(None, policy, now),
        }
    }

    fn look_again(&mut self, policy: &SagaPolicy, now: Instant) -> Verdict {
        let (plan, mut looks) = self.looks(policy, now);
        let undoes = self.kind.is_compensation();
        if !undoes && now.since(self.since()) >= policy.give_up_after {
            return self.give_up(
                "outcome_unknown",
                "Cal.com could not be asked what came of it",
            );
        }
        looks.made += 1;
        self.look_later(plan, looks, now);
        Verdict::Undecided
    }

    fn look_later(&mut self, plan: LookUpPlan, looks: Looks, now: Instant) {
        let next_at = plan.next_at(looks.made, now);
        let Looks {
            made,
            empty_after_quiet,
            refused,
            proof,
            vanished,
        } = looks;
        self.phase = Phase::LookingUp {
            since: plan.since,
            made,
            empty_after_quiet,
            next_at,
            refused,
            proof,
            vanished,
        };
    }

    const fn what(&self) -> &'static str {
        match self.kind {
            SagaKind::Create => "the booking",
            SagaKind::Reschedule => "the move",
            SagaKind::Cancel => "the cancellation",
            SagaKind::Discard => "calling off a booking that nobody bears",
            SagaKind::Rebook => "booking again what a move has lost",
            SagaKind::Guard => "looking out for a late booking",
        }
    }

    fn give_up(&mut self, reason: &str, detail: &str) -> Verdict {
        self.phase = Phase::Stuck {
            reason: reason.to_owned(),
        };
        Verdict::Review(Question {
            reason: "sync_failed",
            detail: format!("{}: {detail}", self.what()),
        })
    }
}
