//! An appointment that is read, moved and cancelled.

use axum::body::Body;
use booking_test_support::builders::DEMO_KEY;
use serde_json::json;

use super::{EIGHT, NINE, booked, wish};
use crate::support::{Gateway, bearing};

/// Turns red when the validator is made from the version alone: the name changes without it.
#[tokio::test]
async fn an_appointment_has_a_validator_that_notices_everything() {
    let gateway = Gateway::new().await;
    let path = booked(&gateway, EIGHT).await;
    let first = gateway.get(&path).await;
    let etag = first.header("etag").expect("a validator").to_owned();
    let version = first.json["version"].as_i64().expect("a version");
    assert!(etag.starts_with(&format!("\"{version}-")), "{etag}");
    let ask = async || {
        let request = bearing(DEMO_KEY, "GET", &path).header("if-none-match", &etag);
        gateway
            .send(request.body(Body::empty()).expect("a request"))
            .await
            .status
    };
    assert_eq!(ask().await, 304);
    let mut renamed = wish(NINE);
    renamed["customer"]["name"] = json!("Erika Beispiel");
    assert_eq!(gateway.post("/api/v1/bookings", &renamed).await.status, 201);
    assert_eq!(ask().await, 200, "the customer has another name now");
}

#[tokio::test]
async fn an_appointment_is_moved() {
    let gateway = Gateway::new().await;
    let path = booked(&gateway, EIGHT).await;
    let reschedule = format!("{path}/reschedule");
    let moved = gateway
        .post(&reschedule, &json!({"start": NINE, "reason": "Stau"}))
        .await;
    assert_eq!(
        (moved.status, &moved.json["starts_at"]),
        (200, &json!(NINE)),
        "{}",
        moved.text
    );
    assert!(moved.json["rescheduled_by"].is_string());
    let again = gateway.post(&reschedule, &json!({"start": NINE})).await;
    assert_eq!(
        (again.status, &again.json["version"]),
        (200, &moved.json["version"])
    );
    for (body, status, code) in [
        (
            json!({"start": "2025-10-06T08:00:00+02:00"}),
            422,
            "slot_in_past",
        ),
        (
            json!({"start": "2025-10-13T07:00:00+02:00"}),
            422,
            "outside_opening_hours",
        ),
        (json!({"start": "tomorrow"}), 422, "validation_failed"),
        (json!({}), 422, "validation_failed"),
        (
            json!({"start": NINE, "staff_id": 1}),
            422,
            "validation_failed",
        ),
    ] {
        gateway
            .post(&reschedule, &body)
            .await
            .assert_problem(status, code);
    }
    for _ in 0..2 {
        booked(&gateway, EIGHT).await;
    }
    let taken = gateway.post(&reschedule, &json!({"start": EIGHT})).await;
    taken.assert_problem(409, "slot_taken");
    assert!(
        taken.json["alternatives"]
            .as_array()
            .is_some_and(|it| !it.is_empty())
    );
}

#[tokio::test]
async fn an_appointment_is_cancelled_once() {
    let gateway = Gateway::new().await;
    let path = booked(&gateway, EIGHT).await;
    let cancel = format!("{path}/cancel");
    let first = gateway.post(&cancel, &json!({"reason": "krank"})).await;
    assert_eq!(
        (first.status, &first.json["status"]),
        (200, &json!("cancelled")),
        "{}",
        first.text
    );
    assert_eq!(first.json["cancellation_reason"], "krank");
    let bare = bearing(DEMO_KEY, "POST", &cancel)
        .body(Body::empty())
        .expect("a request");
    let again = gateway.send(bare).await;
    assert_eq!(
        (again.status, &again.json),
        (200, &first.json),
        "unchanged, also without a body"
    );
    let moved = gateway
        .post(&format!("{path}/reschedule"), &json!({"start": NINE}))
        .await;
    moved.assert_problem(409, "appointment_not_active");
    let odd = gateway.post(&cancel, &json!({"why": "x"})).await;
    assert_eq!((odd.status, odd.wrong_fields()), (422, vec!["why"]));
    let plain = bearing(DEMO_KEY, "POST", &cancel).header("content-type", "text/plain");
    let plain = gateway
        .send(plain.body(Body::from("krank")).expect("a request"))
        .await;
    plain.assert_problem(415, "unsupported_media_type");
}
