//! The Cal.com side: one door for `/v2/…` that does things in Cal.com's order: version routing,
//! rate limit, key, validation. Faults come in between.

mod answer;
mod booking_changes;
mod booking_create;
mod booking_input;
mod booking_list;
mod event_types;
pub(crate) mod fields;
mod me;
pub(crate) mod output;
mod refusals;
mod reservations;
pub(crate) mod routes;
mod slots;
mod webhooks;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{Extension, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::faults::{Effects, Fail, Shape, seconds_of};
use crate::rate_limit::Allowance;
use crate::serve::Connection;
use crate::sim::Sim;
use crate::world::World;
use answer::Outcome;
pub(crate) use refusals::{Operation, explain};
use routes::Route;

const LARGEST_BODY: usize = 1024 * 1024;

/// One request, understood as far as the operations need it.
pub(crate) struct Call {
    pub(crate) route: Route,
    /// The id in the path.
    pub(crate) id: String,
    /// Path and query, for error bodies.
    pub(crate) target: String,
    pub(crate) query: String,
    pub(crate) version: &'static str,
    pub(crate) body: Bytes,
    /// The account whose key came along.
    pub(crate) account: Option<String>,
    pub(crate) effects: Effects,
}

impl Call {
    /// The account; operations that need one ask here.
    pub(crate) fn account(&self) -> Result<&str, ApiError> {
        self.account.as_deref().ok_or_else(|| {
            ApiError::exception(
                StatusCode::UNAUTHORIZED,
                "ApiAuthStrategy - no authentication provided. Either 'authorization' header with \
                 a bearer token or client credentials are required.",
            )
        })
    }
}

/// A successful answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn ok(data: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body: json!({"status": "success", "data": data}),
        }
    }

    pub(crate) fn created(data: Value) -> Self {
        Self {
            status: StatusCode::CREATED,
            ..Self::ok(data)
        }
    }
}

/// Serves one request. The work runs in a task of its own, because the real service goes on when
/// its caller hangs up.
pub(crate) async fn handle(
    State(sim): State<Arc<Sim>>,
    Extension(connection): Extension<Connection>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        let error = ApiError::exception(StatusCode::PAYLOAD_TOO_LARGE, "request entity too large");
        return answer::error(&sim, &error, parts.uri.path(), None);
    };
    let work = sim
        .tasks
        .spawn(Box::pin(run(Arc::clone(&sim), parts, body)));
    match work.await {
        Ok(outcome) => outcome.into_response(&sim, &connection).await,
        Err(_) => answer::error(&sim, &ApiError::internal(), "", None),
    }
}

async fn run(sim: Arc<Sim>, parts: Parts, body: Bytes) -> Outcome {
    let begun = Instant::now();
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
        .to_owned();
    let asked = parts
        .headers
        .get("cal-api-version")
        .and_then(|value| value.to_str().ok());
    let version = routes::version(asked);
    let Some((route, id)) = routes::find(&parts.method, parts.uri.path(), version) else {
        sim.state().calls.count("(no such route)");
        let error = ApiError::not_found(format!("Cannot {} {target}", parts.method));
        return Outcome::error(&sim, &error, &target, None);
    };
    sim.state().calls.count(&route.name());
    let token = bearer(&parts.headers);
    let call = Call {
        route,
        id: id.unwrap_or_default(),
        target,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        version,
        body,
        account: token.clone().filter(|token| sim.is_account(token)),
        effects: sim.faults.take(route, token.as_deref()),
    };
    let outcome = Box::pin(attempt(&sim, &call, token)).await;
    note(&sim, &call, &outcome, begun.elapsed());
    outcome
}

/// Rate limit, faults that prevent, key, operation, faults that spoil.
async fn attempt(sim: &Arc<Sim>, call: &Call, token: Option<String>) -> Outcome {
    let limit = sim.world().settings.rate_limit_per_minute;
    let bucket = token.as_deref().unwrap_or("(no key)");
    let effects = &call.effects;
    let allowance = sim.limiter.count(bucket, limit, sim.now());
    let allowance = allowance.map(|it| it.shown_with(effects.header_drift.unwrap_or(0)));
    wait(effects.latency_ms).await;
    if let Some(duration) = effects
        .timeout_without_commit
        .and_then(|hold| hold.duration())
    {
        return Outcome::Hold(duration);
    }
    if effects.connection_reset {
        return Outcome::Reset;
    }
    if let Err((error, allowance)) = gate(call, token.as_deref(), allowance) {
        return Outcome::error(sim, &error, &call.target, allowance);
    }
    if let Some(seconds) = effects.commit_after_seconds {
        tokio::time::sleep(seconds_of(seconds)).await;
    }
    let done = Box::pin(operate(sim, call)).await;
    wait(effects.answer_latency_ms).await;
    match done {
        Ok(reply) => answer::spoil(sim, call, reply, allowance),
        Err(error) => Outcome::error(sim, &error, &call.target, allowance),
    }
}

async fn wait(ms: Option<u64>) {
    if let Some(ms) = ms {
        tokio::time::sleep(Duration::from_millis(ms.min(600_000))).await;
    }
}

type Refused = (ApiError, Option<Allowance>);

/// Everything that can turn a call away before it is looked at.
fn gate(call: &Call, token: Option<&str>, allowance: Option<Allowance>) -> Result<(), Refused> {
    let storm = call.effects.rate_limit_storm;
    if storm || allowance.is_some_and(|allowance| allowance.refused) {
        let stormy = Allowance {
            limit: 120,
            remaining: 0,
            reset: 60,
            refused: true,
        };
        let allowance = if storm { Some(stormy) } else { allowance };
        let text = "CustomThrottlerGuard - Too many requests. Please try again later.";
        return Err((
            ApiError::exception(StatusCode::TOO_MANY_REQUESTS, text),
            allowance,
        ));
    }
    if let Some(fail) = &call.effects.fail {
        return Err((failure(fail), allowance));
    }
    match token {
        Some(token) if call.account.is_none() => {
            let text = if token.starts_with("cal_") {
                "CustomThrottlerGuard - Invalid API Key"
            } else {
                "ApiAuthStrategy - api key - Your api key is not valid"
            };
            Err((
                ApiError::exception(StatusCode::UNAUTHORIZED, text),
                allowance,
            ))
        }
        _ => Ok(()),
    }
}

fn failure(fail: &Fail) -> ApiError {
    let (status, shape, message) = match fail {
        Fail::Status(status) => (*status, Shape::A, None),
        Fail::Full {
            status,
            shape,
            message,
        } => (*status, *shape, message.clone()),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = status.canonical_reason().unwrap_or("Error");
    let message = message.unwrap_or_else(|| reason.to_owned());
    match shape {
        Shape::A => ApiError::exception(status, message),
        Shape::B => ApiError::engine(status, message),
    }
}

async fn operate(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    match call.route {
        Route::Slots => slots::list(sim, call),
        Route::ReservationCreate => reservations::create(sim, call),
        Route::ReservationGet => Ok(reservations::get(sim, call)),
        Route::ReservationUpdate => reservations::update(sim, call),
        Route::ReservationDelete => Ok(reservations::delete(sim, call)),
        Route::BookingCreate => booking_create::create(sim, call).await,
        Route::BookingList => booking_list::list(sim, call),
        Route::BookingGet => booking_list::get(sim, call),
        Route::BookingReschedule => booking_changes::reschedule(sim, call).await,
        Route::BookingCancel => booking_changes::cancel(sim, call).await,
        Route::BookingConfirm => booking_changes::confirm(sim, call).await,
        Route::BookingDecline => booking_changes::decline(sim, call).await,
        Route::BookingMarkAbsent => booking_changes::mark_absent(sim, call).await,
        Route::EventTypeList => event_types::list(sim, call),
        Route::EventTypeGet => event_types::get(sim, call),
        Route::Me => me::get(sim, call),
        Route::WebhookCreate => webhooks::create(sim, call),
        Route::WebhookList => webhooks::list(sim, call),
        Route::WebhookGet => webhooks::get(sim, call),
        Route::WebhookUpdate => webhooks::update(sim, call),
        Route::WebhookDelete => webhooks::delete(sim, call),
        Route::LegacyBookingCreate => booking_create::legacy(),
        Route::LegacyBookingList => booking_list::legacy(sim, call),
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value
        .strip_prefix("Bearer ")
        .map(|token| token.trim().to_owned())
}

/// Finds an event type by slug and the user name of one of its hosts.
pub(crate) fn event_type_by_slug(world: &World, slug: &str, username: &str) -> Option<u64> {
    let found = world.event_types().find(|(account, event_type)| {
        event_type.slug == slug
            && event_type
                .host_ids
                .iter()
                .filter_map(|id| account.host(*id))
                .any(|host| host.username == username)
    });
    found.map(|(_, event_type)| event_type.id)
}

fn note(sim: &Sim, call: &Call, outcome: &Outcome, took: Duration) {
    let status = outcome.status();
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let route = call.route.name();
    if sim.log {
        tracing::info!(%route, target = %call.target, ?status, ms, "Cal.com call");
    } else {
        tracing::debug!(%route, ?status, ms, "Cal.com call");
    }
    let entry = json!({"at": sim.now_text(), "route": route, "target": call.target,
        "account": call.account, "version": call.version, "status": status, "ms": ms});
    sim.state().calls.remember(entry);
}
