//! Every route.

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::MAX_BYTES;
use crate::handlers::availability::KeptAnswers;
use crate::handlers::{
    availability, bookings, calls, campaigns, consent, health, ops, problems, unsubscribe,
};
use crate::middleware::{panicked, routed};
use crate::openapi::{self, Description, docs_routes};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::webhooks::calcom;

/// All routes, with those of `extra`.
pub(crate) fn routes(state: ApiState, kept: KeptAnswers, extra: Router) -> Router {
    let (ours, _) = documented().split_for_parts();
    ours.merge(docs_routes())
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        .layer(Extension(kept))
        .with_state(state)
        .merge(extra)
        .fallback(async || Problem::new("not_found", "no route fits this path"))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(routed))
}

/// Health and metrics.
pub(crate) fn watching_routes(state: ApiState) -> Router {
    let (ours, _) = watched(OpenApiRouter::new()).split_for_parts();
    ours.with_state(state)
        .fallback(async || Problem::new("not_found", "this process answers for its health only"))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(routed))
}

fn watched(router: OpenApiRouter<ApiState>) -> OpenApiRouter<ApiState> {
    router
        .routes(routes!(health::livez::handler))
        .routes(routes!(health::readyz::handler))
        .routes(routes!(health::overview::handler))
        .routes(routes!(health::metrics::handler))
}

/// The routes that the description names, each registered together with it.
pub(crate) fn documented() -> OpenApiRouter<ApiState> {
    let ours = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(availability::get::handler))
        .routes(routes!(availability::alternatives::handler))
        .routes(routes!(bookings::create::handler, bookings::list::handler))
        .routes(routes!(bookings::get::handler))
        .routes(routes!(bookings::history::handler))
        .routes(routes!(bookings::reschedule::handler))
        .routes(routes!(bookings::cancel::handler))
        .routes(routes!(calls::list))
        .routes(routes!(calls::get))
        .routes(routes!(
            campaigns::create::handler,
            campaigns::list::handler
        ))
        .routes(routes!(campaigns::get::handler))
        .routes(routes!(consent::handler))
        .routes(routes!(unsubscribe::ask, unsubscribe::unsubscribe))
        .routes(routes!(ops::cache::handler))
        .routes(routes!(ops::circuit_breakers::handler))
        .routes(routes!(ops::invalidate_cache::handler))
        .routes(routes!(ops::warm_cache::handler))
        .routes(routes!(ops::reviews::handler))
        .routes(routes!(ops::resolve_review::handler))
        .routes(routes!(ops::jobs::list))
        .routes(routes!(ops::jobs::retry))
        .routes(routes!(ops::jobs::discard))
        .routes(routes!(calcom::handler::any_company))
        .routes(routes!(calcom::handler::one_company));
    watched(ours)
        .routes(routes!(problems::handler))
        .routes(routes!(openapi::handler))
}
