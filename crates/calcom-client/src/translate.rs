//! A booking in Cal.com's JSON, put into our words. Only what must be there must be there.

use booking_domain::appointment::{RemoteBooking, RemoteStatus};
use booking_domain::ids::{AppointmentId, BookingUid, EventTypeId, HostId};
use booking_domain::ports::OUR_APPOINTMENT;
use booking_domain::time::{Instant, TimeRange};
use serde_json::Value;

use crate::verdict::Problem;

const UNREADABLE: Problem = Problem::Unreadable("a booking");

/// Needs uid, status, start and end; everything else may be absent or of another type.
pub(crate) fn booking(value: &Value) -> Result<RemoteBooking, Problem> {
    let uid = uid(value, "uid").ok_or(UNREADABLE)?;
    let status = text(value, "status").and_then(status).ok_or(UNREADABLE)?;
    let host = &value["hosts"][0];
    let ours = text(&value["metadata"], OUR_APPOINTMENT);
    Ok(RemoteBooking {
        uid,
        status,
        range: range(value).ok_or(UNREADABLE)?,
        event_type: number(value, "eventTypeId")
            .or_else(|| number(&value["eventType"], "id"))
            .map(EventTypeId::new),
        // Of a person who has left, the number is a word.
        host: number(host, "id").map(HostId::new),
        host_email: text(host, "email").map(str::to_owned),
        ours: ours.and_then(|id| id.parse::<AppointmentId>().ok()),
        rescheduled_from: self::uid(value, "rescheduledFromUid"),
        rescheduled_to: self::uid(value, "rescheduledToUid"),
        created_at: instant(value, "createdAt"),
        changed_at: instant(value, "updatedAt").or_else(|| instant(value, "createdAt")),
    })
}

/// When the booking takes place, if it says so.
pub(crate) fn range(value: &Value) -> Option<TimeRange> {
    TimeRange::new(instant(value, "start")?, instant(value, "end")?).ok()
}

fn status(text: &str) -> Option<RemoteStatus> {
    match text.to_ascii_lowercase().as_str() {
        "accepted" => Some(RemoteStatus::Accepted),
        // Both wait for a person and take the slot meanwhile.
        "pending" | "awaiting_host" => Some(RemoteStatus::Pending),
        "cancelled" => Some(RemoteStatus::Cancelled),
        "rejected" => Some(RemoteStatus::Rejected),
        _ => None,
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value[name].as_str()
}

fn number(value: &Value, name: &str) -> Option<i64> {
    value[name].as_i64().filter(|number| *number > 0)
}

fn instant(value: &Value, name: &str) -> Option<Instant> {
    text(value, name)?.parse().ok()
}

fn uid(value: &Value, name: &str) -> Option<BookingUid> {
    text(value, name).and_then(BookingUid::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn full() -> Value {
        json!({
            "id": 4711, "uid": "kR4tZq8wLm2nXv6pYc1dBs", "status": "accepted",
            "title": "Beratung zwischen Ida Holm und Nils Arp",
            "hosts": [{"id": 501, "name": "Ida Holm", "email": "ida@praxis.example"}],
            "start": "2030-03-12T15:00:00.000Z", "end": "2030-03-12T10:45:00.000-05:00",
            "eventTypeId": 77, "eventType": {"id": 77, "slug": "beratung"},
            "createdAt": "2030-03-01T18:20:31.000Z", "updatedAt": null,
            "metadata": {"gw_booking": "0199cd00-0000-7000-8000-000000000001", "n": 3},
            "rescheduledFromUid": "aB3", "attendees": [{"name": "Nils Arp", "absent": false}],
        })
    }

    fn with(name: &str, new: Value) -> Value {
        let mut value = full();
        value[name] = new;
        value
    }

    #[test]
    fn a_full_booking() {
        let booking = booking(&full()).unwrap();
        assert_eq!(booking.uid.expose(), "kR4tZq8wLm2nXv6pYc1dBs");
        assert_eq!(booking.status, RemoteStatus::Accepted);
        assert_eq!(booking.range.span().as_minutes(), 45);
        assert_eq!(booking.event_type, Some(EventTypeId::new(77)));
        assert_eq!(booking.host, Some(HostId::new(501)));
        assert_eq!(booking.host_email.as_deref(), Some("ida@praxis.example"));
        let id = booking.ours.unwrap().to_string();
        assert_eq!(id, "0199cd00-0000-7000-8000-000000000001");
        let from = booking.rescheduled_from.unwrap();
        assert_eq!((from.expose(), booking.rescheduled_to), ("aB3", None));
        let changed = booking.changed_at.unwrap().to_string();
        assert_eq!(changed, "2030-03-01T18:20:31Z");
    }

    /// Turns red when a field becomes mandatory.
    #[test]
    fn only_four_fields_are_needed() {
        let least = json!({
            "uid": "aB3", "status": "CANCELLED",
            "start": "2030-03-12T15:00:00Z", "end": "2030-03-12T16:00:00Z",
        });
        let least = booking(&least).unwrap();
        assert_eq!(least.status, RemoteStatus::Cancelled);
        assert_eq!((least.event_type, least.ours), (None, None));
        let needed = ["uid", "status", "start", "end"];
        for name in full().as_object().unwrap().keys() {
            for odd in [
                Value::Null,
                json!([1]),
                json!({}),
                json!(-1),
                json!("odd word"),
            ] {
                let read = booking(&with(name, odd.clone()));
                assert_eq!(
                    read.is_ok(),
                    !needed.contains(&name.as_str()),
                    "{name} {odd}"
                );
            }
        }
    }

    #[test]
    fn what_cannot_be_is_unreadable() {
        for (name, odd) in [
            ("uid", json!("../me")),
            ("status", json!("postponed")),
            ("end", json!("2030-03-12T15:00:00Z")),
            ("start", json!("2030-03-12T15:00:00")),
        ] {
            assert!(booking(&with(name, odd)).is_err(), "{name}");
        }
        for odd in [json!(null), json!([full()]), json!("x")] {
            assert!(booking(&odd).is_err());
        }
        let unknown = with(
            "hosts",
            json!([{"id": "unknown", "email": "ida@praxis.example"}]),
        );
        let unknown = booking(&unknown).unwrap();
        assert_eq!(unknown.host, None);
        assert!(unknown.host_email.is_some());
    }

    #[test]
    fn statuses() {
        for (word, expected) in [
            ("pending", RemoteStatus::Pending),
            ("awaiting_host", RemoteStatus::Pending),
            ("rejected", RemoteStatus::Rejected),
            ("ACCEPTED", RemoteStatus::Accepted),
        ] {
            let read = booking(&with("status", json!(word))).unwrap();
            assert_eq!(read.status, expected);
        }
    }
}
