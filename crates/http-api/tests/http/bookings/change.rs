//! An appointment that is read, moved and cancelled.

use axum::body::Body;
use booking_test_support::builders::DEMO_KEY;
use serde_json::{Value, json};

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
    renamed["customer"]["name"] = json!("Erika Anna Muster");
    assert_eq!(gateway.post("/api/v1/bookings", &renamed).await.status, 201);
    assert_eq!(ask().await, 200, "the customer has a fuller name now");
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

/// Turns red when an answer bears no validator, when `If-Match` is not asked for, or when a repeat
/// under the same key is not marked, refusals included.
#[tokio::test]
async fn a_change_may_name_the_version_it_is_for_and_a_key() {
    let gateway = Gateway::new().await;
    let created = gateway.post("/api/v1/bookings", &wish(EIGHT)).await;
    let path = created.header("location").expect("a location").to_owned();
    let known = created.header("etag").expect("a validator").to_owned();
    assert_eq!(gateway.get(&path).await.header("etag"), Some(&*known));
    let send = async |command: &str, headers: &[(&str, &str)], body: Value| {
        let path = format!("{path}/{command}");
        let request = bearing(DEMO_KEY, "POST", &path).header("content-type", "application/json");
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let request = request.body(Body::from(body.to_string()));
        gateway.send(request.expect("a request")).await
    };
    let terms = [("if-match", &*known), ("idempotency-key", "m1")];
    let to_nine = || json!({"start": NINE});
    let moved = send("reschedule", &terms, to_nine()).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    assert_eq!(moved.header("idempotency-replayed"), None);
    let now = moved.header("etag").expect("a validator").to_owned();
    assert_ne!(now, known);
    let again = send("reschedule", &terms, to_nine()).await;
    assert_eq!((again.status, &again.json), (200, &moved.json));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    for command in ["reschedule", "cancel"] {
        let body = if command == "cancel" {
            json!({})
        } else {
            to_nine()
        };
        let stale = send(command, &[("if-match", &*known)], body).await;
        stale.assert_problem(412, "precondition_failed");
    }
    for _ in 0..2 {
        booked(&gateway, EIGHT).await;
    }
    let key = [("idempotency-key", "m2")];
    for replayed in [None, Some("true")] {
        let taken = send("reschedule", &key, json!({"start": EIGHT})).await;
        taken.assert_problem(409, "slot_taken");
        assert_eq!(taken.header("idempotency-replayed"), replayed);
    }
    let terms = [("if-match", &*now), ("idempotency-key", "c1")];
    for replayed in [None, Some("true")] {
        let cancelled = send("cancel", &terms, json!({})).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.text);
        assert_eq!(cancelled.header("idempotency-replayed"), replayed);
    }
    send(
        "cancel",
        &[("idempotency-key", "c1")],
        json!({"reason": "x"}),
    )
    .await
    .assert_problem(409, "idempotency_conflict");
}

/// Turns red when a page repeats or leaves out a line, or the story lacks its beginning or its end.
#[tokio::test]
async fn an_appointment_tells_its_story() {
    let gateway = Gateway::new().await;
    let path = booked(&gateway, EIGHT).await;
    let cancelled = gateway.post(&format!("{path}/cancel"), &json!({})).await;
    assert_eq!(cancelled.status, 200);
    let history = format!("{path}/history");
    let all = gateway.get(&history).await;
    assert_eq!((all.status, &all.json["next_cursor"]), (200, &Value::Null));
    let lines = all.json["data"].as_array().expect("lines").clone();
    let told: Vec<_> = lines
        .iter()
        .map(|line| format!("{} {}", line["type"], line["name"]).replace('"', ""))
        .collect();
    for wanted in [
        "event slot_reserved",
        "event appointment_booked",
        "event appointment_cancelled",
        "saga_step create",
        "sync_attempt create.call",
        "saga_step cancel",
        "sync_attempt cancel.call",
    ] {
        assert!(told.contains(&wanted.to_owned()), "{wanted}: {told:?}");
    }
    let uid = cancelled.json["calcom_booking_uid"]
        .as_str()
        .expect("a name");
    assert!(
        !all.text.contains(uid),
        "whoever has that may cancel at Cal.com"
    );
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = gateway.get(&format!("{history}?limit=2{cursor}")).await;
        paged.extend(page.json["data"].as_array().expect("lines").clone());
        let Some(next) = page.json["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, lines);
    gateway
        .get(&format!("{history}?cursor=zz"))
        .await
        .assert_problem(422, "validation_failed");
}
