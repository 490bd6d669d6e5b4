//! What was tried, one row each: the log that tells afterwards what was asked of Cal.com and when.

use serde::{Deserialize, Serialize};

use super::words::Observation;
use super::{Phase, Saga};
use crate::time::Instant;

/// What was tried.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptKind {
    /// A call that changes something at Cal.com.
    Call,
    /// A question.
    LookUp,
}

impl AttemptKind {
    /// The kind that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Call, Self::LookUp]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }

    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::LookUp => "look_up",
        }
    }
}

/// One try. A call without an end was cut off: nobody knows what came of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// Which of its saga, from 1.
    pub number: u32,
    /// What was tried.
    pub kind: AttemptKind,
    /// When it began; a call is committed before it.
    pub started_at: Instant,
    /// When its outcome was known.
    pub ended_at: Option<Instant>,
    /// What came of it, in a stable word such as `ambiguous`.
    pub outcome: Option<String>,
    /// The code of a refusal.
    pub detail: Option<String>,
}

impl Attempt {
    /// A call that begins now.
    pub(super) const fn call(number: u32, now: Instant) -> Self {
        Self {
            number,
            kind: AttemptKind::Call,
            started_at: now,
            ended_at: None,
            outcome: None,
            detail: None,
        }
    }
}

impl Saga {
    pub(super) fn next_attempt(&self) -> u32 {
        self.attempt.as_ref().map_or(1, |last| last.number + 1)
    }

    /// Notes what came back: of the call under way, or of a look-up.
    pub(super) fn note(&mut self, observation: &Observation, now: Instant) {
        let number = self.next_attempt();
        let open = self
            .attempt
            .take()
            .filter(|last| last.ended_at.is_none() && matches!(self.phase, Phase::Calling { .. }));
        // A call that was abandoned keeps its row without an end; what ended now is a look-up.
        let is_call_over = open.is_some() && observation.answers_a_call();
        let mut attempt = match open {
            Some(call) if is_call_over => *call,
            _ => Attempt {
                kind: AttemptKind::LookUp,
                ..Attempt::call(number, now)
            },
        };
        attempt.ended_at = Some(now);
        attempt.outcome = Some(observation.as_str().to_owned());
        attempt.detail = observation.refusal().map(|it| it.code().to_owned());
        self.attempt = Some(Box::new(attempt));
    }
}
