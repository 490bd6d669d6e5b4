//! The routes of function calls.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;

use crate::auth::{self, Refused};
use crate::call::answer;
use crate::state::VoiceState;

/// A call carries its transcript, several times over.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The routes, without any middleware.
///
/// | route | for |
/// |---|---|
/// | `POST /api/retell/function-call[/{company_id}]` | bodies that name the function |
/// | `POST /api/retell/functions/{name}[/{company_id}]` | all bodies, flat ones among them |
pub fn router(state: VoiceState) -> Router {
    Router::new()
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
    let admitted = auth::admit(&state, path.company_id.as_deref(), &headers, &body).await;
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err(refused) => return refusal(&refused),
    };
    let asked = || Query::<Asked>::try_from_uri(&uri).ok()?.0.name;
    let function = path.name.or_else(asked);
    match answer(&state, &admitted, function.as_deref(), &body).await {
        Ok(answer) => json(
            StatusCode::OK,
            serde_json::to_string(&answer).unwrap_or_default(),
        ),
        Err(status) => problem(status),
    }
}

fn refusal(refused: &Refused) -> Response {
    match refused {
        Refused::Unauthorized(why) => {
            tracing::info!(why, "a function call was not let in");
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
    (status, [kind], body).into_response()
}

fn json(status: StatusCode, body: String) -> Response {
    let kind = (header::CONTENT_TYPE, "application/json");
    (status, [kind], body).into_response()
}
