//! What surrounds every request, from the outside in: id, stopwatch, rate limit, time limit, the
//! handler, problem document, headers, log line, metrics.
//!
//! One function around everything instead of seven layers: each layer would box the request once
//! more, and the order would have to be guessed from the order of `.layer` calls.

mod client;
mod headers;
mod rate_limit;
mod record;
mod request_id;
mod trace;

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use booking_application::trace::scope;
use booking_domain::ports::IdSource;

use crate::problem::{self, Problem};
use client::Client;
use rate_limit::RateLimit;
pub(crate) use request_id::RequestId;

/// Longer than any command waits; whoever is cut off here may look the outcome up.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// Says where an answer came from, for the log line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CacheOutcome(pub(crate) &'static str);

/// Which route gave an answer, for the log line and the metrics: the pattern, never the path,
/// because that may hold ids.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    Named(&'static str),
    Matched(MatchedPath),
    Unmatched,
}

impl Route {
    fn as_str(&self) -> &str {
        match self {
            Self::Named(route) => route,
            Self::Matched(path) => path.as_str(),
            Self::Unmatched => "unmatched",
        }
    }
}

/// An answer, and what is to be said of it.
pub(crate) struct Answered {
    pub(crate) response: Response,
    pub(crate) route: Route,
    pub(crate) cache: Option<CacheOutcome>,
}

impl From<Response> for Answered {
    fn from(mut response: Response) -> Self {
        let said = response.extensions_mut();
        Self {
            route: said.remove().unwrap_or(Route::Unmatched),
            cache: said.remove(),
            response,
        }
    }
}

/// What surrounds every request.
pub(crate) struct Envelope {
    ids: Arc<dyn IdSource>,
    rate_limit: Option<RateLimit>,
    histograms: record::Histograms,
}

impl Envelope {
    /// `per_second` requests for each client; 0: no limit.
    pub(crate) fn new(ids: Arc<dyn IdSource>, per_second: u32) -> Self {
        Self {
            ids,
            rate_limit: RateLimit::new(per_second),
            histograms: record::Histograms::default(),
        }
    }

    /// The request's way in, and its answer's way out.
    pub(crate) async fn around(
        &self,
        request: Request,
        answer: impl AsyncFnOnce(Request, &RequestId) -> Answered,
    ) -> Response {
        let began = Instant::now();
        let id = RequestId::of(request.headers()).unwrap_or_else(|| RequestId::made(&*self.ids));
        let trace = trace::of(request.headers(), &*self.ids);
        let method = record::method(request.method());
        let mut answered = match self.admit(&request) {
            Ok(standing) => {
                let answer = answer(request, &id);
                let mut answered = scope(Some(trace), answer).await;
                if let Some(standing) = standing {
                    standing.write(answered.response.headers_mut());
                }
                answered
            }
            Err(problem) => problem.into_response().into(),
        };
        answered.response = problem::render(answered.response, id.as_str());
        let headers = answered.response.headers_mut();
        id.write(headers);
        headers::secure(headers);
        record::record(
            &self.histograms,
            (method, &id, trace),
            &answered,
            began.elapsed(),
        );
        answered.response
    }

    fn admit(&self, request: &Request) -> Result<Option<rate_limit::Standing>, Problem> {
        match &self.rate_limit {
            Some(limit) if !rate_limit::is_exempt(request.uri().path()) => {
                limit.admit(Client::of(request)).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// The middleware of the router: the time limit, and the name of the route.
pub(crate) async fn routed(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let mut response = within_limit(request, next).await;
    if let Some(path) = path {
        response.extensions_mut().insert(Route::Matched(path));
    }
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
