//! Vapi alone: several calls in one message, and the kinds of calls it knows.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::testing::{ADMIN, CALLER, World, code, said, starts};

async fn vapi(world: &World, message: Value) -> Value {
    let request = Request::post("/api/vapi/tool-calls")
        .header("x-vapi-secret", ADMIN)
        .body(Body::from(json!({"message": message}).to_string()))
        .expect("a request");
    let (status, body) = world.send(request).await;
    assert_eq!(status, StatusCode::OK);
    body
}

/// Red when only the first call of several is answered, or an id goes to another's result.
#[tokio::test]
async fn several_calls_in_one_message_are_all_answered() {
    let world = World::new();
    let wish =
        json!({"service": "Beratung", "datum": "Montag", "uhrzeit": "9 Uhr", "name": "Jörg"});
    let calls = json!([
        {"id": "a", "type": "function", "function": {"name": "book_appointment", "arguments": wish.to_string()}},
        {"id": "b", "type": "function", "function": {"name": "query_appointment", "arguments": "{}"}},
        {"id": "c", "type": "function", "function": {"name": "query_appointment", "arguments": "not JSON"}},
        {"id": "d", "type": "function"},
    ]);
    let body = vapi(
        &world,
        json!({"type": "tool-calls", "toolCallList": calls,
        "call": {"id": "call_1", "type": "inboundPhoneCall"}, "customer": {"number": CALLER}}),
    )
    .await;
    let ids: Vec<_> = body["results"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["toolCallId"].as_str())
        .collect();
    assert_eq!(ids, [Some("a"), Some("b"), Some("c"), Some("d")]);
    let answers = said(&body);
    let codes: Vec<_> = answers.iter().map(code).collect();
    assert_eq!(codes, ["booked", "found", "found", "unknown_function"]);
    assert_eq!(starts(&answers[1]), ["2025-10-13T09:00"]);
}

/// Red when a call from a page counts as one from a telephone.
#[tokio::test]
async fn a_call_of_ours_and_a_call_from_a_page() {
    let world = World::new();
    let message = |kind: &str| {
        json!({"type": "tool-calls", "call": {"id": "call_1", "type": kind}, "customer": {"number": CALLER},
            "phoneNumber": {"number": "+493012345678"},
            "toolCallList": [{"id": "a", "name": "query_appointment", "arguments": {}}]})
    };
    let outbound = vapi(&world, message("outboundPhoneCall")).await;
    assert_eq!(
        code(&said(&outbound)[0]),
        "not_found",
        "the caller is known, and has nothing"
    );
    let web = vapi(&world, message("webCall")).await;
    assert_eq!(code(&said(&web)[0]), "anonymous_caller");
    for other in [
        json!({"type": "status-update", "status": "ended"}),
        json!({"type": "end-of-call-report"}),
        json!("odd"),
    ] {
        assert_eq!(vapi(&world, other).await, json!({}));
    }
}
