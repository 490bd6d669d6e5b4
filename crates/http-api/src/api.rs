//! The whole API as one service: what surrounds every request, the short road of answers that were
//! given before, and the router for everything else.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use booking_application::trace;
use futures_util::FutureExt;
use tower::{Service, ServiceExt};
use tracing::Instrument;
use tracing::field::display;

use crate::handlers::availability::{KeptAnswers, ShortRoad};
use crate::middleware::{Answered, Envelope, RequestId};
use crate::router::{routes, watching_routes};
use crate::state::ApiState;

/// The API. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    envelope: Envelope,
    short_road: Option<ShortRoad>,
    routes: Router,
}

impl Api {
    /// All routes. Those of `extra` get the same surroundings: request id, log line, metrics, rate
    /// limit, time limit, catching of panics, security headers. A bare error answer of theirs
    /// becomes a problem document; one with a body of its own stays as it is. They set their own
    /// body limit.
    pub fn new(state: ApiState, extra: Router) -> Self {
        let kept = KeptAnswers::new(state.settings.keep_answers);
        Self(Arc::new(Inner {
            envelope: Envelope::new(state.ids.clone(), state.settings.rate_limit_per_second),
            short_road: Some(ShortRoad::new(state.clone(), kept.clone())),
            routes: routes(state, kept, extra),
        }))
    }

    /// Health and metrics only: for a process that works and answers nobody else.
    pub fn for_watching(state: ApiState) -> Self {
        Self(Arc::new(Inner {
            envelope: Envelope::new(state.ids.clone(), state.settings.rate_limit_per_second),
            short_road: None,
            routes: watching_routes(state),
        }))
    }

    /// The answer to a request.
    pub async fn answer(&self, request: Request) -> Response {
        let inner = &*self.0;
        let answer = async |request, id: &RequestId| inner.answer(request, id).await;
        inner.envelope.around(request, answer).await
    }
}

impl Inner {
    async fn answer(&self, request: Request, id: &RequestId) -> Answered {
        let (mut head, body) = request.into_parts();
        if let Some(short_road) = &self.short_road {
            let short = AssertUnwindSafe(short_road.answer(&head)).catch_unwind();
            // What panics here gets its answer from the long road.
            if let Ok(Some(answered)) = short.await {
                return answered;
            }
        }
        // Whatever is merged into the router finds the id there too.
        id.write(&mut head.headers);
        let request = Request::from_parts(head, body);
        let trace_id = trace::current().map(|trace| display(trace.trace_id()));
        let span = tracing::info_span!("request", request_id = id.as_str(), trace_id);
        let answered = self.routes.clone().oneshot(request).instrument(span);
        let Ok(response) = answered.await;
        response.into()
    }
}

impl Service<Request> for Api {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let api = self.clone();
        Box::pin(async move { Ok(api.answer(request).await) })
    }
}
