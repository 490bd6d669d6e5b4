//! Wishes that cannot be fulfilled.

use serde_json::{Value, json};

use super::{EIGHT, book, wish};
use crate::support::{Broken, Gateway, Mode};

#[tokio::test]
async fn a_refusal_of_cal_com_is_told() {
    let gateway = Gateway::new().await;
    gateway.calendar_is(Mode::Refusing);
    let answer = book(&gateway, EIGHT).await;
    answer.assert_problem(422, "calendar_refused");
}

#[tokio::test]
async fn wishes_that_cannot_be_fulfilled() {
    let gateway = Gateway::new().await;
    let change = |name: &str, value: Value| {
        let mut body = wish(EIGHT);
        body[name] = value;
        body
    };
    for (body, status, code) in [
        (
            change("start", json!("2025-10-06T08:00:00+02:00")),
            422,
            "slot_in_past",
        ),
        (
            change("start", json!("2025-10-13T07:00:00+02:00")),
            422,
            "outside_opening_hours",
        ),
        (
            change("start", json!("2025-10-13T11:30:00+02:00")),
            422,
            "outside_opening_hours",
        ),
        (change("service_id", json!(999)), 404, "service_not_found"),
        (change("service_id", json!(21)), 404, "service_not_found"),
        (change("service_id", json!(-1)), 404, "service_not_found"),
        (change("staff_id", json!(21)), 404, "staff_not_found"),
        (change("branch_id", json!(2)), 404, "branch_not_found"),
    ] {
        gateway
            .post("/api/v1/bookings", &body)
            .await
            .assert_problem(status, code);
    }
    assert_eq!(gateway.calendar.made(), 0);
    assert_eq!(gateway.appointments().await.len(), 0);
}

#[tokio::test]
async fn bodies_that_are_not_valid_name_the_field() {
    let gateway = Gateway::new().await;
    let customer = |customer: Value| json!({"service_id": 1, "start": EIGHT, "customer": customer});
    for (body, fields) in [
        (
            json!({"service_id": 1, "start": "2025-10-13T08:00:00", "customer": {"name": ""}}),
            &["start", "customer", "customer.name"][..],
        ),
        (customer(json!({"name": "A"})), &["customer"]),
        (
            customer(json!({"name": "A", "email": "x", "phone": "12"})),
            &["customer.email", "customer.phone"],
        ),
        (
            customer(json!({"name": "A", "phone": "+491713920042", "age": 7})),
            &["customer.age"],
        ),
        (json!({"service_id": 1, "start": EIGHT}), &["customer"]),
        (
            json!({"service_id": "one", "start": EIGHT, "customer": {"name": "A"}}),
            &["service_id"],
        ),
        (
            json!({"service_id": 1, "start": EIGHT, "end": EIGHT, "customer": {"name": "A"}}),
            &["end"],
        ),
        (json!([1, 2]), &["body"]),
        (json!(null), &["body"]),
    ] {
        let answer = gateway.post("/api/v1/bookings", &body).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.wrong_fields(), fields, "{body}");
    }
    let nul = customer(json!({"name": "A", "phone": "+491713920042"}));
    let mut nul = nul;
    nul["notes"] = json!("a\u{0}b");
    assert_eq!(
        gateway.post("/api/v1/bookings", &nul).await.wrong_fields(),
        ["notes"]
    );
}

#[tokio::test]
async fn a_store_that_is_out_of_order_is_no_secret_and_tells_none() {
    let gateway = Gateway::broken(Broken::Writing).await;
    let answer = book(&gateway, EIGHT).await;
    answer.assert_problem(503, "store_unavailable");
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert!(!answer.text.contains("password"), "{}", answer.text);
}
