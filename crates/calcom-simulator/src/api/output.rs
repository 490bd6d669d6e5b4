//! A booking as the API shows it.

use serde_json::{Map, Value, json};

use crate::format::utc_ms;
use crate::store::{Attendee, Booking};
use crate::world::World;

/// The `data` of create, read, list, reschedule and cancel.
pub(crate) fn booking(world: &World, booking: &Booking) -> Value {
    let event_type = world
        .event_type(booking.event_type_id)
        .map(|(_, event_type)| event_type);
    let hosts: Vec<Value> = booking.host_ids.iter().map(|id| host(world, *id)).collect();
    let host_name = hosts
        .first()
        .and_then(|host| host["name"].as_str())
        .unwrap_or("nobody");
    let title = event_type.map_or("", |event_type| event_type.title.as_str());
    let mut data = json!({
        "id": booking.id,
        "uid": booking.uid,
        "title": booking.title(title, host_name),
        "description": booking.responses.get("notes").cloned().unwrap_or_else(|| json!("")),
        "hosts": hosts,
        "status": booking.status.as_str(),
        "start": utc_ms(booking.span.start),
        "end": utc_ms(booking.span.end),
        "duration": booking.span.minutes(),
        "eventTypeId": booking.event_type_id,
        "eventType": {"id": booking.event_type_id,
            "slug": event_type.map(|event_type| event_type.slug.as_str())},
        "meetingUrl": booking.video_url(),
        "location": booking.location,
        "absentHost": booking.absent_host,
        "createdAt": utc_ms(booking.created_at),
        "updatedAt": booking.updated_at.map(utc_ms),
        "metadata": booking.metadata,
        "icsUid": booking.ics_uid,
        "attendees": booking.attendees.iter().map(attendee).collect::<Vec<_>>(),
        "guests": booking.guests,
        "bookingFieldsResponses": answers(booking),
    });
    let optional = [
        ("cancellationReason", &booking.cancellation_reason),
        ("cancelledByEmail", &booking.cancelled_by),
        ("reschedulingReason", &booking.rescheduling_reason),
        ("rescheduledByEmail", &booking.rescheduled_by),
        ("rescheduledFromUid", &booking.rescheduled_from),
        ("rescheduledToUid", &booking.rescheduled_to),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            data[name] = json!(value);
        }
    }
    data
}

/// A user who is gone has the id `"unknown"`, which the schema does not promise.
fn host(world: &World, id: u64) -> Value {
    match world.host(id) {
        Some(host) => json!({"id": host.id, "name": host.name, "email": host.email,
            "displayEmail": host.email, "username": host.username,
            "timeZone": host.time_zone.name()}),
        None => json!({"id": "unknown", "name": "unknown", "email": "unknown",
            "displayEmail": "unknown", "username": "unknown", "timeZone": "unknown"}),
    }
}

fn attendee(attendee: &Attendee) -> Value {
    let mut value = json!({
        "name": attendee.name,
        "email": attendee.email,
        "displayEmail": attendee.email,
        "timeZone": attendee.time_zone.name(),
        "language": attendee.language,
        "absent": attendee.absent,
    });
    if let Some(phone) = &attendee.phone {
        value["phoneNumber"] = json!(phone);
    }
    if let Some(seat) = &attendee.seat_uid {
        value["seatUid"] = json!(seat);
    }
    value
}

fn answers(booking: &Booking) -> Map<String, Value> {
    let mut answers = booking.responses.clone();
    if let Some(attendee) = booking.attendees.first() {
        answers.insert("email".to_owned(), json!(attendee.email));
        answers.insert("displayEmail".to_owned(), json!(attendee.email));
        answers.insert("name".to_owned(), json!(attendee.name));
        if let Some(phone) = &attendee.phone {
            answers.insert("attendeePhoneNumber".to_owned(), json!(phone));
        }
    }
    answers
}
