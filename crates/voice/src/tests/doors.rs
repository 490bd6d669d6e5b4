//! Who is let in, with how much, and in which language they are answered.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::retell::signature;
use crate::testing::{ADMIN, FOREIGN, READER, RETELL_KEY, World, code};

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
        (json!({"to_number": "030 12345678"}), 200),
        (
            json!({"agent_id": "None", "to_number": "{{agent_number}}"}),
            200,
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
    for (agent, status) in [("agent_15", 200), ("agent_99", 401)] {
        let chat = json!({"chat_id": "chat_1", "agent_id": agent});
        let body = json!({"name": "query_appointment", "args": {}, "chat": chat}).to_string();
        let path = "/api/retell/function-call/15";
        let (found, _) = send(&world, path, &[bearer(ADMIN)], &body).await;
        assert_eq!(found.as_u16(), status, "{body}");
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

/// Red when a language that was told is not heard, or one that we do not speak silences the next.
/// Mutation: `metadata` taken out of the places.
#[tokio::test]
async fn the_language_is_that_of_the_call_then_of_the_words_then_of_the_company() {
    let world = World::new();
    let english = || json!({"retell_llm_dynamic_variables": {"language": "en-US"}});
    for (date, said, call, lang) in [
        ("2025-10-13", json!(null), json!({}), "de"),
        ("nächsten Dienstag", json!(null), json!({}), "de"),
        ("next Tuesday", json!(null), json!({}), "en"),
        ("nächsten Dienstag", json!(null), english(), "en"),
        ("2025-10-13", json!(null), english(), "en"),
        ("next Tuesday", json!("de"), english(), "de"),
        ("nächsten Dienstag", json!("English"), json!({}), "en"),
        ("2025-10-13", json!("fr"), english(), "en"),
        ("2025-10-13", json!("{{language}}"), english(), "en"),
        (
            "2025-10-13",
            json!("None"),
            json!({"metadata": {"language": "en"}}),
            "en",
        ),
        (
            "2025-10-13",
            json!(""),
            json!({"metadata": {"sprache": "Englisch"}}),
            "en",
        ),
        (
            "2025-10-13",
            json!(null),
            json!({"collected_dynamic_variables": {"lang": "en"}}),
            "en",
        ),
        (
            "2025-10-13",
            json!(null),
            json!({"collected_dynamic_variables": {"locale": "de"},
                "retell_llm_dynamic_variables": {"language": "en"}, "metadata": {"language": "en"}}),
            "de",
        ),
        (
            "2025-10-13",
            json!(null),
            json!({"retell_llm_dynamic_variables": {"language": "{{language}}"}, "metadata": {"language": "en"}}),
            "en",
        ),
        (
            "2025-10-13",
            json!("fr"),
            json!({"metadata": {"language": "fr"}}),
            "de",
        ),
        ("next Tuesday", json!("fr"), json!({}), "en"),
        ("2025-10-13", json!(null), json!({"metadata": "en"}), "de"),
    ] {
        let args = json!({"date": date, "service": "Beratung", "language": said});
        let body = json!({"name": "check_availability", "args": args, "call": call});
        let answer = world.signed("function-call/15", &body.to_string()).await;
        let told = (answer["lang"].as_str(), code(&answer));
        assert_eq!(told, (Some(lang), "available"), "{body}");
        let english = answer["say"].as_str().is_some_and(|it| it.contains(" at "));
        assert_eq!(english, lang == "en", "{answer}");
    }
    // Company 20 speaks English where nobody says otherwise.
    let path = "/api/retell/function-call/20";
    let body = r#"{"name":"query_appointment","args":{}}"#;
    let (_, answer) = send(&world, path, &[bearer(FOREIGN)], body).await;
    assert_eq!(
        (answer["lang"].as_str(), code(&answer)),
        (Some("en"), "anonymous_caller")
    );
}

/// Red when a refusal says why, has another form, or does not say how to come in.
#[tokio::test]
async fn a_refusal_is_small_and_says_how_to_come_in() {
    let world = World::new();
    let ask = |path: &'static str, token: Option<&str>| {
        let mut request = Request::post(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Body::from("{}")).expect("a request");
        world.raw(request)
    };
    let closed =
        r#"{"type":"about:blank","title":"Unauthorized","status":401,"code":"unauthorized"}"#;
    let less = r#"{"type":"about:blank","title":"Forbidden","status":403,"code":"forbidden"}"#;
    for (path, token, status, body) in [
        ("/api/retell/function-call/15", None, 401, closed),
        (
            "/api/retell/functions/book_appointment/15",
            Some("bk_wrong"),
            401,
            closed,
        ),
        ("/api/retell/function-call/16", None, 401, closed),
        ("/api/retell/webhook/15", None, 401, closed),
        ("/api/retell/inbound", None, 401, closed),
        ("/api/vapi/tool-calls", None, 401, closed),
        (
            "/api/voice/functions/query_appointment",
            Some("bk_wrong"),
            401,
            closed,
        ),
        ("/mcp", None, 401, closed),
        ("/api/retell/webhook/15", Some(READER), 403, less),
        (
            "/api/retell/functions/book_appointment",
            Some(READER),
            403,
            less,
        ),
    ] {
        let answer = ask(path, token).await;
        let told = |name: &str| answer.headers().get(name).and_then(|it| it.to_str().ok());
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(
            told("content-type"),
            Some("application/problem+json"),
            "{path}"
        );
        let challenge = (status == 401).then_some(r#"Bearer realm="booking-gateway""#);
        assert_eq!(told("www-authenticate"), challenge, "{path}");
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20)
            .await
            .expect("a body");
        assert_eq!(String::from_utf8_lossy(&bytes), body, "{path}");
    }
}
