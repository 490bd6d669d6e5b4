//! Who is let in, with how much, and in which language they are answered.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::retell::signature;
use crate::testing::{ADMIN, Call, FOREIGN, READER, RETELL_KEY, World, code};

fn body() -> String {
    json!({"name": "check_availability", "args": {"datum": "2025-10-13", "uhrzeit": "08:00", "dienstleistung": "Beratung"},
        "call": {"call_id": "call_x", "agent_id": "agent_15", "to_number": "+493012345678"}})
    .to_string()
}

async fn send(
    world: &World,
    path: &str,
    headers: &[(&str, String)],
    body: &str,
) -> (StatusCode, Value) {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    world
        .send(
            request
                .body(Body::from(body.to_owned()))
                .expect("a request"),
        )
        .await
}

fn bearer(token: &str) -> (&'static str, String) {
    (header::AUTHORIZATION.as_str(), format!("Bearer {token}"))
}

/// Turns red when a signature of another key, an API key of another company, or nothing at all
/// is enough.
#[tokio::test]
async fn a_signature_or_an_api_key_of_that_company_is_needed() {
    let world = World::new();
    let now = world.desk.time();
    let good = (
        signature::HEADER,
        signature::sign(body().as_bytes(), RETELL_KEY, now),
    );
    let foreign = (
        signature::HEADER,
        signature::sign(body().as_bytes(), "key_20", now),
    );
    let empty = (
        signature::HEADER,
        signature::sign(body().as_bytes(), "", now),
    );
    let (with_path, without) = ("/api/retell/function-call/15", "/api/retell/function-call");
    for (path, headers, status) in [
        (with_path, vec![good.clone()], 200),
        (with_path, vec![bearer(ADMIN)], 200),
        (without, vec![bearer(ADMIN)], 200),
        (without, vec![bearer(READER), foreign.clone()], 200),
        (with_path, vec![], 401),
        (with_path, vec![foreign.clone()], 401),
        (with_path, vec![good.clone(), good.clone()], 401),
        (with_path, vec![bearer(FOREIGN)], 401),
        (with_path, vec![bearer(FOREIGN), good.clone()], 401),
        (with_path, vec![bearer("bk_unknown")], 401),
        (
            with_path,
            vec![("authorization", format!("Basic {ADMIN}"))],
            401,
        ),
        (without, vec![good.clone()], 401),
        ("/api/retell/function-call/16", vec![good.clone()], 401),
        ("/api/retell/function-call/abc", vec![good.clone()], 401),
        // Company 20 has no Retell key: nothing can be signed for it, an empty key least of all.
        ("/api/retell/function-call/20", vec![good.clone()], 401),
        ("/api/retell/function-call/20", vec![empty], 401),
        ("/api/retell/function-call/20", vec![bearer(FOREIGN)], 200),
    ] {
        let (found, answer) = send(&world, path, &headers, &body()).await;
        assert_eq!(found.as_u16(), status, "{path} {headers:?} {answer}");
        if status == 401 {
            assert!(answer.to_string().len() < 120, "{answer}");
        }
    }
    let tampered = body().replace("08:00", "09:00");
    let (status, _) = send(&world, with_path, &[good], &tampered).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn agent_and_number_must_be_the_companys() {
    let world = World::new();
    for (call, status) in [
        (json!({"agent_id": "agent_15"}), 200),
        (json!({"agent_id": "agent_99"}), 401),
        (json!({"to_number": "+493012345678"}), 200),
        (json!({"to_number": "+493099999999"}), 401),
        (
            json!({"direction": "outbound", "from_number": "+493012345678", "to_number": "+4917100000"}),
            200,
        ),
        (
            json!({"direction": "outbound", "from_number": "+493099999999"}),
            401,
        ),
        (json!({}), 200),
    ] {
        let body = json!({"name": "query_appointment", "args": {}, "call": call}).to_string();
        for headers in [
            vec![(
                signature::HEADER,
                signature::sign(body.as_bytes(), RETELL_KEY, world.desk.time()),
            )],
            vec![bearer(ADMIN)],
        ] {
            let (found, _) = send(&world, "/api/retell/function-call/15", &headers, &body).await;
            assert_eq!(found.as_u16(), status, "{body}");
        }
    }
}

#[tokio::test]
async fn a_reading_key_does_not_book() {
    let world = World::new();
    let path = |name: &str| format!("/api/retell/functions/{name}");
    for (name, status) in [
        ("check_availability", 200),
        ("query_appointment", 200),
        ("book_appointment", 403),
        ("cancel_appointment", 403),
    ] {
        let (found, _) = send(&world, &path(name), &[bearer(READER)], "{}").await;
        assert_eq!(found.as_u16(), status, "{name}");
    }
}

#[tokio::test]
async fn a_long_transcript_fits_and_a_flood_does_not() {
    let world = World::new();
    let long = |bytes: usize| {
        let words = "x".repeat(bytes);
        json!({"name": "query_appointment", "args": {}, "call": {"transcript": words}}).to_string()
    };
    world.signed("function-call/15", &long(3_000_000)).await;
    let (status, _) = send(
        &world,
        "/api/retell/function-call/15",
        &[bearer(ADMIN)],
        &long(5_000_000),
    )
    .await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_language_is_that_of_the_call_then_of_the_words_then_of_the_company() {
    let world = World::new();
    let wish = |date: &str, call: Value| {
        json!({"name": "check_availability", "args": {"date": date, "service": "Beratung"}, "call": call})
            .to_string()
    };
    let english = json!({"retell_llm_dynamic_variables": {"language": "en-US"}});
    for (date, call, lang) in [
        ("2025-10-13", json!({}), "de"),
        ("nächsten Dienstag", json!({}), "de"),
        ("next Tuesday", json!({}), "en"),
        ("nächsten Dienstag", english.clone(), "en"),
        ("2025-10-13", english, "en"),
    ] {
        let answer = world.signed("function-call/15", &wish(date, call)).await;
        assert_eq!(
            (answer["lang"].as_str(), code(&answer)),
            (Some(lang), "available"),
            "{date}"
        );
    }
    let told = world
        .ask(
            "query_appointment",
            json!({"language": "english"}),
            &Call::new("c", "t"),
        )
        .await;
    assert_eq!(told["lang"], "en");
}
