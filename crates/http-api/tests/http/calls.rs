//! `GET /api/v1/calls` and `GET /api/v1/calls/{id}`

use axum::body::Body;
use booking_domain::calls::{
    Call, CallEvent, CallId, CallStatus, Consent, Content, Direction, Sentiment, Transcript,
};
use booking_domain::ports::CallLog;
use booking_domain::time::Span;
use booking_test_support::builders::{COMPANY, OTHER_KEY, now, phone};
use serde_json::{Value, json};

use crate::support::{ADMIN_KEY, Gateway, READ_KEY, Reply, bearing};

async fn get(gateway: &Gateway, key: &str, path: &str) -> Reply {
    let request = bearing(key, "GET", path).body(Body::empty());
    gateway.send(request.expect("a request")).await
}

/// A call in which everything is known.
async fn note(gateway: &Gateway, name: &str, minutes: i64) {
    let at = now() + Span::minutes(minutes);
    let told = Call {
        started_at: Some(at),
        ended_at: Some(at + Span::MINUTE),
        status: Some(CallStatus::Ended),
        caller: Some(phone("+491713920042")),
        disconnection_reason: Some("user_hangup".to_owned()),
        consent: Consent::read("field", "ja", at).expect("a word"),
        content: Content {
            transcript: Some(Transcript {
                told_by: CallEvent::Ended,
                text: "canary".to_owned(),
            }),
            summary: Some("canary".to_owned()),
            analysis: json!({"found": "canary"}).as_object().cloned(),
        },
        ..Call::new(CallId::parse(name).expect("an id"), CallEvent::Ended, at)
    };
    gateway.store.note(COMPANY, &told).await.expect("noted");
}

/// Red when a key of scope `read` is shown a number or a word, a list shows words, or another company
/// sees the call.
#[tokio::test]
async fn who_called_and_what_was_said_is_for_administrators() {
    let gateway = Gateway::new().await;
    note(&gateway, "call_1", 0).await;
    let path = "/api/v1/calls/call_1";
    let read = get(&gateway, READ_KEY, path).await;
    assert_eq!(read.status, 200, "{}", read.text);
    assert_eq!(
        read.json,
        json!({
            "id": "call_1", "channel": "phone", "direction": null, "agent_id": null,
            "business_number": null, "started_at": "2025-10-10T08:00:00Z",
            "ended_at": "2025-10-10T08:01:00Z", "duration_ms": null, "status": "ended",
            "disconnection_reason": "user_hangup", "language": null, "sentiment": null,
            "successful": null, "voicemail": null, "appointment_ids": [],
            "transcript_consent": "given", "transcript_consent_at": "2025-10-10T08:00:00Z",
        })
    );
    let all = get(&gateway, ADMIN_KEY, path).await.json;
    assert_eq!(all["caller_number"], "+491713920042");
    assert_eq!(
        (&all["transcript"], &all["summary"]),
        (&json!("canary"), &json!("canary"))
    );
    assert_eq!(all["custom_analysis_data"], json!({"found": "canary"}));
    for (key, shows_number) in [(READ_KEY, false), (ADMIN_KEY, true)] {
        let list = get(&gateway, key, "/api/v1/calls").await;
        assert!(!list.text.contains("canary"), "{}", list.text);
        assert_eq!(list.text.contains("920042"), shows_number, "{}", list.text);
    }
    for (key, path) in [
        (OTHER_KEY, path),
        (ADMIN_KEY, "/api/v1/calls/call_2"),
        (ADMIN_KEY, "/api/v1/calls/a%20b"),
    ] {
        get(&gateway, key, path)
            .await
            .assert_problem(404, "call_not_found");
    }
    let theirs = get(&gateway, OTHER_KEY, "/api/v1/calls").await;
    assert_eq!(theirs.json, json!({"data": [], "next_cursor": null}));
}

/// Red when something that is known of a call is not told.
#[tokio::test]
async fn all_that_is_known_of_a_call_is_told() {
    let gateway = Gateway::new().await;
    let at = now();
    let told = Call {
        web: true,
        direction: Some(Direction::Outbound),
        agent_id: Some("agent_15".to_owned()),
        business_number: Some("+493012345678".to_owned()),
        started_at: Some(at),
        ended_at: Some(at + Span::MINUTE),
        duration_ms: Some(59_500),
        status: Some(CallStatus::Error),
        disconnection_reason: Some("error_llm".to_owned()),
        language: Some("de-DE".to_owned()),
        sentiment: Some(Sentiment::Negative),
        successful: Some(false),
        voicemail: Some(true),
        consent: Consent::read("field", "nein", at).expect("a word"),
        ..Call::new(
            CallId::parse("call_1").expect("an id"),
            CallEvent::Analyzed,
            at,
        )
    };
    gateway.store.note(COMPANY, &told).await.expect("noted");
    let answer = get(&gateway, READ_KEY, "/api/v1/calls/call_1").await;
    assert_eq!(
        answer.json,
        json!({
            "id": "call_1", "channel": "web", "direction": "outbound", "agent_id": "agent_15",
            "business_number": "+493012345678", "started_at": "2025-10-10T08:00:00Z",
            "ended_at": "2025-10-10T08:01:00Z", "duration_ms": 59_500, "status": "error",
            "disconnection_reason": "error_llm", "language": "de-DE", "sentiment": "negative",
            "successful": false, "voicemail": true, "appointment_ids": [],
            "transcript_consent": "withdrawn", "transcript_consent_at": "2025-10-10T08:00:00Z",
        })
    );
}

/// Red when a page is left out or told twice, or a parameter does not narrow the list.
#[tokio::test]
async fn calls_are_listed_latest_first() {
    let gateway = Gateway::new().await;
    for n in 0..5 {
        note(&gateway, &format!("call_{n}"), n * 24 * 60).await;
    }
    let ids = |page: &Value| -> Vec<String> {
        let data = page["data"].as_array().expect("a list");
        let ids = data.iter().filter_map(|it| it["id"].as_str());
        ids.map(str::to_owned).collect()
    };
    let (mut found, mut path) = (Vec::new(), "/api/v1/calls?limit=2".to_owned());
    loop {
        let page = get(&gateway, READ_KEY, &path).await.json;
        assert_eq!(ids(&page).len(), 2.min(5 - found.len()), "{path}");
        found.extend(ids(&page));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/calls?limit=2&cursor={cursor}");
    }
    assert_eq!(found, ["call_4", "call_3", "call_2", "call_1", "call_0"]);
    let between = "/api/v1/calls?from=2025-10-11&to=2025-10-12";
    let page = get(&gateway, READ_KEY, between).await.json;
    assert_eq!(ids(&page), ["call_2", "call_1"]);
    let of = "/api/v1/calls?appointment_id=0199cd00-0000-7000-8000-000000000009";
    assert_eq!(ids(&get(&gateway, READ_KEY, of).await.json), [""; 0]);
    for (wrong, field) in [
        ("appointment_id=x", "appointment_id"),
        ("cursor=00", "cursor"),
        ("from=gestern", "from"),
        ("limit=0", "limit"),
    ] {
        let answer = get(&gateway, READ_KEY, &format!("/api/v1/calls?{wrong}")).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.wrong_fields(), [field]);
    }
    let turned = "/api/v1/calls?from=2025-10-12&to=2025-10-11";
    get(&gateway, READ_KEY, turned)
        .await
        .assert_problem(422, "invalid_range");
}
