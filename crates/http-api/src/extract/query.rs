//! Query parameters: taken one by one, every mistake noted, nothing unknown let through.

use std::convert::Infallible;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;

use crate::problem::{FieldErrors, Problem};

/// The parameters of a request. Take what is known, then [`finish`](Self::finish).
#[derive(Debug, Default)]
pub(crate) struct Params {
    given: Vec<(String, String)>,
    wrong: FieldErrors,
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}

impl Params {
    /// Those of an address.
    pub(crate) fn of(uri: &Uri) -> Self {
        let given = Query::<Vec<(String, String)>>::try_from_uri(uri);
        let given = given.map(|Query(given)| given).unwrap_or_default();
        Self {
            given,
            wrong: FieldErrors::default(),
        }
    }

    /// The text of a parameter; an empty one counts as absent.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let (mine, others) = std::mem::take(&mut self.given)
            .into_iter()
            .partition(|(given, _)| given == name);
        self.given = others;
        let mut mine: Vec<(String, String)> = mine;
        if mine.len() > 1 {
            self.wrong(name, "is given more than once");
            return None;
        }
        mine.pop()
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty())
    }

    /// The parameter read by `read`; a mistake is noted with its words.
    pub(crate) fn read<T, E: ToString>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        self.wrong.check(name, read(&text))
    }

    /// As [`Self::read`]; that there is none is a mistake too.
    pub(crate) fn required<T, E: ToString>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if !self.has(name) {
            self.wrong(name, "is missing");
        }
        self.read(name, read)
    }

    /// The parameter parsed; `expected` says what it should look like.
    pub(crate) fn parse<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        self.read(name, |text| {
            text.parse().map_err(|_| format!("is not {expected}"))
        })
    }

    /// One of the words that `find` knows.
    pub(crate) fn word<T>(
        &mut self,
        name: &str,
        find: impl FnOnce(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let expected = || format!("is none of {}", words.join(", "));
        self.read(name, |text| find(text).ok_or_else(expected))
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let find = |text: &str| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        self.word(name, find, &["true", "false"])
    }

    /// A whole number from 1 to `most`, or `otherwise`.
    pub(crate) fn limit(&mut self, otherwise: u32, most: u32) -> u32 {
        let read = |text: &str| {
            let number = text
                .parse()
                .ok()
                .filter(|number| (1..=most).contains(number));
            number.ok_or_else(|| format!("is no whole number from 1 to {most}"))
        };
        self.read("limit", read).unwrap_or(otherwise)
    }

    /// How many entries of a list one page has: 50 if nothing is said, 200 at most.
    pub(crate) fn page_size(&mut self) -> u32 {
        self.limit(50, 200)
    }

    /// Notes a mistake.
    pub(crate) fn wrong(&mut self, name: &str, message: &str) {
        self.wrong.add(name, message);
    }

    /// Whether there is anything under this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given
            .iter()
            .any(|(given, value)| given == name && !value.is_empty())
    }

    /// Nothing wrong, and nothing left that nobody took.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        self.note_unknown();
        self.wrong.into_result()
    }

    /// Everything that is wrong, for when it is known already that something is.
    pub(crate) fn refuse(mut self) -> Problem {
        self.note_unknown();
        self.wrong.into_problem()
    }

    fn note_unknown(&mut self) {
        for (name, _) in std::mem::take(&mut self.given) {
            self.wrong(&name, "is not a parameter of this operation");
        }
    }
}

/// That there are none, where none are known.
pub(crate) struct NoParams;

impl<S: Send + Sync> FromRequestParts<S> for NoParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Params::of(&parts.uri).finish().map(|()| Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::of(&format!("/x?{query}").parse().expect("an address"))
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let mut params = params("limit=0&flag=maybe&twice=1&twice=2&odd=1&n=x&empty=");
        assert_eq!(params.limit(50, 200), 50);
        assert_eq!(params.flag("flag"), None);
        assert_eq!(params.text("twice"), None);
        assert_eq!(params.text("empty"), None);
        assert_eq!(params.parse::<u8>("n", "a number"), None);
        let problem = format!("{:?}", params.finish().expect_err("refused"));
        for field in ["limit", "flag", "twice", "odd", "n"] {
            assert!(
                problem.contains(&format!("field: \"{field}\"")),
                "{field}: {problem}"
            );
        }
        assert!(!problem.contains("field: \"empty\""));
    }

    #[test]
    fn what_is_right_is_taken() {
        let mut params = params("limit=200&flag=true&n=7&text=a%20b");
        assert_eq!(params.limit(50, 200), 200);
        assert_eq!(params.flag("flag"), Some(true));
        assert_eq!(params.parse::<u8>("n", "a number"), Some(7));
        assert_eq!(params.text("text").as_deref(), Some("a b"));
        assert!(params.finish().is_ok());
    }
}
