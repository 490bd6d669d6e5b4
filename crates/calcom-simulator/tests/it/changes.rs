//! Moving and cancelling over HTTP.

use serde_json::json;

use crate::support::{HOURLY, NINE, Stand, TEN};

#[tokio::test]
async fn a_move_makes_a_new_booking_and_links_both() {
    let stand = Stand::new().await;
    let old = stand.book(HOURLY, NINE, "tomas@mail.example").await;
    let path = format!("/v2/bookings/{}/reschedule", old.uid());
    let new = stand.call("POST", &path, Some(json!({"start": TEN}))).await;
    assert_eq!(new.status, 201, "{}", new.body);
    assert_ne!(new.data()["id"], old.data()["id"]);
    assert_ne!(new.uid(), old.uid());
    assert_eq!(new.data()["status"], "accepted");
    assert_eq!(new.data()["rescheduledFromUid"], json!(old.uid()));
    assert_eq!(new.data()["metadata"], old.data()["metadata"]);
    assert_eq!(new.data()["icsUid"], old.data()["icsUid"]);
    assert_eq!(new.data()["end"], "2030-03-12T10:00:00.000Z");
    let seen = stand
        .call("GET", &format!("/v2/bookings/{}", old.uid()), None)
        .await;
    assert_eq!(seen.data()["status"], "cancelled");
    assert_eq!(seen.data()["rescheduledToUid"], json!(new.uid()));
}

#[tokio::test]
async fn a_second_move_names_the_new_uid() {
    let stand = Stand::new().await;
    let old = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    let path = format!("/v2/bookings/{old}/reschedule");
    let new = stand
        .call("POST", &path, Some(json!({"start": TEN})))
        .await
        .uid();
    let again = stand.call("POST", &path, Some(json!({"start": TEN}))).await;
    assert_eq!(again.status, 400);
    let named = format!("already to booking with uid={new}");
    assert!(again.error().contains(&named), "{}", again.error());
}

#[tokio::test]
async fn a_booking_may_move_into_its_own_time() {
    let stand = Stand::new().await;
    for email in ["one@mail.example", "two@mail.example"] {
        stand.book(HOURLY, NINE, email).await;
    }
    let uid = stand.state().await["bookings"][0]["uid"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/v2/bookings/{uid}/reschedule");
    let half = json!({"start": "2030-03-12T08:30:00Z"});
    let moved = stand.call("POST", &path, Some(half)).await;
    assert_eq!(
        (moved.status, &moved.data()["hosts"][0]["id"]),
        (201, &json!(501))
    );
}

#[tokio::test]
async fn a_refused_move_changes_nothing() {
    let stand = Stand::new().await;
    for email in ["one@mail.example", "two@mail.example"] {
        stand.book(HOURLY, TEN, email).await;
    }
    let uid = stand.book(HOURLY, NINE, "three@mail.example").await.uid();
    let path = format!("/v2/bookings/{uid}/reschedule");
    let refused = stand.call("POST", &path, Some(json!({"start": TEN}))).await;
    // A move has the personal text even on a team's type.
    let text = "User either already has booking at this time or is not available";
    assert_eq!((refused.status, refused.error()), (400, text));
    let seen = stand
        .call("GET", &format!("/v2/bookings/{uid}"), None)
        .await;
    assert_eq!(seen.data()["status"], "accepted");
    assert_eq!(stand.state().await["bookings"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_same_host_can_be_asked_for() {
    let stand = Stand::new().await;
    let first = stand.book(HOURLY, NINE, "one@mail.example").await;
    let path = format!("/v2/bookings/{}/reschedule", first.uid());
    let body = json!({"start": TEN, "rescheduleWithSameHost": true});
    let moved = stand.call("POST", &path, Some(body)).await;
    assert_eq!(moved.data()["hosts"], first.data()["hosts"]);
    // Without it the turn goes to the other host.
    let path = format!("/v2/bookings/{}/reschedule", moved.uid());
    let moved = stand
        .call("POST", &path, Some(json!({"start": NINE})))
        .await;
    assert_eq!(moved.data()["hosts"][0]["id"], 502);
}

#[tokio::test]
async fn cancelling_twice_is_an_error_and_frees_the_slot_once() {
    let stand = Stand::new().await;
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    let path = format!("/v2/bookings/{uid}/cancel");
    let first = stand.call("POST", &path, Some(json!({}))).await;
    assert_eq!((first.status, first.uid()), (200, uid.clone()));
    let second = stand.call("POST", &path, Some(json!({}))).await;
    assert_eq!(second.status, 400);
    let text = format!("Can't cancel booking with uid={uid} because it has been cancelled already");
    assert!(second.error().starts_with(&text), "{}", second.error());
    let path = format!("/v2/bookings/{uid}/reschedule");
    let moved = stand.call("POST", &path, Some(json!({"start": TEN}))).await;
    let text = format!("Can't reschedule booking with uid={uid} because it has been cancelled");
    assert!(moved.error().starts_with(&text), "{}", moved.error());
}

#[tokio::test]
async fn unknown_uids_have_two_texts() {
    let stand = Stand::new().await;
    let get = stand.call("GET", "/v2/bookings/nobody", None).await;
    let text = "Booking with uid=nobody was not found in the database";
    assert_eq!((get.status, get.error()), (404, text));
    let cancel = stand
        .call("POST", "/v2/bookings/nobody/cancel", Some(json!({})))
        .await;
    assert_eq!(
        (cancel.status, cancel.error()),
        (404, "Booking with uid=nobody not found")
    );
}

#[tokio::test]
async fn what_is_over_cannot_be_cancelled() {
    let stand = Stand::new().await;
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    stand
        .control(
            "POST",
            "time",
            json!({"set": "2030-03-13T00:00:00Z", "frozen": true}),
        )
        .await;
    let late = stand
        .call(
            "POST",
            &format!("/v2/bookings/{uid}/cancel"),
            Some(json!({})),
        )
        .await;
    let body =
        json!({"statusCode": 400, "message": "Cannot cancel a booking that has already ended"});
    assert_eq!((late.status, late.body), (400, body));
}

#[tokio::test]
async fn the_uid_is_all_a_stranger_needs() {
    let stand = Stand::new().await;
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    let path = format!("/v2/bookings/{uid}/cancel");
    let stranger = stand
        .request("POST", &path, Some("2024-08-13"), None)
        .json(&json!({}));
    let cancelled = Stand::read(stranger).await;
    assert_eq!(cancelled.status, 200);
    assert_eq!(cancelled.data()["cancelledByEmail"], "tomas@mail.example");
    let confirm = format!("/v2/bookings/{uid}/confirm");
    let stranger = stand.request("POST", &confirm, Some("2024-08-13"), None);
    assert_eq!(Stand::read(stranger).await.status, 401);
}
