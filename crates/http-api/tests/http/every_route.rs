//! What holds for every route: nobody gets in without a key, a key opens its own company only, and
//! what is damaged is refused with a problem document.

use axum::body::Body;
use axum::extract::Request;
use booking_domain::time::Span;
use booking_test_support::builders::{DEMO_KEY, OTHER_KEY};
use serde_json::json;

use crate::support::{ADMIN_KEY, Gateway, READ_KEY, Reply, bearing};

const ID: &str = "0199cd00-0000-7000-8000-000000000009";

/// Method, path, body, and the scope it needs.
fn routes() -> Vec<(&'static str, String, String, &'static str)> {
    let booking = json!({"service_id": 1, "start": "2025-10-13T08:00:00+02:00",
        "customer": {"name": "A", "phone": "+491713920042"}});
    let dates = "service_id=1&start=2025-10-13&end=2025-10-13";
    let start = json!({"start": "2025-10-13T09:00:00+02:00"});
    let near = "service_id=1&start=2025-10-13T08:00:00Z";
    vec![
        (
            "GET",
            format!("/api/v1/availability?{dates}"),
            String::new(),
            "read",
        ),
        (
            "GET",
            format!("/api/v1/availability/alternatives?{near}"),
            String::new(),
            "read",
        ),
        ("GET", "/api/v1/bookings".into(), String::new(), "read"),
        (
            "GET",
            format!("/api/v1/bookings/{ID}"),
            String::new(),
            "read",
        ),
        (
            "GET",
            format!("/api/v1/bookings/{ID}/history"),
            String::new(),
            "read",
        ),
        ("GET", "/api/v1/calls".into(), String::new(), "read"),
        ("GET", "/api/v1/calls/call_1".into(), String::new(), "read"),
        (
            "POST",
            "/api/v1/bookings".into(),
            booking.to_string(),
            "book",
        ),
        (
            "POST",
            format!("/api/v1/bookings/{ID}/reschedule"),
            start.to_string(),
            "book",
        ),
        (
            "POST",
            format!("/api/v1/bookings/{ID}/cancel"),
            "{}".into(),
            "book",
        ),
    ]
    .into_iter()
    .chain(operations())
    .chain(campaigns())
    .collect()
}

/// Those of whoever runs it.
fn operations() -> Vec<(&'static str, String, String, &'static str)> {
    vec![
        ("GET", "/api/v1/ops/cache".into(), String::new(), "admin"),
        (
            "GET",
            "/api/v1/ops/circuit-breakers".into(),
            String::new(),
            "admin",
        ),
        (
            "POST",
            "/api/v1/ops/cache/invalidate".into(),
            json!({"event_type_id": 2_563_193}).to_string(),
            "admin",
        ),
        ("GET", "/api/v1/ops/jobs".into(), String::new(), "admin"),
        (
            "POST",
            format!("/api/v1/ops/jobs/{ID}/retry"),
            String::new(),
            "admin",
        ),
        (
            "POST",
            format!("/api/v1/ops/jobs/{ID}/discard"),
            String::new(),
            "admin",
        ),
        ("GET", "/api/v1/ops/reviews".into(), String::new(), "admin"),
        (
            "POST",
            format!("/api/v1/ops/reviews/{ID}/resolve"),
            json!({"action": "retry"}).to_string(),
            "admin",
        ),
        (
            "POST",
            "/api/v1/ops/cache/warm".into(),
            "{}".into(),
            "admin",
        ),
    ]
}

/// What is told to many, and who agreed to it.
fn campaigns() -> Vec<(&'static str, String, String, &'static str)> {
    let campaign = json!({"name": "herbst", "subject": "Wieder da", "text": "Guten Tag",
        "segment": {}});
    let consent = json!({"marketing": true, "source": "web form"});
    vec![
        (
            "POST",
            "/api/v1/campaigns".into(),
            campaign.to_string(),
            "admin",
        ),
        ("GET", "/api/v1/campaigns".into(), String::new(), "admin"),
        (
            "GET",
            format!("/api/v1/campaigns/{ID}"),
            String::new(),
            "admin",
        ),
        (
            "PUT",
            "/api/v1/customers/1/consent".into(),
            consent.to_string(),
            "book",
        ),
    ]
}

async fn ask(
    gateway: &Gateway,
    key: Option<&str>,
    (method, path, body): (&str, &str, &str),
) -> Reply {
    let request = match key {
        Some(key) => bearing(key, method, path),
        None => Request::builder().method(method).uri(path),
    };
    let request = request.header("content-type", "application/json");
    gateway
        .send(
            request
                .body(Body::from(body.to_owned()))
                .expect("a request"),
        )
        .await
}

#[tokio::test]
async fn nobody_gets_in_without_a_valid_key() {
    let gateway = Gateway::new().await;
    for (method, path, body, _) in routes() {
        let request = (method, path.as_str(), body.as_str());
        for key in [
            None,
            Some("bk_unknown_000000000000"),
            Some("other"),
            Some(""),
        ] {
            let answer = ask(&gateway, key, request).await;
            answer.assert_problem(401, "unauthorized");
            let challenge = answer.header("www-authenticate").expect("a challenge");
            assert!(challenge.starts_with("Bearer realm="), "{challenge}");
        }
        let damaged = (method, path.as_str(), "{");
        ask(&gateway, None, damaged)
            .await
            .assert_problem(401, "unauthorized");
    }
    assert_eq!(gateway.appointments().await.len(), 0);
}

#[tokio::test]
async fn a_key_that_may_only_look_changes_nothing() {
    let gateway = Gateway::new().await;
    for (method, path, body, scope) in routes() {
        let answer = ask(&gateway, Some(READ_KEY), (method, &path, &body)).await;
        if scope == "read" {
            assert_ne!(answer.status, 403, "{method} {path}");
        } else {
            answer.assert_problem(403, "forbidden");
            let challenge = answer.header("www-authenticate").expect("a challenge");
            assert!(
                challenge.contains(&format!(r#"scope="{scope}""#)),
                "{challenge}"
            );
        }
    }
    assert_eq!(gateway.appointments().await.len(), 0);
}

#[tokio::test]
async fn a_revoked_key_is_an_unknown_key() {
    use booking_domain::ports::{ApiKeyStore, VersionMirror};
    use booking_test_support::builders::{COMPANY, now};

    let gateway = Gateway::new().await;
    let prefix = {
        let keys = gateway.store.list(COMPANY).await.expect("keys");
        let digest = booking_application::key_digest(READ_KEY);
        keys.into_iter()
            .find(|key| key.digest == digest)
            .expect("the key")
            .prefix
    };
    let list = ("GET", "/api/v1/bookings", "");
    assert_eq!(ask(&gateway, Some(READ_KEY), list).await.status, 200);
    assert!(
        gateway
            .store
            .revoke(COMPANY, &prefix, now() + Span::HOUR)
            .await
            .expect("revoked")
    );
    VersionMirror::refresh(&*gateway.store)
        .await
        .expect("refreshed");
    let answer = ask(&gateway, Some(READ_KEY), list).await.status;
    // Prefixes are for people: where two keys share one, either may have been meant.
    let other = ask(&gateway, Some(DEMO_KEY), list).await.status;
    assert!([answer, other].contains(&401), "{answer} {other}");
}

/// Another company's appointment is answered exactly like one that does not exist.
#[tokio::test]
async fn foreign_malformed_and_unknown_ids_are_not_found_alike() {
    let gateway = Gateway::new().await;
    let booking = routes()
        .into_iter()
        .find(|it| it.0 == "POST")
        .expect("a booking")
        .2;
    let made = ask(
        &gateway,
        Some(DEMO_KEY),
        ("POST", "/api/v1/bookings", &booking),
    )
    .await;
    let mine = made.json["id"].as_str().expect("an id").to_owned();
    for (method, path, body, _) in routes()
        .into_iter()
        .filter(|it| it.1.contains(&format!("/bookings/{ID}")))
    {
        let mut answers = Vec::new();
        for id in [mine.as_str(), ID, "abc", "1", "%FF", &mine.replace('-', "")] {
            let path = path.replace(ID, id);
            let answer = ask(&gateway, Some(OTHER_KEY), (method, &path, &body)).await;
            answer.assert_problem(404, "appointment_not_found");
            answers.push(answer.json["detail"].clone());
        }
        assert!(
            answers.windows(2).all(|pair| pair[0] == pair[1]),
            "{answers:?}"
        );
    }
    let list = ask(&gateway, Some(OTHER_KEY), ("GET", "/api/v1/bookings", "")).await;
    assert_eq!(list.json["data"], json!([]));
    let read = gateway.get(&format!("/api/v1/bookings/{mine}")).await;
    assert_eq!((read.status, &read.json), (200, &made.json), "untouched");
}

#[tokio::test]
async fn damaged_bodies_are_refused_on_every_route_that_takes_one() {
    let gateway = Gateway::new().await;
    for (method, path, body, _) in routes().into_iter().filter(|it| !it.2.is_empty()) {
        let send = async |kind: Option<&str>, body: String| {
            let request = bearing(ADMIN_KEY, method, &path);
            let request = kind
                .into_iter()
                .fold(request, |it, kind| it.header("content-type", kind));
            gateway
                .send(request.body(Body::from(body)).expect("a request"))
                .await
        };
        let json = Some("application/json");
        send(json, "{\"start\":".into())
            .await
            .assert_problem(400, "malformed_json");
        send(json, "{} x".into())
            .await
            .assert_problem(400, "malformed_json");
        send(Some("text/plain"), body.clone())
            .await
            .assert_problem(415, "unsupported_media_type");
        send(None, body.clone())
            .await
            .assert_problem(415, "unsupported_media_type");
        let large = format!("{{\"reason\":\"{}\"}}", "x".repeat(256 * 1024));
        send(json, large)
            .await
            .assert_problem(413, "payload_too_large");
        let unknown = send(json, "{\"colour\":1}".into()).await;
        assert_eq!(
            (unknown.status, unknown.wrong_fields()),
            (422, vec!["colour"]),
            "{path}"
        );
    }
}

#[tokio::test]
async fn unknown_parameters_are_refused_on_every_route() {
    let gateway = Gateway::new().await;
    for (method, path, body, _) in routes() {
        let path = format!(
            "{path}{}colour=red",
            if path.contains('?') { '&' } else { '?' }
        );
        let answer = ask(&gateway, Some(ADMIN_KEY), (method, &path, &body)).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.wrong_fields(), ["colour"], "{method} {path}");
    }
    assert_eq!(gateway.appointments().await.len(), 0);
}

#[tokio::test]
async fn other_paths_and_methods_are_told_apart() {
    let gateway = Gateway::new().await;
    for path in [
        "/",
        "/api/v1/nothing",
        "/api/v2/bookings",
        "/api/v1/bookings/",
        "/metrics/x",
    ] {
        gateway.get(path).await.assert_problem(404, "not_found");
    }
    for (method, path) in [
        ("DELETE", "/api/v1/bookings"),
        ("PUT", "/api/v1/availability"),
        ("GET", "/api/calcom/webhook"),
        ("POST", "/health"),
    ] {
        let answer = ask(&gateway, Some(DEMO_KEY), (method, path, "")).await;
        answer.assert_problem(405, "method_not_allowed");
        assert!(answer.header("allow").is_some(), "{method} {path}");
    }
}
