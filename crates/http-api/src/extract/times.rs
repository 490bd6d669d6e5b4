//! Moments and days as clients write them.

use booking_domain::time::{Day, Instant, ZoneName};

/// Years that appointments can lie in: keeps arithmetic at the ends of time out of the domain.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9000;

const FORMS: &str = "is neither a date like 2025-10-13 nor a time like 2025-10-13T08:00:00+02:00";
const NO_INSTANT: &str = "is not a time with an offset, like 2025-10-13T08:00:00+02:00";
const NO_SUCH_YEAR: &str = "lies outside the years 1970 to 9000";

/// One end of a period: a moment, or a whole local day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bound {
    Day(Day),
    Instant(Instant),
}

impl Bound {
    /// Reads either form.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        match text.parse() {
            Ok(day) => in_years(day).map(|()| Self::Day(day)),
            Err(_) => instant(text)
                .map(Self::Instant)
                .map_err(|why| if why == NO_INSTANT { FORMS } else { why }),
        }
    }

    /// Where a period that starts here begins.
    pub(crate) fn start(self, zone: ZoneName) -> Instant {
        match self {
            Self::Day(day) => zone.day_range(day).start(),
            Self::Instant(at) => at,
        }
    }

    /// Where a period that ends here is over: a day belongs to it.
    pub(crate) fn end(self, zone: ZoneName) -> Instant {
        match self {
            Self::Day(day) => zone.day_range(day).end(),
            Self::Instant(at) => at,
        }
    }
}

/// A moment with an offset. A blank in place of the `+` is what an address makes of a `+` that
/// was not encoded; nothing else could be meant.
pub(crate) fn instant(text: &str) -> Result<Instant, &'static str> {
    let mended = match text
        .len()
        .checked_sub(6)
        .and_then(|at| text.split_at_checked(at))
    {
        Some((time, offset)) if time.len() >= 19 && offset.starts_with(' ') => {
            format!("{time}+{}", &offset[1..])
        }
        _ => text.to_owned(),
    };
    let at: Instant = mended.parse().map_err(|_| NO_INSTANT)?;
    in_years(at.utc_day()).map(|()| at)
}

fn in_years(day: Day) -> Result<(), &'static str> {
    if YEARS.contains(&day.ymd().0) {
        Ok(())
    } else {
        Err(NO_SUCH_YEAR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_plus_is_mended_and_nothing_else() {
        let right = instant("2025-10-13T08:00:00+02:00");
        assert!(right.is_ok());
        assert_eq!(instant("2025-10-13T08:00:00 02:00"), right);
        for bad in [
            "2025-10-13T08:00:00",
            "2025-10-13 08:00",
            "2025-10-13",
            "tomorrow",
            "",
            "2025-10-13T08:00:00+2",
            "ä2025-10-13T08:00:0ä 02:00",
        ] {
            assert_eq!(instant(bad), Err(NO_INSTANT), "{bad}");
        }
        assert_eq!(instant("0001-01-01T00:00:00Z"), Err(NO_SUCH_YEAR));
    }

    #[test]
    fn days_are_local_and_whole() {
        let berlin: ZoneName = "Europe/Berlin".parse().expect("known");
        let day = Bound::parse("2025-10-26").expect("a day");
        assert_eq!(day.start(berlin).to_string(), "2025-10-25T22:00:00Z");
        assert_eq!(day.end(berlin).to_string(), "2025-10-26T23:00:00Z");
        assert_eq!(Bound::parse("26.10.2025"), Err(FORMS));
        assert_eq!(Bound::parse("9999-12-31"), Err(NO_SUCH_YEAR));
    }
}
