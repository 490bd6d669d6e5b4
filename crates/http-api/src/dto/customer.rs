//! The customer of a new booking.

use booking_domain::contact::{Contact, ContactError, Email, PersonName, Phone};
use booking_domain::time::ZoneName;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::problem::FieldErrors;

/// Who the appointment is for. An e-mail address or a telephone number is needed.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewCustomer)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCustomer {
    /// What to call them.
    #[schema(max_length = 200, example = "Erika Muster")]
    pub(crate) name: String,
    /// Where to write.
    #[schema(format = Email, example = "erika@mail.example")]
    pub(crate) email: Option<String>,
    /// Where to ring: international (`+49…`), or national where the company's zone tells the
    /// country.
    #[schema(example = "+491713920042")]
    pub(crate) phone: Option<String>,
    /// Language for what we send them.
    #[schema(example = "de")]
    pub(crate) locale: Option<String>,
}

impl NewCustomer {
    /// The contact, or a note of each field that is wrong.
    pub(crate) fn read(&self, zone: ZoneName, wrong: &mut FieldErrors) -> Option<Contact> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (email, phone) = (given(&self.email), given(&self.phone));
        if email.is_none() && phone.is_none() {
            wrong.add("customer", ContactError::Unreachable.to_string());
        }
        let name = wrong.check("customer.name", PersonName::parse(&self.name));
        let email = email.map(|text| wrong.check("customer.email", Email::parse(&text)));
        let phone = phone.map(|text| wrong.check("customer.phone", read_phone(&text, zone)));
        let locale = given(&self.locale);
        if locale.as_deref().is_some_and(|locale| !is_locale(locale)) {
            wrong.add("customer.locale", "is not a language like de or de-AT");
        }
        Some(Contact {
            name: name?,
            email: email.flatten(),
            phone: phone.flatten(),
            locale,
        })
    }
}

/// Telephone countries by zone: only those whose national numbers begin with a 0 that is dropped.
const COUNTRIES: &[(&str, &str)] = &[
    ("Europe/Berlin", "49"),
    ("Europe/Busingen", "49"),
    ("Europe/Vienna", "43"),
    ("Europe/Zurich", "41"),
    ("Europe/Amsterdam", "31"),
    ("Europe/Brussels", "32"),
    ("Europe/Paris", "33"),
    ("Europe/London", "44"),
];

/// A telephone number as said at a company of this zone. In a zone without an entry in the table,
/// numbers must be international.
pub(crate) fn read_phone(text: &str, zone: ZoneName) -> Result<Phone, ContactError> {
    match COUNTRIES.iter().find(|(name, _)| *name == zone.name()) {
        Some((_, country)) => Phone::parse_national(text, country),
        None => Phone::parse(text),
    }
}

/// `de`, `de-AT`, `zh-Hans-CN`.
fn is_locale(text: &str) -> bool {
    let part = |part: &str, most: usize| {
        (2..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let mut parts = text.split(['-', '_']);
    let language = parts.next().is_some_and(|first| {
        part(first, 3) && first.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    language && text.len() <= 20 && parts.all(|rest| part(rest, 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> ZoneName {
        name.parse().expect("known zone")
    }

    #[test]
    fn national_numbers_belong_to_the_country_of_the_zone() {
        let read = |text, name| read_phone(text, zone(name)).map(String::from);
        assert_eq!(
            read("0171 3920042", "Europe/Berlin"),
            Ok("+491713920042".to_owned())
        );
        assert_eq!(
            read("0171 3920042", "Europe/Vienna"),
            Ok("+431713920042".to_owned())
        );
        assert!(
            read("0171 3920042", "Europe/Rome").is_err(),
            "Italy keeps its 0"
        );
        assert_eq!(
            read("+39 06 1234567", "Europe/Rome"),
            Ok("+39061234567".to_owned())
        );
    }

    #[test]
    fn every_wrong_field_is_noted() {
        let customer = NewCustomer {
            name: " ".into(),
            email: Some("x".into()),
            phone: Some("12".into()),
            locale: Some("?".into()),
        };
        let mut wrong = FieldErrors::default();
        assert_eq!(customer.read(zone("Europe/Berlin"), &mut wrong), None);
        let noted = format!("{wrong:?}");
        for field in ["name", "email", "phone", "locale"] {
            assert!(noted.contains(&format!("customer.{field}")), "{noted}");
        }
    }

    #[test]
    fn locales() {
        assert!(is_locale("de") && is_locale("de-AT") && is_locale("zh_Hans-CN"));
        for bad in ["", "d", "deutsch", "de-", "d3", "de-AT-x", "de;drop"] {
            assert!(!is_locale(bad), "{bad}");
        }
    }
}
