//! Days, as people name them: pieces that are recognised, and what they come to together.

mod bounds;
mod calendar;
mod feasts;
mod numeric;
mod resolve;
mod spans;
mod words;

use booking_domain::time::{Day, Weekday};

use super::Lang;
use super::token::Token;

pub(super) use bounds::bound_at;
use feasts::Feast;
pub(super) use resolve::resolve;

/// Which day was meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DateReading {
    /// Nothing was said about a day.
    Missing,
    /// This day, today or later.
    Exact(Day),
    /// Somewhere in these days, both included (`nächste Woche`, `im November`).
    Days {
        /// The first, not before today.
        first: Day,
        /// The last.
        last: Day,
    },
    /// One of these; ask which.
    Ambiguous {
        /// In order, each today or later.
        options: Vec<Day>,
    },
    /// A day that is over.
    Past(Day),
    /// No day at all.
    Invalid(DateProblem),
}

/// Why a text is no day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DateProblem {
    /// The calendar has no such day (30 February).
    NoSuchDay,
    /// More than two years ahead: a slip, not a wish.
    TooFar,
    /// Not understood.
    NotUnderstood,
}

/// Which of the coming weekdays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Which {
    /// `Dienstag`
    Bare,
    /// `diesen Dienstag`
    This,
    /// `nächsten Dienstag`, `next Tuesday`: the coming one
    Next,
    /// `übernächsten Dienstag`
    AfterNext,
    /// `letzten Dienstag`: over
    Last,
}

/// A month or a week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Span {
    /// A month by its name.
    Month(u32),
    /// Months from this one.
    MonthAhead(i32),
    /// Weeks from this one.
    Week(i32),
}

/// A part of a month that is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    Day,
    /// Seven days, from the beginning of the month or up to its end.
    Week,
    Half,
}

/// Where in a month or a week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Third {
    Beginning,
    Middle,
    End,
}

/// Which side of a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bound {
    /// `ab Montag`
    From,
    /// `nach Montag`
    After,
    /// `bis Montag`
    Until,
    /// `vor Montag`
    Before,
    /// `zwischen Montag und Mittwoch`
    Between,
}

/// Something in a text that says something about the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// `heute`, `morgen`, `gestern`: days from today.
    Relative(i32),
    /// `in drei Tagen`, `in zwei Wochen`.
    Offset(i32),
    /// `a week from` a day that is named next.
    After(i32),
    /// `in einem Monat`, `in einem halben Jahr`.
    Months(i32),
    /// A weekday.
    Weekday(Weekday, Which),
    /// A date; without a year the next such day, without a month the next such day of a month.
    Date {
        day: u32,
        month: Option<u32>,
        year: Option<i32>,
    },
    /// `10/11/2025`: the one or the other way round.
    DayAndMonth(u32, u32, Option<i32>),
    /// `im November`, `im November nächsten Jahres`.
    Month(u32, Option<i32>),
    /// `nächsten Jahres`: years from this one.
    Year(i32),
    /// `der erste Montag im November`; the last one is number -1.
    Nth(i32, Weekday, Span),
    /// `der letzte Tag des Monats`, `die erste Woche im Januar`.
    NthOf(i32, Unit, Span),
    /// `Anfang November`, `Ende der Woche`.
    Third(Third, Span),
    /// `ab`, `bis`, `zwischen` before a day.
    Bound(Bound),
    /// `diese Woche`, `nächste Woche`: weeks from this one.
    Week(i32),
    /// `am Wochenende`, `nächstes Wochenende`.
    Weekend(Which),
    /// `nächsten Monat`: months from this one.
    MonthAhead(i32),
    /// `die Woche vom` a day that is named next.
    WeekOf,
    /// `unter der Woche`.
    Workdays,
    /// `nächster Werktag`.
    NextWorkday,
    /// `in den nächsten Tagen`: so many from today.
    FromNow(i32),
    /// `Weihnachten`, `Ostermontag`.
    Feast(Feast),
    /// `letzten Oktober`.
    PastMonth(u32),
    /// `KW 42`.
    IsoWeek(u32),
    /// `so bald wie möglich`.
    Soon,
}

/// A piece, how many tokens it took, and the language it shows.
pub(super) type Recognised<P> = (P, usize, Option<Lang>);

/// Where in a text the recogniser stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The text answers "which day?", so a bare number is a day, not an hour.
    pub date_field: bool,
    /// A day was named before: `morgen` now means the morning.
    pub dated: bool,
    /// Nothing stood before.
    pub at_start: bool,
    /// `am` stood before: `am Morgen` is the morning.
    pub after_am: bool,
    /// After `oder`.
    pub after_or: bool,
}

impl Place {
    /// Whether `morgen` at the beginning of `tokens` is the morning, not the day after today.
    pub(super) fn means_morning(self, tokens: &[Token]) -> bool {
        let alone = self.at_start && tokens.len() == 1;
        // "heute oder morgen" are two days.
        !self.after_or && (self.dated || self.after_am || (!self.date_field && alone))
    }
}

/// The piece of a date at the beginning of `tokens`.
pub(super) fn date_at(tokens: &[Token], place: Place) -> Option<Recognised<Piece>> {
    feasts::at(tokens)
        .or_else(|| spans::first(tokens))
        .or_else(|| numeric::at(tokens, place))
        .or_else(|| words::at(tokens, place))
}
