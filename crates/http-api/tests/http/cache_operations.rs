//! `/api/v1/ops/cache`: the figures of a company, and what it may do to its caches.

use axum::body::Body;
use booking_domain::time::Span;
use booking_test_support::builders::OTHER_KEY;
use serde_json::{Value, json};

use crate::support::{ADMIN_KEY, Broken, Gateway, Mode, Reply, bearing};

const FIGURES: &str = "/api/v1/ops/cache";
const INVALIDATE: &str = "/api/v1/ops/cache/invalidate";
const WARM: &str = "/api/v1/ops/cache/warm";
const MONDAY: &str = "/api/v1/availability?service_id=1&start=2025-10-13&end=2025-10-13";
const NEAR: &str = "/api/v1/availability/alternatives?service_id=1&start=2025-10-13T08:00:00Z";
const NOTHING: [&str; 7] = [
    "hits",
    "misses",
    "fills",
    "fills_rejected",
    "entries",
    "invalidations_last_hour",
    "keys_deleted_last_hour",
];

async fn figures(gateway: &Gateway, key: &str) -> Value {
    let request = bearing(key, "GET", FIGURES).body(Body::empty());
    let answer = gateway.send(request.expect("a request")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

async fn order(gateway: &Gateway, key: &str, path: &str, body: &Value) -> Reply {
    let request = bearing(key, "POST", path).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string()));
    gateway.send(request.expect("a request")).await
}

fn booking() -> Value {
    json!({"service_id": 1, "start": "2025-10-13T09:00:00+02:00",
        "customer": {"name": "A", "phone": "+491713920042"}})
}

/// Red when a member of the contract is renamed, or a figure stands under another name.
#[tokio::test]
async fn the_figures_of_a_day() {
    let gateway = Gateway::new().await;
    let before = figures(&gateway, ADMIN_KEY).await;
    assert_eq!(before["hit_ratio"], Value::Null);
    let layer = |fields: [i64; 7]| {
        let fields = NOTHING.iter().zip(fields);
        fields
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect::<Value>()
    };
    let nothing = layer([0; 7]);
    assert_eq!(
        before["layers"],
        json!({"calcom_slots": nothing, "alternative_slots": nothing})
    );

    gateway.get(MONDAY).await;
    gateway.clock.advance(Span::seconds(4));
    gateway.get(MONDAY).await;
    gateway.get(NEAR).await;
    let reads = figures(&gateway, ADMIN_KEY).await;
    assert_eq!(reads["hit_ratio"], 0.5, "{reads}");
    // The day and the block it was cut from.
    let (days, hours) = (layer([2, 1, 2, 0, 2, 0, 0]), layer([0, 1, 1, 0, 1, 0, 0]));
    let expected = json!({"calcom_slots": days, "alternative_slots": hours});
    assert_eq!(reads["layers"], expected);

    let made = gateway.post("/api/v1/bookings", &booking()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    gateway.calendar_is(Mode::Taken);
    let later = json!({"service_id": 1, "start": "2025-10-14T09:00:00+02:00",
        "customer": {"name": "B", "phone": "+491713920043"}});
    let refused = gateway.post("/api/v1/bookings", &later).await;
    refused.assert_problem(409, "slot_taken");
    let after = figures(&gateway, ADMIN_KEY).await;
    // The hold and the outcome of each booking.
    for (layer, keys) in [("calcom_slots", 2), ("alternative_slots", 1)] {
        let layer = &after["layers"][layer];
        assert_eq!(layer["invalidations_last_hour"], 4, "{after}");
        assert_eq!(layer["keys_deleted_last_hour"], keys, "{after}");
    }
    let ages = json!({"avg": 2.0, "max": 4.0, "p95": 4.0});
    assert_eq!(after["age_at_booking_seconds"], ages, "{after}");
    let prevented = json!({"database": 0, "cache_validation": 0, "calcom": 1});
    assert_eq!(after["double_bookings_prevented"], prevented, "{after}");
    let names: Vec<_> = after.as_object().expect("an object").keys().collect();
    assert_eq!(
        names,
        [
            "age_at_booking_seconds",
            "alerts",
            "double_bookings_prevented",
            "hit_ratio",
            "layers",
            "stale_detections_24h"
        ]
    );
}

/// Red when an alert is a bare word, or its sentence says nothing.
#[tokio::test]
async fn an_alert_says_what_to_do() {
    let gateway = Gateway::new().await;
    gateway.get(MONDAY).await;
    gateway.calendar_is(Mode::Taken);
    let refused = gateway.post("/api/v1/bookings", &booking()).await;
    refused.assert_problem(409, "slot_taken");
    let told = figures(&gateway, ADMIN_KEY).await;
    assert_eq!(told["stale_detections_24h"], 1, "{told}");
    let alerts = told["alerts"].as_array().expect("a list");
    assert_eq!(alerts.len(), 1, "{told}");
    assert_eq!(alerts[0]["name"], "stale_detected");
    let detail = alerts[0]["detail"].as_str().expect("a sentence");
    assert!(
        detail.contains("webhooks") && detail.ends_with('.'),
        "{detail}"
    );
    let others = figures(&gateway, OTHER_KEY).await;
    assert_eq!(others["alerts"], json!([]), "another company's alert");
}

/// Red when figures are those of the process instead of the company, or entries of all event types
/// are counted or cleared.
#[tokio::test]
async fn a_company_sees_and_clears_its_own_only() {
    let gateway = Gateway::new().await;
    gateway.get(MONDAY).await;
    let mine = figures(&gateway, ADMIN_KEY).await;
    assert_eq!(mine["layers"]["calcom_slots"]["entries"], 2, "{mine}");
    let theirs = figures(&gateway, OTHER_KEY).await;
    assert_eq!(theirs["hit_ratio"], Value::Null, "{theirs}");
    assert_eq!(theirs["layers"]["calcom_slots"]["entries"], 0, "{theirs}");

    let body = json!({"event_type_id": 2_563_193});
    let foreign = order(&gateway, OTHER_KEY, INVALIDATE, &body).await;
    foreign.assert_problem(404, "event_type_not_found");
    let unknown = order(
        &gateway,
        OTHER_KEY,
        INVALIDATE,
        &json!({"event_type_id": 1}),
    )
    .await;
    unknown.assert_problem(404, "event_type_not_found");
    assert_eq!(foreign.json["detail"], unknown.json["detail"]);
    assert_eq!(figures(&gateway, ADMIN_KEY).await, mine, "untouched");
    assert_eq!(gateway.get(MONDAY).await.json["source"], "cache");
}

/// Red when the versions are not raised (the sibling's entry would still be believed), or the
/// layers change places.
#[tokio::test]
async fn what_is_invalidated_is_asked_for_anew() {
    let gateway = Gateway::new().await;
    let sibling = MONDAY.replace("service_id=1", "service_id=2");
    let tuesday = MONDAY.replace("2025-10-13", "2025-10-14");
    for path in [MONDAY, NEAR, &tuesday, &sibling] {
        assert_eq!(gateway.get(path).await.status, 200);
    }
    let body = json!({"event_type_id": 2_563_193});
    let done = order(&gateway, ADMIN_KEY, INVALIDATE, &body).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let filed = figures(&gateway, ADMIN_KEY).await;
    // Two days, their block, an hour window.
    let layers = json!({"calcom_slots": 3, "alternative_slots": 1});
    assert_eq!(done.json, json!({ "layers": layers }));
    let days = &filed["layers"]["calcom_slots"];
    assert_eq!(
        (
            &days["invalidations_last_hour"],
            &days["keys_deleted_last_hour"]
        ),
        (&json!(1), &json!(3))
    );
    for path in [MONDAY, &sibling] {
        assert_eq!(gateway.get(path).await.json["source"], "upstream", "{path}");
    }
    let again = order(&gateway, ADMIN_KEY, INVALIDATE, &body).await;
    assert_eq!(again.json["layers"]["alternative_slots"], 0, "no harm");
}

/// Red when windows are promised and not fetched, when a service without event type counts, or when
/// another company's are fetched.
#[tokio::test]
async fn what_is_wished_for_is_warmed() {
    let gateway = Gateway::new().await;
    let empty = bearing(ADMIN_KEY, "POST", WARM).body(Body::empty());
    let wished = gateway.send(empty.expect("a request")).await;
    assert_eq!(
        (wished.status, &wished.json),
        (202, &json!({"windows": 2})),
        "{}",
        wished.text
    );
    while gateway.app.warm_caches().await.expect("a pass").waiting > 0 {
        gateway.clock.advance(Span::seconds(3));
    }
    assert_eq!(gateway.get(MONDAY).await.json["source"], "cache");
    let last = "/api/v1/availability?service_id=1&start=2025-11-08&end=2025-11-08";
    assert_eq!(gateway.get(last).await.json["source"], "cache", "day 30");
    let beyond = last.replace("2025-11-08", "2025-11-09");
    assert_eq!(gateway.get(&beyond).await.json["source"], "upstream");
    let theirs = figures(&gateway, OTHER_KEY).await;
    assert_eq!(theirs["layers"]["calcom_slots"]["entries"], 0, "{theirs}");
}

/// Red when a number of days is cut to what is possible instead of refused.
#[tokio::test]
async fn only_as_many_days_as_can_be_asked_for() {
    let gateway = Gateway::new().await;
    for days in [json!(0), json!(63), json!(-1), json!("7"), json!(1.5)] {
        let refused = order(&gateway, ADMIN_KEY, WARM, &json!({ "days": days })).await;
        refused.assert_problem(422, "validation_failed");
        assert_eq!(refused.wrong_fields(), ["days"], "{days}");
    }
    for days in [1, 62] {
        let taken = order(&gateway, ADMIN_KEY, WARM, &json!({ "days": days })).await;
        assert_eq!(taken.status, 202, "{}", taken.text);
    }
    for body in [json!({"event_type_id": "x"}), json!({})] {
        let refused = order(&gateway, ADMIN_KEY, INVALIDATE, &body).await;
        assert_eq!(refused.wrong_fields(), ["event_type_id"], "{body}");
    }
}

/// Red when a store that does not answer reads as "done".
#[tokio::test]
async fn nothing_is_promised_that_was_not_committed() {
    let gateway = Gateway::broken(Broken::Writing).await;
    let body = json!({"event_type_id": 2_563_193});
    let failed = order(&gateway, ADMIN_KEY, INVALIDATE, &body).await;
    failed.assert_problem(503, "store_unavailable");
    assert!(!failed.text.contains("secret"), "{}", failed.text);
}
