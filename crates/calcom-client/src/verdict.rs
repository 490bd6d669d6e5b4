//! What an answer, or the lack of one, means for the caller.

use booking_domain::breaker::CallOutcome;
use booking_domain::ports::CalendarError;
use booking_domain::saga::Refusal;
use booking_domain::time::Instant;

use crate::body::{Speaker, error_text};
use crate::call::Operation;
use crate::words;

/// Why it is not known whether Cal.com did something, or what it has.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("the connection to Cal.com failed")]
    Connection(#[source] reqwest::Error),
    #[error("Cal.com's answer is too long")]
    TooLong,
    #[error("Cal.com answered with status {0}")]
    Status(u16),
    #[error("Cal.com's answer is not {0}")]
    Unreadable(&'static str),
    #[error("Cal.com did something else than it was asked: {0}")]
    Otherwise(&'static str),
    #[error("Cal.com's list does not end")]
    Endless,
}

impl Problem {
    /// What it says about Cal.com: whoever answers legibly is there, however wrong the answer.
    pub(crate) const fn says(&self) -> CallOutcome {
        match self {
            Self::Connection(_) | Self::TooLong | Self::Status(_) | Self::Unreadable(_) => {
                CallOutcome::Failure
            }
            Self::Otherwise(_) | Self::Endless => CallOutcome::Success,
        }
    }
}

/// What a status outside 2xx says about Cal.com. A refusal is an answer; 408 and its like come from
/// somebody who waited in vain for Cal.com; a limit is about us.
pub(crate) const fn says(status: u16) -> CallOutcome {
    match status {
        429 => CallOutcome::Neutral,
        408 | 425 | 499 => CallOutcome::Failure,
        300..=498 => CallOutcome::Success,
        _ => CallOutcome::Failure,
    }
}

impl Operation {
    /// Nobody knows: for a write that is the whole truth, for a read nothing has changed.
    pub(crate) fn unknown(self, problem: Problem) -> CalendarError {
        if self.is_write() {
            return CalendarError::Ambiguous {
                source: problem.into(),
            };
        }
        let reason = match problem {
            Problem::Connection(_) | Problem::Status(_) => "unavailable",
            _ => "unreadable",
        };
        let operation = self.name();
        tracing::debug!(operation, reason, problem = %chain(&problem), "Cal.com was of no help");
        CalendarError::NotExecuted {
            reason,
            retry_at: None,
            tried: true,
        }
    }

    /// What a status outside 2xx means. `private` are values that must not come back in a text.
    pub(crate) fn not_done(
        self,
        status: u16,
        body: &[u8],
        retry_at: Option<Instant>,
        private: &[&str],
    ) -> CalendarError {
        let (speaker, text) = error_text(body);
        let said = || words::short(&text, private);
        let account = || CalendarError::Refused(Refusal::Account(said()));
        match status {
            // The request went to a path that does not do anything.
            301 | 307 | 308 => {
                let text = "Cal.com's address redirects to another".to_owned();
                CalendarError::Refused(Refusal::Account(text))
            }
            // It may have arrived, and may have been late only for whoever answers here.
            408 | 425 | 499 => self.unknown(Problem::Status(status)),
            // The engine says 403 of a wish: too late to move it, a blocked customer.
            403 if speaker == Speaker::Engine => CalendarError::Refused(Refusal::Invalid(said())),
            401 | 403 => account(),
            404 | 405 | 410 => match speaker {
                Speaker::Stranger => {
                    let text = format!("Cal.com's address answers with {status}");
                    CalendarError::Refused(Refusal::Account(text))
                }
                _ if words::mean_no_path(&text) || words::mean_no_event_type(&text) => account(),
                // A cancellation counts "gone" as done, so not every 404 will do.
                _ if status == 404 && self.names_a_booking() && speaks_of_it(speaker, &text) => {
                    CalendarError::Refused(Refusal::Gone)
                }
                _ => account(),
            },
            400..=499 => CalendarError::Refused(self.refusal(status, &text, said)),
            500..=599 if !self.is_write() => {
                let operation = self.name();
                tracing::debug!(operation, status, "Cal.com is unavailable");
                CalendarError::NotExecuted {
                    reason: "unavailable",
                    retry_at,
                    tried: true,
                }
            }
            _ => self.unknown(Problem::Status(status)),
        }
    }

    fn refusal(self, status: u16, text: &str, said: impl FnOnce() -> String) -> Refusal {
        if self.names_a_booking() && words::mean_gone(text) {
            return Refusal::Gone;
        }
        if self.takes_a_slot() && (status == 409 || words::mean_taken(text)) {
            return Refusal::SlotTaken;
        }
        Refusal::Invalid(said())
    }
}

/// Gateways in between have 404s of the engine's shape.
fn speaks_of_it(speaker: Speaker, text: &str) -> bool {
    speaker == Speaker::Framework || text.to_lowercase().contains("booking")
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framework(text: &str) -> String {
        let error = serde_json::json!({"code": "SomeException", "message": text});
        serde_json::json!({"status": "error", "path": "/v2/x", "error": error}).to_string()
    }

    fn engine(status: u16, text: &str) -> String {
        serde_json::json!({"statusCode": status, "message": text}).to_string()
    }

    /// One word for the class of a verdict.
    fn class(operation: Operation, status: u16, body: &str) -> &'static str {
        match operation.not_done(status, body.as_bytes(), None, &[]) {
            CalendarError::NotExecuted { reason, .. } => reason,
            CalendarError::Refused(Refusal::SlotTaken) => "taken",
            CalendarError::Refused(Refusal::Gone) => "gone",
            CalendarError::Refused(Refusal::Invalid(_)) => "invalid",
            CalendarError::Refused(Refusal::Account(_)) => "account",
            CalendarError::Ambiguous { .. } => "ambiguous",
        }
    }

    /// Red when a refusal counts as a failure, a limit as anything, or a failure as an answer.
    #[test]
    fn what_says_that_nobody_is_there() {
        use CallOutcome::{Failure, Neutral, Success};
        for (status, expected) in [
            (301, Success),
            (302, Success),
            (400, Success),
            (401, Success),
            (403, Success),
            (404, Success),
            (409, Success),
            (422, Success),
            (408, Failure),
            (425, Failure),
            (499, Failure),
            (429, Neutral),
            (500, Failure),
            (502, Failure),
            (503, Failure),
            (504, Failure),
            (100, Failure),
        ] {
            assert_eq!(says(status), expected, "{status}");
        }
        for (problem, expected) in [
            (Problem::TooLong, Failure),
            (Problem::Status(502), Failure),
            (Problem::Unreadable("a booking"), Failure),
            (Problem::Otherwise("another start"), Success),
            (Problem::Endless, Success),
        ] {
            assert_eq!(problem.says(), expected, "{problem}");
        }
    }

    const TAKEN: &str = "User either already has booking at this time or is not available";
    const OFF: &str = "Can't cancel booking with uid=aB3 because it has been cancelled already.";

    /// Turns red when any row of the table is decided otherwise.
    #[test]
    fn the_table_for_making_and_moving() {
        for operation in [Operation::Create, Operation::Reschedule] {
            for (status, body, expected) in [
                (400, framework(TAKEN), "taken"),
                (409, engine(409, "booking_conflict_error"), "taken"),
                (409, framework("Unique constraint"), "taken"),
                (
                    409,
                    framework("No more seats left at this seated booking."),
                    "taken",
                ),
                (
                    409,
                    engine(409, "already_signed_up_for_this_booking_error"),
                    "taken",
                ),
                (
                    400,
                    framework("Attempting to book a meeting in the past."),
                    "invalid",
                ),
                (
                    400,
                    framework("guests property should not exist"),
                    "invalid",
                ),
                (400, String::new(), "invalid"),
                (422, framework("no hosts"), "invalid"),
                (401, framework("Your api key is not valid"), "account"),
                (403, framework("PermissionsGuard"), "account"),
                (403, String::new(), "account"),
                (403, engine(403, "Minimum notice violated"), "invalid"),
                (
                    404,
                    framework("Event type with id 77 not found."),
                    "account",
                ),
                (404, framework("Cannot POST /v2/bookings"), "account"),
                (404, engine(404, "no route matched"), "account"),
                (404, "<html>".to_owned(), "account"),
                (308, String::new(), "account"),
                (302, String::new(), "ambiguous"),
                (408, String::new(), "ambiguous"),
                (500, engine(500, "Internal server error"), "ambiguous"),
                (500, framework(TAKEN), "ambiguous"),
                (502, "<html>".to_owned(), "ambiguous"),
                (503, String::new(), "ambiguous"),
                (100, String::new(), "ambiguous"),
            ] {
                assert_eq!(class(operation, status, &body), expected, "{status} {body}");
            }
        }
    }

    #[test]
    fn the_table_for_bookings_that_are_off() {
        let not_there = "Booking with uid=aB3 was not found in the database";
        for operation in [Operation::Cancel, Operation::Reschedule] {
            for body in [
                framework(OFF),
                engine(400, "This booking has already been cancelled."),
            ] {
                assert_eq!(class(operation, 400, &body), "gone");
            }
            assert_eq!(class(operation, 404, &framework(not_there)), "gone");
            assert_eq!(class(operation, 404, &engine(404, not_there)), "gone");
            assert_eq!(class(operation, 410, &framework(not_there)), "account");
        }
        // Words have their meaning only where it makes sense.
        assert_eq!(class(Operation::Create, 400, &framework(OFF)), "invalid");
        assert_eq!(
            class(Operation::Create, 404, &framework(not_there)),
            "account"
        );
        assert_eq!(class(Operation::Cancel, 400, &framework(TAKEN)), "invalid");
        assert_eq!(
            class(Operation::Cancel, 409, &engine(409, "conflict")),
            "invalid"
        );
        let ended = engine(400, "Cannot cancel a booking that has already ended");
        assert_eq!(class(Operation::Cancel, 400, &ended), "invalid");
    }

    #[test]
    fn the_table_for_reading() {
        for operation in [Operation::Slots, Operation::Get, Operation::Find] {
            for (status, body, expected) in [
                (500, engine(500, "Internal server error"), "unavailable"),
                (503, String::new(), "unavailable"),
                (302, String::new(), "unavailable"),
                (408, String::new(), "unavailable"),
                (400, framework("Invalid time range given"), "invalid"),
                (401, framework("Your api key is not valid"), "account"),
                (404, framework("Cannot GET /v2/slots"), "account"),
                (404, "<html>".to_owned(), "account"),
            ] {
                assert_eq!(class(operation, status, &body), expected, "{status} {body}");
            }
        }
        let no_type = framework("Event Type not found");
        assert_eq!(class(Operation::Slots, 404, &no_type), "account");
    }

    #[test]
    fn refusals_carry_the_reason_and_no_secret() {
        let body = framework("phone 555 of Nils Arp (uid=aB3) is invalid");
        let error = Operation::Create.not_done(400, body.as_bytes(), None, &["Nils Arp"]);
        let CalendarError::Refused(Refusal::Invalid(text)) = error else {
            panic!("{error:?}");
        };
        assert_eq!(text, "phone 555 of […] […] is invalid");
    }
}
