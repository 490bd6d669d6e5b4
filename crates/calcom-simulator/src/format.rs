//! How Cal.com writes instants: always with milliseconds in the API, without in webhooks.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use chrono_tz::Tz;

/// `2030-03-12T15:00:00.000Z`
pub(crate) fn utc_ms(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `2030-03-12T15:00:00Z`
pub(crate) fn utc_seconds(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `2030-03-12T15:00:00+00:00`
pub(crate) fn utc_offset(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// `…Z` for UTC, a numeric offset for any other zone.
pub(crate) fn in_zone_ms(instant: DateTime<Utc>, zone: Tz) -> String {
    if zone == Tz::UTC {
        return utc_ms(instant);
    }
    instant
        .with_timezone(&zone)
        .to_rfc3339_opts(SecondsFormat::Millis, false)
}

/// Reads an ISO 8601 date-time; without an offset it counts as UTC.
pub(crate) fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.with_timezone(&Utc));
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|pattern| NaiveDateTime::parse_from_str(text, pattern).ok())
        .map(|local| local.and_utc())
}

/// Reads a date or a date-time; a date alone is its first second.
pub(crate) fn parse_date_or_instant(text: &str) -> Option<DateTime<Utc>> {
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(day) => Some(day.and_time(NaiveTime::MIN).and_utc()),
        Err(_) => parse_instant(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_the_way_each_reader_expects() {
        let instant = parse_instant("2030-03-12T16:00:00+01:00").unwrap();
        assert_eq!(utc_ms(instant), "2030-03-12T15:00:00.000Z");
        assert_eq!(utc_seconds(instant), "2030-03-12T15:00:00Z");
        assert_eq!(utc_offset(instant), "2030-03-12T15:00:00+00:00");
        let chicago = in_zone_ms(instant, chrono_tz::America::Chicago);
        assert_eq!(chicago, "2030-03-12T10:00:00.000-05:00");
        assert_eq!(in_zone_ms(instant, Tz::UTC), "2030-03-12T15:00:00.000Z");
    }

    #[test]
    fn instants_are_read_strictly() {
        assert_eq!(
            parse_instant("2030-03-12T15:00"),
            parse_instant("2030-03-12T15:00:00Z")
        );
        assert!(parse_instant("2030-03-12").is_none());
        assert!(parse_date_or_instant("2030-03-12").is_some());
        assert!(parse_date_or_instant("2030-13-12").is_none());
        assert!(parse_date_or_instant("12.03.2030").is_none());
    }
}
