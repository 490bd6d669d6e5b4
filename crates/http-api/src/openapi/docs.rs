//! `/docs`: the description as a page, with everything it needs inside the program.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa_swagger_ui::{Config, serve};

use crate::problem::Problem;
use crate::state::ApiState;

/// The page's own files; styles are set by its scripts.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'none'";

pub(crate) fn routes() -> Router<ApiState> {
    Router::new()
        .route("/docs", get(async || file("index.html")))
        .route("/docs/", get(async || file("index.html")))
        .route(
            "/docs/{*file}",
            get(async |Path(name): Path<String>| file(&name)),
        )
}

fn file(name: &str) -> Response {
    static CONFIG: OnceLock<Arc<Config<'static>>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| Arc::new(Config::from("/openapi.json")));
    match serve(name, config.clone()) {
        Ok(Some(file)) => {
            let headers = [
                (CONTENT_TYPE, file.content_type.as_str()),
                (CONTENT_SECURITY_POLICY, POLICY),
                (CACHE_CONTROL, "public, max-age=3600"),
            ];
            (headers, based(name, file.bytes)).into_response()
        }
        Ok(None) => Problem::new("not_found", "no route fits this path").into_response(),
        Err(error) => {
            tracing::error!(%error, "the API's page cannot be made");
            Problem::internal().into_response()
        }
    }
}

/// The page names its files relative to itself; it is served without a slash at the end.
fn based(name: &str, bytes: Cow<'static, [u8]>) -> Vec<u8> {
    match (name, std::str::from_utf8(&bytes)) {
        ("index.html", Ok(page)) => page
            .replacen("<head>", r#"<head><base href="/docs/">"#, 1)
            .into_bytes(),
        _ => bytes.into_owned(),
    }
}
