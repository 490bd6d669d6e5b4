//! Webhooks: when they come, what they say, how they are signed.

use booking_calcom_simulator::World;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use crate::support::{HOURLY, KEY, NINE, OTHER_KEY, Received, Receiver, Stand, TEN};

pub(crate) fn assert_signed(received: &Received, secret: &str) {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&received.bytes);
    let expected = hex::encode(mac.finalize().into_bytes());
    assert_eq!(received.headers["x-cal-signature-256"], expected.as_str());
}

#[tokio::test]
async fn created_is_received_before_the_call_returns() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    let answer = stand.book(HOURLY, NINE, "tomas@mail.example").await;
    let all = receiver.all();
    assert_eq!(all.len(), 1, "delivered inline");
    assert_signed(&all[0], "whsec_15");
    assert_eq!(all[0].headers["content-type"], "application/json");
    assert_eq!(all[0].headers["x-cal-webhook-version"], "2021-10-20");
    assert_eq!(all[0].status_meanwhile, "accepted");
    let body = &all[0].body;
    assert_eq!(body["triggerEvent"], "BOOKING_CREATED");
    assert_eq!(body["createdAt"], "2030-03-04T06:00:00.000Z");
    let payload = &body["payload"];
    assert_eq!(payload["uid"], answer.data()["uid"]);
    assert_eq!(payload["bookingId"], answer.data()["id"]);
    assert_eq!(payload["startTime"], "2030-03-12T08:00:00Z");
    assert_eq!(payload["status"], "ACCEPTED");
    assert_eq!(payload["schedulingType"], "ROUND_ROBIN");
    assert_eq!(payload["organizer"]["id"], 501);
    assert_eq!(payload["organizer"]["utcOffset"], 60);
    assert_eq!(payload["metadata"]["gw_booking"], "b-tomas@mail.example");
    assert!(payload["metadata"]["videoCallUrl"].is_string());
    assert_eq!(payload["responses"]["email"]["label"], "email_address");
}

#[tokio::test]
async fn cancelled_is_told_before_the_booking_changes() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    let path = format!("/v2/bookings/{uid}/cancel");
    let answer = stand
        .call("POST", &path, Some(json!({"cancellationReason": "ill"})))
        .await;
    assert_eq!(
        (answer.status, &answer.data()["status"]),
        (200, &json!("cancelled"))
    );
    let told = &receiver.all()[1];
    assert_eq!(told.status_meanwhile, "accepted");
    let payload = &told.body["payload"];
    assert_eq!(told.body["triggerEvent"], "BOOKING_CANCELLED");
    assert_eq!(payload["startTime"], "2030-03-12T08:00:00+00:00");
    assert_eq!(payload["cancellationReason"], "ill");
    assert_eq!(payload["cancelledBy"], "anna@praxis.example");
    assert_eq!(payload["requestReschedule"], false);
    assert_eq!(payload.get("metadata"), None);
    assert_eq!(payload["responses"]["email"]["label"], "Email address");
}

#[tokio::test]
async fn a_move_is_one_event_that_names_both_bookings() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    let old = stand.book(HOURLY, NINE, "tomas@mail.example").await;
    let path = format!("/v2/bookings/{}/reschedule", old.uid());
    let body = json!({"start": TEN, "reschedulingReason": "later"});
    let new = stand.call("POST", &path, Some(body)).await;
    assert_eq!(
        receiver.triggers(),
        ["BOOKING_CREATED", "BOOKING_RESCHEDULED"]
    );
    let payload = receiver.all()[1].body["payload"].clone();
    assert_eq!(payload["uid"], new.data()["uid"]);
    assert_eq!(payload["rescheduleUid"], old.data()["uid"]);
    assert_eq!(payload["rescheduleId"], old.data()["id"]);
    assert_eq!(payload["rescheduleStartTime"], "2030-03-12T08:00:00Z");
    assert_eq!(payload["startTime"], "2030-03-12T09:00:00Z");
    assert_eq!(payload["metadata"]["gw_booking"], "b-tomas@mail.example");
    assert_eq!(payload["iCalSequence"], 1);
    assert_eq!(payload["responses"]["rescheduleReason"]["value"], "later");
}

fn with_confirmation() -> World {
    let mut world = World::demo();
    world.accounts[0].event_types[0].requires_confirmation = true;
    world
}

#[tokio::test]
async fn confirmation_types_ask_first() {
    let stand = Stand::with(with_confirmation()).await;
    let receiver = Receiver::for_stand(&stand).await;
    let asked = stand.book(HOURLY, NINE, "tomas@mail.example").await;
    assert_eq!(asked.data()["status"], "pending");
    let request = receiver.all()[0].body.clone();
    assert_eq!(request["triggerEvent"], "BOOKING_REQUESTED");
    assert_eq!(request["payload"]["status"], "PENDING");
    assert!(request["payload"]["oneTimePassword"].is_string());
    let path = format!("/v2/bookings/{}/confirm", asked.uid());
    let confirmed = stand.call("POST", &path, None).await;
    assert_eq!(confirmed.data()["status"], "accepted");
    let created = receiver.all()[1].body.clone();
    assert_eq!(created["triggerEvent"], "BOOKING_CREATED");
    assert_eq!(created["payload"]["metadata"].get("gw_booking"), None);
    let again = stand.call("POST", &path, None).await;
    assert_eq!(
        (again.status, again.error()),
        (400, "Booking already confirmed")
    );
    assert_eq!(again.body["error"]["code"], "TRPCError");
}

#[tokio::test]
async fn declining_says_why() {
    let stand = Stand::with(with_confirmation()).await;
    let receiver = Receiver::for_stand(&stand).await;
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    let path = format!("/v2/bookings/{uid}/decline");
    let declined = stand
        .call("POST", &path, Some(json!({"reason": "full"})))
        .await;
    assert_eq!(declined.data()["status"], "rejected");
    let told = receiver.all()[1].body.clone();
    assert_eq!(told["triggerEvent"], "BOOKING_REJECTED");
    assert_eq!(told["payload"]["rejectionReason"], "full");
    assert_eq!(told["payload"]["startTime"], "2030-03-12T08:00:00.000Z");
    assert_eq!(told["payload"].get("metadata"), None);
}

#[tokio::test]
async fn moving_a_confirmation_type_asks_again() {
    let stand = Stand::with(with_confirmation()).await;
    let receiver = Receiver::for_stand(&stand).await;
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    stand
        .call("POST", &format!("/v2/bookings/{uid}/confirm"), None)
        .await;
    let path = format!("/v2/bookings/{uid}/reschedule");
    let by_guest = stand.call("POST", &path, Some(json!({"start": TEN}))).await;
    assert_eq!(by_guest.data()["status"], "pending");
    let told = receiver.all()[2].body.clone();
    assert_eq!(told["triggerEvent"], "BOOKING_REQUESTED");
    assert_eq!(told["payload"].get("rescheduleUid"), None);
    let path = format!("/v2/bookings/{}/reschedule", by_guest.uid());
    let body = json!({"start": NINE, "rescheduledBy": "anna@praxis.example"});
    let by_host = stand.call("POST", &path, Some(body)).await;
    assert_eq!(by_host.data()["status"], "accepted");
    assert_eq!(receiver.triggers()[3], "BOOKING_RESCHEDULED");
}

#[tokio::test]
async fn absence_is_told_without_uid() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    let path = format!("/v2/bookings/{uid}/mark-absent");
    let body = json!({"attendees": [{"email": "tomas@mail.example", "absent": true}]});
    let early = stand.call("POST", &path, Some(body.clone())).await;
    assert_eq!(early.status, 400);
    stand
        .control("POST", "time", json!({"set": TEN, "frozen": true}))
        .await;
    let marked = stand.call("POST", &path, Some(body)).await;
    assert_eq!(marked.data()["attendees"][0]["absent"], true);
    let payload = receiver.all()[1].body["payload"].clone();
    assert_eq!(payload["bookingUid"], json!(uid));
    assert_eq!(payload.get("uid"), None);
    assert_eq!(
        payload["attendees"],
        json!([{"email": "tomas@mail.example", "noShow": true}])
    );
    stand.call("POST", &path, Some(json!({"host": true}))).await;
    assert_eq!(receiver.all().len(), 2, "the host alone is not told");
}

#[tokio::test]
async fn subscriptions_belong_to_one_account() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    let foreign = crate::support::FOREIGN;
    stand.book(foreign, NINE, "tomas@mail.example").await;
    assert!(receiver.all().is_empty());
    let subscriptions: Value = stand.call("GET", "/v2/webhooks", None).await.data().clone();
    assert_eq!(subscriptions[0]["subscriberUrl"], receiver.url.as_str());
    assert_eq!(subscriptions[0]["secret"], "whsec_15");
    let path = format!("/v2/webhooks/{}", subscriptions[0]["id"].as_str().unwrap());
    let request = stand.request("GET", &path, None, Some(OTHER_KEY));
    assert_eq!(Stand::read(request).await.status, 403);
}

#[tokio::test]
async fn subscriptions_over_the_api() {
    let stand = Stand::new().await;
    let body = json!({"active": true, "subscriberUrl": "http://127.0.0.1:9/hook",
        "triggers": ["BOOKING_CREATED"], "secret": "s"});
    let made = stand.call("POST", "/v2/webhooks", Some(body.clone())).await;
    assert_eq!((made.status, &made.data()["userId"]), (201, &json!(501)));
    let twice = stand.call("POST", "/v2/webhooks", Some(body.clone())).await;
    assert_eq!(twice.status, 409);
    assert!(
        twice
            .error()
            .starts_with("Webhook with this subscriber url already exists")
    );
    let mut wrong = body;
    wrong["triggers"] = json!(["BOOKING_COMPLETED"]);
    let refused = stand.call("POST", "/v2/webhooks", Some(wrong)).await;
    assert_eq!(
        (refused.status, refused.error()),
        (400, "Bad Request Exception")
    );
    assert_eq!(
        refused.body["error"]["details"]["errors"][0]["property"],
        "triggers"
    );
    let path = format!("/v2/webhooks/{}", made.data()["id"].as_str().unwrap());
    let paused = stand
        .call("PATCH", &path, Some(json!({"active": false})))
        .await;
    assert_eq!(paused.data()["active"], false);
    assert_eq!(stand.call("DELETE", &path, None).await.status, 200);
    assert_eq!(stand.call("GET", &path, None).await.status, 404);
    let nobody = stand.request("GET", "/v2/webhooks", None, None);
    assert_eq!(Stand::read(nobody).await.status, 401);
}

#[tokio::test]
async fn a_dead_subscriber_does_not_stop_the_booking() {
    let stand = Stand::new().await;
    let url = "http://127.0.0.1:9/hook";
    stand
        .control("POST", "webhooks", json!({"account": KEY, "url": url}))
        .await;
    assert_eq!(
        stand.book(HOURLY, NINE, "tomas@mail.example").await.status,
        201
    );
    let log = stand.request("GET", "/_sim/deliveries", None, None);
    let log = Stand::read(log).await.body["deliveries"].clone();
    assert_eq!(log[0]["state"], "failed");
    assert!(
        log[0]["error"].as_str().unwrap().contains("refused"),
        "{log}"
    );
}
