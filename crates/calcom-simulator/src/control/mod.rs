//! The control API under `/_sim`: look into the books, break things, turn the clock. For tests and
//! demonstrations on a loopback address; there is no key.

mod outsider;
mod setup;
mod state;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::format::utc_ms;
use crate::sim::Sim;
use crate::webhooks::courier::Parcel;

type App = State<Arc<Sim>>;
/// What a control request answers: JSON, or what is wrong with it.
type Answer = Result<axum::Json<Value>, Complaint>;

/// A control request that makes no sense, in one sentence.
#[derive(Debug)]
pub(crate) struct Complaint(StatusCode, String);

impl Complaint {
    fn wrong(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }

    fn missing(text: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, text.into())
    }
}

impl IntoResponse for Complaint {
    fn into_response(self) -> Response {
        (self.0, axum::Json(json!({"error": self.1}))).into_response()
    }
}

pub(crate) fn router() -> Router<Arc<Sim>> {
    Router::new()
        .route("/_sim/state", get(state::show))
        .route("/_sim/reset", post(reset))
        .route("/_sim/world", get(setup::world).put(setup::put_world))
        .route(
            "/_sim/settings",
            get(setup::settings).put(setup::put_settings),
        )
        .route(
            "/_sim/faults",
            get(faults)
                .put(put_faults)
                .post(add_fault)
                .delete(clear_faults),
        )
        .route(
            "/_sim/webhooks",
            get(setup::webhooks)
                .post(setup::subscribe)
                .delete(setup::unsubscribe_all),
        )
        .route("/_sim/deliveries", get(deliveries))
        .route("/_sim/deliveries/{n}/redeliver", post(redeliver))
        .route("/_sim/outsider/bookings", post(outsider::create))
        .route(
            "/_sim/outsider/bookings/{uid}/cancel",
            post(outsider::cancel),
        )
        .route(
            "/_sim/outsider/bookings/{uid}/reschedule",
            post(outsider::reschedule),
        )
        .route(
            "/_sim/outsider/bookings/{uid}/reassign",
            post(outsider::reassign),
        )
        .route(
            "/_sim/outsider/bookings/{uid}/request-reschedule",
            post(outsider::request_reschedule),
        )
        .route("/_sim/time", get(time).post(set_time))
        .layer(from_fn(same_site_only))
}

/// Web pages of other sites must not press our buttons: a browser says where a request comes from.
pub(crate) async fn same_site_only(request: Request, next: Next) -> Response {
    let site = request
        .headers()
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok());
    let foreign = matches!(site, Some("cross-site" | "same-site"));
    if foreign && request.method() != Method::GET {
        let text = "this request comes from another web site; the simulator only takes its own";
        return Complaint(StatusCode::FORBIDDEN, text.to_owned()).into_response();
    }
    next.run(request).await
}

/// Reads a JSON body; an empty one counts as `{}`.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Complaint> {
    let text: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(text).map_err(|error| Complaint::wrong(format!("in the body: {error}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    #[serde(default)]
    everything: bool,
}

async fn reset(State(sim): App, body: Bytes) -> Answer {
    let Reset { everything } = read(&body)?;
    sim.reset(everything);
    Ok(axum::Json(
        json!({"status": "reset", "everything": everything}),
    ))
}

async fn faults(State(sim): App) -> Answer {
    Ok(axum::Json(json!({"faults": sim.faults.to_json()})))
}

async fn put_faults(State(sim): App, body: Bytes) -> Answer {
    let rules: Value = read(&body)?;
    // What GET shows may be put back.
    let rules = rules.get("faults").cloned().unwrap_or(rules);
    sim.faults
        .replace(&without_counts(rules))
        .map_err(Complaint::wrong)?;
    sim.send_later(sim.courier.release(), 0);
    faults(State(sim)).await
}

fn without_counts(mut rules: Value) -> Value {
    if let Value::Array(rules) = &mut rules {
        for rule in rules.iter_mut().filter_map(Value::as_object_mut) {
            rule.remove("used");
        }
    }
    rules
}

async fn add_fault(State(sim): App, body: Bytes) -> Answer {
    sim.faults.add(&read(&body)?).map_err(Complaint::wrong)?;
    faults(State(sim)).await
}

async fn clear_faults(State(sim): App) -> Answer {
    sim.faults.clear();
    sim.send_later(sim.courier.release(), 0);
    faults(State(sim)).await
}

async fn deliveries(State(sim): App) -> Answer {
    Ok(axum::Json(json!({"deliveries": sim.courier.to_json()})))
}

/// Sends the same bytes with the same signature once more.
async fn redeliver(State(sim): App, Path(n): Path<usize>) -> Answer {
    let parcel = sim.courier.parcel(n).ok_or_else(|| {
        Complaint::missing(format!(
            "there is no delivery {n}; GET /_sim/deliveries lists them"
        ))
    })?;
    let parcel = Parcel {
        replay_of: Some(n),
        faults: Vec::new(),
        draft: None,
        ..parcel
    };
    let number = sim.courier.record(parcel, "sending", sim.now());
    sim.courier.send(number).await;
    Ok(axum::Json(sim.courier.delivery_json(number)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    set: Option<DateTime<Utc>>,
    #[serde(default)]
    frozen: bool,
    advance_seconds: Option<i64>,
    #[serde(default)]
    reset: bool,
}

async fn time(State(sim): App) -> Answer {
    Ok(axum::Json(
        json!({"now": utc_ms(sim.now()), "frozen": sim.clock.is_frozen()}),
    ))
}

async fn set_time(State(sim): App, body: Bytes) -> Answer {
    let wish: Time = read(&body)?;
    match (wish.set, wish.advance_seconds, wish.reset) {
        (Some(instant), None, false) => sim.clock.set(instant, wish.frozen),
        (None, Some(seconds), false) => {
            let step = TimeDelta::try_seconds(seconds)
                .filter(|step| sim.now().checked_add_signed(*step).is_some())
                .ok_or_else(|| Complaint::wrong("advance_seconds is too large"))?;
            sim.clock.advance(step);
        }
        (None, None, true) => sim.clock.reset(),
        (None, None, false) if wish.frozen => sim.clock.set(sim.now(), true),
        _ => {
            return Err(Complaint::wrong(
                "say one of {\"set\": \"2030-03-12T15:00:00Z\", \"frozen\": true}, \
                 {\"advance_seconds\": 60}, {\"frozen\": true} or {\"reset\": true}",
            ));
        }
    }
    time(State(sim)).await
}
