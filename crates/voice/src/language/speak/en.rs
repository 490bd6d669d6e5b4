//! English.

use booking_domain::time::{Day, LocalTime};

use super::super::Lang;
use super::super::names::{month, weekday};
use super::super::numbers::{cardinal, ordinal_en, year};
use super::Case;

pub(super) fn day(day: Day, case: Case, with_year: Option<u32>) -> String {
    let (_, month_number, day_of_month) = day.ymd();
    let date = format!(
        "{} the {} of {}",
        weekday(Lang::En, day.weekday()),
        ordinal_en(day_of_month),
        month(Lang::En, month_number),
    );
    let date = match with_year {
        Some(number) => format!("{date} {}", year(Lang::En, number)),
        None => date,
    };
    match case {
        Case::Subject | Case::Object => date,
        Case::On => format!("on {date}"),
    }
}

/// The clock of twelve hours with the part of the day; no "AM", which engines spell.
pub(super) fn time(time: LocalTime) -> String {
    match (time.hour(), time.minute()) {
        (0, 0) => return "midnight".into(),
        (12, 0) => return "twelve noon".into(),
        _ => {}
    }
    let hour = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let minute = match time.minute() {
        0 => String::new(),
        minute @ 1..=9 => format!(" oh {}", cardinal(Lang::En, minute.into())),
        minute => format!(" {}", cardinal(Lang::En, minute.into())),
    };
    let part = match time.hour() {
        5..=11 => "in the morning",
        12..=16 => "in the afternoon",
        17..=20 => "in the evening",
        _ => "at night",
    };
    format!("{}{minute} {part}", cardinal(Lang::En, hour.into()))
}
