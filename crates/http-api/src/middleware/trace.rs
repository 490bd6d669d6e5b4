//! `traceparent`: the request goes on in the trace it brought, or begins one.

use axum::http::{HeaderMap, HeaderName};
use booking_domain::ports::IdSource;
use booking_domain::trace::TraceParent;

const HEADER: HeaderName = HeaderName::from_static("traceparent");

/// The request's own span, in the trace of the one header that it brought; several are none.
pub(super) fn of(headers: &HeaderMap, ids: &dyn IdSource) -> TraceParent {
    let mut given = headers.get_all(HEADER).iter();
    let parent = match (given.next(), given.next()) {
        (Some(only), None) => only.to_str().ok().and_then(|text| text.parse().ok()),
        _ => None,
    };
    let id = ids.uuid();
    match parent {
        Some(parent) => TraceParent::child(parent, id),
        None => TraceParent::begun(id),
    }
}
