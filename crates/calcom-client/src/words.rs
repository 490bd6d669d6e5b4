//! Cal.com's words: which of them mean something, and how much of them may be passed on.
//!
//! Cal.com has no codes for what matters most: "slot taken" is a 400 like any wrong field. So
//! these texts are part of the contract with it.

/// A slot that is not free, in any of the wordings.
const TAKEN: &[&str] = &[
    "already has booking at this time",
    "booking_conflict",
    "no_available_users_found",
    "hosts_unavailable_for_booking",
    "host_unavailable_for_booking",
    "no more seats left",
    "already_signed_up_for_this_booking",
];

/// A booking that is off, or was moved.
const GONE: &[&str] = &[
    "because it has been cancelled",
    "has already been cancelled",
    "has been cancelled already",
    "cancelled and rescheduled already",
];

pub(crate) fn mean_taken(text: &str) -> bool {
    any(text, TAKEN)
}

pub(crate) fn mean_gone(text: &str) -> bool {
    any(text, GONE)
}

/// The event type of the request does not exist, or not for this key.
pub(crate) fn mean_no_event_type(text: &str) -> bool {
    let text = text.to_lowercase();
    text.starts_with("event type") && text.contains("not found")
}

/// What the framework says of a path it does not know: wrong version or wrong address.
pub(crate) fn mean_no_path(text: &str) -> bool {
    text.starts_with("Cannot ")
}

fn any(text: &str, phrases: &[&str]) -> bool {
    let text = text.to_lowercase();
    phrases.iter().any(|phrase| text.contains(phrase))
}

/// The longest text passed on, in characters.
const MAX_CHARS: usize = 200;
const HIDDEN: &str = "[…]";

/// The text as it may be stored, logged and shown: short, on one line, without what identifies a
/// booking or a person. `private` are values of the request that must not come back.
pub(crate) fn short(text: &str, private: &[&str]) -> String {
    let mut text = text.to_owned();
    for value in private.iter().filter(|value| value.chars().count() > 2) {
        text = text.replace(value, HIDDEN);
    }
    let text = text.replace(char::is_control, " ");
    let mut short = String::new();
    for word in text.split_whitespace() {
        let word = if is_identifying(word) { HIDDEN } else { word };
        let separator = usize::from(!short.is_empty());
        if short.chars().count() + separator + word.chars().count() > MAX_CHARS {
            short.push('…');
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}

/// Addresses, uids, keys and telephone numbers, wherever they come from.
fn is_identifying(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let long_mixture = word
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| {
            let has = |test: fn(&char) -> bool| part.chars().any(|c| test(&c));
            let cases = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
            part.len() >= 16 && (has(char::is_ascii_digit) || cases)
        });
    word.contains('@') || word.contains("uid=") || digits >= 6 || long_mixture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_wordings_are_known() {
        for text in [
            "User either already has booking at this time or is not available",
            "One of the hosts either already has booking at this time or is not available",
            "booking_conflict_error",
            "no_available_users_found_error",
            "round_robin_host_unavailable_for_booking",
            "fixed_hosts_unavailable_for_booking",
            "No more seats left at this seated booking.",
            "already_signed_up_for_this_booking_error",
        ] {
            assert!(mean_taken(text) && !mean_gone(text), "{text}");
        }
        for text in [
            "Can't cancel booking with uid=aB3 because it has been cancelled already. Please provide another.",
            "This booking has already been cancelled.",
            "Can't reschedule booking with uid=aB3 because it has been cancelled. Please provide another.",
            "Booking was cancelled and rescheduled already to booking with uid=cD4.",
        ] {
            assert!(mean_gone(text) && !mean_taken(text), "{text}");
        }
        for text in [
            "Attempting to book a meeting in the past.",
            "Cannot cancel a booking that has already ended",
            "Cancellation reason is required",
            "The event type can't be booked at the \"start\" time provided.",
        ] {
            assert!(!mean_gone(text) && !mean_taken(text), "{text}");
        }
        assert!(mean_no_event_type("Event type with id 77 not found."));
        assert!(mean_no_event_type("Event Type not found"));
        assert!(!mean_no_event_type(
            "Booking with uid=x was not found in the database"
        ));
    }

    /// Turns red when any of the rules of `is_identifying` is dropped.
    #[test]
    fn what_identifies_does_not_come_back() {
        let text = "Can't move booking with uid=qT7xW2mLr9KdVb4nHsYc3P of tomas@mail.example, \
                    Tomas Lindqvist, tel +49 (171)3920042, key cal_live_0a1b2c3d4e5f60718293, \
                    see QwErTyUiOpAsDfGhJk\nnow";
        let short = short(text, &["Tomas Lindqvist", "it"]);
        for secret in [
            "qT7x",
            "tomas@",
            "Lindqvist",
            "3920042",
            "0a1b2c",
            "QwErTy",
            "\n",
        ] {
            assert!(!short.contains(secret), "{secret} in {short}");
        }
        assert!(short.starts_with("Can't move booking with […]"), "{short}");
        assert!(short.ends_with("now"), "{short}");
    }

    #[test]
    fn long_texts_are_cut_between_words() {
        let short = short(&"word ".repeat(100), &[]);
        assert!(
            short.chars().count() <= MAX_CHARS + 1 && short.ends_with("word…"),
            "{short}"
        );
        let plain = "attendee property is wrong,name must be a string";
        assert_eq!(super::short(plain, &[]), plain);
    }
}
