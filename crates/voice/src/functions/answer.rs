//! The answer to a function call: flat, stable keys, one line of text each.

use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::language::Lang;

/// What came of it. The words are part of the contract.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Code {
    Available,
    Unavailable,
    Alternatives,
    Booked,
    Pending,
    Rescheduled,
    Cancelled,
    Found,
    NotFound,
    MissingParameter,
    InvalidParameter,
    AmbiguousDate,
    OutsideOpeningHours,
    SlotTaken,
    CalendarUnavailable,
    UnknownFunction,
    AnonymousCaller,
}

impl Code {
    /// The word in the answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Unavailable => "unavailable",
            Self::Alternatives => "alternatives",
            Self::Booked => "booked",
            Self::Pending => "pending",
            Self::Rescheduled => "rescheduled",
            Self::Cancelled => "cancelled",
            Self::Found => "found",
            Self::NotFound => "not_found",
            Self::MissingParameter => "missing_parameter",
            Self::InvalidParameter => "invalid_parameter",
            Self::AmbiguousDate => "ambiguous_date",
            Self::OutsideOpeningHours => "outside_opening_hours",
            Self::SlotTaken => "slot_taken",
            Self::CalendarUnavailable => "calendar_unavailable",
            Self::UnknownFunction => "unknown_function",
            Self::AnonymousCaller => "anonymous_caller",
        }
    }

    /// Whether the question was answered or the wish carried out.
    pub const fn is_success(self) -> bool {
        match self {
            Self::Available
            | Self::Unavailable
            | Self::Alternatives
            | Self::Booked
            | Self::Pending
            | Self::Rescheduled
            | Self::Cancelled
            | Self::Found => true,
            Self::NotFound
            | Self::MissingParameter
            | Self::InvalidParameter
            | Self::AmbiguousDate
            | Self::OutsideOpeningHours
            | Self::SlotTaken
            | Self::CalendarUnavailable
            | Self::UnknownFunction
            | Self::AnonymousCaller => false,
        }
    }
}

/// What the agent should do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum NextStep {
    AskChoice,
    AskConfirmation,
    AskDate,
    AskTime,
    AskService,
    AskStaff,
    AskName,
    AskPhone,
    AskEmail,
    AskAgain,
    OfferBooking,
    OfferCallback,
    TryAgain,
    Done,
}

impl NextStep {
    /// The word in the answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AskChoice => "ask_choice",
            Self::AskConfirmation => "ask_confirmation",
            Self::AskDate => "ask_date",
            Self::AskTime => "ask_time",
            Self::AskService => "ask_service",
            Self::AskStaff => "ask_staff",
            Self::AskName => "ask_name",
            Self::AskPhone => "ask_phone",
            Self::AskEmail => "ask_email",
            Self::AskAgain => "ask_again",
            Self::OfferBooking => "offer_booking",
            Self::OfferCallback => "offer_callback",
            Self::TryAgain => "try_again",
            Self::Done => "done",
        }
    }
}

/// Something to choose from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The signed handle.
    pub handle: String,
    /// `Montag, acht Uhr dreißig`
    pub say: String,
    /// RFC 3339, in the company's zone.
    pub start: String,
}

/// The answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// What came of it.
    pub code: Code,
    /// The language of `say` and `message`.
    pub lang: Lang,
    /// For the ear.
    pub say: String,
    /// For the eye.
    pub message: String,
    /// How many options the sentences can name.
    pub options_told: usize,
    /// At most so many, and at most three.
    pub options: Vec<Choice>,
    /// What was said about the customer, to be read back: `phone_say` and its like.
    pub read_back: Vec<(&'static str, String)>,
    /// What the agent should do next.
    pub next_step: NextStep,
    /// As of when this is true, RFC 3339.
    pub as_of: String,
    /// What the REST API would say.
    pub data: Value,
}

impl serde::Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("success", &self.code.is_success())?;
        map.serialize_entry("code", self.code.as_str())?;
        map.serialize_entry("lang", self.lang.code())?;
        map.serialize_entry("say", &self.say)?;
        map.serialize_entry("message", &self.message)?;
        map.serialize_entry("option_count", &self.options.len())?;
        for (at, option) in self.options.iter().enumerate() {
            let number = at + 1;
            map.serialize_entry(&format!("option_{number}"), &option.handle)?;
            map.serialize_entry(&format!("option_{number}_say"), &option.say)?;
            map.serialize_entry(&format!("option_{number}_start"), &option.start)?;
        }
        for (key, said) in &self.read_back {
            map.serialize_entry(key, said)?;
        }
        map.serialize_entry("next_step", self.next_step.as_str())?;
        map.serialize_entry("as_of", &self.as_of)?;
        // Every function may be sent again: reads change nothing, bookings have a key, and moving
        // or cancelling twice does it once.
        map.serialize_entry("retry_safe", &true)?;
        map.serialize_entry("data", &self.data)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_keys_are_flat_and_numbered() {
        let answer = Answer {
            code: Code::Alternatives,
            lang: Lang::De,
            say: "Frei.".into(),
            message: "Frei".into(),
            options_told: 3,
            options: vec![Choice {
                handle: "o1_x".into(),
                say: "Montag, acht Uhr".into(),
                start: "2025-10-13T08:00:00+02:00".into(),
            }],
            read_back: vec![("phone_say", "plus vier neun".into())],
            next_step: NextStep::AskChoice,
            as_of: "2025-10-10T10:00:00+02:00".into(),
            data: json!({}),
        };
        let text = serde_json::to_string(&answer).expect("serialises");
        assert!(text.starts_with(r#"{"success":true,"code":"alternatives","lang":"de","say":"#));
        let value = serde_json::to_value(&answer).expect("serialises");
        assert_eq!(value["option_count"], 1);
        assert_eq!(value["option_1"], "o1_x");
        assert_eq!(value["option_1_say"], "Montag, acht Uhr");
        assert_eq!(value["option_1_start"], "2025-10-13T08:00:00+02:00");
        assert_eq!(value.get("option_2"), None);
        assert_eq!(value["phone_say"], "plus vier neun");
        assert_eq!(value["retry_safe"], true);
    }
}
