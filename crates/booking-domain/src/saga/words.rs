//! The words of a saga: what to do, what came back, what it means.

use serde::{Deserialize, Serialize};

use crate::appointment::RemoteBooking;
use crate::ids::BookingUid;
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
    /// A look-up found more than one booking for one wish; all of them take their slot.
    Several(Vec<RemoteBooking>),
    /// Cal.com refuses for good.
    Refused(Refusal),
    /// It was not even called, because nobody wants it any more; why.
    CalledOff(String),
    /// Certainly not done; may be tried again, not before the given moment.
    NotExecuted(Option<Instant>),
    /// Not even asked, since Cal.com is to be left alone until the given moment: no failed try.
    HeldBack(Instant),
    /// Nobody knows.
    Ambiguous,
    /// A look-up found nothing.
    NotFound,
    /// A look-up found the old booking off, and none that replaced it.
    Vanished,
    /// A look-up could not be made.
    LookUpFailed,
}

impl Observation {
    /// The stable word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Executed(_) => "executed",
            Self::Several(_) => "several",
            Self::Refused(_) => "refused",
            Self::CalledOff(_) => "called_off",
            Self::NotExecuted(_) => "not_executed",
            Self::HeldBack(_) => "held_back",
            Self::Ambiguous => "ambiguous",
            Self::NotFound => "not_found",
            Self::Vanished => "vanished",
            Self::LookUpFailed => "look_up_failed",
        }
    }

    pub(super) const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether a call may have this outcome.
    pub(super) const fn answers_a_call(&self) -> bool {
        match self {
            Self::Executed(_)
            | Self::Refused(_)
            | Self::CalledOff(_)
            | Self::NotExecuted(_)
            | Self::HeldBack(_)
            | Self::Ambiguous => true,
            Self::Several(_) | Self::NotFound | Self::Vanished | Self::LookUpFailed => false,
        }
    }
}

/// What a person is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The stable reason.
    pub reason: &'static str,
    /// For people.
    pub detail: String,
}

/// What an observation means for the appointment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Carry it over: it stands, moved or cancelled as the booking says.
    Apply(Box<RemoteBooking>),
    /// Carry it over; these stand for the same wish and are to be called off.
    Keep(Box<RemoteBooking>, Vec<BookingUid>),
    /// These are ours and nobody bears them: call them off.
    Discard(Vec<BookingUid>),
    /// Undo the hold.
    Release(Refusal),
    /// The old booking is off and there is no new one: book again.
    BookAgain,
    /// Nothing yet.
    Undecided,
    /// Tell a person.
    Review(Question),
}
