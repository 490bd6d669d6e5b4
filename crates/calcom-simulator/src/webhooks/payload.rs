//! What a webhook says. Each trigger has its own habits: time formats, which fields are missing,
//! what `metadata` holds. They are copied on purpose, quirks included.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{Event, people};
use crate::format::{utc_ms, utc_offset, utc_seconds};
use crate::store::{Booking, Status};
use crate::world::{EventType, Scheduling, World};

/// A booking that was accepted at once.
pub(crate) fn created(world: &World, booking: &Booking) -> Event {
    let mut payload = full(world, booking, "ACCEPTED", utc_seconds);
    payload.insert("metadata".to_owned(), metadata(booking, true));
    seat(&mut payload, booking);
    event("BOOKING_CREATED", booking, payload)
}

/// A pending booking that the host has accepted: the caller's metadata is gone.
pub(crate) fn confirmed(world: &World, booking: &Booking) -> Event {
    let mut payload = full(world, booking, "ACCEPTED", utc_seconds);
    if let Some(url) = booking.video_url() {
        payload.insert("metadata".to_owned(), json!({"videoCallUrl": url}));
    }
    event("BOOKING_CREATED", booking, payload)
}

/// A booking that waits for the host, new or moved.
pub(crate) fn requested(world: &World, booking: &Booking, one_time_password: &str) -> Event {
    let mut payload = full(world, booking, "PENDING", utc_seconds);
    payload.insert("metadata".to_owned(), metadata(booking, false));
    payload.insert("location".to_owned(), json!("integrations:daily"));
    payload.insert("oneTimePassword".to_owned(), json!(one_time_password));
    payload.insert("videoCallData".to_owned(), Value::Null);
    event("BOOKING_REQUESTED", booking, payload)
}

/// A move: `uid` is the new booking, `rescheduleUid` the old one.
pub(crate) fn rescheduled(world: &World, old: &Booking, new: &Booking) -> Event {
    let mut payload = full(world, new, "ACCEPTED", utc_seconds);
    payload.insert("metadata".to_owned(), metadata(new, true));
    payload.insert("rescheduleId".to_owned(), json!(old.id));
    payload.insert("rescheduleUid".to_owned(), json!(old.uid));
    payload.insert(
        "rescheduleStartTime".to_owned(),
        json!(utc_seconds(old.span.start)),
    );
    payload.insert(
        "rescheduleEndTime".to_owned(),
        json!(utc_seconds(old.span.end)),
    );
    payload.insert("rescheduledBy".to_owned(), json!(new.rescheduled_by));
    payload["responses"]["rescheduleReason"]["value"] = json!(new.rescheduling_reason);
    event("BOOKING_RESCHEDULED", new, payload)
}

pub(crate) fn rejected(world: &World, booking: &Booking) -> Event {
    let mut payload = full(world, booking, "REJECTED", utc_ms);
    payload.insert("destinationCalendar".to_owned(), json!([]));
    payload.insert(
        "rejectionReason".to_owned(),
        json!(booking.rejection_reason),
    );
    event("BOOKING_REJECTED", booking, payload)
}

/// Who cancelled and why; sent before the booking itself says so.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cancellation<'a> {
    pub(crate) by: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
    /// Only this seat was given up.
    pub(crate) seat: Option<&'a str>,
    /// The host asks for another time.
    pub(crate) asks_to_move: bool,
}

pub(crate) fn cancelled(world: &World, booking: &Booking, why: Cancellation<'_>) -> Event {
    let mut payload = full(world, booking, "CANCELLED", utc_offset);
    for missing in [
        "appsStatus",
        "conferenceData",
        "videoCallData",
        "hashedLink",
        "schedulingType",
    ] {
        payload.remove(missing);
    }
    payload.insert("destinationCalendar".to_owned(), json!([]));
    payload.insert("responses".to_owned(), responses(booking, true));
    payload.insert("attendees".to_owned(), leaving(booking, why.seat));
    payload.insert("cancellationReason".to_owned(), json!(why.reason));
    payload.insert("cancelledBy".to_owned(), json!(why.by));
    payload.insert("requestReschedule".to_owned(), json!(why.asks_to_move));
    event("BOOKING_CANCELLED", booking, payload)
}

/// Another host took it over: same uid, same time.
pub(crate) fn reassigned(world: &World, booking: &Booking, had: &[u64]) -> Event {
    let mut payload = full(world, booking, "ACCEPTED", utc_seconds);
    payload.insert("metadata".to_owned(), metadata(booking, true));
    payload.insert("addedHostUserIds".to_owned(), json!(booking.host_ids));
    payload.insert("removedHostUserIds".to_owned(), json!(had));
    event("BOOKING_REASSIGNED", booking, payload)
}

/// What Cal.com's queue does: it reads the booking when it sends, whatever the event was about.
pub(crate) fn bring_up_to_date(event: &mut Event, world: &World, booking: &Booking) {
    let host = booking.host_ids.first().and_then(|id| world.host(*id));
    event.payload["status"] = json!(booking.status.as_str().to_uppercase());
    event.payload["organizer"] = people::organizer(host, booking.span.start);
}

/// Attendees marked as absent or present; a payload without `uid`.
pub(crate) fn no_show(booking: &Booking, marked: &[(String, bool)]) -> Event {
    let attendees: Vec<Value> = marked
        .iter()
        .map(|(email, absent)| json!({"email": email, "noShow": absent}))
        .collect();
    let sentences: Vec<String> = marked
        .iter()
        .map(|(email, absent)| {
            format!(
                "{email} {} as no-show",
                if *absent { "marked" } else { "unmarked" }
            )
        })
        .collect();
    let payload = json!({
        "message": sentences.join(", "),
        "attendees": attendees,
        "bookingUid": booking.uid,
        "bookingId": booking.id,
    });
    let payload = payload.as_object().cloned().unwrap_or_default();
    event("BOOKING_NO_SHOW_UPDATED", booking, payload)
}

fn event(trigger: &'static str, booking: &Booking, payload: Map<String, Value>) -> Event {
    Event {
        trigger,
        account: booking.account.clone(),
        booking_uid: booking.uid.clone(),
        payload: Value::Object(payload),
    }
}

/// The body that is posted and signed.
pub(crate) fn envelope(event: &Event, sent_at: DateTime<Utc>, null_uid: bool) -> Value {
    let mut payload = event.payload.clone();
    if null_uid && payload.get("uid").is_some() {
        payload["uid"] = Value::Null;
    }
    json!({"triggerEvent": event.trigger, "createdAt": utc_ms(sent_at), "payload": payload})
}

/// What a template that is not JSON makes of it.
pub(crate) fn form(envelope: &Value) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for name in ["triggerEvent", "createdAt"] {
        form.append_pair(name, envelope[name].as_str().unwrap_or_default());
    }
    for name in ["uid", "status", "startTime", "endTime"] {
        form.append_pair(name, envelope["payload"][name].as_str().unwrap_or_default());
    }
    form.finish()
}

/// The fields that all booking payloads share.
fn full(
    world: &World,
    booking: &Booking,
    status: &str,
    time: fn(DateTime<Utc>) -> String,
) -> Map<String, Value> {
    let event_type = world
        .event_type(booking.event_type_id)
        .map(|(_, event_type)| event_type);
    let host = booking.host_ids.first().and_then(|id| world.host(*id));
    let title = event_type.map_or("", |event_type| event_type.title.as_str());
    let start = booking.span.start;
    let attendees: Vec<Value> = booking
        .attendees
        .iter()
        .map(|attendee| people::attendee(attendee, start, true))
        .collect();
    let mut payload = json!({
        "bookerUrl": "https://cal.com",
        "title": booking.title(title, host.map_or("nobody", |host| host.name.as_str())),
        "startTime": time(start),
        "endTime": time(booking.span.end),
        "additionalNotes": notes(booking),
        "type": event_type.map(|event_type| event_type.slug.as_str()),
        "description": notes(booking),
        "eventTypeId": booking.event_type_id,
        "schedulingType": event_type.and_then(scheduling),
        "seatsPerTimeSlot": event_type.and_then(|event_type| event_type.seats),
        "organizer": people::organizer(host, start),
        "attendees": attendees,
        "responses": responses(booking, false),
        "location": booking.location,
        "iCalUID": booking.ics_uid,
        "iCalSequence": booking.ics_sequence,
        "requiresConfirmation": event_type.is_some_and(|event_type| event_type.requires_confirmation),
        "uid": booking.uid,
        "eventTitle": title,
        "length": booking.span.minutes(),
        "bookingId": booking.id,
        "status": status,
    });
    payload["videoCallData"] = video(booking);
    if let Some(team) = people::team(world, booking) {
        payload["team"] = team;
    }
    let mut payload = payload.as_object().cloned().unwrap_or_default();
    payload.extend(constants());
    payload
}

/// Fields that never vary here.
fn constants() -> Map<String, Value> {
    let value = json!({
        "hideCalendarNotes": false,
        "hideCalendarEventDetails": false,
        "hideOrganizerEmail": false,
        "seatsShowAttendees": true,
        "seatsShowAvailabilityCount": true,
        "customReplyToEmail": null,
        "disableRescheduling": false,
        "disableCancelling": false,
        "customInputs": {},
        "userFieldsResponses": {},
        "destinationCalendar": null,
        "oneTimePassword": null,
        "organizationId": null,
        "hashedLink": null,
        "conferenceData": null,
        "appsStatus": null,
        "eventDescription": null,
        "price": 0,
        "currency": "usd",
    });
    value.as_object().cloned().unwrap_or_default()
}

fn scheduling(event_type: &EventType) -> Option<&'static str> {
    match event_type.scheduling {
        Scheduling::Personal => None,
        Scheduling::RoundRobin => Some("ROUND_ROBIN"),
        Scheduling::Collective => Some("COLLECTIVE"),
    }
}

fn notes(booking: &Booking) -> Value {
    booking
        .responses
        .get("notes")
        .cloned()
        .unwrap_or_else(|| json!(""))
}

fn video(booking: &Booking) -> Value {
    match booking.video_url() {
        Some(url) if booking.status != Status::Pending => {
            json!({"type": "daily_video", "id": format!("room-{}", &booking.uid[..6]), "url": url})
        }
        _ => Value::Null,
    }
}

fn metadata(booking: &Booking, with_video: bool) -> Value {
    let mut metadata = booking.metadata.clone();
    if let Some(url) = booking.video_url().filter(|_| with_video) {
        metadata.insert("videoCallUrl".to_owned(), json!(url));
    }
    Value::Object(metadata)
}

fn seat(payload: &mut Map<String, Value>, booking: &Booking) {
    if let Some(attendee) = booking
        .attendees
        .last()
        .filter(|last| last.seat_uid.is_some())
    {
        let person = people::attendee(attendee, booking.span.start, true);
        payload.insert("attendees".to_owned(), json!([person]));
        payload.insert("attendeeSeatId".to_owned(), json!(attendee.seat_uid));
    }
}

fn leaving(booking: &Booking, seat: Option<&str>) -> Value {
    booking
        .attendees
        .iter()
        .filter(|attendee| seat.is_none() || attendee.seat_uid.as_deref() == seat)
        .map(|attendee| people::attendee(attendee, booking.span.start, false))
        .collect()
}

/// The answers of the form; labels are keys in most triggers and sentences in a cancellation.
fn responses(booking: &Booking, human: bool) -> Value {
    let label = |key: &'static str, text: &'static str| if human { text } else { key };
    let attendee = booking.attendees.first();
    let mut all = json!({
        "name": {"label": label("your_name", "Your name"),
            "value": attendee.map(|attendee| &attendee.name), "isHidden": false},
        "email": {"label": label("email_address", "Email address"),
            "value": attendee.map(|attendee| &attendee.email), "isHidden": false},
        "location": {"label": label("location", "Location"),
            "value": {"optionValue": "", "value": "integrations:daily"}, "isHidden": false},
        "title": {"label": label("what_is_this_meeting_about", "What is this meeting about?"),
            "isHidden": true},
        "notes": {"label": label("additional_notes", "Additional notes"), "isHidden": false},
        "guests": {"label": label("additional_guests", "Add guests"),
            "value": booking.guests, "isHidden": false},
        "rescheduleReason": {"label": label("reason_for_reschedule", "Reason for reschedule"),
            "isHidden": false},
    });
    if let Some(phone) = attendee.and_then(|attendee| attendee.phone.as_ref()) {
        all["attendeePhoneNumber"] = json!({"label": label("phone_number", "Phone Number"),
            "value": phone, "isHidden": false});
    }
    for (slug, value) in &booking.responses {
        all[slug.as_str()]["value"] = value.clone();
        if all[slug.as_str()].get("label").is_none() {
            all[slug.as_str()]["label"] = json!(slug);
            all[slug.as_str()]["isHidden"] = json!(false);
        }
    }
    all
}
