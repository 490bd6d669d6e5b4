//! What a test may do to the calendar behind the desk.

/// How the calendar behind the desk behaves.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Calendar {
    #[default]
    Fine,
    Down,
    /// Never answers.
    Silent,
    /// Answers after a second.
    Slow,
    /// Answers once, then never.
    Once,
}
