//! What hosts do behind the caller's back, and the faults of what is told about it.

use serde_json::json;

use crate::support::{HOURLY, NINE, Receiver, SHORT, Stand, TEN};

/// Red when the uid changes, when the hosts are not named, or when anybody may take it over.
#[tokio::test]
async fn a_host_hands_a_booking_over() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    let booked = stand.book(HOURLY, NINE, "tomas@mail.example").await;
    assert_eq!(booked.data()["hosts"][0]["id"], 501);
    let path = format!("outsider/bookings/{}/reassign", booked.uid());
    let given = stand.control("POST", &path, json!({"host_id": 502})).await;
    assert_eq!(given["booking"]["hostIds"], json!([502]));
    assert_eq!(given["booking"]["uid"], booked.data()["uid"]);
    let told = receiver.all()[1].body.clone();
    assert_eq!(told["triggerEvent"], "BOOKING_REASSIGNED");
    assert_eq!(told["payload"]["addedHostUserIds"], json!([502]));
    assert_eq!(told["payload"]["removedHostUserIds"], json!([501]));
    assert_eq!(told["payload"]["organizer"]["id"], 502);
    let request = stand.request("POST", &format!("/_sim/{path}"), None, None);
    let stranger = Stand::read(request.json(&json!({"host_id": 601}))).await;
    assert_eq!(stranger.status, 400, "{}", stranger.body);
}

/// Red when the booking stays, or when the cancellation does not say what is asked for.
#[tokio::test]
async fn a_host_asks_for_another_time() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    let path = format!("outsider/bookings/{uid}/request-reschedule");
    let asked = stand.control("POST", &path, json!({"reason": "ill"})).await;
    assert_eq!(asked["booking"]["status"], "cancelled");
    assert_eq!(asked["booking"].get("rescheduledToUid"), None);
    let told = receiver.all()[1].body.clone();
    assert_eq!(told["triggerEvent"], "BOOKING_CANCELLED");
    assert_eq!(told["payload"]["requestReschedule"], true);
    assert_eq!(told["payload"]["cancellationReason"], "ill");
}

/// Red when the payload is made when it happens, or when its signature is.
#[tokio::test]
async fn a_late_payload_says_how_it_is_when_it_is_sent() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    stand
        .faults(json!({"webhooks": {"late_payload": true, "hold_until": 2}}))
        .await;
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    let path = format!("/v2/bookings/{uid}/cancel");
    stand.call("POST", &path, Some(json!({}))).await;
    let state = async || {
        stand
            .call("GET", &format!("/v2/bookings/{uid}"), None)
            .await
    };
    assert_eq!(state().await.data()["status"], "cancelled");
    let told = receiver.wait_for(2).await;
    assert_eq!(told[1].body["triggerEvent"], "BOOKING_CREATED");
    assert_eq!(told[1].body["payload"]["status"], "CANCELLED");
    crate::webhooks::assert_signed(&told[1], "whsec_15");
}

/// Red when the form is signed as if it were JSON, or not named as a form.
#[tokio::test]
async fn a_template_may_make_a_form_of_it() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    stand
        .faults(json!({"webhooks": {"form_encoded": true}}))
        .await;
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    let told = receiver.all()[0].clone();
    let form = "application/x-www-form-urlencoded";
    assert_eq!(told.headers["content-type"], form);
    let text = String::from_utf8(told.bytes.to_vec()).unwrap();
    assert!(text.starts_with("triggerEvent=BOOKING_CREATED&"), "{text}");
    assert!(text.contains(&format!("uid={uid}")), "{text}");
    crate::webhooks::assert_signed(&told, "whsec_15");
}

/// Red when the extra time is not taken, or when a move loses it.
#[tokio::test]
async fn a_booking_may_come_out_longer_than_asked() {
    let stand = Stand::new().await;
    stand.faults(json!({"booking_longer_minutes": 15})).await;
    let booked = stand.book(SHORT, NINE, "tomas@mail.example").await;
    assert_eq!(booked.data()["start"], "2030-03-12T08:00:00.000Z");
    assert_eq!(booked.data()["end"], "2030-03-12T08:30:00.000Z");
    let path = format!("/v2/bookings/{}/reschedule", booked.uid());
    let moved = stand.call("POST", &path, Some(json!({"start": TEN}))).await;
    assert_eq!(moved.data()["duration"], 45);
}

/// Red when the headers tell the truth, or say more than the limit.
#[tokio::test]
async fn headers_drift() {
    let stand = Stand::new().await;
    let left = async || {
        let answer = stand.call("GET", "/v2/me", None).await;
        answer.headers["x-ratelimit-remaining-default"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(left().await, "119");
    stand.faults(json!({"header_drift": -50})).await;
    assert_eq!(left().await, "68");
    stand.faults(json!({"header_drift": 50})).await;
    assert_eq!(left().await, "120");
}

/// Red when the key is asked for where it is switched off, or knows no host.
#[tokio::test]
async fn the_natural_key_refuses_the_same_host_and_time() {
    let stand = Stand::new().await;
    stand.faults(json!({"accept_overlaps": true})).await;
    let book = async |email| stand.book(HOURLY, NINE, email).await.status;
    assert_eq!(book("a@mail.example").await, 201);
    stand
        .control("PUT", "settings", json!({"natural_key": true}))
        .await;
    assert_eq!(book("b@mail.example").await, 201, "the other host");
    let third = stand.book(HOURLY, NINE, "c@mail.example").await;
    assert_eq!(third.status, 409, "{}", third.body);
    stand
        .control("PUT", "settings", json!({"natural_key": false}))
        .await;
    assert_eq!(book("d@mail.example").await, 201);
}
