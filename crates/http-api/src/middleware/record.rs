//! One log line and one measurement per request. No query strings, no ids, no personal data.

use std::time::Duration;

use axum::http::Method;
use axum::response::Response;

use super::request_id::RequestId;
use super::{CacheOutcome, Seen};

/// Asked so often that their log lines would drown the others.
const QUIET: [&str; 3] = ["/livez", "/readyz", "/metrics"];

pub(super) fn record(seen: &Seen, response: &Response, id: &RequestId, took: Duration) {
    let (route, method) = (seen.route(), method(&seen.method));
    let status = response.status();
    metrics::histogram!(
        "booking_http_request_seconds",
        "route" => route.to_owned(),
        "method" => method,
        "status" => status.as_str().to_owned(),
    )
    .record(took.as_secs_f64());
    let cache = response
        .extensions()
        .get::<CacheOutcome>()
        .map(|outcome| outcome.0);
    let ms = took.as_secs_f64() * 1_000.0;
    let (status, request_id) = (status.as_u16(), id.as_str());
    if QUIET.contains(&route) && status < 400 {
        tracing::debug!(method, route, status, ms, request_id, cache, "request");
    } else if status >= 500 {
        tracing::warn!(method, route, status, ms, request_id, cache, "request");
    } else {
        tracing::info!(method, route, status, ms, request_id, cache, "request");
    }
}

/// Methods are an open set that anybody can write to: only known ones become a label.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
