//! Requests to the demo's own routes, as callers and customers send them.

use anyhow::{Context, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use booking_http_api::{Answering, Api};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tower::ServiceExt;

use super::tenant::RETELL_KEY;
use crate::wiring;

const MOST_BYTES: usize = 1 << 20;

/// A voice agent calls a function; signed as Retell signs.
pub(super) async fn voice_call(
    api: &Api,
    call_id: &str,
    function: &str,
    args: Value,
) -> anyhow::Result<Value> {
    let body = json!({
        "name": function,
        "args": args,
        "call": {
            "call_id": call_id, "call_type": "phone_call", "direction": "inbound",
            "agent_id": "agent_15", "from_number": "+491701234567", "to_number": "+493012345678"
        }
    })
    .to_string();
    let now_ms = wiring::clock().now().unix_micros() / 1_000;
    let mut mac = Hmac::<Sha256>::new_from_slice(RETELL_KEY.as_bytes())?;
    mac.update(body.as_bytes());
    mac.update(now_ms.to_string().as_bytes());
    let digest = hex::encode(mac.finalize().into_bytes());
    let request = Request::post("/api/retell/function-call/15")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-retell-signature", format!("v={now_ms},d={digest}"))
        .body(Body::from(body))?;
    answer(api, request).await
}

/// Somebody books on Cal.com's own page. The webhook is delivered before this returns.
pub(super) async fn book_at_calcom(
    simulator: &Router,
    start: &str,
    (name, email): (&str, &str),
) -> anyhow::Result<Value> {
    let body = json!({
        "event_type_id": 2_563_193,
        "start": start,
        "name": name,
        "email": email,
        "deliver": true
    });
    let request = Request::post("/_sim/outsider/bookings")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))?;
    answer(simulator, request).await
}

async fn answer(service: &impl Answering, request: Request<Body>) -> anyhow::Result<Value> {
    let what = format!("{} {}", request.method(), request.uri());
    let response = service.clone().oneshot(request).await?;
    let status = response.status();
    let body = to_bytes(response.into_body(), MOST_BYTES).await?;
    ensure!(
        status.is_success(),
        "{what} answered {status}: {}",
        String::from_utf8_lossy(&body)
    );
    serde_json::from_slice(&body).with_context(|| format!("{what} answered no JSON"))
}
