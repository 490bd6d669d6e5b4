//! Times as people read them: always with the day of the week, and with the zone.

use booking_domain::time::{Day, Instant, LocalDateTime, Resolved, TimeRange, ZoneName};

use super::Lang;

const DAYS_DE: [&str; 7] = [
    "Montag",
    "Dienstag",
    "Mittwoch",
    "Donnerstag",
    "Freitag",
    "Samstag",
    "Sonntag",
];
const DAYS_EN: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS_DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Cities that are called otherwise in German than in the zone database.
const CITIES_DE: &[(&str, &str)] = &[
    ("Athens", "Athen"),
    ("Brussels", "Brüssel"),
    ("Bucharest", "Bukarest"),
    ("Copenhagen", "Kopenhagen"),
    ("Lisbon", "Lissabon"),
    ("Luxembourg", "Luxemburg"),
    ("Moscow", "Moskau"),
    ("Prague", "Prag"),
    ("Rome", "Rom"),
    ("Vienna", "Wien"),
    ("Warsaw", "Warschau"),
    ("Zurich", "Zürich"),
];

/// `Montag, 13. Oktober 2025, 08:00–09:00 Uhr (Ortszeit Berlin, UTC+2)`.
pub(super) fn full(range: TimeRange, zone: ZoneName, lang: Lang) -> String {
    let (start, end) = (zone.local(range.start()), zone.local(range.end()));
    let place = full_zone(range.start(), zone, lang);
    let offset_of_end = offset(range.end(), zone);
    let until = match (start.day == end.day, lang) {
        (true, _) => format!("–{}", end.time),
        (false, Lang::De) => format!(" Uhr bis {}, {}", long_day(end.day, lang), end.time),
        (false, Lang::En) => format!(" until {}, {}", long_day(end.day, lang), end.time),
    };
    // The clocks may be put back or forward meanwhile.
    let until = if offset(range.start(), zone) == offset_of_end {
        until
    } else {
        format!("{until} ({offset_of_end})")
    };
    let hour = match lang {
        Lang::De => " Uhr",
        Lang::En => "",
    };
    let day = long_day(start.day, lang);
    format!("{day}, {}{until}{hour} ({place})", start.time)
}

/// `Mo 13.10.2025 08:00 Uhr (Berlin)`, or `Mon 13 Oct 2025 08:00 (Berlin)`.
pub(super) fn short(range: TimeRange, zone: ZoneName, lang: Lang) -> String {
    let at = zone.local(range.start());
    let (year, month, day) = at.day.ymd();
    let weekday = at.day.weekday() as usize;
    let mut place = city(zone, lang).unwrap_or_else(|| zone.name().to_owned());
    if happens_twice(at, zone) {
        place = format!("{place}, {}", offset(range.start(), zone));
    }
    let time = at.time;
    match lang {
        Lang::De => {
            let weekday = &DAYS_DE[weekday][..2];
            format!("{weekday} {day:02}.{month:02}.{year} {time} Uhr ({place})")
        }
        Lang::En => {
            let (weekday, month) = (&DAYS_EN[weekday][..3], &MONTHS_EN[month as usize - 1][..3]);
            format!("{weekday} {day} {month} {year} {time} ({place})")
        }
    }
}

fn happens_twice(at: LocalDateTime, zone: ZoneName) -> bool {
    matches!(zone.resolve(at.day, at.time), Resolved::Twice { .. })
}

fn long_day(day: Day, lang: Lang) -> String {
    let weekday = day.weekday() as usize;
    let (year, month, day) = day.ymd();
    let month = month as usize - 1;
    match lang {
        Lang::De => format!("{}, {day}. {} {year}", DAYS_DE[weekday], MONTHS_DE[month]),
        Lang::En => format!("{}, {day} {} {year}", DAYS_EN[weekday], MONTHS_EN[month]),
    }
}

fn full_zone(at: Instant, zone: ZoneName, lang: Lang) -> String {
    let offset = offset(at, zone);
    match (city(zone, lang), lang) {
        (Some(city), Lang::De) => format!("Ortszeit {city}, {offset}"),
        (Some(city), Lang::En) => format!("{city} time, {offset}"),
        (None, _) if zone.name() == offset => offset,
        (None, _) => format!("{}, {offset}", zone.name()),
    }
}

/// The city that names the zone; `None` for zones that are named after none.
fn city(zone: ZoneName, lang: Lang) -> Option<String> {
    let (region, city) = zone.name().rsplit_once('/')?;
    if matches!(
        region,
        "Etc" | "US" | "Canada" | "Brazil" | "Chile" | "Mexico"
    ) {
        return None;
    }
    let german = CITIES_DE.iter().find(|(name, _)| *name == city);
    let city = match (german, lang) {
        (Some((_, german)), Lang::De) => german,
        _ => city,
    };
    Some(city.replace('_', " "))
}

/// `UTC+2`, `UTC-3:30`, `UTC`.
fn offset(at: Instant, zone: ZoneName) -> String {
    let text = zone.rfc3339(at);
    let (sign, clock) = text.split_at(text.len() - 6).1.split_at(1);
    let (hours, minutes) = clock.split_once(':').unwrap_or((clock, "00"));
    let hours = hours.trim_start_matches('0');
    let hours = if hours.is_empty() { "0" } else { hours };
    match (hours, minutes) {
        ("0", "00") => "UTC".to_owned(),
        (_, "00") => format!("UTC{sign}{hours}"),
        _ => format!("UTC{sign}{hours}:{minutes}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: &str, minutes: u32) -> TimeRange {
        TimeRange::lasting(start.parse().expect("an instant"), minutes)
    }

    /// Red when a name of a day or month is wrong, a zone is left out, or UTC is shown as local.
    #[test]
    fn times_are_local_and_say_so() {
        let table = [
            (
                ("2025-10-13T06:00:00Z", 60, "Europe/Berlin"),
                "Montag, 13. Oktober 2025, 08:00–09:00 Uhr (Ortszeit Berlin, UTC+2)",
                "Monday, 13 October 2025, 08:00–09:00 (Berlin time, UTC+2)",
                "Mo 13.10.2025 08:00 Uhr (Berlin)",
            ),
            (
                ("2026-03-01T22:30:00Z", 60, "Europe/Vienna"),
                "Sonntag, 1. März 2026, 23:30 Uhr bis Montag, 2. März 2026, 00:30 Uhr \
                 (Ortszeit Wien, UTC+1)",
                "Sunday, 1 March 2026, 23:30 until Monday, 2 March 2026, 00:30 (Vienna time, UTC+1)",
                "So 01.03.2026 23:30 Uhr (Wien)",
            ),
            // The second half past two of the night in which clocks are put back.
            (
                ("2025-10-26T01:30:00Z", 30, "Europe/Berlin"),
                "Sonntag, 26. Oktober 2025, 02:30–03:00 Uhr (Ortszeit Berlin, UTC+1)",
                "Sunday, 26 October 2025, 02:30–03:00 (Berlin time, UTC+1)",
                "So 26.10.2025 02:30 Uhr (Berlin, UTC+1)",
            ),
            (
                ("2025-10-26T00:30:00Z", 60, "Europe/Berlin"),
                "Sonntag, 26. Oktober 2025, 02:30–02:30 (UTC+1) Uhr (Ortszeit Berlin, UTC+2)",
                "Sunday, 26 October 2025, 02:30–02:30 (UTC+1) (Berlin time, UTC+2)",
                "So 26.10.2025 02:30 Uhr (Berlin, UTC+2)",
            ),
            (
                ("2025-10-13T06:00:00Z", 30, "UTC"),
                "Montag, 13. Oktober 2025, 06:00–06:30 Uhr (UTC)",
                "Monday, 13 October 2025, 06:00–06:30 (UTC)",
                "Mo 13.10.2025 06:00 Uhr (UTC)",
            ),
            (
                ("2025-10-13T06:00:00Z", 30, "America/St_Johns"),
                "Montag, 13. Oktober 2025, 03:30–04:00 Uhr (Ortszeit St Johns, UTC-2:30)",
                "Monday, 13 October 2025, 03:30–04:00 (St Johns time, UTC-2:30)",
                "Mo 13.10.2025 03:30 Uhr (St Johns)",
            ),
        ];
        for ((start, minutes, zone), german, english, in_short) in table {
            let (range, zone) = (range(start, minutes), zone.parse().expect("a zone"));
            assert_eq!(full(range, zone, Lang::De), german);
            assert_eq!(full(range, zone, Lang::En), english);
            assert_eq!(short(range, zone, Lang::De), in_short);
        }
    }

    #[test]
    fn every_month_has_its_name() {
        let zone = "Europe/Berlin".parse().expect("a zone");
        for (month, (german, english)) in MONTHS_DE.iter().zip(MONTHS_EN).enumerate() {
            let range = range(&format!("2027-{:02}-09T09:00:00Z", month + 1), 60);
            assert!(full(range, zone, Lang::De).contains(&format!(", 9. {german} 2027, ")));
            assert!(full(range, zone, Lang::En).contains(&format!(", 9 {english} 2027, ")));
            let short = short(range, zone, Lang::En);
            assert!(
                short.contains(&format!(" 9 {} 2027 ", &english[..3])),
                "{short}"
            );
        }
    }
}
