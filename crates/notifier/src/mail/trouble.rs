//! What a mail server's refusals mean.
//!
//! Of its answers only the codes are passed on: the words often contain the customer's address.

use std::error::Error as _;
use std::time::Duration;

use booking_domain::ports::CarrierError;
use lettre::transport::smtp::Error;

/// Codes that are about us, not about the message: it goes when the set-up is mended.
const LOGIN: [u16; 4] = [530, 534, 535, 538];
/// Codes that are about how we speak: the same.
const COMMANDS: [u16; 4] = [500, 502, 503, 504];

/// Why a mail could not be handed over now.
#[derive(Debug, thiserror::Error)]
pub enum SmtpTrouble {
    /// It will take it later, perhaps.
    #[error("the mail server answers {0}")]
    Answer(String),
    /// User name or password are wrong, or it wants some.
    #[error("the mail server does not let us in: it answers {0}")]
    Login(String),
    /// Whether it has taken the message is unknown.
    #[error("the mail server did not finish within {} seconds", .0.as_secs_f32())]
    Late(Duration),
    /// It said something else than SMTP, or nothing.
    #[error("the mail server does not answer as one")]
    Nonsense,
    /// No connection, or it broke, or its certificate is not to be trusted.
    #[error("{0}")]
    Connection(Error),
}

fn unavailable(trouble: SmtpTrouble) -> CarrierError {
    CarrierError::Unavailable(Box::new(trouble))
}

pub(super) fn late(limit: Duration) -> CarrierError {
    unavailable(SmtpTrouble::Late(limit))
}

pub(super) fn silent() -> CarrierError {
    unavailable(SmtpTrouble::Nonsense)
}

pub(super) fn sorted(error: Error) -> CarrierError {
    let Some(code) = error.status() else {
        return unavailable(if error.is_response() {
            SmtpTrouble::Nonsense
        } else {
            SmtpTrouble::Connection(error)
        });
    };
    let code = u16::from(code);
    let words = error.source().map(ToString::to_string);
    let answer = match words.as_deref().and_then(enhanced) {
        Some(enhanced) => format!("{code} {enhanced}"),
        None => code.to_string(),
    };
    match code {
        _ if LOGIN.contains(&code) => unavailable(SmtpTrouble::Login(answer)),
        _ if COMMANDS.contains(&code) => unavailable(SmtpTrouble::Answer(answer)),
        500.. => CarrierError::Refused(format!("the mail server answers {answer}")),
        _ => unavailable(SmtpTrouble::Answer(answer)),
    }
}

/// The enhanced status (RFC 3463) that an answer may begin with, such as `5.1.1`.
fn enhanced(words: &str) -> Option<&str> {
    let first = words.split_whitespace().next()?;
    let parts: Vec<_> = first.split('.').collect();
    let numeric = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    (parts.len() == 3 && parts.iter().all(numeric)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when words of the server count as a code.
    #[test]
    fn only_codes_are_passed_on() {
        assert_eq!(enhanced("5.1.1 <anna@x.example> unknown"), Some("5.1.1"));
        for words in [
            "anna@x.example unknown",
            "1.2.3.4 is blocked",
            "5.1",
            "a.b.c d",
            "",
        ] {
            assert_eq!(enhanced(words), None, "{words}");
        }
    }
}
