//! What German callers and their agents say, and what it means on Friday, 10 October 2025, at two
//! minutes past ten in Berlin.

use booking_domain::time::{Instant, ZoneName};

use super::{DateReading, Field, TimeReading, hear};

pub(super) fn zone() -> ZoneName {
    "Europe/Berlin".parse().expect("known zone")
}

pub(super) fn friday() -> Instant {
    "2025-10-10T08:02:30Z".parse().expect("valid")
}

pub(super) fn date(reading: &DateReading) -> String {
    match reading {
        DateReading::Missing => "missing".into(),
        DateReading::Exact(day) => day.to_string(),
        DateReading::Days { first, last } => format!("{first}..{last}"),
        DateReading::Ambiguous { options } => {
            let options: Vec<_> = options.iter().map(ToString::to_string).collect();
            options.join("|")
        }
        DateReading::Past(day) => format!("past {day}"),
        DateReading::Invalid(_) => "invalid".into(),
    }
}

pub(super) fn time(reading: &TimeReading) -> String {
    match reading {
        TimeReading::Missing => "missing".into(),
        TimeReading::Exact(time) => time.to_string(),
        TimeReading::Window(window) => format!("{}-{}", window.from, window.until),
        TimeReading::Ambiguous { options } => {
            let options: Vec<_> = options.iter().map(ToString::to_string).collect();
            options.join("|")
        }
        TimeReading::Invalid => "invalid".into(),
    }
}

pub(super) fn check_dates(table: &[(&str, &str)]) {
    let wrong: Vec<_> = table
        .iter()
        .map(|(said, meant)| {
            (
                said,
                meant,
                date(&hear(said, Field::Date, zone(), friday()).date),
            )
        })
        .filter(|(_, meant, heard)| heard != *meant)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

pub(super) fn check_times(table: &[(&str, &str)]) {
    let wrong: Vec<_> = table
        .iter()
        .map(|(said, meant)| {
            (
                said,
                meant,
                time(&hear(said, Field::Time, zone(), friday()).time),
            )
        })
        .filter(|(_, meant, heard)| heard != *meant)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

pub(super) fn check_both(table: &[(&str, &str, &str)]) {
    let wrong: Vec<_> = table
        .iter()
        .map(|(said, day, at)| {
            let heard = hear(said, Field::Date, zone(), friday());
            (said, (*day, *at), (date(&heard.date), time(&heard.time)))
        })
        .filter(|(_, meant, heard)| (heard.0.as_str(), heard.1.as_str()) != *meant)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn dates_in_digits() {
    check_dates(&[
        ("2025-10-13", "2025-10-13"),
        ("2025/10/13", "2025-10-13"),
        ("13.10.2025", "2025-10-13"),
        ("13.10.25", "2025-10-13"),
        ("13.10.", "2025-10-13"),
        ("13.10", "2025-10-13"),
        ("am 13.10.", "2025-10-13"),
        ("10.10.", "2025-10-10"),
        ("9.10.", "2026-10-09"),
        ("09.10.2025", "past 2025-10-09"),
        ("2023-06-13", "past 2023-06-13"),
        ("13-10-2025", "2025-10-13"),
        ("30.2.", "invalid"),
        ("31.04.2026", "invalid"),
        ("2025-13-45", "invalid"),
        ("29.2.", "2028-02-29"),
        ("29.02.2026", "invalid"),
        ("32.", "invalid"),
        ("0.5.", "invalid"),
        ("15.1.2031", "invalid"),
        ("13.", "2025-10-13"),
        ("am 9.", "2025-11-09"),
        ("31.", "2025-10-31"),
        ("13", "2025-10-13"),
        ("Montag, 13.10.", "2025-10-13"),
        ("Mo. 13.10.", "2025-10-13"),
        ("Mo 13.10.2025", "2025-10-13"),
        ("Dienstag, 13.10.2025", "2025-10-13|2025-10-14"),
        ("2025-10-13T08:00:00+02:00", "2025-10-13"),
        ("2025-10-13T22:30:00Z", "2025-10-14"),
        ("2025-10-13 08:00:00", "2025-10-13"),
    ]);
}

#[test]
fn dates_in_words() {
    check_dates(&[
        ("13. Oktober", "2025-10-13"),
        ("13 Oktober", "2025-10-13"),
        ("13. Okt. 2025", "2025-10-13"),
        ("den 13. Oktober 2025", "2025-10-13"),
        ("dreizehnter Oktober", "2025-10-13"),
        ("am dreizehnten Oktober", "2025-10-13"),
        ("am dreizehnten zehnten", "2025-10-13"),
        (
            "am dreizehnten zehnten zweitausendfünfundzwanzig",
            "2025-10-13",
        ),
        ("am dreizehnten", "2025-10-13"),
        ("der erste", "2025-11-01"),
        ("erster Mai", "2026-05-01"),
        ("3. Jänner", "2026-01-03"),
        ("dreißigster Februar", "invalid"),
        ("Montag, den 13. Oktober", "2025-10-13"),
        ("Dienstag, den 11. November", "2025-11-11"),
    ]);
}

#[test]
fn dates_seen_from_today() {
    check_dates(&[
        ("heute", "2025-10-10"),
        ("morgen", "2025-10-11"),
        ("Übermorgen", "2025-10-12"),
        ("uebermorgen", "2025-10-12"),
        ("gestern", "past 2025-10-09"),
        ("vorgestern", "past 2025-10-08"),
        ("Montag", "2025-10-13"),
        ("am Dienstag", "2025-10-14"),
        ("Freitag", "2025-10-10|2025-10-17"),
        ("diesen Freitag", "2025-10-10"),
        ("nächsten Freitag", "2025-10-17"),
        ("nächsten Dienstag", "2025-10-14"),
        ("naechsten Dienstag", "2025-10-14"),
        ("diesen Dienstag", "2025-10-14"),
        ("kommenden Dienstag", "2025-10-14"),
        ("übernächsten Dienstag", "2025-10-21"),
        ("letzten Dienstag", "past 2025-10-07"),
        ("Sonnabend", "2025-10-11"),
        ("Dienstag nächster Woche", "2025-10-14"),
        ("nächste Woche Donnerstag", "2025-10-16"),
        ("diese Woche Mittwoch", "past 2025-10-08"),
        ("übernächste Woche Montag", "2025-10-20"),
        ("nächste Woche", "2025-10-13..2025-10-19"),
        ("diese Woche", "2025-10-10..2025-10-12"),
        ("am Wochenende", "2025-10-11..2025-10-12"),
        ("nächstes Wochenende", "2025-10-11..2025-10-12"),
        ("im November", "2025-11-01..2025-11-30"),
        ("Oktober", "2025-10-10..2025-10-31"),
        ("nächsten Monat", "2025-11-01..2025-11-30"),
        ("KW 42", "2025-10-13..2025-10-19"),
        ("in zwei Wochen", "2025-10-24"),
        ("in einer Woche", "2025-10-17"),
        ("in 3 Tagen", "2025-10-13"),
        ("in drei Tagen", "2025-10-13"),
        ("in vierzehn Tagen", "2025-10-24"),
        ("in acht Tagen", "2025-10-17|2025-10-18"),
        ("heute in acht Tagen", "2025-10-17"),
        ("Montag in acht Tagen", "2025-10-20"),
        ("morgen in einer Woche", "2025-10-18"),
        ("Montag in zwei Wochen", "2025-10-27"),
        ("in zwei Wochen am Montag", "2025-10-20"),
        ("in einem Monat", "2025-11-10"),
        ("vor drei Tagen", "past 2025-10-07"),
        ("so bald wie möglich", "2025-10-10..2025-10-23"),
        ("Montag oder Dienstag", "2025-10-13|2025-10-14"),
        ("morgen, Samstag", "2025-10-11"),
        ("nicht am Dienstag", "invalid"),
        ("irgendwann mal", "invalid"),
        ("Ostern", "invalid"),
        ("None", "missing"),
        ("{{datum}}", "missing"),
        ("undefined", "missing"),
        ("", "missing"),
    ]);
}

#[test]
fn times() {
    check_times(&[
        ("08:00", "08:00"),
        ("8:00", "08:00"),
        ("08:00:00", "08:00"),
        ("8.30", "08:30"),
        ("8.30 Uhr", "08:30"),
        ("0830", "08:30"),
        ("14:00 Uhr", "14:00"),
        ("8 Uhr", "08:00"),
        ("um 8 Uhr", "08:00"),
        ("8 Uhr 30", "08:30"),
        ("8Uhr30", "08:30"),
        ("8h30", "08:30"),
        ("acht Uhr", "08:00"),
        ("acht Uhr dreißig", "08:30"),
        ("acht Uhr und dreißig Minuten", "08:30"),
        ("acht Uhr null fünf", "08:05"),
        ("acht dreißig", "08:30"),
        ("acht", "08:00"),
        ("8", "08:00"),
        ("um acht", "08:00"),
        ("gegen neun", "09:00"),
        ("vierzehn Uhr fünfundvierzig", "14:45"),
        ("halb neun", "08:30"),
        ("um halb neun Uhr", "08:30"),
        ("halb eins", "12:30"),
        ("halb drei", "02:30|14:30"),
        ("um drei", "03:00|15:00"),
        ("sechs Uhr", "06:00|18:00"),
        ("um sieben", "07:00"),
        ("03:00", "03:00"),
        ("drei Uhr", "03:00|15:00"),
        ("Viertel nach acht", "08:15"),
        ("viertel vor neun", "08:45"),
        ("viertel neun", "08:15"),
        ("drei viertel neun", "08:45"),
        ("dreiviertel neun", "08:45"),
        ("Viertel vor eins", "12:45"),
        ("zehn nach acht", "08:10"),
        ("zehn Minuten vor neun", "08:50"),
        ("fünf vor halb neun", "08:25"),
        ("fünf nach halb neun", "08:35"),
        ("zwanzig nach zehn", "10:20"),
    ]);
}

#[test]
fn parts_of_the_day() {
    check_times(&[
        ("acht Uhr abends", "20:00"),
        ("abends um acht", "20:00"),
        ("abends um halb sieben", "18:30"),
        ("nachmittags um drei", "15:00"),
        ("drei Uhr nachmittags", "15:00"),
        ("halb drei am Nachmittag", "14:30"),
        ("mittags um eins", "13:00"),
        ("zwölf Uhr mittags", "12:00"),
        ("morgens um sieben", "07:00"),
        ("drei Uhr nachts", "03:00"),
        ("Mitternacht", "00:00"),
        ("15 Uhr vormittags", "invalid"),
        ("vormittags", "360-720"),
        ("am Vormittag", "360-720"),
        ("morgens", "360-720"),
        ("früh", "360-720"),
        ("am Morgen", "360-720"),
        ("mittags", "660-840"),
        ("nachmittag", "720-1080"),
        ("am späten Nachmittag", "720-1080"),
        ("abends", "1020-1440"),
        ("gegen Abend", "1020-1440"),
        ("ab 14 Uhr", "840-1440"),
        ("nach 16 Uhr", "960-1440"),
        ("vor zwölf", "0-720"),
        ("bis 10 Uhr", "0-600"),
        ("zwischen zwei und vier", "840-960"),
        ("zwischen 9 und 11 Uhr", "540-660"),
        ("von neun bis zwölf", "540-720"),
        ("14-16 Uhr", "840-960"),
        ("14:00-16:30", "840-990"),
        ("14:00 – 16:00", "840-960"),
        ("9 bis 11", "540-660"),
        ("nachmittags ab 15 Uhr", "900-1080"),
        ("25:00", "invalid"),
        ("8:75", "invalid"),
        ("24 Uhr", "invalid"),
        ("ganz egal wann halt", "missing"),
        ("blau", "invalid"),
        ("null", "missing"),
    ]);
}

#[test]
fn day_and_time_in_one_breath() {
    check_both(&[
        ("morgen um acht", "2025-10-11", "08:00"),
        ("morgen früh um acht", "2025-10-11", "08:00"),
        ("morgen früh", "2025-10-11", "360-720"),
        ("heute Nachmittag", "2025-10-10", "720-1080"),
        ("heute morgen", "2025-10-10", "360-720"),
        ("Dienstag morgen", "2025-10-14", "360-720"),
        ("nächsten Freitag nachmittag", "2025-10-17", "720-1080"),
        ("nächsten Dienstag um halb neun", "2025-10-14", "08:30"),
        ("Dienstag 14 Uhr", "2025-10-14", "14:00"),
        ("am 13.10. um 8 Uhr 30", "2025-10-13", "08:30"),
        ("13. Oktober 14:30", "2025-10-13", "14:30"),
        ("um 8 Uhr 13. Oktober", "2025-10-13", "08:00"),
        ("8 Uhr am Dienstag", "2025-10-14", "08:00"),
        ("2025-10-13 08:30", "2025-10-13", "08:30"),
        ("2025-10-13T14:30", "2025-10-13", "14:30"),
        ("2025-10-13T14:30:00+02:00", "2025-10-13", "14:30"),
        ("übermorgen nach 16 Uhr", "2025-10-12", "960-1440"),
        ("in zwei Wochen um zehn", "2025-10-24", "10:00"),
        ("Montag zwischen zwei und vier", "2025-10-13", "840-960"),
        ("Mittwoch abends um acht", "2025-10-15", "20:00"),
        (
            "nächste Woche vormittags",
            "2025-10-13..2025-10-19",
            "360-720",
        ),
        ("morgen um drei", "2025-10-11", "03:00|15:00"),
    ]);
}

/// The day before and after midnight are those of the zone, not of Greenwich.
#[test]
fn tomorrow_begins_at_local_midnight() {
    let late: Instant = "2025-10-10T22:30:00Z".parse().expect("valid");
    let heard = hear("morgen", Field::Date, zone(), late);
    assert_eq!(date(&heard.date), "2025-10-12");
    let new_york = "America/New_York".parse().expect("known zone");
    assert_eq!(
        date(&hear("today", Field::Date, new_york, late).date),
        "2025-10-10"
    );
}

#[test]
fn morgen_alone_is_the_morning_where_a_time_is_asked_for() {
    let heard = hear("morgen", Field::Time, zone(), friday());
    assert_eq!(
        (date(&heard.date).as_str(), time(&heard.time).as_str()),
        ("missing", "360-720")
    );
    let heard = hear("morgen um acht", Field::Time, zone(), friday());
    assert_eq!(
        (date(&heard.date).as_str(), time(&heard.time).as_str()),
        ("2025-10-11", "08:00")
    );
    let heard = hear("13.10.2025 um acht", Field::Time, zone(), friday());
    assert_eq!(
        (date(&heard.date).as_str(), time(&heard.time).as_str()),
        ("2025-10-13", "08:00")
    );
}
