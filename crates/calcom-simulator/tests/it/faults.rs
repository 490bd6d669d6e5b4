//! Every fault once, and what really happened according to the ledger.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{HOURLY, NINE, Receiver, Stand, TEN, wait_until};

async fn count(stand: &Stand) -> usize {
    stand.state().await["bookings"].as_array().unwrap().len()
}

/// Sends a booking whose answer never comes; returns when the simulator has it in its books.
async fn book_and_give_up(stand: &Stand, limit: Duration) -> reqwest::Error {
    let body = crate::support::wish(HOURLY, NINE, "tomas@mail.example");
    let request = stand
        .request("POST", "/v2/bookings", Some("2026-02-25"), None)
        .json(&body);
    request.timeout(limit).send().await.unwrap_err()
}

#[tokio::test]
async fn unknown_faults_are_refused_with_a_list() {
    let stand = Stand::new().await;
    let request = stand.request("PUT", "/_sim/faults", None, None);
    let answer = Stand::read(request.json(&json!({"latency": 3}))).await;
    assert_eq!(answer.status, 400);
    let text = answer.body["error"].as_str().unwrap();
    assert!(text.contains("unknown fault \"latency\"") && text.contains("commit_then_500"));
}

#[tokio::test]
async fn done_but_an_error_is_answered() {
    let stand = Stand::new().await;
    stand
        .faults(json!([{"route": "POST /v2/bookings", "commit_then_500": true, "times": 1}]))
        .await;
    let lost = stand.book(HOURLY, NINE, "one@mail.example").await;
    let body = json!({"statusCode": 500, "message": "Internal server error"});
    assert_eq!((lost.status, lost.body), (500, body));
    assert_eq!(count(&stand).await, 1);
    stand
        .faults(json!({"commit_then_no_available_users": true}))
        .await;
    let taken = stand.book(HOURLY, TEN, "two@mail.example").await;
    assert!(taken.status == 400 && taken.error().starts_with("User either already has booking"));
    assert_eq!(count(&stand).await, 2);
}

#[tokio::test]
async fn done_and_silent_or_not_done_and_silent() {
    let stand = Stand::new().await;
    stand
        .faults(json!({"timeout_without_commit": true, "times": 1}))
        .await;
    assert!(
        book_and_give_up(&stand, Duration::from_millis(100))
            .await
            .is_timeout()
    );
    assert_eq!(count(&stand).await, 0);
    let receiver = Receiver::for_stand(&stand).await;
    stand
        .faults(json!({"commit_then_timeout": true, "times": 1}))
        .await;
    assert!(
        book_and_give_up(&stand, Duration::from_secs(1))
            .await
            .is_timeout()
    );
    receiver.wait_for(1).await;
    assert_eq!(count(&stand).await, 1);
    stand
        .faults(json!({"commit_then_timeout": 0.01, "times": 1}))
        .await;
    assert_eq!(stand.book(HOURLY, TEN, "a@mail.example").await.status, 504);
}

#[tokio::test]
async fn done_after_the_caller_has_left() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    stand
        .faults(json!({"commit_after_seconds": 0.3, "times": 1}))
        .await;
    assert!(
        book_and_give_up(&stand, Duration::from_millis(50))
            .await
            .is_timeout()
    );
    assert_eq!(count(&stand).await, 0);
    receiver.wait_for(1).await;
    assert_eq!(count(&stand).await, 1);
}

#[tokio::test]
async fn connections_break_before_during_and_after() {
    let stand = Stand::new().await;
    let limit = Duration::from_secs(20);
    stand
        .faults(json!({"connection_reset": true, "times": 1}))
        .await;
    let reset = book_and_give_up(&stand, limit).await;
    assert!(!reset.is_timeout(), "{reset:?}");
    assert_eq!(count(&stand).await, 0);
    stand
        .faults(json!({"commit_then_reset": true, "times": 1}))
        .await;
    let reset = book_and_give_up(&stand, limit).await;
    assert!(!reset.is_timeout(), "{reset:?}");
    assert_eq!(count(&stand).await, 1);
    stand.faults(json!({"cut_body": true, "times": 1})).await;
    let body = crate::support::wish(HOURLY, TEN, "tomas@mail.example");
    let request = stand
        .request("POST", "/v2/bookings", Some("2026-02-25"), None)
        .json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert!(response.bytes().await.is_err(), "the body ends too early");
    assert_eq!(count(&stand).await, 2);
}

#[tokio::test]
async fn answers_of_the_wrong_kind() {
    let stand = Stand::new().await;
    stand
        .faults(json!([
            {"array_answer": true, "times": 1},
            {"wrong_shape": true, "times": 1, "skip": 1},
        ]))
        .await;
    let list = stand.book(HOURLY, NINE, "one@mail.example").await;
    assert!(list.status == 201 && list.data()[0]["uid"].is_string());
    let wrong = stand.book(HOURLY, TEN, "two@mail.example").await;
    assert!(wrong.status == 200 && wrong.body.get("data").is_none());
    assert_eq!(count(&stand).await, 2);
}

#[tokio::test]
async fn errors_and_storms_on_order() {
    let stand = Stand::new().await;
    stand.faults(json!([
        {"route": "GET /v2/me", "fail": 503, "times": 1},
        {"route": "GET /v2/me", "fail": {"status": 409, "shape": "B", "message": "x"}, "skip": 1, "times": 1},
        {"route": "GET /v2/me", "rate_limit_storm": true, "skip": 2, "times": 1},
    ]))
    .await;
    let shape_a = stand.call("GET", "/v2/me", None).await;
    assert_eq!(
        (shape_a.status, shape_a.error()),
        (503, "Service Unavailable")
    );
    let shape_b = stand.call("GET", "/v2/me", None).await;
    assert_eq!(shape_b.body, json!({"statusCode": 409, "message": "x"}));
    let storm = stand.call("GET", "/v2/me", None).await;
    assert_eq!(storm.status, 429);
    assert_eq!(storm.headers["x-ratelimit-remaining-default"], "0");
    assert_eq!(stand.call("GET", "/v2/me", None).await.status, 200);
}

#[tokio::test]
async fn hosts_overlaps_and_races() {
    let stand = Stand::new().await;
    stand.faults(json!({"other_host": true, "times": 1})).await;
    let other = stand.book(HOURLY, NINE, "one@mail.example").await;
    assert_eq!(other.data()["hosts"][0]["id"], 502);
    stand
        .faults(json!({"lose_insert_race": true, "times": 1}))
        .await;
    let lost = stand.book(HOURLY, TEN, "two@mail.example").await;
    let body = json!({"statusCode": 409, "message": "booking_conflict_error"});
    assert_eq!((lost.status, lost.body), (409, body));
    assert_eq!(stand.state().await["bookings"][1]["origin"], "outsider");
    stand.faults(json!({"accept_overlaps": true})).await;
    for email in ["three@mail.example", "four@mail.example"] {
        assert_eq!(stand.book(HOURLY, NINE, email).await.status, 201);
    }
    let doubles = stand.state().await["double_bookings"].clone();
    assert_eq!(doubles.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_move_that_loses_its_successor() {
    let stand = Stand::new().await;
    let uid = stand.book(HOURLY, NINE, "one@mail.example").await.uid();
    stand
        .faults(json!({"reschedule_loses_successor": true, "times": 1}))
        .await;
    let path = format!("/v2/bookings/{uid}/reschedule");
    assert_eq!(
        stand
            .call("POST", &path, Some(json!({"start": TEN})))
            .await
            .status,
        500
    );
    let seen = stand
        .call("GET", &format!("/v2/bookings/{uid}"), None)
        .await;
    assert_eq!(seen.data()["status"], "cancelled");
    assert_eq!(seen.data().get("rescheduledToUid"), None);
}

#[tokio::test]
async fn slots_that_lie() {
    let stand = Stand::new().await;
    let path = format!("/v2/slots?eventTypeId={HOURLY}&start=2030-03-12&end=2030-03-12");
    let slots = || async { stand.call("GET", &path, None).await.data().clone() };
    stand.faults(json!({"empty_slots": true, "times": 1})).await;
    assert_eq!(slots().await, json!({}));
    stand
        .faults(json!({"slots_outside_range": true, "times": 1}))
        .await;
    assert_eq!(slots().await.as_object().unwrap().len(), 3);
    let fresh = slots().await;
    for email in ["one@mail.example", "two@mail.example"] {
        stand.book(HOURLY, NINE, email).await;
    }
    stand
        .control("POST", "time", json!({"advance_seconds": 10}))
        .await;
    stand.faults(json!({"slots_lag_seconds": 30})).await;
    assert_eq!(slots().await, fresh);
    stand
        .control("POST", "time", json!({"advance_seconds": 21}))
        .await;
    assert_ne!(slots().await, fresh);
}

/// Red when the wait comes before the work.
#[tokio::test]
async fn an_answer_under_way_does_not_change_any_more() {
    let stand = Stand::new().await;
    let path = format!("/v2/slots?eventTypeId={HOURLY}&start=2030-03-12&end=2030-03-12");
    let slots = || async { stand.call("GET", &path, None).await.data().clone() };
    let fresh = slots().await;
    let late = json!({"route": "GET /v2/slots", "answer_latency_ms": 300, "times": 1});
    stand.faults(late).await;
    let book = async {
        while stand.control("GET", "faults", Value::Null).await["faults"][0]["used"] != 1 {}
        for email in ["one@mail.example", "two@mail.example"] {
            stand.book(HOURLY, NINE, email).await;
        }
    };
    let (seen, ()) = tokio::join!(slots(), book);
    assert_eq!(seen, fresh);
    assert_ne!(slots().await, fresh);
}

async fn deliveries(stand: &Stand) -> Value {
    let log = stand.request("GET", "/_sim/deliveries", None, None);
    Stand::read(log).await.body["deliveries"].clone()
}

#[tokio::test]
async fn webhooks_get_lost_doubled_and_forged() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    stand
        .faults(json!([
            {"webhooks": {"drop": true}, "times": 1},
            {"webhooks": {"duplicate": true}, "times": 1},
            {"webhooks": {"wrong_secret": true}, "times": 1},
            {"webhooks": {"no_secret": true, "null_uid": true}, "times": 1},
        ]))
        .await;
    stand.book(HOURLY, NINE, "one@mail.example").await;
    assert!(receiver.all().is_empty());
    stand.book(HOURLY, NINE, "two@mail.example").await;
    let all = receiver.all();
    assert_eq!((all.len(), &all[0].bytes), (2, &all[1].bytes));
    stand.book(HOURLY, TEN, "three@mail.example").await;
    stand.book(HOURLY, TEN, "four@mail.example").await;
    let all = receiver.all();
    assert_eq!(all[3].headers["x-cal-signature-256"], "no-secret-provided");
    assert_eq!(all[3].body["payload"]["uid"], Value::Null);
    let log = deliveries(&stand).await;
    let states: Vec<&str> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["state"].as_str().unwrap())
        .collect();
    assert_eq!(
        states,
        [
            "dropped",
            "delivered",
            "delivered",
            "delivered",
            "delivered"
        ]
    );
    assert_eq!(log[2]["replayOf"], 2);
    assert_eq!(log[3]["faults"], json!(["wrong_secret"]));
}

#[tokio::test]
async fn webhooks_come_late_and_in_reverse() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    stand.faults(json!({"webhooks": {"hold_until": 2}})).await;
    let uid = stand.book(HOURLY, NINE, "one@mail.example").await.uid();
    assert!(receiver.all().is_empty());
    assert_eq!(deliveries(&stand).await[0]["state"], "held");
    stand
        .call(
            "POST",
            &format!("/v2/bookings/{uid}/cancel"),
            Some(json!({})),
        )
        .await;
    receiver.wait_for(2).await;
    assert_eq!(
        receiver.triggers(),
        ["BOOKING_CANCELLED", "BOOKING_CREATED"]
    );
    stand.book(HOURLY, TEN, "two@mail.example").await;
    stand.faults(json!([])).await;
    receiver.wait_for(3).await;
    stand.faults(json!({"webhooks": {"delay_ms": 50}})).await;
    stand.book(HOURLY, TEN, "three@mail.example").await;
    wait_until(|| receiver.all().len() == 4).await;
}

#[tokio::test]
async fn latency_holds_an_answer_back() {
    let stand = Stand::new().await;
    stand
        .faults(json!({"route": "GET /v2/me", "latency_ms": 120}))
        .await;
    let begun = std::time::Instant::now();
    assert_eq!(stand.call("GET", "/v2/me", None).await.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(120));
    let rules = Stand::read(stand.request("GET", "/_sim/faults", None, None))
        .await
        .body;
    assert_eq!(rules["faults"][0]["used"], 1);
}
