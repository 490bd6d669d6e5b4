//! Why a text is no name.

/// A text that names nothing here: what was read, and which part of it to mend.
///
/// ```
/// use booking_domain::cache_key::{CacheKey, KeyProblem};
/// let error = "calcom:slots:7:2025-10-13:13.10.2025".parse::<CacheKey>().unwrap_err();
/// assert_eq!(error.problem, KeyProblem::Date("13.10.2025".to_owned()));
/// assert_eq!(
///     error.to_string(),
///     "'calcom:slots:7:2025-10-13:13.10.2025' is no cache key: \
///      '13.10.2025' must be a UTC day like 2025-10-13"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[error("'{text}' is no {wanted}: {problem}")]
#[non_exhaustive]
pub struct KeyError {
    /// The text.
    pub text: String,
    /// What it was read as.
    pub wanted: &'static str,
    /// Which part is wrong, and what it should look like.
    pub problem: KeyProblem,
}

/// Which part of a name is wrong, and what it should look like.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyProblem {
    /// It is the name of something else.
    #[error("it must begin with {0}")]
    Beginning(&'static str),
    /// Parts are missing, or there are too many.
    #[error("it must have the form {0}")]
    Form(&'static str),
    /// A part is no number, or is not written as we would write it.
    #[error("'{found}' must be {part}, in digits, without sign or leading zeros")]
    Number {
        /// Which part, and the least it may be.
        part: &'static str,
        /// What stands there.
        found: String,
    },
    /// A part is no day.
    #[error("'{0}' must be a UTC day like 2025-10-13")]
    Date(String),
    /// A part is no hour.
    #[error("'{0}' must be a UTC hour like 2025-10-13-08")]
    Hour(String),
    /// It ends before it begins, or covers no time.
    #[error("its end must come after its beginning")]
    Order,
}

impl KeyProblem {
    /// The word that `golden_vectors.json` has for it.
    ///
    /// ```
    /// use booking_domain::cache_key::CacheKey;
    /// let error = "calcom:slots:7".parse::<CacheKey>().unwrap_err();
    /// assert_eq!(error.problem.as_str(), "form");
    /// ```
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Beginning(_) => "beginning",
            Self::Form(_) => "form",
            Self::Number { .. } => "number",
            Self::Date(_) => "date",
            Self::Hour(_) => "hour",
            Self::Order => "order",
        }
    }
}
