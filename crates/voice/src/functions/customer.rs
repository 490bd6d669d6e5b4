//! Who the appointment is for: a name, and how to reach them.

use booking_domain::contact::{Contact, Email, PersonName};

use super::args::{EMAIL, NAME, PHONE};
use super::{Answer, Code, NextStep, Plain, Session};
use crate::retell::caller;

/// The contact to book for, or the question that must be asked first.
///
/// The number on the line wins over a number that was said: it is not misheard, and the caller
/// will be found by it the next time they call. Without one the said number is contact data — it
/// never makes anybody somebody.
pub(super) fn contact(s: &Session<'_>) -> Result<Contact, Box<Answer>> {
    let name = s
        .args
        .text(NAME)
        .and_then(|text| PersonName::parse(&text).ok())
        .ok_or_else(|| s.missing("name", NextStep::AskName, Plain::AskName))?;
    let email = s.args.text(EMAIL).and_then(|text| Email::parse(&text).ok());
    let country = caller::country_of(s.zone());
    let said = s.args.text(PHONE);
    let phone = match s.caller.phone() {
        Some(phone) => Some(phone.clone()),
        None => said
            .as_deref()
            .and_then(|text| caller::phone(text, country)),
    };
    if phone.is_none() && email.is_none() {
        return Err(if said.is_some() {
            Box::new(s.plain(
                Code::InvalidParameter,
                NextStep::AskPhone,
                Plain::PhoneNotUnderstood,
            ))
        } else {
            s.missing("phone", NextStep::AskPhone, Plain::AskContact)
        });
    }
    Ok(Contact {
        name,
        email,
        phone,
        locale: Some(s.lang.code().to_owned()),
    })
}
