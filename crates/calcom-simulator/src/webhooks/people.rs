//! The persons in a payload: organiser, team and attendees, with their zone's offset at the time.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::store::{Attendee, Booking};
use crate::world::{Host, World};

/// The host whose calendar has it.
pub(super) fn organizer(host: Option<&Host>, at: DateTime<Utc>) -> Value {
    let Some(host) = host else { return Value::Null };
    json!({
        "id": host.id,
        "name": host.name,
        "email": host.email,
        "username": host.username,
        "usernameInOrg": host.username,
        "timeZone": host.time_zone.name(),
        "language": {"locale": "en"},
        "timeFormat": "h:mma",
        "utcOffset": offset_minutes(host.time_zone, at),
    })
}

/// Hosts other than the organiser, for collective types.
pub(super) fn team(world: &World, booking: &Booking) -> Option<Value> {
    let members: Vec<Value> = booking
        .host_ids
        .iter()
        .skip(1)
        .filter_map(|id| world.host(*id))
        .map(|host| organizer(Some(host), booking.span.start))
        .collect();
    (!members.is_empty()).then(|| json!({"id": 1, "name": "Team", "members": members}))
}

pub(super) fn attendee(attendee: &Attendee, at: DateTime<Utc>, with_parts: bool) -> Value {
    let (first, last) = attendee
        .name
        .split_once(' ')
        .unwrap_or((&attendee.name, ""));
    let mut value = json!({
        "email": attendee.email,
        "name": attendee.name,
        "timeZone": attendee.time_zone.name(),
        "language": {"locale": attendee.language},
        "utcOffset": offset_minutes(attendee.time_zone, at),
    });
    if with_parts {
        value["firstName"] = json!(first);
        value["lastName"] = json!(last);
    }
    if let Some(phone) = &attendee.phone {
        value["phoneNumber"] = json!(phone);
    }
    value
}

fn offset_minutes(zone: Tz, at: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&at.naive_utc())
        .fix()
        .local_minus_utc()
        / 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_follow_summer_time() {
        let berlin = chrono_tz::Europe::Berlin;
        assert_eq!(
            offset_minutes(berlin, "2030-07-01T12:00:00Z".parse().unwrap()),
            120
        );
        assert_eq!(
            offset_minutes(berlin, "2030-01-01T12:00:00Z".parse().unwrap()),
            60
        );
    }
}
