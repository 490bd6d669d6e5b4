//! The few categories every error of ours falls into, free of any transport.

/// What kind of failure it is: decides the status code, the log level and whether to try again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ErrorKind {
    /// The request is wrong and stays wrong.
    Invalid,
    /// Nobody, or somebody unknown, is asking.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// There is no such thing (or it is another company's).
    NotFound,
    /// It clashes with the present state.
    Conflict,
    /// Too often.
    RateLimited,
    /// Something we depend on does not answer; nothing was changed.
    Unavailable,
    /// A defect of ours.
    Internal,
}

/// An error that knows its category and the stable code clients rely on.
pub trait Classified: std::error::Error {
    /// The category.
    fn kind(&self) -> ErrorKind;
    /// The stable machine-readable code, such as `slot_taken`.
    fn code(&self) -> &'static str;
}
