//! Who the appointment is for: a name, and how to reach them.

use booking_domain::contact::{Contact, ContactField};
use booking_domain::tenant::Service;

use super::args::{EMAIL, NAME, PHONE};
use super::called::called;
use super::catalogue::plain;
use super::{Answer, Code, NextStep, Plain, Session};
use crate::language::speak::spell;
use crate::language::{hear_email, hear_phone};
use crate::port::caller;

/// The contact to book for, or the question that must be asked first.
///
/// The number on the line wins over a number that was said: it is not misheard, and the caller
/// will be found by it the next time they call. Without one the said number is contact data — it
/// never makes anybody somebody.
pub(super) fn contact(s: &Session<'_>, service: &Service) -> Result<Contact, Box<Answer>> {
    let name = s
        .args
        .text(NAME)
        .and_then(|text| called(&text))
        .ok_or_else(|| s.missing("name", NextStep::AskName, Plain::AskName))?;
    let told = s.args.text(EMAIL);
    let email = told.as_deref().and_then(hear_email);
    let region = caller::region_of(s.zone());
    let said = s.args.text(PHONE);
    let phone = match s.caller.phone() {
        Some(phone) => Some(phone.clone()),
        None => said.as_deref().and_then(|text| hear_phone(text, region)),
    };
    let not_understood = |next, sentence| Box::new(s.plain(Code::InvalidParameter, next, sentence));
    // Left out, it would never be missed until the message that does not come.
    if phone.is_none() && said.as_deref().is_some_and(is_tried_number) {
        return Err(not_understood(
            NextStep::AskPhone,
            Plain::PhoneNotUnderstood,
        ));
    }
    if email.is_none() && told.as_deref().is_some_and(is_tried_address) {
        return Err(not_understood(
            NextStep::AskEmail,
            Plain::EmailNotUnderstood,
        ));
    }
    if phone.is_none() && email.is_none() {
        return Err(match (said, told) {
            (Some(_), _) => not_understood(NextStep::AskPhone, Plain::PhoneNotUnderstood),
            (None, Some(_)) => not_understood(NextStep::AskEmail, Plain::EmailNotUnderstood),
            (None, None) => s.missing("phone", NextStep::AskPhone, Plain::AskContact),
        });
    }
    let contact = Contact {
        name,
        email,
        phone,
        locale: Some(s.lang.code().to_owned()),
    };
    match contact.lacks(&service.requires) {
        Some(field) => Err(lacking(s, field)),
        None => Ok(contact),
    }
}

/// The question for what the service is not booked without.
pub(super) fn lacking(s: &Session<'_>, field: ContactField) -> Box<Answer> {
    match field {
        ContactField::Email => s.missing("email", NextStep::AskEmail, Plain::AskEmail),
        ContactField::Phone => s.missing("phone", NextStep::AskPhone, Plain::AskContact),
    }
}

/// Somebody tried to say a number: what a model writes for none has no digits.
fn is_tried_number(text: &str) -> bool {
    text.chars().any(|it| it.is_ascii_digit())
}

/// Somebody tried to say an address.
fn is_tried_address(text: &str) -> bool {
    let words = plain(text);
    let is_at = |word: &str| ["at", "aet", "ett", "klammeraffe"].contains(&word);
    text.contains('@') || words.split(' ').any(is_at)
}

/// What was said and may have been misheard, to be read back: never what the line itself shows.
pub(super) fn read_back(s: &Session<'_>, contact: &Contact) -> Vec<(&'static str, String)> {
    let mut told = vec![("name_spell", spell::name(s.lang, contact.name.expose()))];
    if let Some(phone) = contact
        .phone
        .as_ref()
        .filter(|_| s.caller.phone().is_none())
    {
        told.push(("phone_say", spell::phone(s.lang, phone.expose())));
    }
    if let Some(email) = &contact.email {
        told.push(("email_say", spell::email(s.lang, email.expose())));
    }
    told
}
