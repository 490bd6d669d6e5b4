//! What happens between us and Cal.com: a small state machine per wish.
//!
//! The rule behind all of it: *intent before effect, and a timeout means unknown*. Before a call,
//! [`Phase::Calling`] is committed; a call whose outcome is not known is looked up, never made
//! again, until two empty look-ups after the quiet time prove that it did not happen.
//!
//! [`Saga::next`] says what to do now; [`Saga::observe`] takes in what came back. Both are pure.

mod attempt;
mod decide;
mod guard;
mod look_up;
mod person;
#[cfg(test)]
mod tests;
mod words;

pub use attempt::{Attempt, AttemptKind};
pub use look_up::{LookUpPlan, Proof};
pub use words::{Decision, Observation, Question, Refusal, Verdict};

use serde::{Deserialize, Serialize};

use crate::idempotency::IdempotencyKey;
use crate::ids::{AppointmentId, BookingUid, CompanyId, SagaId};
use crate::time::{Instant, Span, TimeRange};
use crate::trace::TraceParent;

/// What Cal.com is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SagaKind {
    /// Make a booking.
    Create,
    /// Move one.
    Reschedule,
    /// Call one off.
    Cancel,
    /// Call off a booking at Cal.com that is ours and that no appointment bears.
    Discard,
    /// Make a booking again that a move has lost.
    Rebook,
    /// Ask nothing; look whether a booking that was given up has come into being after all.
    Guard,
}

impl SagaKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Create,
        Self::Reschedule,
        Self::Cancel,
        Self::Discard,
        Self::Rebook,
        Self::Guard,
    ];

    /// The kind that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The word stored in the database and used in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Reschedule => "reschedule",
            Self::Cancel => "cancel",
            Self::Discard => "discard",
            Self::Rebook => "rebook",
            Self::Guard => "guard",
        }
    }

    /// Whether it puts right what was begun: then it ends by its effect only, never by the clock.
    pub const fn is_compensation(self) -> bool {
        match self {
            Self::Cancel | Self::Discard | Self::Rebook => true,
            Self::Create | Self::Reschedule | Self::Guard => false,
        }
    }
}

/// How far it has come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// Not called yet, or proven not to have happened: may be called from `not_before` on.
    Ready {
        /// When to call.
        not_before: Instant,
    },
    /// A call has begun; nobody knows what came of it.
    Calling {
        /// When it began.
        started_at: Instant,
    },
    /// The outcome is unknown: look it up.
    LookingUp {
        /// When the last byte of the ambiguous call may have left.
        since: Instant,
        /// How many look-ups were made.
        made: u32,
        /// How many of them were empty after the quiet time.
        empty_after_quiet: u32,
        /// When to look next.
        next_at: Instant,
        /// How the last call was refused, perhaps because an earlier one had been carried out.
        refused: Option<Refusal>,
        /// What proves that there is nothing.
        #[serde(default)]
        proof: Proof,
        /// Whether the last look-up found the old booking off and no new one.
        #[serde(default)]
        vanished: bool,
    },
    /// Over: nothing more to do.
    Done,
    /// Nothing more can be done without a person.
    Stuck {
        /// Why.
        reason: String,
    },
}

impl Phase {
    /// The word stored in the database.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Ready { .. } => "ready",
            Self::Calling { .. } => "calling",
            Self::LookingUp { .. } => "looking_up",
            Self::Done => "done",
            Self::Stuck { .. } => "stuck",
        }
    }
}

/// One wish on its way to Cal.com.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Saga {
    /// Its id.
    pub id: SagaId,
    /// Whose.
    pub company: CompanyId,
    /// About which appointment.
    pub appointment: AppointmentId,
    /// What is asked for.
    pub kind: SagaKind,
    /// For a move or a cancellation: the booking it is about.
    pub uid: Option<BookingUid>,
    /// How far it has come.
    pub phase: Phase,
    /// Calls that failed without effect.
    pub failed_calls: u32,
    /// Whether any call of it ever had an unknown outcome: then "slot taken" may be ourselves.
    pub was_ambiguous: bool,
    /// When it began.
    pub started_at: Instant,
    /// When a person set it going again: the time after which it is given up counts from there.
    #[serde(default)]
    pub resumed_at: Option<Instant>,
    /// For a booking that is made again: when it is to be.
    #[serde(default)]
    pub target: Option<TimeRange>,
    /// Under which key the command came that began it: its outcome is filed there.
    #[serde(default)]
    pub key: Option<IdempotencyKey>,
    /// Whether a person was told that it takes too long.
    #[serde(default)]
    pub alarmed: bool,
    /// The last thing that was tried, and what came of it.
    #[serde(default)]
    pub attempt: Option<Box<Attempt>>,
    /// The trace in which it was begun.
    #[serde(default)]
    pub trace_parent: Option<TraceParent>,
}

/// The times a saga goes by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SagaPolicy {
    /// Delays between calls that had no effect.
    pub backoff: crate::retry::Ladder,
    /// After this, a person decides.
    pub give_up_after: Span,
    /// How long after the last byte "it did not happen" may be believed.
    pub quiet_time: Span,
    /// How long a call may take before another worker treats it as ambiguous.
    pub call_limit: Span,
    /// How long a call takes at most: none begins when less than this is left of the limit.
    pub call_timeout: Span,
    /// After this a person hears of what must be undone and is not.
    pub alarm_after: Span,
}

impl Default for SagaPolicy {
    fn default() -> Self {
        Self {
            backoff: crate::retry::Ladder::default(),
            give_up_after: Span::hours(24),
            quiet_time: Span::seconds(120),
            call_limit: Span::seconds(60),
            call_timeout: Span::seconds(30),
            alarm_after: Span::minutes(15),
        }
    }
}

impl Saga {
    /// A wish whose first call begins now: the intent is part of the commit that made the hold.
    pub fn calling(
        id: SagaId,
        (company, appointment): (CompanyId, AppointmentId),
        kind: SagaKind,
        uid: Option<BookingUid>,
        now: Instant,
    ) -> Self {
        Self {
            id,
            company,
            appointment,
            kind,
            uid,
            phase: Phase::Calling { started_at: now },
            failed_calls: 0,
            was_ambiguous: false,
            started_at: now,
            resumed_at: None,
            target: None,
            key: None,
            alarmed: false,
            attempt: Some(Box::new(Attempt::call(1, now))),
            trace_parent: None,
        }
    }

    /// The same as part of a trace.
    pub fn traced(self, trace_parent: Option<TraceParent>) -> Self {
        Self {
            trace_parent,
            ..self
        }
    }

    /// The same under a key: whoever repeats the command gets what comes of it.
    pub fn under(self, key: Option<IdempotencyKey>) -> Self {
        Self { key, ..self }
    }

    /// A wish whose first call is left to a worker.
    pub fn ready(
        id: SagaId,
        whose: (CompanyId, AppointmentId),
        kind: SagaKind,
        uid: Option<BookingUid>,
        now: Instant,
    ) -> Self {
        Self {
            phase: Phase::Ready { not_before: now },
            attempt: None,
            ..Self::calling(id, whose, kind, uid, now)
        }
    }

    /// When somebody has to look at it again; `None` when it is over or stuck.
    pub fn due_at(&self, policy: &SagaPolicy) -> Option<Instant> {
        match &self.phase {
            Phase::Ready { not_before } => Some(*not_before),
            Phase::Calling { started_at } => Some(*started_at + policy.call_limit),
            Phase::LookingUp { next_at, .. } => Some(*next_at),
            Phase::Done | Phase::Stuck { .. } => None,
        }
    }
}
