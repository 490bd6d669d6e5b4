//! Platforms that send the arguments alone.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::testing::{ADMIN, CALLER, World, code};

/// Red when a function without arguments needs a body, or what is no object is taken for one.
#[tokio::test]
async fn a_body_may_be_left_out_where_there_are_no_arguments() {
    let world = World::new();
    for (body, expected) in [
        ("", "not_found"),
        ("{}", "not_found"),
        ("[]", "invalid_parameter"),
        ("{", "invalid_parameter"),
    ] {
        let request = Request::post("/api/voice/functions/query_appointment")
            .header("authorization", format!("Bearer {ADMIN}"))
            .header("x-caller-number", CALLER)
            .body(Body::from(body));
        let (status, answer) = world.send(request.expect("a request")).await;
        assert_eq!(
            (status, code(&answer)),
            (StatusCode::OK, expected),
            "{body:?}"
        );
    }
}
