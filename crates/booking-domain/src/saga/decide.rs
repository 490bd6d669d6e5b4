//! What to do now, and what an answer means.

use serde::{Deserialize, Serialize};

use super::look_up::{EMPTY_PROOFS, LookUpPlan};
use super::{Phase, Saga, SagaKind, SagaPolicy};
use crate::appointment::RemoteBooking;
use crate::time::Instant;

/// What the executor has to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Record the intent, then call Cal.com.
    Call,
    /// Ask Cal.com whether the call had happened.
    LookUp,
    /// Nothing before this moment.
    Wait(Instant),
    /// Over, or a matter for a person.
    Rest,
}

/// Why Cal.com refuses for good.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "refusal", content = "words", rename_all = "snake_case")]
pub enum Refusal {
    /// Somebody else has the slot, or the host is away.
    SlotTaken,
    /// The booking is gone already (or was moved, then under the new name).
    Gone,
    /// Cal.com finds the wish itself wrong; its words.
    Invalid(String),
    /// The account's key or event type is wrong; its words.
    Account(String),
}

impl Refusal {
    /// The stable word for it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SlotTaken => "slot_taken",
            Self::Gone => "gone",
            Self::Invalid(_) => "refused_by_calcom",
            Self::Account(_) => "calcom_account",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SlotTaken => f.write_str("the slot is taken at Cal.com"),
            Self::Gone => f.write_str("the booking is gone at Cal.com"),
            Self::Invalid(words) | Self::Account(words) => f.write_str(words),
        }
    }
}

/// What came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observation {
    /// Cal.com did it.
    Executed(Box<RemoteBooking>),
    /// Cal.com refuses for good.
    Refused(Refusal),
    /// It was not even called, because nobody wants it any more; why.
    CalledOff(String),
    /// Certainly not done; may be tried again, not before the given moment.
    NotExecuted(Option<Instant>),
    /// Nobody knows.
    Ambiguous,
    /// A look-up found nothing.
    NotFound,
    /// A look-up could not be made.
    LookUpFailed,
}

/// What an observation means for the appointment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Carry it over: it stands, moved or cancelled as the booking says.
    Apply(Box<RemoteBooking>),
    /// Undo the hold.
    Release(Refusal),
    /// Nothing yet.
    Undecided,
    /// Tell a person.
    Review(String),
}

/// The look-ups so far.
#[derive(Clone, Default)]
struct Looks {
    made: u32,
    empty_after_quiet: u32,
    refused: Option<Refusal>,
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

    /// Takes in what came back and says what it means for the appointment.
    pub fn observe(
        &mut self,
        observation: Observation,
        policy: &SagaPolicy,
        now: Instant,
    ) -> Verdict {
        match observation {
            Observation::Executed(remote) => {
                self.phase = Phase::Done;
                Verdict::Apply(remote)
            }
            // A booking that is gone may have been moved by somebody else: look.
            Observation::Refused(Refusal::Gone) if self.is_calling() => {
                self.begin_look_up(None, policy, now);
                Verdict::Undecided
            }
            // After an unknown outcome no refusal is final: "slot taken" may be our own booking, and
            // so may be whatever else a repetition is refused for. Look first.
            Observation::Refused(refusal) if self.is_calling() && self.was_ambiguous => {
                self.begin_look_up(Some(refusal), policy, now);
                Verdict::Undecided
            }
            Observation::Refused(refusal) => {
                self.phase = Phase::Done;
                Verdict::Release(refusal)
            }
            Observation::CalledOff(why) => {
                self.phase = Phase::Done;
                Verdict::Release(Refusal::Invalid(why))
            }
            Observation::NotExecuted(not_before) => self.try_again(not_before, policy, now),
            Observation::Ambiguous => {
                self.was_ambiguous = true;
                self.begin_look_up(None, policy, now);
                Verdict::Undecided
            }
            Observation::NotFound => self.nothing_found(policy, now),
            Observation::LookUpFailed => self.look_again(policy, now),
        }
    }

    /// Records that a call begins now: commit this before the call.
    pub fn begin_call(&mut self, now: Instant) {
        self.phase = Phase::Calling { started_at: now };
    }

    const fn is_calling(&self) -> bool {
        matches!(self.phase, Phase::Calling { .. })
    }

    fn begin_look_up(&mut self, refused: Option<Refusal>, policy: &SagaPolicy, now: Instant) {
        let plan = LookUpPlan {
            since: now,
            quiet_time: policy.quiet_time,
        };
        self.look_later(
            plan,
            Looks {
                made: 0,
                empty_after_quiet: 0,
                refused,
            },
            now,
        );
    }

    fn try_again(
        &mut self,
        not_before: Option<Instant>,
        policy: &SagaPolicy,
        now: Instant,
    ) -> Verdict {
        self.failed_calls += 1;
        if now.since(self.started_at) >= policy.give_up_after {
            return self.give_up("given_up", "Cal.com could not be reached in time");
        }
        let delay = now + policy.backoff.delay_after(self.failed_calls);
        self.phase = Phase::Ready {
            not_before: not_before.unwrap_or(now).max(delay),
        };
        Verdict::Undecided
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
                ..
            } => {
                let (made, empty_after_quiet, refused) =
                    (*made, *empty_after_quiet, refused.clone());
                (
                    plan(*since),
                    Looks {
                        made,
                        empty_after_quiet,
                        refused,
                    },
                )
            }
            Phase::Calling { started_at } => {
                self.was_ambiguous = true;
                (
                    plan((*started_at + policy.call_limit).min(now)),
                    Looks::default(),
                )
            }
            Phase::Ready { .. } | Phase::Done | Phase::Stuck { .. } => {
                (plan(now), Looks::default())
            }
        }
    }

    fn nothing_found(&mut self, policy: &SagaPolicy, now: Instant) -> Verdict {
        let (plan, mut looks) = self.looks(policy, now);
        looks.made += 1;
        looks.empty_after_quiet += u32::from(plan.is_quiet(now));
        if looks.empty_after_quiet < EMPTY_PROOFS {
            self.look_later(plan, looks, now);
            return Verdict::Undecided;
        }
        if let Some(refusal) = looks.refused {
            self.phase = Phase::Done;
            return Verdict::Release(refusal);
        }
        self.try_again(None, policy, now)
    }

    fn look_again(&mut self, policy: &SagaPolicy, now: Instant) -> Verdict {
        let (plan, mut looks) = self.looks(policy, now);
        if now.since(self.started_at) >= policy.give_up_after {
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
        } = looks;
        self.phase = Phase::LookingUp {
            since: plan.since,
            made,
            empty_after_quiet,
            next_at,
            refused,
        };
    }

    fn give_up(&mut self, reason: &str, detail: &str) -> Verdict {
        self.phase = Phase::Stuck {
            reason: reason.to_owned(),
        };
        let what = match self.kind {
            SagaKind::Create => "the booking",
            SagaKind::Reschedule => "the move",
            SagaKind::Cancel => "the cancellation",
        };
        Verdict::Review(format!("{what}: {detail}"))
    }
}
