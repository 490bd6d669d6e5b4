//! `GET /api/v1/ops/reviews` and `POST /api/v1/ops/reviews/{id}/resolve`

use axum::body::Body;
use booking_domain::ids::ReviewId;
use booking_domain::ports::{ReviewItem, UnitOfWorkFactory};
use booking_domain::time::Span;
use booking_test_support::builders::{COMPANY, OTHER_KEY, now};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ADMIN_KEY, Gateway, Reply, bearing};

async fn send(gateway: &Gateway, key: &str, (method, path): (&str, &str), body: Value) -> Reply {
    let request = bearing(key, method, path);
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request
            .header("content-type", "application/json")
            .body(Body::from(body.to_string())),
    };
    gateway.send(request.expect("a request")).await
}

async fn listed(gateway: &Gateway, key: &str) -> Value {
    let list = ("GET", "/api/v1/ops/reviews");
    let answer = send(gateway, key, list, Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

/// An appointment about which a person is asked; its id and the question's.
async fn in_review(gateway: &Gateway) -> (String, String) {
    let wish = json!({"service_id": 1, "start": "2025-10-13T08:00:00+02:00",
        "customer": {"name": "Ada", "phone": "+491713920042"}});
    let booked = send(gateway, ADMIN_KEY, ("POST", "/api/v1/bookings"), wish).await;
    let appointment = booked.json["id"].as_str().expect("an id").to_owned();
    let review = ReviewId::new(Uuid::from_u128(7));
    let mut unit = gateway.store.begin(COMPANY).await.expect("begun");
    let id = appointment.parse().expect("an id");
    let mut asked = unit.find(id).await.expect("read").expect("known");
    let _ = asked.flag_for_review("host_conflict", "two at once", now());
    unit.save(&mut asked, Span::ZERO).await.expect("saved");
    let item = ReviewItem {
        id: review,
        appointment: id,
        reason: "host_conflict".to_owned(),
        detail: "two at once".to_owned(),
        opened_at: now(),
        resolution: None,
    };
    unit.open_review(&item).await.expect("opened");
    unit.commit().await.expect("committed");
    (appointment, review.to_string())
}

/// Red when a member of the contract is renamed, an answer counts twice, or another company sees
/// the question or answers it.
#[tokio::test]
async fn a_question_is_listed_and_answered_once() {
    let gateway = Gateway::new().await;
    let (appointment, review) = in_review(&gateway).await;
    let open = listed(&gateway, ADMIN_KEY).await;
    let expected = json!({"data": [{
        "id": review, "appointment_id": appointment, "reason": "host_conflict",
        "detail": "two at once", "opened_at": now().to_string(), "resolved_at": null,
        "action": null, "resolved_by": null, "note": null,
    }], "next_cursor": null});
    assert_eq!(open, expected);
    assert_eq!(listed(&gateway, OTHER_KEY).await["data"], json!([]));

    let path = format!("/api/v1/ops/reviews/{review}/resolve");
    let dismiss = json!({"action": "dismiss", "note": "mit Anna gesprochen"});
    let answered = async |key, body: &Value| {
        let answer = send(&gateway, key, ("POST", &path), body.clone()).await;
        (answer.status, answer.json)
    };
    let (status, theirs) = answered(OTHER_KEY, &dismiss).await;
    assert_eq!((status, &theirs["code"]), (404, &json!("review_not_found")));
    let (status, wrong) = answered(ADMIN_KEY, &json!({"action": "settled"})).await;
    assert_eq!((status, &wrong["code"]), (422, &json!("validation_failed")));
    let (status, first) = answered(ADMIN_KEY, &dismiss).await;
    assert_eq!((status, &first["action"]), (200, &json!("dismiss")));
    assert_eq!(first["note"], "mit Anna gesprochen");
    let (status, again) = answered(ADMIN_KEY, &dismiss).await;
    assert_eq!((status, &again["code"]), (409, &json!("already_resolved")));
    assert_eq!(listed(&gateway, ADMIN_KEY).await["data"], json!([]));
}
