//! Times of day, as people say them: pieces that are recognised, and what they come to together.

mod fractions;
mod parts;
mod resolve;
mod spoken;

use booking_domain::time::{Day, LocalTime, TimeRange, ZoneName};

use super::date::Recognised;

pub(super) use parts::{is_part_word, part_at, window_at};
pub(super) use resolve::resolve;
pub(super) use spoken::clock_at;

/// Which time of day was meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TimeReading {
    /// Nothing was said about a time.
    Missing,
    /// This time.
    Exact(LocalTime),
    /// Somewhere in this part of the day.
    Window(DayWindow),
    /// One of these (`um drei`: at night or in the afternoon); opening hours may tell, else ask.
    Ambiguous {
        /// In order.
        options: Vec<LocalTime>,
    },
    /// No time at all.
    Invalid,
}

/// A part of the day that has a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartOfDay {
    /// `vormittags`, `morgens`: 06–12.
    Morning,
    /// `mittags`: 11–14.
    Noon,
    /// `nachmittags`: 12–18.
    Afternoon,
    /// `abends`: from 17.
    Evening,
    /// `nachts`: 00–06.
    Night,
}

/// A stretch of a local day, in minutes since midnight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayWindow {
    /// From here on.
    pub from: u16,
    /// Up to, not including; 1440 is the end of the day.
    pub until: u16,
    /// Its name, where it has one.
    pub part: Option<PartOfDay>,
}

/// Minutes of a day.
pub(super) const END_OF_DAY: u16 = 24 * 60;

impl PartOfDay {
    /// The stretch it stands for.
    pub const fn window(self) -> DayWindow {
        let (from, until) = match self {
            Self::Morning => (6, 12),
            Self::Noon => (11, 14),
            Self::Afternoon => (12, 18),
            Self::Evening => (17, 24),
            Self::Night => (0, 6),
        };
        DayWindow {
            from: from * 60,
            until: until * 60,
            part: Some(self),
        }
    }
}

impl DayWindow {
    /// The whole day.
    pub const WHOLE_DAY: Self = Self {
        from: 0,
        until: END_OF_DAY,
        part: None,
    };

    /// The stretch of `day` on the UTC line; `None` where a change of clocks leaves nothing of it.
    pub fn on(self, day: Day, zone: ZoneName) -> Option<TimeRange> {
        let at = |minute: u16| match LocalTime::new((minute / 60) as u8, (minute % 60) as u8) {
            Some(time) => zone.resolve(day, time).lenient(),
            None => zone.day_range(day).end(),
        };
        TimeRange::new(at(self.from), at(self.until)).ok()
    }

    /// Whether a wall-clock time lies inside.
    pub const fn holds(self, time: LocalTime) -> bool {
        self.from <= time.minute_of_day() && time.minute_of_day() < self.until
    }
}

/// A wall-clock time as it was said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Clock {
    pub hour: u8,
    pub minute: u8,
    /// Said so that the half of the day is certain: `15 Uhr`, `08:00`, `3 pm`.
    pub certain: bool,
}

/// Something in a text that says something about the time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    Clock(Clock),
    Part(PartOfDay),
    /// `ab 14 Uhr`, `vor zwölf`, `zwischen zwei und vier`.
    Between(Option<Clock>, Option<Clock>),
    /// `25:00`
    Nonsense,
}

/// Where in a text the recogniser stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// A bare number is an hour here: the text answers "what time?", or `um` stood before.
    pub expected: bool,
}
