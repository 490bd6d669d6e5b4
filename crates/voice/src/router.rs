//! The routes of function calls and of webhooks about calls.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use axum::{Extension, Router};
use booking_domain::ports::Scope;
use serde::Deserialize;

use crate::auth::{self, Refused};
use crate::functions::Answer;
use crate::mcp::Mcp;
use crate::state::VoiceState;
use crate::{flat, retell, vapi};

/// A call carries its transcript, several times over.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The routes, without any middleware.
///
/// | route | for |
/// |---|---|
/// | `POST /api/retell/function-call[/{company_id}]` | bodies that name the function |
/// | `POST /api/retell/functions/{name}[/{company_id}]` | all bodies, flat ones among them |
/// | `POST /api/retell/webhook[/{company_id}]` | what happens to calls |
/// | `POST /api/retell/inbound[/{company_id}]` | who is calling |
/// | `POST /api/vapi/tool-calls[/{company_id}]` | Vapi's messages, with an API key |
/// | `/mcp` | the Model Context Protocol, with an API key |
/// | `POST /api/voice/functions/{name}[/{company_id}]` | flat bodies of others, with an API key |
pub fn router(state: VoiceState) -> Router {
    let tools = Mcp::new(&state, MOST_BYTES);
    Router::new()
        .route("/mcp", any(mcp))
        .layer(Extension(tools))
        .route("/api/retell/function-call", post(function_call))
        .route(
            "/api/retell/function-call/{company_id}",
            post(function_call),
        )
        .route("/api/retell/functions/{name}", post(function_call))
        .route(
            "/api/retell/functions/{name}/{company_id}",
            post(function_call),
        )
        .route("/api/retell/webhook", post(webhook))
        .route("/api/retell/webhook/{company_id}", post(webhook))
        .route("/api/retell/inbound", post(inbound))
        .route("/api/retell/inbound/{company_id}", post(inbound))
        .route("/api/vapi/tool-calls", post(vapi_message))
        .route("/api/vapi/tool-calls/{company_id}", post(vapi_message))
        .route("/api/voice/functions/{name}", post(flat_call))
        .route("/api/voice/functions/{name}/{company_id}", post(flat_call))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(state)
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
    company_id: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    name: Option<String>,
}

async fn function_call(
    State(state): State<VoiceState>,
    Path(path): Path<Named>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let company = path.company_id.as_deref();
    let admitted = match auth::admit(&state, company, &headers, &body).await {
        Ok(admitted) => admitted,
        Err(refused) => return refusal(&refused),
    };
    let asked = || Query::<Asked>::try_from_uri(&uri).ok()?.0.name;
    let function = path.name.or_else(asked);
    spoken(retell::function_call(&state, &admitted, function.as_deref(), &body).await)
}

async fn webhook(
    State(state): State<VoiceState>,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let company = path.company_id.as_deref();
    let admitted = match auth::admit_webhook(&state, company, &headers, &body).await {
        Ok(admitted) => admitted,
        Err(refused) => return refusal(&refused),
    };
    if !admitted.allows(Scope::Book) {
        return problem(StatusCode::FORBIDDEN);
    }
    match retell::take_in(&state, &admitted, &body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(status) => problem(status),
    }
}

async fn inbound(
    State(state): State<VoiceState>,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let company = path.company_id.as_deref();
    let admitted = match auth::admit_webhook(&state, company, &headers, &body).await {
        Ok(admitted) => admitted,
        Err(refused) => return refusal(&refused),
    };
    if !admitted.allows(Scope::Read) {
        return problem(StatusCode::FORBIDDEN);
    }
    match retell::inbound(&state, &admitted, &body).await {
        Ok(answer) => json(answer.to_string()),
        Err(status) => problem(status),
    }
}

async fn vapi_message(
    State(state): State<VoiceState>,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match auth::by_key(&state, path.company_id.as_deref(), &headers).await {
        Ok(admitted) => json(vapi::message(&state, &admitted, &body).await.to_string()),
        Err(refused) => refusal(&refused),
    }
}

async fn flat_call(
    State(state): State<VoiceState>,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let admitted = match auth::by_key(&state, path.company_id.as_deref(), &headers).await {
        Ok(admitted) => admitted,
        Err(refused) => return refusal(&refused),
    };
    let function = path.name.unwrap_or_default();
    let sent = (&headers, body.as_ref());
    spoken(flat::function_call(&state, &admitted, &function, sent).await)
}

async fn mcp(
    State(state): State<VoiceState>,
    Extension(tools): Extension<Mcp>,
    request: Request,
) -> Response {
    match auth::by_key(&state, None, request.headers()).await {
        Ok(admitted) => tools.answer(admitted, request).await,
        Err(refused) => refusal(&refused),
    }
}

fn spoken(outcome: Result<Answer, StatusCode>) -> Response {
    match outcome {
        Ok(answer) => json(serde_json::to_string(&answer).unwrap_or_default()),
        Err(status) => problem(status),
    }
}

fn refusal(refused: &Refused) -> Response {
    match refused {
        Refused::Unauthorized(why) => {
            tracing::info!(why, "a request was not let in");
            problem(StatusCode::UNAUTHORIZED)
        }
        Refused::Unavailable(error) => {
            tracing::error!(%error, "nobody can be let in at the moment");
            problem(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// Small, one level deep and without a reason: what stands here enters a model's prompt.
fn problem(status: StatusCode) -> Response {
    let (code, title) = match status {
        StatusCode::UNAUTHORIZED => ("unauthorized", "Unauthorized"),
        StatusCode::FORBIDDEN => ("forbidden", "Forbidden"),
        _ => ("unavailable", "Unavailable"),
    };
    let number = status.as_u16();
    let body =
        format!(r#"{{"type":"about:blank","title":"{title}","status":{number},"code":"{code}"}}"#);
    let kind = (header::CONTENT_TYPE, "application/problem+json");
    let mut response = (status, [kind], body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(r#"Bearer realm="booking-gateway""#);
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn json(body: String) -> Response {
    let kind = (header::CONTENT_TYPE, "application/json");
    ([kind], body).into_response()
}
