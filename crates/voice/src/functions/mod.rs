//! The six functions: arguments in, one use case, a sentence out.
//!
//! | file | holds |
//! |---|---|
//! | `check_availability` … `query_appointment` | one function each |
//! | `args`, `catalogue`, `wish`, `customer`, `own` | from arguments to service, moment, contact, appointment |
//! | `key`, `handle`, `choice` | doing it once; handles of offered slots, and words for them |
//! | `line`, `plain`, `teller`, [`texts`] | every sentence there is |
//! | `answer` | the form of the answer |

mod answer;
mod args;
mod book_appointment;
mod called;
mod cancel_appointment;
mod catalogue;
mod check_availability;
mod choice;
mod customer;
mod get_alternatives;
mod handle;
mod key;
mod line;
mod own;
mod plain;
mod query_appointment;
mod rank;
mod reschedule_appointment;
mod session;
mod slots;
mod teller;
pub mod texts;
mod wish;

pub use answer::{Answer, Choice, Code, NextStep};
#[cfg(test)]
pub(crate) use args::{ALL as ALL_NAMES, known_argument};
pub(crate) use args::{Args, LANGUAGE, SPOKEN};
pub(crate) use line::{Line, Question};
pub(crate) use plain::Plain;
pub(crate) use session::{Conversation, Session};
pub(crate) use slots::PATIENCE;

use booking_domain::ports::Scope;
use serde_json::Value;

/// What an agent can ask for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Function {
    /// Is that free? What is free then?
    CheckAvailability,
    /// What is free near that?
    GetAlternatives,
    /// Book it.
    BookAppointment,
    /// Move it.
    RescheduleAppointment,
    /// Cancel it.
    CancelAppointment,
    /// When is my appointment?
    QueryAppointment,
}

/// Names by which agents know the functions, without the version suffix.
const NAMES: [(&str, Function); 13] = [
    ("check_availability", Function::CheckAvailability),
    ("get_alternatives", Function::GetAlternatives),
    ("find_next_available", Function::GetAlternatives),
    ("book_appointment", Function::BookAppointment),
    ("start_booking", Function::BookAppointment),
    ("collect_appointment_data", Function::BookAppointment),
    ("collect_appointment_info", Function::BookAppointment),
    ("reschedule_appointment", Function::RescheduleAppointment),
    ("cancel_appointment", Function::CancelAppointment),
    ("query_appointment", Function::QueryAppointment),
    // Whatever name is given, only the number on the line says whose appointments these are.
    ("query_appointment_by_name", Function::QueryAppointment),
    ("get_appointment", Function::QueryAppointment),
    ("list_appointments", Function::QueryAppointment),
];

impl Function {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::CheckAvailability,
        Self::GetAlternatives,
        Self::BookAppointment,
        Self::RescheduleAppointment,
        Self::CancelAppointment,
        Self::QueryAppointment,
    ];

    /// The function that an agent means; `None` when there is none.
    pub fn parse(name: &str) -> Option<Self> {
        let name = without_version(name.trim());
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, function)| *function)
    }

    /// What an older name takes for granted where nothing is said about it: the names of an
    /// argument, and its value.
    pub(crate) fn assumed(name: &str) -> Option<(&'static [&'static str], Value)> {
        match without_version(name.trim()) {
            // They check first, and book when told that the caller has agreed.
            "collect_appointment_data" | "collect_appointment_info" => {
                Some((args::CONFIRMED, false.into()))
            }
            "find_next_available" => Some((args::SEARCH_DAYS, get_alternatives::SEARCHED.into())),
            _ => None,
        }
    }

    /// The name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CheckAvailability => "check_availability",
            Self::GetAlternatives => "get_alternatives",
            Self::BookAppointment => "book_appointment",
            Self::RescheduleAppointment => "reschedule_appointment",
            Self::CancelAppointment => "cancel_appointment",
            Self::QueryAppointment => "query_appointment",
        }
    }

    /// What an API key must cover.
    pub const fn scope(self) -> Scope {
        match self {
            Self::CheckAvailability | Self::GetAlternatives | Self::QueryAppointment => Scope::Read,
            Self::BookAppointment | Self::RescheduleAppointment | Self::CancelAppointment => {
                Scope::Book
            }
        }
    }
}

/// `check_availability_v17` is `check_availability`.
fn without_version(name: &str) -> &str {
    match name.rsplit_once("_v") {
        Some((bare, version))
            if !version.is_empty() && version.bytes().all(|it| it.is_ascii_digit()) =>
        {
            bare
        }
        _ => name,
    }
}

/// Carries out the function.
pub(crate) async fn run(function: Function, session: &Session<'_>) -> Answer {
    let answer = match function {
        Function::CheckAvailability => check_availability::run(session).await,
        Function::GetAlternatives => get_alternatives::run(session).await,
        Function::BookAppointment => book_appointment::run(session).await,
        Function::RescheduleAppointment => reschedule_appointment::run(session).await,
        Function::CancelAppointment => cancel_appointment::run(session).await,
        Function::QueryAppointment => query_appointment::run(session).await,
    };
    answer.unwrap_or_else(|refusal| *refusal)
}

/// A function's way out: either end is an answer, `Err` the one that stops early.
pub(crate) type Outcome = Result<Answer, Box<Answer>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_known_by_its_own_name() {
        for function in Function::ALL {
            assert_eq!(Function::parse(function.as_str()), Some(function));
        }
    }
}
