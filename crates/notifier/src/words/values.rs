//! What the templates are filled with. A placeholder that does not apply is empty.

use booking_domain::ports::{CustomerMessage, MessageContent};
use serde::Serialize;

use super::plain::{cut, one_line, polite_name};
use super::{Lang, when};

/// The placeholders of all templates.
#[derive(Serialize)]
pub(super) struct Values {
    lang: &'static str,
    /// What the customer is called; empty where that is better not said.
    name: String,
    company: String,
    service: String,
    staff: String,
    pub(super) place: String,
    /// When, as fully as there is room for.
    when: String,
    /// When, in short.
    when_short: String,
    /// The subject of a campaign.
    subject: String,
    /// The text of a campaign.
    paragraphs: Vec<String>,
    unsubscribe_url: String,
    /// Whether answers go to the company.
    answers: bool,
}

/// In a text message a name may take so many characters: then an ordinary one is one message.
const SHORT_NAME: usize = 40;

pub(super) fn values(message: &CustomerMessage, lang: Lang) -> Values {
    let appointment = message.content.appointment();
    let (subject, text) = match &message.content {
        MessageContent::Campaign { subject, text } => (subject.as_str(), text.as_str()),
        _ => ("", ""),
    };
    let optional = |text: Option<&String>| text.map_or_else(String::new, |it| one_line(it));
    Values {
        lang: lang.code(),
        name: polite_name(message.to.name.expose()).unwrap_or_default(),
        company: one_line(&message.company_name),
        service: appointment.map_or_else(String::new, |it| one_line(&it.service)),
        staff: optional(appointment.and_then(|it| it.staff.as_ref())),
        place: optional(appointment.and_then(|it| it.place.as_ref())),
        when: appointment.map_or_else(String::new, |it| when::full(it.range, it.zone, lang)),
        when_short: appointment.map_or_else(String::new, |it| when::short(it.range, it.zone, lang)),
        subject: one_line(subject),
        paragraphs: paragraphs(text),
        unsubscribe_url: optional(message.unsubscribe_url.as_ref()),
        answers: message.reply_to.is_some(),
    }
}

/// With names that leave room in a text message.
pub(super) fn short_values(message: &CustomerMessage, lang: Lang) -> Values {
    let values = values(message, lang);
    Values {
        company: cut(&values.company, SHORT_NAME),
        service: cut(&values.service, SHORT_NAME),
        place: cut(&values.place, SHORT_NAME),
        ..values
    }
}

/// Blank lines part paragraphs; within one, lines are joined.
fn paragraphs(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in text.lines().map(one_line) {
        let last = found.last_mut().expect("it begins with one and only grows");
        match (line.is_empty(), last.is_empty()) {
            (true, true) => {}
            (true, false) => found.push(String::new()),
            (false, true) => last.push_str(&line),
            (false, false) => {
                last.push(' ');
                last.push_str(&line);
            }
        }
    }
    found.retain(|it| !it.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_part_paragraphs() {
        let text = "\nEins\nzwei\r\n \r\n\n\nDrei\n";
        assert_eq!(paragraphs(text), ["Eins zwei", "Drei"]);
        assert!(paragraphs(" \n\n").is_empty());
    }
}
