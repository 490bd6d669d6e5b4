//! What is not taken in: forgeries, damage, and what the store cannot keep.

use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderValue;
use booking_domain::tenant::SetupFile;
use booking_test_support::builders::demo_setup;
use booking_test_support::dice::Dice;
use serde_json::json;
use tower::ServiceExt;

use super::{PATH, assert_received, eight, envelope, send};
use crate::support::{Broken, Gateway, Reply, SECRET, sign};

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

/// A signature that is not the one of this body under this secret, in many ways.
fn mutated(dice: &mut Dice, body: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let right = sign(SECRET, body).into_bytes();
    let other = |secret: &str| sign(secret, body).into_bytes();
    let mut forged = right.clone();
    let mut changed = body.to_vec();
    let at = dice.below(64) as usize;
    let signatures = match dice.below(10) {
        0 => {
            forged[at] ^= 1 << dice.below(7);
            vec![forged]
        }
        1 => {
            let at = dice.below(body.len() as u64) as usize;
            changed[at] ^= 1 << dice.below(8);
            vec![right]
        }
        2 => {
            // Of all digits no letter: then upper case is the same.
            let upper = right.to_ascii_uppercase();
            vec![if upper == right {
                forged[1..].to_vec()
            } else {
                upper
            }]
        }
        3 => vec![right[..at].to_vec()],
        4 => vec![[b"sha256=", &right[..]].concat()],
        5 => vec![[&right[..], &right[..at + 1]].concat()],
        6 => vec![right.clone(), right],
        7 => vec![right, other("whsec_20")],
        8 => vec![other(
            ["whsec_20", "whsec_1", "", "WHSEC_15", "no-secret-provided"][at % 5],
        )],
        _ => {
            changed.truncate(dice.below(body.len() as u64) as usize);
            vec![right]
        }
    };
    (changed, signatures)
}

/// 10,000 signatures that do not fit, each against the whole stack, under a secret that is being
/// replaced: one of them may fit the secret before that, which is not taken any longer.
///
/// Red when a prefix is compared only, case is ignored, one of two headers is taken, or the body is
/// read before it is believed.
#[tokio::test]
async fn ten_thousand_mutated_signatures_are_refused() {
    let gateway = Gateway::new().await;
    let (api, mut dice) = (gateway.api(), Dice::new(15));
    let body = envelope("BOOKING_CREATED", "2025-10-10T08:00:00.000Z", &eight("one")).to_string();
    for n in 0..10_000 {
        let (body, signatures) = mutated(&mut dice, body.as_bytes());
        let path = if n % 8 == 0 {
            "/api/calcom/webhook"
        } else {
            PATH
        };
        // Not every flipped byte can stand in a header at all.
        let headers: Result<Vec<_>, _> = signatures
            .iter()
            .map(|it| HeaderValue::from_bytes(it))
            .collect();
        let Ok(headers) = headers else { continue };
        let request = headers.iter().fold(Request::post(path), |it, value| {
            it.header("x-cal-signature-256", value)
        });
        let request = request.body(Body::from(body)).expect("a request");
        let answer = api.clone().oneshot(request).await.expect("infallible");
        let answer = Reply::read(answer).await;
        let refused = (answer.status, &answer.json["code"]);
        assert_eq!(
            refused,
            (401, &json!("invalid_signature")),
            "{n} {signatures:?}"
        );
    }
    let kept = (
        gateway.appointments().await.len(),
        gateway.quarantined().await,
    );
    assert_eq!(kept, (0, 0));
}

/// While a secret is replaced, both are taken; then the one before is worth nothing.
///
/// Red when only one of the two is compared, or the one before outlives its removal.
#[tokio::test]
async fn a_secret_is_replaced_without_losing_news() {
    let gateway = Gateway::new().await;
    let mut setup = demo_setup();
    let rotate = |setup: &mut SetupFile, newest: &str, previous: Option<&str>| {
        let account = setup.companies[0].calcom.as_mut().expect("an account");
        account.webhook_secret = newest.to_owned();
        account.webhook_secret_previous = previous.map(str::to_owned);
    };
    let deliver = async |secret: &str| {
        let at = "2025-10-10T08:00:00.000Z";
        let body = envelope("MEETING_ENDED", at, &eight("one"));
        let named = gateway.webhook(PATH, secret, &body).await.status;
        let any = gateway.webhook("/api/calcom/webhook", secret, &body).await;
        (named, any.status)
    };
    rotate(&mut setup, "whsec_new", Some(SECRET));
    gateway.import(&setup).await;
    assert_eq!(deliver("whsec_new").await, (200, 200));
    assert_eq!(deliver(SECRET).await, (200, 200));
    for nothing in [None, Some(""), Some("no-secret-provided")] {
        rotate(&mut setup, "whsec_new", nothing);
        gateway.import(&setup).await;
        assert_eq!(deliver("whsec_new").await, (200, 200));
        assert_eq!(deliver(SECRET).await, (401, 401));
        assert_eq!(deliver(nothing.unwrap_or_default()).await, (401, 401));
    }
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
