//! What a booking at Cal.com may live through.

use booking_domain::appointment::RemoteStatus;
use serde_json::{Value, json};

use super::{assert_received, eight, payload, send};
use crate::support::Gateway;

#[tokio::test]
async fn the_life_of_a_booking_at_cal_com() {
    let gateway = Gateway::new().await;
    let created = send(
        &gateway,
        "BOOKING_CREATED",
        "2025-10-10T08:00:00.100Z",
        &eight("one"),
    )
    .await;
    assert_received(&created, "processed", true);
    let again = send(
        &gateway,
        "BOOKING_CREATED",
        "2025-10-10T08:00:00.100Z",
        &eight("one"),
    )
    .await;
    assert_received(&again, "already_processed", false);
    let shown = &gateway.appointments().await[0];
    assert_eq!(shown["id"], created.json["appointment_id"]);
    assert_eq!(
        (&shown["status"], &shown["booking_source"]),
        (&json!("confirmed"), &json!("calcom"))
    );
    assert_eq!(
        (&shown["staff_id"], &shown["customer"]["name"]),
        (&json!(1), &json!("Lena Brandt"))
    );

    let mut moved = payload("two", "2025-10-13T07:00:00Z", "2025-10-13T08:00:00Z");
    moved["rescheduleUid"] = json!("one");
    let moved = send(
        &gateway,
        "BOOKING_RESCHEDULED",
        "2025-10-10T08:01:00.000Z",
        &moved,
    )
    .await;
    assert_received(&moved, "processed", true);
    let mut cancelled = payload(
        "two",
        "2025-10-13T07:00:00+00:00",
        "2025-10-13T08:00:00+00:00",
    );
    cancelled["status"] = json!("CANCELLED");
    cancelled["cancelledBy"] = json!("lena@mail.example");
    cancelled["cancellationReason"] = json!("krank");
    let gone = send(
        &gateway,
        "BOOKING.CANCELLED",
        "2025-10-10T08:02:00.000Z",
        &cancelled,
    )
    .await;
    assert_received(&gone, "processed", true);
    let all = gateway.appointments().await;
    assert_eq!(all.len(), 1);
    assert_eq!(
        (&all[0]["status"], &all[0]["starts_at"]),
        (&json!("cancelled"), &json!("2025-10-13T09:00:00+02:00"))
    );
    assert_eq!(
        (&all[0]["cancelled_by"], &all[0]["cancellation_reason"]),
        (&json!("customer"), &json!("krank"))
    );
    assert_eq!(gateway.calendar.made(), 0, "nothing is sent back");
}

/// Turns red when the dotted trigger is filed as it came: the store looks for one spelling.
#[tokio::test]
async fn a_cancellation_may_overtake_its_booking() {
    let gateway = Gateway::new().await;
    let mut off = eight("one");
    off["status"] = json!("CANCELLED");
    let early = send(
        &gateway,
        "BOOKING.CANCELLED",
        "2025-10-10T08:02:00.000Z",
        &off,
    )
    .await;
    assert_received(&early, "ignored", false);
    send(
        &gateway,
        "BOOKING_CREATED",
        "2025-10-10T08:00:00.000Z",
        &eight("one"),
    )
    .await;
    assert_eq!(gateway.appointments().await[0]["status"], "cancelled");
}

#[tokio::test]
async fn requests_rejections_and_absences() {
    let gateway = Gateway::new().await;
    let mut asked = eight("one");
    asked["status"] = json!("PENDING");
    send(
        &gateway,
        "BOOKING_REQUESTED",
        "2025-10-10T08:00:00.000Z",
        &asked,
    )
    .await;
    // A move that has to be confirmed comes as a request, too, and does not say what it replaces.
    assert_eq!(gateway.appointments().await, Vec::<Value>::new());
    gateway.calendar.knows("one", RemoteStatus::Pending);
    gateway.converge().await;
    assert_eq!(gateway.appointments().await[0]["status"], "scheduled");
    let mut refused = payload(
        "one",
        "2025-10-13T06:00:00.000Z",
        "2025-10-13T07:00:00.000Z",
    );
    refused["status"] = json!("REJECTED");
    let rejected = send(
        &gateway,
        "BOOKING_REJECTED",
        "2025-10-10T08:01:00.000Z",
        &refused,
    )
    .await;
    assert_received(&rejected, "processed", true);
    let shown = &gateway.appointments().await[0];
    assert_eq!(
        (&shown["status"], &shown["cancellation_reason"]),
        (&json!("cancelled"), &json!("rejected"))
    );

    send(
        &gateway,
        "BOOKING_CREATED",
        "2025-10-10T08:02:00.000Z",
        &eight("two"),
    )
    .await;
    let absent = |absent: bool| {
        json!({"message": "marked", "bookingUid": "two", "bookingId": 4711,
            "attendees": [{"email": "lena@mail.example", "noShow": absent}]})
    };
    let trigger = "BOOKING_NO_SHOW_UPDATED";
    let present = send(
        &gateway,
        trigger,
        "2025-10-10T08:02:02.000Z",
        &absent(false),
    )
    .await;
    assert_received(&present, "ignored", false);
    let marked = send(&gateway, trigger, "2025-10-10T08:02:03.000Z", &absent(true)).await;
    assert_received(&marked, "processed", true);
    let of_two = gateway
        .appointments()
        .await
        .into_iter()
        .find(|it| it["status"] == "no_show");
    assert!(of_two.is_some_and(|it| it["calcom_booking_uid"] == "two"));
}
