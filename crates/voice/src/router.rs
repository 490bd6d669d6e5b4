//! The routes of function calls and of webhooks about calls.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use axum::{Extension, Router};
use booking_domain::ports::Scope;
use serde::Deserialize;

use crate::auth;
use crate::functions::Answer;
use crate::mcp::Mcp;
use crate::refused::Refused;
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
) -> Result<Response, Refused> {
    let company = path.company_id.as_deref();
    let admitted = auth::admit(&state, company, (&headers, &body)).await?;
    let asked = || Query::<Asked>::try_from_uri(&uri).ok()?.0.name;
    let function = path.name.or_else(asked);
    let answer = retell::function_call(&state, &admitted, function.as_deref(), &body).await?;
    Ok(spoken(&answer))
}

async fn webhook(
    State(state): State<VoiceState>,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    let company = path.company_id.as_deref();
    let admitted = auth::admit_webhook(&state, company, Scope::Book, (&headers, &body)).await?;
    retell::take_in(&state, &admitted, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn inbound(
    State(state): State<VoiceState>,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let company = path.company_id.as_deref();
    let admitted = auth::admit_webhook(&state, company, Scope::Read, (&headers, &body)).await?;
    let answer = retell::inbound(&state, &admitted, &body).await?;
    Ok(json(answer.to_string()))
}

async fn vapi_message(
    State(state): State<VoiceState>,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let admitted = auth::by_key(&state, path.company_id.as_deref(), &headers).await?;
    let answers = vapi::message(&state, &admitted, &body).await;
    Ok(json(answers.to_string()))
}

async fn flat_call(
    State(state): State<VoiceState>,
    Path(path): Path<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let admitted = auth::by_key(&state, path.company_id.as_deref(), &headers).await?;
    let function = path.name.unwrap_or_default();
    let answer = flat::function_call(&state, &admitted, &function, (&headers, &body)).await?;
    Ok(spoken(&answer))
}

async fn mcp(
    State(state): State<VoiceState>,
    Extension(tools): Extension<Mcp>,
    request: Request,
) -> Result<Response, Refused> {
    let admitted = auth::by_key(&state, None, request.headers()).await?;
    Ok(tools.answer(admitted, request).await)
}

fn spoken(answer: &Answer) -> Response {
    json(serde_json::to_string(answer).unwrap_or_default())
}

fn json(body: String) -> Response {
    let kind = (header::CONTENT_TYPE, "application/json");
    ([kind], body).into_response()
}
