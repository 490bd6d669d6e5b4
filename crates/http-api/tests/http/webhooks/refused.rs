//! What is not taken in: forgeries, damage, and what the store cannot keep.

use axum::body::Body;
use axum::extract::Request;
use proptest::prelude::*;
use serde_json::json;

use super::{PATH, assert_received, eight, envelope, send};
use crate::support::{Broken, Gateway, SECRET, sign};

#[tokio::test]
async fn forgeries_are_refused_and_nothing_is_kept() {
    let gateway = Gateway::new().await;
    let body = envelope("BOOKING_CREATED", "2025-10-10T08:00:00.000Z", &eight("one")).to_string();
    let right = sign(SECRET, body.as_bytes());
    let unsigned = "no-secret-provided".to_owned();
    let signatures = [
        vec![],
        vec![String::new()],
        vec![unsigned],
        vec![right.to_uppercase()],
        vec![format!("sha256={right}")],
        vec![right[..63].to_owned()],
        vec![sign("whsec_20", body.as_bytes())],
        vec![sign("", body.as_bytes())],
        vec![sign(SECRET, format!("{body} ").as_bytes())],
        vec![right.clone(), right.clone()],
    ];
    for path in [PATH, "/api/calcom/webhook"] {
        for signatures in &signatures {
            let request = signatures.iter().fold(Request::post(path), |it, value| {
                it.header("x-cal-signature-256", value)
            });
            let answer = gateway
                .send(request.body(Body::from(body.clone())).expect("a request"))
                .await;
            answer.assert_problem(401, "invalid_signature");
        }
    }
    for path in ["/api/calcom/webhook/20", "/api/calcom/webhook/99"] {
        let request = Request::post(path).header("x-cal-signature-256", &right);
        let answer = gateway
            .send(request.body(Body::from(body.clone())).expect("a request"))
            .await;
        answer.assert_problem(401, "invalid_signature");
    }
    for path in [
        "/api/calcom/webhook/abc",
        "/api/calcom/webhook/0",
        "/api/calcom/webhook/%FF",
    ] {
        let request = Request::post(path).header("x-cal-signature-256", &right);
        let answer = gateway
            .send(request.body(Body::from(body.clone())).expect("a request"))
            .await;
        answer.assert_problem(404, "not_found");
    }
    assert_eq!(
        (
            gateway.appointments().await.len(),
            gateway.quarantined().await
        ),
        (0, 0)
    );
}

/// 250 random bit flips in body or signature, each against the whole stack.
#[test]
fn any_flipped_bit_is_refused() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let gateway = runtime.block_on(Gateway::new());
    let body = envelope("BOOKING_CREATED", "2025-10-10T08:00:00.000Z", &eight("one")).to_string();
    let signature = sign(SECRET, body.as_bytes());
    let places = (body.len() + signature.len(), 0u8..8);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(250));
    let outcome = runner.run(&(0..places.0, places.1), |(at, bit)| {
        let (mut body, mut signature) = (body.clone().into_bytes(), signature.clone().into_bytes());
        match at.checked_sub(body.len()) {
            None => body[at] ^= 1 << bit,
            Some(at) => signature[at] ^= 1 << bit,
        }
        // Not every flipped byte can stand in a header at all.
        let Ok(signature) = axum::http::HeaderValue::from_bytes(&signature) else {
            return Ok(());
        };
        let request = Request::post(PATH).header("x-cal-signature-256", signature);
        let request = request.body(Body::from(body)).expect("a request");
        let answer = runtime.block_on(gateway.send(request));
        prop_assert_eq!(
            (answer.status, &answer.json["code"]),
            (401, &json!("invalid_signature"))
        );
        Ok(())
    });
    outcome.expect("all refused");
    let kept = runtime.block_on(async {
        (
            gateway.appointments().await.len(),
            gateway.quarantined().await,
        )
    });
    assert_eq!(kept, (0, 0));
}

#[tokio::test]
async fn bodies_that_cannot_be_taken_in() {
    let gateway = Gateway::new().await;
    let deliver = async |body: String| {
        let request =
            Request::post(PATH).header("x-cal-signature-256", sign(SECRET, body.as_bytes()));
        gateway
            .send(request.body(Body::from(body)).expect("a request"))
            .await
    };
    deliver("trigger=BOOKING_CREATED".into())
        .await
        .assert_problem(400, "malformed_json");
    deliver("x".repeat(256 * 1024 + 1))
        .await
        .assert_problem(413, "payload_too_large");
    assert_received(&deliver("[]".into()).await, "ignored", false);
}

#[tokio::test]
async fn what_cannot_be_stored_is_a_failure_that_cal_com_sees() {
    let gateway = Gateway::broken(Broken::Writing).await;
    let answer = send(
        &gateway,
        "BOOKING_CREATED",
        "2025-10-10T08:00:00.000Z",
        &eight("one"),
    )
    .await;
    answer.assert_problem(503, "store_unavailable");
    assert!(answer.header("retry-after").is_some());
}
