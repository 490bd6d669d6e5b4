//! What happens between us and Cal.com: a small state machine per wish.
//!
//! The rule behind all of it: *intent before effect, and a timeout means unknown*. Before a call,
//! [`Phase::Calling`] is committed; a call whose outcome is not known is looked up, never made
//! again, until two empty look-ups after the quiet time prove that it did not happen.
//!
//! [`Saga::next`] says what to do now; [`Saga::observe`] takes in what came back. Both are pure.

mod decide;
mod look_up;
#[cfg(test)]
mod tests;

pub use decide::{Decision, Observation, Refusal, Verdict};
pub use look_up::LookUpPlan;

use serde::{Deserialize, Serialize};

use crate::ids::{AppointmentId, BookingUid, CompanyId, SagaId};
use crate::time::{Instant, Span};

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
}

impl SagaKind {
    /// The word stored in the database and used in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Reschedule => "reschedule",
            Self::Cancel => "cancel",
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
}

impl Default for SagaPolicy {
    fn default() -> Self {
        Self {
            backoff: crate::retry::Ladder::default(),
            give_up_after: Span::hours(24),
            quiet_time: Span::seconds(120),
            call_limit: Span::seconds(60),
        }
    }
}

impl Saga {
    /// A wish whose first call begins now: the intent is part of the commit that made the hold.
    pub const fn calling(
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
