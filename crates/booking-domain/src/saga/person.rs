//! What a person may do with a saga: set it going again, or let Cal.com have its way.

use super::words::Refusal;
use super::{Phase, Saga, SagaPolicy};
use crate::time::Instant;

impl Saga {
    /// Goes on after a person has looked: asks again, or looks first where the outcome is unknown.
    /// `false` if it is not stuck.
    pub fn resume(&mut self, policy: &SagaPolicy, now: Instant) -> bool {
        let Phase::Stuck { .. } = self.phase else {
            return false;
        };
        self.resumed_at = Some(now);
        self.failed_calls = 0;
        if self.was_ambiguous {
            self.begin_look_up(None, policy, now);
        } else {
            self.phase = Phase::Ready { not_before: now };
        }
        true
    }

    /// Cal.com's side counts: what it has is taken over, and what it has not is given up.
    /// `false` if it is not stuck.
    pub fn yield_to_calcom(&mut self, policy: &SagaPolicy, now: Instant) -> bool {
        if !self.resume(policy, now) {
            return false;
        }
        let decided = Refusal::Invalid("a person decided that Cal.com's side counts".to_owned());
        self.begin_look_up(Some(decided), policy, now);
        true
    }
}
