//! Turns results into HTTP answers, and spoils them where a fault says so.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{Call, Reply, refusals};
use crate::error::ApiError;
use crate::rate_limit::Allowance;
use crate::serve::Connection;
use crate::sim::Sim;

/// What happens to the caller in the end.
pub(super) enum Outcome {
    Reply(Response),
    /// No answer for that long, then a proxy's 504.
    Hold(Duration),
    Reset,
}

impl Outcome {
    pub(super) fn error(
        sim: &Sim,
        problem: &ApiError,
        target: &str,
        allowance: Option<Allowance>,
    ) -> Self {
        Self::Reply(error(sim, problem, target, allowance))
    }

    /// The status the caller sees, if it sees one.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Reply(response) => Some(response.status().as_u16()),
            Self::Hold(_) | Self::Reset => None,
        }
    }

    pub(super) async fn into_response(self, sim: &Arc<Sim>, connection: &Connection) -> Response {
        match self {
            Self::Reply(response) => response,
            Self::Hold(duration) => {
                tokio::select! {
                    () = tokio::time::sleep(duration) => {}
                    () = sim.stop.cancelled() => {}
                }
                plain(StatusCode::GATEWAY_TIMEOUT, "upstream request timeout")
            }
            Self::Reset => {
                connection.reset();
                // The connection's task drops this future together with the socket.
                std::future::pending().await
            }
        }
    }
}

/// An error answer with the headers that go with it.
pub(super) fn error(
    sim: &Sim,
    problem: &ApiError,
    target: &str,
    allowance: Option<Allowance>,
) -> Response {
    let body = problem.to_json(target, sim.now());
    let mut response = json_response(problem.status, &body);
    let request_id = sim.state().store.uuid();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    if let Some(allowance) = allowance {
        put_allowance(&mut response, allowance);
        if allowance.refused && sim.world().settings.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(allowance.reset));
        }
    }
    response
}

/// The answer to a call that succeeded, unless a fault takes it away.
pub(super) fn spoil(sim: &Sim, call: &Call, reply: Reply, allowance: Option<Allowance>) -> Outcome {
    let effects = &call.effects;
    if let Some(duration) = effects.commit_then_timeout.and_then(|hold| hold.duration()) {
        return Outcome::Hold(duration);
    }
    if effects.commit_then_reset {
        return Outcome::Reset;
    }
    if effects.commit_then_500 {
        return Outcome::error(sim, &ApiError::internal(), &call.target, allowance);
    }
    if effects.commit_then_no_available_users {
        return Outcome::error(sim, &refusals::slot_taken(false), &call.target, allowance);
    }
    let mut reply = reply;
    if effects.array_answer && reply.body.get("data").is_some() {
        reply.body["data"] = json!([reply.body["data"].take()]);
    }
    if effects.wrong_shape {
        reply.status = StatusCode::OK;
        reply.body = json!({"message": "ok", "result": {"done": true}});
    }
    let mut response = if effects.cut_body {
        cut(reply.status, &reply.body)
    } else {
        json_response(reply.status, &reply.body)
    };
    if let Some(allowance) = allowance {
        put_allowance(&mut response, allowance);
    }
    Outcome::Reply(response)
}

fn put_allowance(response: &mut Response, allowance: Allowance) {
    let headers = response.headers_mut();
    headers.insert(
        "x-ratelimit-limit-default",
        HeaderValue::from(allowance.limit),
    );
    headers.insert(
        "x-ratelimit-remaining-default",
        HeaderValue::from(allowance.remaining),
    );
    headers.insert(
        "x-ratelimit-reset-default",
        HeaderValue::from(allowance.reset),
    );
}

pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

/// Announces the whole body and sends half of it.
fn cut(status: StatusCode, body: &Value) -> Response {
    let text = body.to_string();
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    // The pause lets the first half leave before the connection breaks.
    let parts = stream::once(async { Ok(half) }).chain(stream::once(async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::Error::other("cut by a fault"))
    }));
    let mut response = Response::new(Body::from_stream(parts));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}
