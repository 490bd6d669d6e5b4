//! Working days ahead, so that no test depends on the day it runs on.

use booking_domain::time::{Day, Instant, LocalTime, Weekday, ZoneName};

fn berlin() -> ZoneName {
    "Europe/Berlin".parse().expect("a known zone")
}

/// A working day that no instance fetches when it starts: its cache is cold.
pub(crate) fn cold_day(n: usize) -> Day {
    working_day(25 + n)
}

/// The `n`th working day after today in Berlin.
pub(crate) fn working_day(n: usize) -> Day {
    let now = std::time::UNIX_EPOCH
        .elapsed()
        .expect("after 1970")
        .as_secs();
    let now = Instant::from_unix_seconds(now as i64).expect("this age");
    let mut day = berlin().local(now).day;
    let mut left = n;
    while left > 0 {
        day = day.plus_days(1);
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    day
}

/// This local hour of that day, as RFC 3339 with offset.
pub(crate) fn at(day: Day, hour: u8) -> String {
    let time = LocalTime::new(hour, 0).expect("an hour");
    berlin().rfc3339(berlin().resolve(day, time).lenient())
}
