//! Personal data: names, addresses and numbers that print masked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value that cannot be used to reach somebody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// No name was given.
    #[error("give the customer's name")]
    NameMissing,
    /// Longer than [`PersonName::MAX_CHARS`].
    #[error("the name is longer than {} characters", PersonName::MAX_CHARS)]
    NameTooLong,
    /// Not an e-mail address.
    #[error("the e-mail address needs a form like anna@example.org")]
    Email,
    /// Not a telephone number in international form.
    #[error("the telephone number needs a form like +493012345678")]
    Phone,
    /// Neither e-mail nor telephone.
    #[error("give an e-mail address or a telephone number")]
    Unreachable,
}

macro_rules! masked {
    ($name:ident, $shown:expr) => {
        impl $name {
            /// The whole text: personal data.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let shown: fn(&str) -> String = $shown;
                write!(f, "{}({})", stringify!($name), shown(&self.0))
            }
        }

        impl TryFrom<String> for $name {
            type Error = ContactError;
            fn try_from(text: String) -> Result<Self, ContactError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

/// What a person is called, kept as said.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    /// Longest name, in characters.
    pub const MAX_CHARS: usize = 200;

    /// Trims; refuses empty, overlong and control characters.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let name = text.trim();
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(ContactError::NameMissing);
        }
        if name.chars().count() > Self::MAX_CHARS {
            return Err(ContactError::NameTooLong);
        }
        Ok(Self(name.to_owned()))
    }
}
masked!(PersonName, |name| name
    .chars()
    .take(1)
    .chain("…".chars())
    .collect());

/// An e-mail address, lower-cased.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Longest address, in bytes (RFC 5321).
    pub const MAX_BYTES: usize = 254;

    /// Checks the shape: one `@`, something before it, a dotted name after it, no blanks.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let address = text.trim().to_lowercase();
        let shaped = address.len() <= Self::MAX_BYTES
            && !address.chars().any(|c| c.is_whitespace() || c.is_control())
            && address.split_once('@').is_some_and(|(local, domain)| {
                let labels = || domain.split('.');
                !local.is_empty()
                    && !domain.contains('@')
                    && labels().count() >= 2
                    && labels().all(|label| !label.is_empty())
            });
        if shaped {
            Ok(Self(address))
        } else {
            Err(ContactError::Email)
        }
    }
}
masked!(Email, |email| email
    .split_once('@')
    .map_or_else(String::new, |(_, at)| format!("…@{at}")));

/// A telephone number in international form (E.164).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

impl Phone {
    /// Accepts `+` or `00` and 7 to 15 digits; blanks, `-`, `/`, `.` and brackets are dropped.
    pub fn parse(text: &str) -> Result<Self, ContactError> {
        let kept: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !"-/.()".contains(*c))
            .collect();
        let digits = kept.strip_prefix('+').or_else(|| kept.strip_prefix("00"));
        match digits {
            Some(digits)
                if (7..=15).contains(&digits.len())
                    && digits.bytes().all(|byte| byte.is_ascii_digit())
                    && !digits.starts_with('0') =>
            {
                Ok(Self(format!("+{digits}")))
            }
            _ => Err(ContactError::Phone),
        }
    }

    /// As [`Self::parse`]; a national number (leading `0`) gets `country` (such as `49`).
    pub fn parse_national(text: &str, country: &str) -> Result<Self, ContactError> {
        let kept = text.trim().replace("(0)", "");
        match kept.strip_prefix('0') {
            Some(rest) if !rest.starts_with('0') => Self::parse(&format!("+{country}{rest}")),
            _ => Self::parse(&kept),
        }
    }
}
masked!(Phone, |phone| format!(
    "…{}",
    phone.get(phone.len().saturating_sub(2)..).unwrap_or("")
));

/// Who an appointment is for, as told to us.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Contact {
    /// What to call them.
    pub name: PersonName,
    /// Where to write.
    pub email: Option<Email>,
    /// Where to ring.
    pub phone: Option<Phone>,
    /// Language for what we send them, such as `de`.
    pub locale: Option<String>,
}

/// A way to reach somebody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactField {
    /// In writing.
    Email,
    /// By telephone.
    Phone,
}

impl ContactField {
    /// The word in the set-up and the field in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

impl Contact {
    /// The first of the required ways by which they cannot be reached.
    pub fn lacks(&self, required: &[ContactField]) -> Option<ContactField> {
        let has = |field: &ContactField| match field {
            ContactField::Email => self.email.is_some(),
            ContactField::Phone => self.phone.is_some(),
        };
        required.iter().copied().find(|field| !has(field))
    }

    /// Cal.com books nobody who cannot be reached at all.
    pub fn reachable(self) -> Result<Self, ContactError> {
        if self.email.is_none() && self.phone.is_none() {
            Err(ContactError::Unreachable)
        } else {
            Ok(self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_prints_masked() {
        let contact = Contact {
            name: PersonName::parse("Jörg Müßig").expect("valid"),
            email: Email::parse("Joerg@Mail.Example").ok(),
            phone: Phone::parse("+49 171 392-0042").ok(),
            locale: None,
        };
        let printed = format!("{contact:?}");
        for secret in ["Müßig", "joerg@", "1713920042"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }

    #[test]
    fn numbers_become_international() {
        let parse = |text| Phone::parse_national(text, "49").map(String::from);
        for text in [
            "0171 392 00 42",
            "+49 171 3920042",
            "0049/171/3920042",
            "+49 (0) 1713920042",
        ] {
            assert_eq!(parse(text), Ok("+491713920042".to_owned()), "{text}");
        }
        for bad in ["", "12345", "anonymous", "+49abc12345", "+0123456789"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_have_a_shape() {
        assert!(Email::parse("a@b.example").is_ok());
        for bad in [
            "",
            "a",
            "a@b",
            "@b.example",
            "a@b..c",
            "a b@c.example",
            "a@b@c.example",
        ] {
            assert_eq!(Email::parse(bad), Err(ContactError::Email), "{bad}");
        }
    }
}
