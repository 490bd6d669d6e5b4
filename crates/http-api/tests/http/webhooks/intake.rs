//! Whose news it is, whether it is new, and what is kept for a person.

use axum::body::Body;
use axum::extract::Request;
use booking_domain::appointment::RemoteStatus;
use booking_test_support::builders::demo_setup;
use serde_json::{Value, json};

use super::{PATH, assert_received, eight, envelope, send};
use crate::support::{Gateway, SECRET, sign};

#[tokio::test]
async fn what_is_nothing_to_us_is_received_and_ignored() {
    let gateway = Gateway::new().await;
    for trigger in ["PING", "MEETING_ENDED", "OOO_CREATED", "SOMETHING_NEW", ""] {
        let answer = send(&gateway, trigger, "2025-10-10T08:00:00.000Z", &eight("one")).await;
        assert_received(&answer, "ignored", false);
    }
    assert_eq!(
        (
            gateway.appointments().await.len(),
            gateway.quarantined().await
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn what_cannot_be_told_is_kept_for_a_person() {
    let gateway = Gateway::new().await;
    let change = |name: &str, value: Value| {
        let mut payload = eight("one");
        payload[name] = value;
        payload
    };
    let mut seat = change("attendeeSeatId", json!("seat-1"));
    seat["status"] = json!("CANCELLED");
    let odd = [
        ("BOOKING_CREATED", change("uid", json!(null))),
        ("BOOKING_CREATED", change("eventTypeId", json!(2_563_299))),
        ("BOOKING_CREATED", change("attendees", json!([]))),
        ("BOOKING_CANCELLED", seat),
    ];
    for (at, (trigger, payload)) in odd.iter().enumerate() {
        let sent_at = format!("2025-10-10T08:00:0{at}.000Z");
        let answer = send(&gateway, trigger, &sent_at, payload).await;
        assert_received(&answer, "ignored", false);
        assert_eq!(gateway.quarantined().await, at + 1);
    }
    assert_eq!(gateway.appointments().await.len(), 0);
    // The seat that was given up says nothing about the booking.
    send(
        &gateway,
        "BOOKING_CREATED",
        "2025-10-10T08:00:09.000Z",
        &eight("one"),
    )
    .await;
    assert_eq!(gateway.appointments().await[0]["status"], "confirmed");
}

#[tokio::test]
async fn without_the_company_in_the_path_the_secret_tells_whose_it_is() {
    let gateway = Gateway::new().await;
    let created = envelope("BOOKING_CREATED", "2025-10-10T08:00:00.000Z", &eight("one"));
    let answer = gateway
        .webhook("/api/calcom/webhook", SECRET, &created)
        .await;
    assert_received(&answer, "processed", true);
    let foreign = gateway
        .webhook("/api/calcom/webhook", "whsec_99", &created)
        .await;
    foreign.assert_problem(401, "invalid_signature");
}

/// Several companies on the installation's account: the event type decides, else the booking.
#[tokio::test]
async fn companies_that_share_a_secret_are_told_apart() {
    let gateway = Gateway::new().await;
    let mut setup = demo_setup();
    setup.companies[1].calcom = setup.companies[0].calcom.clone();
    gateway.import(&setup).await;
    let mut massage = eight("massage");
    massage["eventTypeId"] = json!(2_563_299);
    massage["organizer"] = json!({"id": 601});
    let path = "/api/calcom/webhook";
    let created = envelope("BOOKING_CREATED", "2025-10-10T08:00:00.000Z", &massage);
    assert_received(
        &gateway.webhook(path, SECRET, &created).await,
        "processed",
        true,
    );
    assert_eq!(gateway.appointments().await.len(), 0, "it is company 20's");
    let absent = json!({"bookingUid": "massage",
        "attendees": [{"email": "lena@mail.example", "noShow": true}]});
    let absent = envelope(
        "BOOKING_NO_SHOW_UPDATED",
        "2025-10-10T08:01:00.000Z",
        &absent,
    );
    assert_received(
        &gateway.webhook(path, SECRET, &absent).await,
        "processed",
        true,
    );
    assert_eq!(gateway.quarantined().await, 0);
}

#[tokio::test]
async fn the_senders_key_makes_a_repeat() {
    let gateway = Gateway::new().await;
    let deliver = async |at: &str, uid: &str| {
        let body = envelope("BOOKING_CREATED", at, &eight(uid)).to_string();
        let request = Request::post(PATH)
            .header("x-cal-signature-256", sign(SECRET, body.as_bytes()))
            .header("x-cal-idempotency-key", "k-1");
        gateway
            .send(request.body(Body::from(body)).expect("a request"))
            .await
    };
    assert_received(
        &deliver("2025-10-10T08:00:00.000Z", "one").await,
        "processed",
        true,
    );
    assert_received(
        &deliver("2025-10-10T08:00:01.000Z", "one").await,
        "already_processed",
        false,
    );
}

/// Its number is another company's: nothing is kept of it, also where the booking is known.
///
/// Red when `is_foreign` is not asked, or asked only for bookings that are not known, or the audit log
/// has nothing of it.
#[tokio::test]
async fn news_about_another_companys_event_type_is_dropped() {
    let gateway = Gateway::new().await;
    let mut setup = demo_setup();
    setup.companies[1].calcom = setup.companies[0].calcom.clone();
    gateway.import(&setup).await;
    let at = "2025-10-10T08:00:00.000Z";
    send(&gateway, "BOOKING_CREATED", at, &eight("one")).await;
    let before = gateway.appointments().await;
    for (trigger, uid, status) in [
        ("BOOKING_CREATED", "two", "ACCEPTED"),
        ("BOOKING_CANCELLED", "one", "CANCELLED"),
    ] {
        let mut foreign = eight(uid);
        foreign["eventTypeId"] = json!(2_563_299);
        foreign["status"] = json!(status);
        let answer = send(&gateway, trigger, at, &foreign).await;
        assert_received(&answer, "ignored", false);
    }
    assert_eq!(gateway.appointments().await, before);
    assert_eq!(gateway.quarantined().await, 0);
    let id = before[0]["id"].as_str().expect("an id");
    let history = gateway.get(&format!("/api/v1/bookings/{id}/history")).await;
    let entries = history.json["data"].as_array().expect("a list");
    let mut dropped = entries.iter().filter(|it| it["name"] == "webhook_dropped");
    let row = dropped.next().expect("an audit row");
    assert_eq!(
        (&row["type"], &row["actor"]),
        (&json!("audit"), &json!("calcom"))
    );
    assert!(dropped.next().is_none(), "only of what names it");
}

/// What is signed and old may be sent again by whoever has seen it: Cal.com is asked first.
///
/// Red when `is_hint` is always false, or a hint about what is known is applied.
#[tokio::test]
async fn what_was_sent_long_ago_or_in_the_future_is_believed_only_by_cal_com() {
    for at in ["2025-10-10T07:49:59.000Z", "2025-10-10T08:02:01.000Z"] {
        let gateway = Gateway::new().await;
        let now = "2025-10-10T08:00:00.000Z";
        let mut off = eight("one");
        off["status"] = json!("CANCELLED");
        send(&gateway, "BOOKING_CREATED", now, &eight("one")).await;
        let answer = send(&gateway, "BOOKING_CANCELLED", at, &off).await;
        assert_received(&answer, "ignored", true);
        let answer = send(&gateway, "BOOKING_CREATED", at, &eight("two")).await;
        assert_received(&answer, "ignored", false);
        let shown = gateway.appointments().await;
        assert_eq!(shown.len(), 1, "{at}");
        assert_eq!(shown[0]["status"], "confirmed", "{at}");
        // Cal.com knows of the first that it is off, and of the second nothing.
        gateway.calendar.knows("one", RemoteStatus::Cancelled);
        gateway.converge().await;
        let shown = gateway.appointments().await;
        assert_eq!((shown.len(), &shown[0]["status"]), (1, &json!("cancelled")));
    }
}
