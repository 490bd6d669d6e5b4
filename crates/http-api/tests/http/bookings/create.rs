//! A booking that comes about, once.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use booking_test_support::builders::DEMO_KEY;
use booking_test_support::wait::until;
use serde_json::{Value, json};

use super::{EIGHT, NINE, book, booked, wish};
use crate::support::{Gateway, Mode, bearing};

#[tokio::test]
async fn a_booking_is_answered_whole_and_can_be_read() {
    let gateway = Gateway::new().await;
    let mut body = wish(EIGHT);
    body["customer"]["email"] = json!("Erika@Mail.Example");
    body["customer"]["locale"] = json!("de");
    body["staff_id"] = json!(2);
    body["branch_id"] = json!(9);
    body["notes"] = json!("zum ersten Mal");
    body["metadata"] = json!({"campaign": "autumn"});
    let answer = gateway.post("/api/v1/bookings", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let json = &answer.json;
    assert_eq!(
        (&json["status"], &json["sync_status"]),
        (&json!("confirmed"), &json!("synced"))
    );
    assert_eq!(
        (&json["starts_at"], &json["time_zone"]),
        (&json!(EIGHT), &json!("Europe/Berlin"))
    );
    assert_eq!(json["ends_at"], NINE);
    assert_eq!(
        (&json["company_id"], &json["branch_id"], &json["staff_id"]),
        (&json!(15), &json!(9), &json!(2))
    );
    let customer = json!({"id": json["customer"]["id"], "name": "Erika Muster",
        "email": "erika@mail.example", "phone": "+491713920042"});
    assert_eq!(json["customer"], customer);
    assert_eq!(
        (&json["notes"], &json["metadata"]),
        (&body["notes"], &body["metadata"])
    );
    assert_eq!(
        (&json["booking_source"], &json["sync_origin"]),
        (&json!("api"), &json!("api"))
    );
    let location = answer.header("location").expect("where it can be read");
    let read = gateway.get(location).await;
    assert_eq!((read.status, &read.json), (200, json));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_taken_slot_is_refused_with_what_is_free() {
    let gateway = Gateway::new().await;
    for _ in 0..2 {
        booked(&gateway, EIGHT).await;
    }
    let answer = book(&gateway, EIGHT).await;
    answer.assert_problem(409, "slot_taken");
    let first = json!({"start": NINE, "end": "2025-10-13T10:00:00+02:00"});
    assert_eq!(answer.json["alternatives"][0], first, "{}", answer.text);
    assert_eq!(
        answer.json["alternatives"].as_array().map(Vec::len),
        Some(3)
    );
    gateway.calendar_is(Mode::Taken);
    book(&gateway, NINE).await.assert_problem(409, "slot_taken");
}

#[tokio::test]
async fn a_repeat_is_the_same_booking() {
    let gateway = Gateway::new().await;
    let send = async |body: &Value, key: &str| {
        gateway
            .post_with("/api/v1/bookings", body, &[("idempotency-key", key)])
            .await
    };
    let first = send(&wish(EIGHT), "k-1").await;
    assert_eq!(
        (first.status, first.header("idempotency-replayed")),
        (201, None)
    );
    let mut turned = json!({"customer": {"phone": "0171 3920042", "name": "Erika Muster"}});
    turned["start"] = json!(EIGHT);
    turned["service_id"] = json!(1);
    let again = send(&turned, "k-1").await;
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, Some("true"))
    );
    assert_eq!(
        (&again.json, again.header("location")),
        (&first.json, first.header("location"))
    );
    assert_eq!(gateway.calendar.made(), 1);
    send(&wish(NINE), "k-1")
        .await
        .assert_problem(409, "idempotency_conflict");
    assert_eq!(send(&wish(EIGHT), "k-2").await.status, 201, "another wish");
    let refused = send(&wish(EIGHT), "k-3").await;
    refused.assert_problem(409, "slot_taken");
    let refused_again = send(&wish(EIGHT), "k-3").await;
    assert_eq!(
        refused_again.json["alternatives"],
        refused.json["alternatives"]
    );
    for bad in ["", "ä"] {
        let answer = send(&wish(EIGHT), bad).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.wrong_fields(), ["Idempotency-Key"]);
    }
}

#[tokio::test]
async fn a_repeat_while_the_first_still_runs_is_told_to_wait() {
    let gateway = Gateway::new().await;
    gateway.calendar_is(Mode::Held);
    let send = async || {
        let key = [("idempotency-key", "k-1")];
        gateway
            .post_with("/api/v1/bookings", &wish(EIGHT), &key)
            .await
    };
    let (first, second) = tokio::join!(send(), async {
        let held = until(Duration::from_secs(20), "the slot to be held", async || {
            !gateway.appointments().await.is_empty()
        });
        held.await.expect("the first has begun");
        let second = send().await;
        gateway.calendar.go_on();
        second
    });
    second.assert_problem(409, "request_in_progress");
    assert_eq!(second.header("retry-after"), Some("1"));
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(gateway.calendar.made(), 1);
}

#[tokio::test]
async fn without_cal_com_the_slot_is_held_and_the_answer_is_202() {
    let gateway = Gateway::new().await;
    gateway.calendar_is(Mode::Down { retry_at: None });
    let send = async || {
        let key = [("idempotency-key", "k-1")];
        gateway
            .post_with("/api/v1/bookings", &wish(EIGHT), &key)
            .await
    };
    let answer = send().await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    assert_eq!(
        (&answer.json["status"], &answer.json["sync_status"]),
        (&json!("pending"), &json!("pending"))
    );
    assert!(answer.header("location").is_some());
    let again = send().await;
    assert_eq!((again.status, &again.json["id"]), (202, &answer.json["id"]));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));

    gateway.calendar_is(Mode::Well);
    let path = booked(&gateway, NINE).await;
    gateway.calendar_is(Mode::Down { retry_at: None });
    let to = json!({"start": "2025-10-13T10:00:00+02:00"});
    let moving = gateway.post(&format!("{path}/reschedule"), &to).await;
    assert_eq!(
        (moving.status, &moving.json["starts_at"]),
        (202, &json!(NINE)),
        "{}",
        moving.text
    );
    let busy = gateway
        .post(
            &format!("{path}/reschedule"),
            &json!({"start": "2025-10-13T11:00:00+02:00"}),
        )
        .await;
    busy.assert_problem(409, "booking_in_progress");
    assert_eq!(busy.header("retry-after"), Some("1"));
}

/// A wish outlives the one who had it: the connection is closed, the booking is made.
#[tokio::test]
async fn a_booking_survives_the_client_that_hangs_up() {
    use std::future::Future;
    use tower::ServiceExt;

    let gateway = Gateway::new().await;
    let request: Request = bearing(DEMO_KEY, "POST", "/api/v1/bookings")
        .header("content-type", "application/json")
        .body(Body::from(wish(EIGHT).to_string()))
        .expect("a request");
    {
        // Polled until the command has begun, then dropped, as the server does.
        let mut sent = Box::pin(gateway.api().oneshot(request));
        let begun = std::future::poll_fn(|context| {
            std::task::Poll::Ready(sent.as_mut().poll(context).is_pending())
        });
        assert!(begun.await, "the answer takes a task of its own");
    }
    let booked = until(
        Duration::from_secs(20),
        "the booking to be made",
        async || {
            let all = gateway.appointments().await;
            all.first().is_some_and(|it| it["status"] == "confirmed")
        },
    );
    booked
        .await
        .expect("the command goes on without its client");
}
