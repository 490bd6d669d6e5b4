//! The description tells the truth: every route is in it, and everything in it is a route.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::Request;
use serde_json::Value;

use crate::support::{Gateway, bearing};

const ROUTES: [(&str, &str); 33] = [
    ("get", "/api/v1/campaigns"),
    ("get", "/api/v1/campaigns/{id}"),
    ("post", "/api/v1/campaigns"),
    ("put", "/api/v1/customers/{id}/consent"),
    ("get", "/unsubscribe/{token}"),
    ("post", "/unsubscribe/{token}"),
    ("get", "/api/v1/availability"),
    ("get", "/api/v1/availability/alternatives"),
    ("get", "/api/v1/bookings"),
    ("get", "/api/v1/bookings/{id}"),
    ("get", "/api/v1/bookings/{id}/history"),
    ("get", "/api/v1/calls"),
    ("get", "/api/v1/calls/{id}"),
    ("get", "/api/v1/ops/cache"),
    ("get", "/api/v1/ops/circuit-breakers"),
    ("get", "/api/v1/ops/jobs"),
    ("get", "/health"),
    ("get", "/livez"),
    ("get", "/metrics"),
    ("get", "/openapi.json"),
    ("get", "/problems/{code}"),
    ("get", "/readyz"),
    ("post", "/api/calcom/webhook"),
    ("post", "/api/calcom/webhook/{company_id}"),
    ("post", "/api/v1/bookings"),
    ("post", "/api/v1/bookings/{id}/cancel"),
    ("post", "/api/v1/bookings/{id}/reschedule"),
    ("post", "/api/v1/ops/cache/invalidate"),
    ("post", "/api/v1/ops/cache/warm"),
    ("get", "/api/v1/ops/reviews"),
    ("post", "/api/v1/ops/reviews/{id}/resolve"),
    ("post", "/api/v1/ops/jobs/{id}/discard"),
    ("post", "/api/v1/ops/jobs/{id}/retry"),
];

fn description() -> Value {
    serde_json::to_value(booking_http_api::openapi()).expect("JSON")
}

fn operations(description: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            found.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    found
}

#[test]
fn the_description_names_exactly_the_routes() {
    let description = description();
    let version = description["openapi"].as_str().expect("a version");
    assert!(version.starts_with("3.1"), "{version}");
    let described: BTreeSet<_> = operations(&description)
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect();
    let expected: BTreeSet<_> = ROUTES
        .iter()
        .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(described, expected);
}

#[test]
fn operations_have_names_of_their_own_failures_and_security() {
    let description = description();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&description) {
        let name = operation["operationId"]
            .as_str()
            .expect("a name")
            .to_owned();
        assert!(
            names.insert(name),
            "{method} {path} has the name of another"
        );
        let statuses: Vec<&str> = operation["responses"]
            .as_object()
            .expect("responses")
            .keys()
            .map(String::as_str)
            .collect();
        let expected: &[&str] = match (method.as_str(), path.as_str()) {
            ("get", path) if path.starts_with("/api/v1") => &["401", "403", "422", "429", "503"],
            ("post", path) if path.starts_with("/api/v1/ops") => {
                &["400", "401", "403", "413", "415", "422", "429", "503"]
            }
            ("post", path) if path.starts_with("/api/v1") => &[
                "400", "401", "403", "404", "409", "413", "415", "422", "429", "503",
            ],
            ("put", _) => &[
                "400", "401", "403", "404", "413", "415", "422", "429", "503",
            ],
            (_, path) if path.starts_with("/unsubscribe") => &["200", "404"],
            ("post", _) => &["400", "401", "413", "429", "503"],
            _ => &["200"],
        };
        for status in expected {
            assert!(
                statuses.contains(status),
                "{method} {path} lacks {status}: {statuses:?}"
            );
        }
        let secured = operation["security"][0]["api_key"].is_array();
        assert_eq!(secured, path.starts_with("/api/v1"), "{method} {path}");
    }
    let scheme = &description["components"]["securitySchemes"]["api_key"];
    assert_eq!(
        (&scheme["type"], &scheme["scheme"]),
        (&"http".into(), &"bearer".into())
    );
}

/// Turns red when a schema is named and not there, for instance when `Problem` is no component.
#[test]
fn every_reference_leads_somewhere() {
    let description = description();
    let mut references = Vec::new();
    collect(&description, &mut references);
    assert!(references.len() > 50, "{}", references.len());
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("inside the description");
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member.as_str()) {
                    ("$ref", Some(reference)) => references.push(reference),
                    _ => collect(member, references),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

/// The schema is written beside the type that is sent; this keeps them alike.
#[tokio::test]
async fn appointments_are_sent_as_described() {
    let gateway = Gateway::new().await;
    let body = serde_json::json!({"service_id": 1, "start": "2025-10-13T08:00:00+02:00",
        "customer": {"name": "A", "phone": "+491713920042"}});
    let sent = gateway.post("/api/v1/bookings", &body).await.json;
    let schemas = &description()["components"]["schemas"];
    for (name, sent) in [("Appointment", &sent), ("Customer", &sent["customer"])] {
        let names = |value: &Value| -> BTreeSet<String> {
            value
                .as_object()
                .expect("an object")
                .keys()
                .cloned()
                .collect()
        };
        assert_eq!(names(&schemas[name]["properties"]), names(sent), "{name}");
    }
}

#[tokio::test]
async fn every_described_route_is_there() {
    let gateway = Gateway::new().await;
    for (method, path, _) in operations(&description()) {
        let path = path.replace("{id}", "0199cd00-0000-7000-8000-000000000009");
        let path = path
            .replace("{company_id}", "15")
            .replace("{code}", "slot_taken")
            .replace("{token}", "00");
        let request = Request::builder()
            .method(method.to_uppercase().as_str())
            .uri(&path);
        let answer = gateway
            .send(request.body(Body::empty()).expect("a request"))
            .await;
        assert_ne!(answer.json["code"], "not_found", "{method} {path}");
        assert_ne!(answer.json["code"], "method_not_allowed", "{method} {path}");
        assert!(answer.status < 500, "{method} {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_description_and_its_page_are_served_to_everybody() {
    let gateway = Gateway::new().await;
    let ask = async |path: &str| {
        gateway
            .send(Request::get(path).body(Body::empty()).expect("a request"))
            .await
    };
    let served = ask("/openapi.json").await;
    assert_eq!((served.status, served.json), (200, description()));
    for path in ["/docs", "/docs/"] {
        let page = ask(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.header("content-type")
                .is_some_and(|it| it.starts_with("text/html"))
        );
        assert!(
            page.text.contains(r#"<base href="/docs/">"#),
            "{}",
            page.text
        );
        assert!(
            !page.text.contains("http://") && !page.text.contains("https://"),
            "offline"
        );
    }
    let script = ask("/docs/swagger-initializer.js").await;
    assert!(script.text.contains("/openapi.json"), "{}", script.text);
    assert_eq!(ask("/docs/swagger-ui-bundle.js").await.status, 200);
    ask("/docs/nothing.js")
        .await
        .assert_problem(404, "not_found");
}

#[tokio::test]
async fn a_key_in_the_wrong_place_opens_nothing() {
    let gateway = Gateway::new().await;
    let key = booking_test_support::builders::DEMO_KEY;
    let path = format!("/api/v1/bookings?key={key}");
    let request = Request::get(&path).body(Body::empty()).expect("a request");
    gateway
        .send(request)
        .await
        .assert_problem(401, "unauthorized");
    let twice = bearing(key, "GET", "/api/v1/bookings").header("authorization", "Bearer x");
    let twice = gateway
        .send(twice.body(Body::empty()).expect("a request"))
        .await;
    twice.assert_problem(401, "unauthorized");
}
