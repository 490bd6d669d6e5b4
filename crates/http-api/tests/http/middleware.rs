//! What surrounds every request.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use tower::ServiceExt;

use crate::support::{Gateway, Reply};

fn request(path: &str) -> Request {
    Request::get(path).body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn every_answer_carries_the_request_id() {
    let gateway = Gateway::new().await;
    for path in ["/livez", "/nothing", "/api/v1/bookings", "/docs"] {
        let made = gateway.send(request(path)).await;
        assert_eq!(
            made.header("x-request-id").map(str::len),
            Some(36),
            "{path}"
        );
        for (sent, taken) in [("abc-1", true), ("a b", false), (&"x".repeat(129), false)] {
            let mut request = request(path);
            request
                .headers_mut()
                .insert("x-request-id", sent.parse().expect("a value"));
            let answer = gateway.send(request).await;
            assert_eq!(
                answer.header("x-request-id") == Some(sent),
                taken,
                "{path} {sent}"
            );
        }
    }
}

#[tokio::test]
async fn headers_keep_browsers_modest() {
    let gateway = Gateway::new().await;
    for path in ["/livez", "/nothing", "/docs"] {
        let answer = gateway.send(request(path)).await;
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert!(answer.header("content-security-policy").is_some(), "{path}");
    }
}

/// The `type` of a problem is an address that answers.
#[tokio::test]
async fn kinds_of_problems_can_be_looked_up() {
    let gateway = Gateway::new().await;
    let refused = gateway.send(request("/api/v1/bookings")).await;
    let kind = gateway
        .send(request(refused.json["type"].as_str().expect("a type")))
        .await;
    assert_eq!(kind.status, 200, "{}", kind.text);
    for member in ["type", "title", "status", "code"] {
        assert_eq!(kind.json[member], refused.json[member], "{member}");
    }
    for unknown in ["/problems/lost", "/problems/%FF"] {
        gateway
            .send(request(unknown))
            .await
            .assert_problem(404, "not_found");
    }
}

/// The routes of others: they see the request id, and their failures become documents too.
#[tokio::test]
async fn merged_routes_live_in_the_same_middleware() {
    async fn boom() -> StatusCode {
        panic!("secret-in-a-panic")
    }
    let extra = Router::new()
        .route("/x/panic", get(boom))
        .route("/x/bare", get(async || StatusCode::UNAUTHORIZED))
        .route(
            "/x/own",
            get(async || (StatusCode::BAD_REQUEST, axum::Json("mine"))),
        )
        .route(
            "/x/id",
            get(async |headers: HeaderMap| {
                headers["x-request-id"]
                    .to_str()
                    .unwrap_or_default()
                    .to_owned()
            }),
        )
        .route(
            "/x/large",
            post(async |body: String| body.len().to_string())
                .layer(axum::extract::DefaultBodyLimit::max(4 * 1024 * 1024)),
        );
    let gateway = Gateway::new().await;
    let api = gateway.api_with(extra);
    let ask = async |request: Request| {
        Reply::read(api.clone().oneshot(request).await.expect("infallible")).await
    };
    let panicked = ask(request("/x/panic")).await;
    panicked.assert_problem(500, "internal_error");
    assert!(!panicked.text.contains("secret"), "{}", panicked.text);
    ask(request("/x/bare"))
        .await
        .assert_problem(401, "unauthorized");
    assert_eq!(ask(request("/x/own")).await.text, r#""mine""#);
    let id = ask(request("/x/id")).await;
    assert_eq!(Some(id.text.as_str()), id.header("x-request-id"));
    let large = Request::post("/x/large").body(Body::from("x".repeat(1024 * 1024)));
    assert_eq!(ask(large.expect("a request")).await.text, "1048576");
}

/// Turns red when the limit forgets who asked, or counts whoever watches the process.
#[tokio::test]
async fn each_client_has_a_limit_of_its_own() {
    let gateway = Gateway::new().await.limited(1);
    let api = gateway.api();
    let ask = async |client: &str, path: &str| {
        let mut request = request(path);
        let client: SocketAddr = client.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(client));
        Reply::read(api.clone().oneshot(request).await.expect("infallible")).await
    };
    let first = ask("192.0.2.1:1000", "/health").await;
    assert_eq!(first.status, 200);
    assert_eq!(
        first.header("ratelimit-policy"),
        Some(r#""client";q=1;w=1"#)
    );
    assert!(
        first
            .header("ratelimit")
            .is_some_and(|it| it.starts_with(r#""client";r=0"#))
    );
    let mut refused = None;
    for port in 1001..1050 {
        let answer = ask(&format!("192.0.2.1:{port}"), "/health").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("49 requests take less than 49 seconds");
    refused.assert_problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(refused.header("ratelimit").is_some());
    assert_eq!(
        ask("192.0.2.2:1000", "/health").await.status,
        200,
        "another client"
    );
    for _ in 0..20 {
        for path in ["/livez", "/readyz", "/metrics"] {
            assert_eq!(ask("192.0.2.1:1000", path).await.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn without_a_limit_nothing_is_counted() {
    let gateway = Gateway::new().await;
    for _ in 0..200 {
        let answer = gateway.send(request("/livez")).await;
        assert_eq!((answer.status, answer.header("ratelimit")), (200, None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_given_up() {
    let extra = Router::new().route("/x/slow", get(async || std::future::pending::<()>().await));
    let gateway = Gateway::new().await;
    let answer = gateway.api_with(extra).oneshot(request("/x/slow")).await;
    let answer = Reply::read(answer.expect("infallible")).await;
    answer.assert_problem(503, "timeout");
    assert!(answer.header("retry-after").is_some());
}
