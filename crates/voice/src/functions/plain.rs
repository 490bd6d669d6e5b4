//! Sentences without anything to fill in.

/// A sentence without anything to fill in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Plain {
    AskDate,
    AskTime,
    AskName,
    AskContact,
    AskEmail,
    AskWhose,
    AskNewDate,
    AskNewTime,
    NoSuchDay,
    DayTooFar,
    DayNotUnderstood,
    TimeNotUnderstood,
    TimePast,
    PhoneNotUnderstood,
    EmailNotUnderstood,
    UnknownStaff,
    OptionGone,
    NothingFound,
    CalendarDown,
    CalendarRefuses,
    NothingDone,
    Busy,
    UnknownFunction,
    Anonymous,
    NotUnderstood,
}

impl Plain {
    /// All of them.
    pub(crate) const ALL: [Self; 25] = [
        Self::AskDate,
        Self::AskTime,
        Self::AskName,
        Self::AskContact,
        Self::AskEmail,
        Self::AskWhose,
        Self::AskNewDate,
        Self::AskNewTime,
        Self::NoSuchDay,
        Self::DayTooFar,
        Self::DayNotUnderstood,
        Self::TimeNotUnderstood,
        Self::TimePast,
        Self::PhoneNotUnderstood,
        Self::EmailNotUnderstood,
        Self::UnknownStaff,
        Self::OptionGone,
        Self::NothingFound,
        Self::CalendarDown,
        Self::CalendarRefuses,
        Self::NothingDone,
        Self::Busy,
        Self::UnknownFunction,
        Self::Anonymous,
        Self::NotUnderstood,
    ];

    /// The name of its text.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::AskDate => "ask_date",
            Self::AskTime => "ask_time",
            Self::AskName => "ask_name",
            Self::AskContact => "ask_contact",
            Self::AskEmail => "ask_email",
            Self::AskWhose => "ask_whose",
            Self::AskNewDate => "ask_new_date",
            Self::AskNewTime => "ask_new_time",
            Self::NoSuchDay => "no_such_day",
            Self::DayTooFar => "day_too_far",
            Self::DayNotUnderstood => "day_not_understood",
            Self::TimeNotUnderstood => "time_not_understood",
            Self::TimePast => "time_past",
            Self::PhoneNotUnderstood => "phone_not_understood",
            Self::EmailNotUnderstood => "email_not_understood",
            Self::UnknownStaff => "unknown_staff",
            Self::OptionGone => "option_gone",
            Self::NothingFound => "nothing_found",
            Self::CalendarDown => "calendar_down",
            Self::CalendarRefuses => "calendar_refuses",
            Self::NothingDone => "nothing_done",
            Self::Busy => "busy",
            Self::UnknownFunction => "unknown_function",
            Self::Anonymous => "anonymous",
            Self::NotUnderstood => "not_understood",
        }
    }
}
