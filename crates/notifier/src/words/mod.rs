//! How messages are worded: a letter, or a short text, in the customer's language.
//!
//! The words are templates in `templates/`; what fills them in comes from callers and companies,
//! and is only ever a value: braces in a name stay braces, and in HTML `<` becomes `&lt;`.

mod plain;
mod templates;
mod values;
mod when;

use booking_domain::ports::{CarrierError, CustomerMessage, MessageContent};

pub use plain::{MOST_SEGMENTS, segments};
pub(crate) use plain::{one_line, polite_name};

use minijinja::value::Serde;
use templates::TEMPLATES;
use values::{Values, short_values, values};

/// The languages that messages are worded in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lang {
    De,
    En,
}

impl Lang {
    /// German for every kind of German, English for everybody else.
    pub(crate) fn of(locale: &str) -> Self {
        let language = locale.split(['-', '_']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("de") {
            Self::De
        } else {
            Self::En
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }
}

/// A message for a mail client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// In one line.
    pub subject: String,
    /// For those who read plain text.
    pub text: String,
    /// The same, to look at.
    pub html: String,
}

/// The message as a letter.
///
/// # Errors
/// [`CarrierError::Refused`] when it cannot be worded.
pub fn letter(message: &CustomerMessage) -> Result<Letter, CarrierError> {
    let lang = Lang::of(&message.locale);
    let values = values(message, lang);
    let fill = |form| fill(lang, kind(&message.content), form, &values);
    Ok(Letter {
        subject: one_line(&fill("subject.txt")?),
        text: fill("mail.txt")?,
        html: fill("mail.html")?,
    })
}

/// The message as a text message: without the place, where that makes fewer of it.
///
/// # Errors
/// [`CarrierError::Refused`] when it cannot be worded, or is longer than a text message may be.
pub fn short(message: &CustomerMessage) -> Result<String, CarrierError> {
    let lang = Lang::of(&message.locale);
    let mut values = short_values(message, lang);
    let fill = |values: &Values| fill(lang, kind(&message.content), "sms.txt", values);
    let mut text = plain::for_a_phone(&fill(&values)?);
    if segments(&text) > 1 && !values.place.is_empty() {
        values.place.clear();
        let shorter = plain::for_a_phone(&fill(&values)?);
        if segments(&shorter) < segments(&text) {
            text = shorter;
        }
    }
    match segments(&text) {
        1..=MOST_SEGMENTS => Ok(text),
        parts => Err(CarrierError::Refused(format!(
            "the text fills {parts} text messages; shorten it to {MOST_SEGMENTS}"
        ))),
    }
}

const fn kind(content: &MessageContent) -> &'static str {
    match content {
        MessageContent::Booked(_) => "booked",
        MessageContent::Rescheduled(_) => "rescheduled",
        MessageContent::Cancelled(_) => "cancelled",
        MessageContent::Reminder(_) => "reminder",
        MessageContent::Campaign { .. } => "campaign",
    }
}

fn fill(lang: Lang, kind: &str, form: &str, values: &Values) -> Result<String, CarrierError> {
    let name = format!("{}/{kind}.{form}", lang.code());
    let filled = TEMPLATES
        .get_template(&name)
        .and_then(|template| template.render(Serde(values)));
    // The error names the template and the line, never what it was filled with.
    filled.map_err(|error| CarrierError::Refused(format!("{name} cannot be worded: {error}")))
}
