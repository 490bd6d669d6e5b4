//! Cal.com's webhooks.

mod intake;
mod refused;
mod stories;

use serde_json::{Value, json};

use crate::support::{Gateway, Reply, SECRET};

pub(super) const PATH: &str = "/api/calcom/webhook/15";

pub(super) fn envelope(trigger: &str, at: &str, payload: &Value) -> Value {
    json!({"triggerEvent": trigger, "createdAt": at, "payload": payload})
}

pub(super) fn payload(uid: &str, start: &str, end: &str) -> Value {
    json!({
        "uid": uid, "bookingId": 4711, "eventTypeId": 2_563_193, "status": "ACCEPTED",
        "startTime": start, "endTime": end, "length": 60,
        "organizer": {"id": 501, "name": "Anna Berg", "email": "anna@sonnenhof.example"},
        "attendees": [{"name": "Lena Brandt", "email": "lena@mail.example",
            "phoneNumber": "+4930123456", "timeZone": "Europe/Berlin", "language": {"locale": "de"}}],
    })
}

pub(super) fn eight(uid: &str) -> Value {
    payload(uid, "2025-10-13T06:00:00Z", "2025-10-13T07:00:00Z")
}

pub(super) async fn send(gateway: &Gateway, trigger: &str, at: &str, payload: &Value) -> Reply {
    gateway
        .webhook(PATH, SECRET, &envelope(trigger, at, payload))
        .await
}

#[track_caller]
pub(super) fn assert_received(answer: &Reply, status: &str, appointment: bool) {
    assert_eq!(
        (answer.status, &answer.json["received"]),
        (200, &json!(true)),
        "{}",
        answer.text
    );
    assert_eq!(answer.json["status"], status, "{}", answer.text);
    assert_eq!(
        answer.json["appointment_id"].is_string(),
        appointment,
        "{}",
        answer.text
    );
}
