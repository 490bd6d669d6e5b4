//! One log line and one measurement per request. No query strings, no ids, no personal data.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use axum::http::Method;
use booking_domain::trace::TraceParent;
use metrics::Histogram;
use tracing::field::display;

use super::Answered;
use super::request_id::RequestId;

/// Asked so often that their log lines would drown the others.
const QUIET: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// The histograms used so far, by route: to find one by its labels costs more than to record.
#[derive(Default)]
pub(super) struct Histograms(RwLock<HashMap<String, Vec<(Labels, Histogram)>>>);

/// Method and status.
type Labels = (&'static str, u16);

impl Histograms {
    fn of(&self, route: &str, labels: Labels) -> Histogram {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let of_route = known.get(route).into_iter().flatten();
        let mut found = of_route.filter(|(of, _)| *of == labels);
        if let Some((_, histogram)) = found.next() {
            return histogram.clone();
        }
        drop(known);
        let histogram = metrics::histogram!(
            "booking_http_request_seconds",
            "route" => route.to_owned(),
            "method" => labels.0,
            "status" => labels.1.to_string(),
        );
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let of_route = known.entry(route.to_owned()).or_default();
        of_route.push((labels, histogram.clone()));
        histogram
    }
}

pub(super) fn record(
    histograms: &Histograms,
    (method, id, trace): (&'static str, &RequestId, TraceParent),
    answered: &Answered,
    took: Duration,
) {
    let (route, status) = (answered.route.as_str(), answered.response.status());
    histograms
        .of(route, (method, status.as_u16()))
        .record(took.as_secs_f64());
    let cache = answered.cache.map(|outcome| outcome.0);
    let ms = took.as_secs_f64() * 1_000.0;
    let (status, request_id) = (status.as_u16(), id.as_str());
    let trace_id = display(trace.trace_id());
    if QUIET.contains(&route) && status < 400 {
        tracing::debug!(
            method, route, status, ms, request_id, trace_id, cache, "request"
        );
    } else if status >= 500 {
        tracing::warn!(
            method, route, status, ms, request_id, trace_id, cache, "request"
        );
    } else {
        tracing::info!(
            method, route, status, ms, request_id, trace_id, cache, "request"
        );
    }
}

/// Methods are an open set that anybody can write to: only known ones become a label.
pub(super) fn method(method: &Method) -> &'static str {
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
