//! When people are reminded. Nobody's telephone rings at night because of us.

use crate::time::{Instant, LocalTime, Span, ZoneName};

/// When a reminder is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reminder {
    /// Which of the service's lead times it is.
    pub lead_minutes: u32,
    /// When it is sent.
    pub at: Instant,
}

/// Before this, by the company's clock, nobody is reminded.
const MORNING: u8 = 8;
/// After this, nobody is.
const EVENING: u8 = 21;
/// A reminder in the morning must come so long before the appointment, or it comes the evening
/// before.
const IN_TIME: Span = Span::HOUR;

/// The reminders of an appointment that begins at `start`, the first first. A lead that is over
/// already gives none. What would come between 21:00 and 08:00 of the company's zone comes at
/// 08:00, or, where that leaves less than an hour, at 21:00 the evening before; two that meet there
/// are one.
pub fn reminders(start: Instant, leads: &[u32], (zone, now): (ZoneName, Instant)) -> Vec<Reminder> {
    let mut due: Vec<_> = leads
        .iter()
        .map(|lead| Reminder {
            lead_minutes: *lead,
            at: by_day(start - Span::minutes(i64::from(*lead)), start, zone),
        })
        .filter(|it| it.at > now)
        .collect();
    due.sort_by_key(|it| (it.at, it.lead_minutes));
    due.dedup_by_key(|it| it.at);
    due
}

fn by_day(at: Instant, start: Instant, zone: ZoneName) -> Instant {
    let local = zone.local(at);
    let (evening, morning) = match local.time.hour() {
        hour if hour < MORNING => (local.day.plus_days(-1), local.day),
        hour if hour >= EVENING => (local.day, local.day.plus_days(1)),
        _ => return at,
    };
    let clock = |day, hour| {
        let time = LocalTime::new(hour, 0).unwrap_or(LocalTime::MIDNIGHT);
        zone.resolve(day, time).lenient()
    };
    let (evening, morning) = (clock(evening, EVENING), clock(morning, MORNING));
    if start.since(morning) >= IN_TIME {
        morning
    } else {
        evening
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("a moment")
    }

    fn berlin() -> ZoneName {
        "Europe/Berlin".parse().expect("a zone")
    }

    /// Red when night hours are not kept, are kept in UTC, or a lead that is over is due all the same.
    #[test]
    fn nobody_is_reminded_at_night_or_too_late() {
        let now = at("2025-10-01T12:00:00Z");
        for (start, leads, expected) in [
            // In the light of day: as wished.
            (
                "2025-10-13T14:00:00+02:00",
                &[120u32][..],
                &["2025-10-13T12:00:00+02:00"][..],
            ),
            // Four in the morning: at eight.
            (
                "2025-10-13T10:00:00+02:00",
                &[360],
                &["2025-10-13T08:00:00+02:00"],
            ),
            (
                "2025-10-13T09:00:00+02:00",
                &[120],
                &["2025-10-13T08:00:00+02:00"],
            ),
            // Eight is less than an hour before: the evening before.
            (
                "2025-10-13T08:30:00+02:00",
                &[60],
                &["2025-10-12T21:00:00+02:00"],
            ),
            // Late in the evening: the next morning.
            (
                "2025-10-13T22:30:00+02:00",
                &[1440],
                &["2025-10-13T08:00:00+02:00"],
            ),
            // After a change of the clocks the wall clock counts.
            (
                "2025-10-26T10:00:00+01:00",
                &[300],
                &["2025-10-26T08:00:00+01:00"],
            ),
            // Several, the first first; those that meet are one.
            (
                "2025-10-13T08:00:00+02:00",
                &[60, 1440, 90],
                &["2025-10-12T08:00:00+02:00", "2025-10-12T21:00:00+02:00"],
            ),
            // Over.
            (
                "2025-10-01T14:30:00+02:00",
                &[60, 15],
                &["2025-10-01T14:15:00+02:00"],
            ),
            ("2025-10-01T14:00:00+02:00", &[0], &[]),
            ("2025-10-13T14:00:00+02:00", &[], &[]),
        ] {
            let due = reminders(at(start), leads, (berlin(), now));
            let due: Vec<_> = due.iter().map(|it| berlin().rfc3339(it.at)).collect();
            assert_eq!(due, expected, "{start} {leads:?}");
        }
    }

    proptest! {
        /// Always by day, always before the appointment, never in the past.
        #[test]
        fn every_reminder_is_by_day_and_in_time(
            start in 1_700_000_000i64..1_900_000_000, lead in 1u32..44_640, ahead in 0i64..3_000_000,
        ) {
            let start = Instant::from_unix_seconds(start - start % 300).expect("a moment");
            let now = start - Span::seconds(ahead);
            for it in reminders(start, &[lead], (berlin(), now)) {
                let minute = berlin().local(it.at).time.minute_of_day();
                prop_assert!((8 * 60..=21 * 60).contains(&minute), "{minute}");
                prop_assert!(it.at > now && it.at < start);
            }
        }
    }
}
