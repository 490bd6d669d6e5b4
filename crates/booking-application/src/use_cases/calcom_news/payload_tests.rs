//! Every trigger, in every spelling and time format that Cal.com uses. All names are made up.

use booking_domain::contact::Email;
use serde_json::json;

use super::*;

fn now() -> Instant {
    "2030-03-01T18:20:32Z".parse().expect("valid")
}

fn told(trigger: &str, payload: Value) -> Told {
    let envelope = json!({
        "triggerEvent": trigger, "createdAt": "2030-03-01T18:20:31.412Z", "payload": payload,
    });
    Told::read(envelope.to_string().as_bytes()).expect("JSON")
}

fn full(change: Value) -> Value {
    let mut payload = json!({
        "uid": "hV3kPz8QmWc5Tn", "bookingId": 4711, "eventTypeId": 990_017,
        "startTime": "2030-03-12T15:00:00Z", "endTime": "2030-03-12T15:45:00Z",
        "organizer": {"id": 501, "name": "Anna Berg", "email": "anna@sonnenhof.example"},
        "attendees": [{"name": "Lena Brandt", "email": "lena@mail.example",
            "phoneNumber": "+4930123456", "timeZone": "Europe/Berlin",
            "language": {"locale": "de"}}],
        "metadata": {"gw_booking": "0199cd00-0000-7000-8000-000000000001"},
        "status": "ACCEPTED", "length": 45, "somethingNew": {"deep": [1, 2, 3]},
    });
    for (name, value) in change.as_object().cloned().unwrap_or_default() {
        payload[name] = value;
    }
    payload
}

#[test]
fn triggers_have_many_spellings() {
    for (trigger, kind) in [
        ("BOOKING_CREATED", Some(NewsKind::Created)),
        ("BOOKING.CREATED", Some(NewsKind::Created)),
        ("BOOKING_REQUESTED", Some(NewsKind::Requested)),
        ("BOOKING_RESCHEDULED", Some(NewsKind::Rescheduled)),
        ("BOOKING.RESCHEDULED", Some(NewsKind::Rescheduled)),
        ("BOOKING.UPDATED", Some(NewsKind::Rescheduled)),
        ("BOOKING_CANCELLED", Some(NewsKind::Cancelled)),
        ("BOOKING.CANCELLED", Some(NewsKind::Cancelled)),
        ("BOOKING_REJECTED", Some(NewsKind::Rejected)),
        ("BOOKING_NO_SHOW_UPDATED", Some(NewsKind::NoShow)),
        ("PING", None),
        ("MEETING_ENDED", None),
        ("BOOKING_PAID", Some(NewsKind::Paid)),
        ("BOOKING_REASSIGNED", Some(NewsKind::Reassigned)),
        ("OOO_CREATED", Some(NewsKind::HostAway)),
        ("BOOKING_PAYMENT_INITIATED", None),
        ("", None),
    ] {
        let told = told(trigger, full(json!({})));
        assert_eq!(told.kind, kind, "{trigger}");
        assert!(!told.trigger.contains('.'), "{trigger}");
        assert_eq!(
            told.label() == "other",
            kind.is_none() && trigger != "PING",
            "{trigger}"
        );
    }
}

#[test]
fn a_created_booking_is_translated_whole() {
    let news = told("BOOKING_CREATED", full(json!({})))
        .news(now())
        .expect("news");
    let booking = news.booking.expect("a booking");
    assert_eq!(booking.uid.expose(), "hV3kPz8QmWc5Tn");
    assert_eq!(booking.status, RemoteStatus::Accepted);
    assert_eq!(booking.range.start().to_string(), "2030-03-12T15:00:00Z");
    assert_eq!(booking.range.span().as_minutes(), 45);
    assert_eq!(booking.event_type, Some(EventTypeId::new(990_017)));
    assert_eq!(booking.host, Some(HostId::new(501)));
    assert_eq!(
        booking.host_email.as_deref(),
        Some("anna@sonnenhof.example")
    );
    let ours = booking.ours.map(|id| id.to_string());
    assert_eq!(
        ours.as_deref(),
        Some("0199cd00-0000-7000-8000-000000000001")
    );
    let changed_at = booking.changed_at.map(|at| at.to_string());
    assert_eq!(changed_at.as_deref(), Some("2030-03-01T18:20:31.412Z"));
    let attendee = news.attendee.expect("reachable");
    assert_eq!(
        attendee.email.as_ref().map(Email::expose),
        Some("lena@mail.example")
    );
    assert_eq!(
        news.time_zone.map(|zone| zone.name()),
        Some("Europe/Berlin")
    );
}

#[test]
fn a_move_names_the_booking_it_replaces() {
    let payload = full(json!({"uid": "neu", "rescheduleUid": "hV3kPz8QmWc5Tn"}));
    let news = told("BOOKING_RESCHEDULED", payload)
        .news(now())
        .expect("news");
    let booking = news.booking.expect("a booking");
    let from = booking.rescheduled_from.as_ref().map(BookingUid::expose);
    assert_eq!(
        (booking.uid.expose(), from),
        ("neu", Some("hV3kPz8QmWc5Tn"))
    );
}

#[test]
fn every_time_format_is_read() {
    for start in [
        "2030-03-12T15:00:00Z",
        "2030-03-12T15:00:00+00:00",
        "2030-03-12T15:00:00.000Z",
        "2030-03-12T16:00:00+01:00",
    ] {
        let news = told("BOOKING_CANCELLED", full(json!({"startTime": start}))).news(now());
        let range = news.and_then(|news| news.booking).expect("a booking").range;
        assert_eq!(range.start().to_string(), "2030-03-12T15:00:00Z", "{start}");
    }
}

#[test]
fn statuses_come_from_the_payload_or_else_from_the_trigger() {
    for (trigger, status, expected) in [
        ("BOOKING_CREATED", json!("accepted"), RemoteStatus::Accepted),
        ("BOOKING_CREATED", json!("PENDING"), RemoteStatus::Pending),
        ("BOOKING_REQUESTED", Value::Null, RemoteStatus::Pending),
        ("BOOKING_CANCELLED", json!("ODD"), RemoteStatus::Cancelled),
        ("BOOKING_REJECTED", Value::Null, RemoteStatus::Rejected),
        ("BOOKING_RESCHEDULED", json!(7), RemoteStatus::Accepted),
    ] {
        let news = told(trigger, full(json!({"status": status}))).news(now());
        let found = news.and_then(|news| news.booking).map(|it| it.status);
        assert_eq!(found, Some(expected), "{trigger} {status}");
    }
}

#[test]
fn a_cancellation_says_who_and_why_without_personal_data() {
    let payload = full(json!({
        "cancellationReason": "krank\u{7}", "cancelledBy": "lena@mail.example",
        "status": "CANCELLED", "metadata": null,
    }));
    let news = told("BOOKING_CANCELLED", payload)
        .news(now())
        .expect("news");
    assert_eq!(news.cancelled_by.as_deref(), Some("customer"));
    assert_eq!(news.reason.as_deref(), Some("krank"));
    assert_eq!(news.booking.expect("a booking").ours, None);
    let rejected = full(json!({"rejectionReason": "voll", "status": "REJECTED"}));
    let news = told("BOOKING_REJECTED", rejected)
        .news(now())
        .expect("news");
    assert_eq!(news.reason.as_deref(), Some("voll"));
}

#[test]
fn a_cancelled_seat_is_for_a_person() {
    let payload = full(json!({"attendeeSeatId": "seat-1", "seatsPerTimeSlot": 6}));
    let news = told("BOOKING_CANCELLED", payload)
        .news(now())
        .expect("news");
    assert_eq!(news.booking, None);
}

#[test]
fn no_show_news_call_the_uid_otherwise_and_count_only_when_somebody_was_absent() {
    let payload = |absent: Value| {
        json!({"message": "marked", "bookingUid": "hV3kPz8QmWc5Tn", "bookingId": 4711,
            "attendees": [{"email": "lena@mail.example", "noShow": absent}]})
    };
    let news = told("BOOKING_NO_SHOW_UPDATED", payload(json!(true)))
        .news(now())
        .expect("news");
    let uid = news.booking.map(|it| it.uid);
    assert_eq!(uid.as_ref().map(BookingUid::expose), Some("hV3kPz8QmWc5Tn"));
    for present in [json!(false), Value::Null, json!("yes")] {
        let told = told("BOOKING_NO_SHOW_UPDATED", payload(present.clone()));
        assert_eq!(told.news(now()), None, "{present}");
    }
}

#[test]
fn a_booking_without_a_name_or_a_time_is_for_a_person() {
    for change in [
        json!({"uid": null}),
        json!({"uid": "../etc"}),
        json!({"startTime": "yesterday"}),
        json!({"endTime": "2030-03-12T14:00:00Z"}),
        json!({"endTime": null, "length": null}),
    ] {
        let news = told("BOOKING_CREATED", full(change.clone()))
            .news(now())
            .expect("news");
        assert_eq!(news.booking, None, "{change}");
    }
    let by_length = full(json!({"endTime": null}));
    let news = told("BOOKING_CREATED", by_length)
        .news(now())
        .expect("news");
    assert_eq!(
        news.booking.expect("a booking").range.span().as_minutes(),
        45
    );
}

#[test]
fn news_that_ends_a_booking_need_not_say_when_it_was() {
    let payload = full(json!({"startTime": null, "endTime": null}));
    assert!(
        told("BOOKING_CANCELLED", payload)
            .news(now())
            .expect("news")
            .booking
            .is_some()
    );
}

#[test]
fn odd_envelopes_are_understood_as_far_as_they_go() {
    assert!(Told::read(b"not json").is_none());
    assert!(Told::read(b"").is_none());
    for odd in [
        "null",
        "[]",
        "7",
        "{}",
        r#"{"triggerEvent":7,"payload":"x"}"#,
        r#"{"triggerEvent":"BOOKING_CREATED"}"#,
    ] {
        let told = Told::read(odd.as_bytes()).expect("JSON");
        assert!(told.uid().is_none() && told.event_type().is_none(), "{odd}");
        let booking = told.news(now()).and_then(|news| news.booking);
        assert_eq!(booking, None, "{odd}");
    }
}

/// Red when another field is taken for the host's, or a day without an end is one.
#[test]
fn an_absence_is_a_host_and_a_time() {
    let entry = json!({"oooEntry": {"id": 7, "start": "2030-03-12T00:00:00.000Z",
        "end": "2030-03-13T23:59:59.000Z", "user": {"id": 501, "name": "Anna Berg"}}});
    let news = told("OOO_CREATED", entry).news(now()).expect("news");
    let (host, range) = news.away.expect("an absence");
    assert_eq!(host, HostId::new(501));
    assert_eq!(range.start().to_string(), "2030-03-12T00:00:00Z");
    assert_eq!(news.booking, None);
    let odd = json!({"oooEntry": {"start": "2030-03-12T00:00:00.000Z", "user": {"id": 501}}});
    let news = told("OOO_CREATED", odd).news(now()).expect("news");
    assert_eq!(news.away, None);
}
