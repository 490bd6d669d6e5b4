//! German.

use booking_domain::time::{Day, LocalTime};

use super::super::Lang;
use super::super::names::{month, weekday};
use super::super::numbers::{cardinal, ordinal_stem_de, year};
use super::Case;

pub(super) fn day(day: Day, case: Case, with_year: Option<u32>) -> String {
    let (_, month_number, day_of_month) = day.ymd();
    let name = weekday(Lang::De, day.weekday());
    let stem = ordinal_stem_de(day_of_month);
    let month = month(Lang::De, month_number);
    let date = match case {
        Case::Subject => format!("{name}, der {stem}e {month}"),
        Case::Object => format!("{name}, den {stem}en {month}"),
        Case::On => format!("am {name}, dem {stem}en {month}"),
    };
    match with_year {
        Some(number) => format!("{date} {}", year(Lang::De, number)),
        None => date,
    }
}

/// The clock of twenty-four hours, with a word for the hours that people do not expect.
pub(super) fn time(time: LocalTime) -> String {
    let hour = match time.hour() {
        1 => "ein".to_owned(),
        hour => cardinal(Lang::De, hour.into()),
    };
    let minute = match time.minute() {
        0 => String::new(),
        minute => format!(" {}", cardinal(Lang::De, minute.into())),
    };
    let part = match time.hour() {
        1..=4 => " nachts",
        5 | 6 => " morgens",
        _ => "",
    };
    format!("{hour} Uhr{minute}{part}")
}
