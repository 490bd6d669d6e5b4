//! What the names have in common: how their parts are read, and that serde sees them as text.

use super::{KeyError, KeyProblem};
use crate::time::Day;

/// Reads the parts of one text, and says of each what is wrong with it.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) wanted: &'static str,
}

impl<'a> Reader<'a> {
    pub(super) const EVENT_TYPE: &'static str = "the event type's number, from 1";

    pub(super) fn fail<T>(self, problem: KeyProblem) -> Result<T, KeyError> {
        Err(KeyError {
            text: self.text.to_owned(),
            wanted: self.wanted,
            problem,
        })
    }

    /// The parts of `rest`, if there are just so many.
    pub(super) fn parts<const N: usize>(
        self,
        rest: &'a str,
        separator: char,
        form: &'static str,
    ) -> Result<[&'a str; N], KeyError> {
        let parts: Vec<_> = rest.split(separator).collect();
        parts
            .try_into()
            .or_else(|_| self.fail(KeyProblem::Form(form)))
    }

    /// A number as we would print it: `007` is another name, so it is refused.
    pub(super) fn number(self, found: &str, part: &'static str) -> Result<i64, KeyError> {
        match self.number_or_zero(found, part)? {
            0 => self.not_a_number(found, part),
            number => Ok(number),
        }
    }

    pub(super) fn number_or_zero(self, found: &str, part: &'static str) -> Result<i64, KeyError> {
        let number = found.parse::<i64>().ok();
        number
            .filter(|number| *number >= 0 && number.to_string() == found)
            .map_or_else(|| self.not_a_number(found, part), Ok)
    }

    fn not_a_number<T>(self, found: &str, part: &'static str) -> Result<T, KeyError> {
        let found = found.to_owned();
        self.fail(KeyProblem::Number { part, found })
    }

    pub(super) fn day(self, found: &str) -> Result<Day, KeyError> {
        found
            .parse()
            .or_else(|_| self.fail(KeyProblem::Date(found.to_owned())))
    }
}

/// serde writes and reads these as the text they print and parse.
macro_rules! serde_as_text {
    ($($name:ty),+) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

serde_as_text!(
    super::CacheKey,
    super::DayRangeKey,
    super::HourWindowKey,
    super::UtcHour,
    super::Tag
);
