//! What surrounds every request, from the outside in: id, stopwatch, rate limit, time limit, the
//! handler, problem document, headers, log line, metrics.
//!
//! One function instead of seven layers: each layer would box the request once more, and the order
//! would have to be guessed from the order of `.layer` calls.

mod client;
mod headers;
mod rate_limit;
mod record;
mod request_id;

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use booking_domain::ports::IdSource;

use crate::problem::{self, Problem};
use client::Client;
use rate_limit::RateLimit;
use request_id::RequestId;

/// Longer than any command waits; whoever is cut off here may look the outcome up.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// Says where an answer came from, for the log line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CacheOutcome(pub(crate) &'static str);

/// What the envelope needs.
pub(crate) struct Envelope {
    ids: Arc<dyn IdSource>,
    rate_limit: Option<RateLimit>,
    histograms: record::Histograms,
}

impl Envelope {
    /// `per_second` requests for each client; 0: no limit.
    pub(crate) fn new(ids: Arc<dyn IdSource>, per_second: u32) -> Arc<Self> {
        Arc::new(Self {
            ids,
            rate_limit: RateLimit::new(per_second),
            histograms: record::Histograms::default(),
        })
    }

    async fn answer(&self, request: Request, next: Next) -> Response {
        let Some(rate_limit) = &self.rate_limit else {
            return within_limit(request, next).await;
        };
        if rate_limit::is_exempt(request.uri().path()) {
            return within_limit(request, next).await;
        }
        match rate_limit.admit(Client::of(&request)) {
            Ok(standing) => {
                let mut response = within_limit(request, next).await;
                standing.write(response.headers_mut());
                response
            }
            Err(problem) => problem.into_response(),
        }
    }
}

/// What the log line and the metrics say of a request.
struct Seen {
    method: Method,
    route: Option<MatchedPath>,
}

impl Seen {
    /// The pattern of the route, never the path: that may hold ids.
    fn route(&self) -> &str {
        self.route.as_ref().map_or("unmatched", MatchedPath::as_str)
    }
}

/// The middleware.
pub(crate) async fn envelope(
    State(envelope): State<Arc<Envelope>>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let id = RequestId::of(request.headers()).unwrap_or_else(|| RequestId::made(&*envelope.ids));
    // Whatever is merged into the router finds the id there too.
    id.write(request.headers_mut());
    let seen = Seen {
        method: request.method().clone(),
        route: request.extensions().get::<MatchedPath>().cloned(),
    };
    let response = envelope.answer(request, next).await;
    let mut response = problem::render(response, id.as_str());
    id.write(response.headers_mut());
    headers::secure(response.headers_mut());
    let took = began.elapsed();
    record::record(&envelope.histograms, &seen, (&response, &id), took);
    response
}

async fn within_limit(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let seconds = REQUEST_LIMIT.as_secs();
            let detail =
                format!("no answer within {seconds} seconds; it may have happened all the same");
            Problem::new("timeout", detail)
                .retry_after(5)
                .into_response()
        }
    }
}

/// A handler panicked: the text of the panic stays here.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Problem::internal().into_response()
}
