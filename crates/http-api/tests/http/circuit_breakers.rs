//! `GET /api/v1/ops/circuit-breakers`

use axum::body::Body;
use booking_test_support::builders::{OTHER_KEY, now};
use serde_json::{Value, json};

use crate::support::{ADMIN_KEY, Gateway, Mode, bearing};

async fn breakers(gateway: &Gateway, key: &str) -> Value {
    let request = bearing(key, "GET", "/api/v1/ops/circuit-breakers").body(Body::empty());
    let answer = gateway.send(request.expect("a request")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

/// Red when a member of the contract is renamed, the answer is no bare list, or a company without
/// a Cal.com account has a breaker.
#[tokio::test]
async fn a_breaker_as_the_contract_names_it() {
    let gateway = Gateway::new().await;
    let closed = json!([{
        "name": "calcom", "state": "closed", "failures": 0, "opened_at": null,
        "transitions_last_hour": 0,
    }]);
    assert_eq!(breakers(&gateway, ADMIN_KEY).await, closed);
    let without_account = breakers(&gateway, OTHER_KEY).await;
    assert_eq!(without_account, json!([]));
    gateway.calendar_is(Mode::Down { retry_at: None });
    let open = json!([{
        "name": "calcom", "state": "open", "failures": 5, "opened_at": now().to_string(),
        "transitions_last_hour": 1,
    }]);
    assert_eq!(breakers(&gateway, ADMIN_KEY).await, open);
}
