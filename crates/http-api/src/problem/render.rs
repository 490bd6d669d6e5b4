//! Writes problems out.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::{Problem, table};
use crate::dto::ProblemDocument;

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Turns a problem, or a bare error of a library, into a document. Anything else is left alone.
pub(crate) fn render(mut response: Response, request_id: &str) -> Response {
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => write(response, problem, request_id),
        None if is_bare_error(&response) => {
            let problem = of_status(response.status());
            write(response, problem, request_id)
        }
        None => response,
    }
}

/// An error with no text, or with a plain one such as libraries write.
fn is_bare_error(response: &Response) -> bool {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .map(HeaderValue::as_bytes);
    failed && kind.is_none_or(|kind| kind.starts_with(b"text/plain"))
}

fn of_status(status: StatusCode) -> Problem {
    let row = table::of_status(status);
    let detail = match status {
        StatusCode::UNAUTHORIZED => {
            "send a valid API key, or a signature made with the company's key"
        }
        StatusCode::NOT_FOUND => "no route fits this path",
        StatusCode::METHOD_NOT_ALLOWED => "the Allow header names the methods of this path",
        _ => row.title,
    };
    Problem::of_row(row, detail)
}

fn write(mut response: Response, problem: Problem, request_id: &str) -> Response {
    let problem = *problem.0;
    *response.status_mut() = problem.row.status;
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, PROBLEM_JSON);
    if let Some(seconds) = problem.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    headers.extend(problem.headers);
    let document = ProblemDocument {
        kind: kind(problem.row.code),
        title: problem.row.title,
        status: problem.row.status.as_u16(),
        detail: problem.detail,
        code: problem.row.code,
        request_id: request_id.to_owned(),
        errors: problem.errors,
        alternatives: problem.alternatives,
        missing: problem.missing,
        retry_after: problem.retry_after,
    };
    // Plain texts and numbers always become JSON.
    let body = serde_json::to_vec(&document).unwrap_or_default();
    *response.body_mut() = Body::from(body);
    response
}

/// The `type` of a problem: an address of this API where it can be looked up.
pub(crate) fn kind(code: &str) -> String {
    format!("/problems/{code}")
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    /// Golden: the whole document, member by member, in order.
    #[test]
    fn a_problem_reads_like_this() {
        let problem = Problem::field("customer.email", "needs an @").retry_after(3);
        let response = render(problem.into_response(), "req-1");
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[RETRY_AFTER], "3");
        assert_eq!(
            text(response),
            r#"{"type":"/problems/validation_failed","title":"Some values are not valid","status":422,"detail":"not valid: customer.email","code":"validation_failed","request_id":"req-1","errors":[{"field":"customer.email","message":"needs an @"}],"retry_after":3}"#
        );
    }

    #[test]
    fn bare_errors_become_documents_and_others_stay() {
        let bare = (StatusCode::METHOD_NOT_ALLOWED, [("allow", "GET")]).into_response();
        let made = render(bare, "r");
        assert_eq!(
            (made.status(), &made.headers()["allow"]),
            (
                StatusCode::METHOD_NOT_ALLOWED,
                &HeaderValue::from_static("GET")
            )
        );
        assert!(text(made).contains(r#""code":"method_not_allowed""#));
        let teapot = render(StatusCode::IM_A_TEAPOT.into_response(), "r");
        assert_eq!(teapot.status(), StatusCode::IM_A_TEAPOT);
        assert!(text(teapot).contains(r#""status":418"#));
        let door = (StatusCode::UNAUTHORIZED, [("www-authenticate", "Bearer")]).into_response();
        let door = render(door, "r");
        assert_eq!(door.headers()["www-authenticate"], "Bearer");
        assert!(text(door).contains("or a signature"));
        let own = (StatusCode::BAD_REQUEST, axum::Json("mine")).into_response();
        assert_eq!(text(render(own, "r")), r#""mine""#);
        let fine = render("fine".into_response(), "r");
        assert_eq!(text(fine), "fine");
    }

    fn text(response: Response) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("runtime");
        let body = runtime.block_on(axum::body::to_bytes(response.into_body(), usize::MAX));
        String::from_utf8(body.expect("in memory").to_vec()).expect("text")
    }
}
