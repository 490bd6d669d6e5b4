//! What happens to a call: who may tell, what is read of it, and what counts as consent.

use axum::body::Body;
use axum::http::Request;
use booking_domain::calls::{Call, CallEvent, CallStatus, Direction, Sentiment, Storage};
use booking_domain::contact::Phone;
use booking_domain::tenant::{CallRules, Transcripts};
use booking_domain::time::Span;
use serde_json::{Value, json};

use crate::retell::signature;
use crate::testing::{ADMIN, CALLER, FOREIGN, READER, RETELL_KEY, World};

/// The call as it is told of at its end.
fn ended() -> Value {
    json!({
        "call_type": "phone_call", "call_id": "call_5b2d", "agent_id": "agent_15", "agent_version": 3,
        "direction": "inbound", "from_number": CALLER, "to_number": "+493012345678",
        "call_status": "ended", "metadata": {"x": 1}, "start_timestamp": 1_760_083_200_000_i64,
        "end_timestamp": 1_760_083_290_500_i64, "duration_ms": 90_500,
        "disconnection_reason": "user_hangup", "data_storage_setting": "everything",
        "telephony_identifier": {"twilio_call_sid": "CA1"}, "access_token": "canary-token",
        "retell_llm_dynamic_variables": {"language": "de"}, "call_cost": {"combined_cost": 1.5},
        "transcript": "Agent: Guten Tag!\nUser: Ich möchte einen Termin.\n",
        "transcript_object": [{"role": "agent", "content": "Guten Tag!", "words": []}],
        "recording_url": "https://recordings.example/canary.wav",
    })
}

fn body(event: &str, call: &Value) -> String {
    json!({"event": event, "call": call}).to_string()
}

fn with(mut call: Value, key: &str, value: Value) -> Value {
    call[key] = value;
    call
}

fn analyzed(consent: Value) -> Value {
    let analysis = json!({"call_summary": "Ein Termin wurde vereinbart.", "in_voicemail": false,
        "user_sentiment": "Positive", "call_successful": true,
        "custom_analysis_data": {"booked": true, "transcript_consent": consent}});
    with(ended(), "call_analysis", analysis)
}

async fn post(world: &World, path: &str, headers: &[(&str, String)], body: &str) -> u16 {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Body::from(body.to_owned()));
    world
        .raw(request.expect("a request"))
        .await
        .status()
        .as_u16()
}

fn signed(world: &World, key: &str, body: &str) -> (&'static str, String) {
    let header = signature::sign(body.as_bytes(), key, world.desk.time());
    (signature::HEADER, header)
}

/// What the desk hears of one webhook.
async fn told(event: &str, call: &Value) -> Option<Call> {
    let world = World::new();
    let body = body(event, call);
    let headers = [signed(&world, RETELL_KEY, &body)];
    let status = post(&world, "/api/retell/webhook/15", &headers, &body).await;
    assert_eq!(status, 204, "{body}");
    world.desk.telephone.told().pop().map(|it| it.1)
}

fn wanting() -> CallRules {
    CallRules {
        transcripts: Transcripts::WithConsent,
        ..CallRules::default()
    }
}

/// Red when the signature is not checked, or with another company's key; when the agent of another
/// company is believed; when the company is taken from anywhere but path, key, agent or number.
#[tokio::test]
async fn only_the_company_itself_tells_of_its_calls() {
    let world = World::new();
    let mine = body("call_ended", &ended());
    let foreign_agent = body("call_ended", &with(ended(), "agent_id", json!("agent_99")));
    let other = with(ended(), "agent_id", json!("agent_99"));
    let foreign = body(
        "call_ended",
        &with(other, "to_number", json!("+4930999999")),
    );
    let no_call = body("call_ended", &json!(null));
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    let good = |body: &str| signed(&world, RETELL_KEY, body);
    let old = "key_before";
    let (long, short) = ("/api/retell/webhook/15", "/api/retell/webhook");
    for (path, headers, body, status) in [
        (long, vec![good(&mine)], &mine, 204),
        (short, vec![good(&mine)], &mine, 204),
        (long, vec![bearer(ADMIN)], &mine, 204),
        (short, vec![bearer(ADMIN)], &mine, 204),
        (short, vec![bearer(READER)], &mine, 403),
        (short, vec![bearer(FOREIGN)], &mine, 204),
        (long, vec![bearer(FOREIGN)], &mine, 401),
        (long, vec![], &mine, 401),
        (short, vec![], &mine, 401),
        (long, vec![good(&foreign)], &mine, 401),
        (long, vec![good(&mine), good(&mine)], &mine, 401),
        (long, vec![signed(&world, old, &mine)], &mine, 401),
        (long, vec![signed(&world, "", &mine)], &mine, 401),
        ("/api/retell/webhook/20", vec![good(&mine)], &mine, 401),
        ("/api/retell/webhook/16", vec![good(&mine)], &mine, 401),
        // The number is company 15's, the agent is not.
        (short, vec![good(&foreign_agent)], &foreign_agent, 401),
        (long, vec![good(&foreign_agent)], &foreign_agent, 401),
        (short, vec![good(&foreign)], &foreign, 401),
        (short, vec![good(&no_call)], &no_call, 401),
        (long, vec![good(&no_call)], &no_call, 204),
    ] {
        let before = world.desk.telephone.told().len();
        let found = post(&world, path, &headers, body).await;
        assert_eq!(found, status, "{path} {headers:?} {body}");
        let heard = world.desk.telephone.told().len() - before;
        let names_a_call = status == 204 && body != &no_call;
        assert_eq!(heard, usize::from(names_a_call), "{path} {headers:?}");
    }
    let of: Vec<_> = world.desk.telephone.told().iter().map(|it| it.0).collect();
    assert_eq!(of, [15, 15, 15, 15, 20], "the last bears company 20's key");
}

/// Red when all companies are looked up for somebody who has signed nothing, or for everybody else
/// each time.
#[tokio::test]
async fn nothing_is_looked_up_for_who_has_signed_nothing() {
    let world = World::new();
    let (mine, began) = (body("call_ended", &ended()), world.desk.time());
    for path in ["/api/retell/webhook", "/api/retell/inbound"] {
        assert_eq!(post(&world, path, &[], &mine).await, 401);
    }
    assert_eq!(world.desk.telephone.looked_up(), 0);
    let signed = [signed(&world, RETELL_KEY, &mine)];
    for (seconds, looked_up) in [(0, 1), (9, 1), (10, 2)] {
        let now = began + Span::seconds(seconds);
        world.desk.set_time(now);
        let status = post(&world, "/api/retell/webhook", &signed, &mine).await;
        assert_eq!(status, 204);
        assert_eq!(world.desk.telephone.looked_up(), looked_up, "{seconds}");
    }
}

/// Red when what could not be stored is acknowledged: then it would not be told again.
#[tokio::test]
async fn what_cannot_be_noted_is_not_acknowledged() {
    let world = World::new();
    let mine = body("call_ended", &ended());
    let signed = [signed(&world, RETELL_KEY, &mine)];
    world.desk.telephone.is_deaf_once();
    for (status, heard) in [(503, 0), (204, 1)] {
        let found = post(&world, "/api/retell/webhook/15", &signed, &mine).await;
        assert_eq!(found, status);
        assert_eq!(world.desk.telephone.told().len(), heard);
    }
}

/// Red when a field is read from another place, or the caller's number is not completed.
#[tokio::test]
async fn what_matters_of_a_call_is_read() {
    let call = told("call_analyzed", &analyzed(json!("ja"))).await;
    let call = call.expect("told");
    assert_eq!(call.id.as_str(), "call_5b2d");
    assert_eq!(call.heard.first(), Some(&CallEvent::Analyzed));
    assert_eq!(call.direction, Some(Direction::Inbound));
    assert_eq!(call.agent_id.as_deref(), Some("agent_15"));
    assert_eq!(call.caller.as_ref().map(Phone::expose), Some(CALLER));
    assert_eq!(call.business_number.as_deref(), Some("+493012345678"));
    let began = call.started_at.expect("a time").to_string();
    assert_eq!(began, "2025-10-10T08:00:00Z");
    let was_over = call.ended_at.expect("a time").to_string();
    assert_eq!(was_over, "2025-10-10T08:01:30.500Z");
    assert_eq!(call.duration_ms, Some(90_500));
    assert_eq!(call.status, Some(CallStatus::Ended));
    assert_eq!(call.disconnection_reason.as_deref(), Some("user_hangup"));
    assert_eq!(call.language.as_deref(), Some("de"));
    assert_eq!(call.sentiment, Some(Sentiment::Positive));
    assert_eq!((call.successful, call.voicemail), (Some(true), Some(false)));
    let kept = call.kept(&wanting()).content;
    let transcript = kept.transcript.expect("agreed").text;
    assert!(transcript.contains("Ich möchte einen Termin."));
    let summary = kept.summary.expect("agreed");
    assert!(summary.starts_with("Ein Termin"));
    let stored = serde_json::to_string(&told("call_ended", &ended()).await).expect("JSON");
    for canary in ["canary", "recordings.example", "möchte"] {
        assert!(!stored.contains(canary), "{stored}");
    }
}

/// Red when a missing or odd field fails the webhook, or an odd value is kept.
#[tokio::test]
async fn every_field_but_the_id_may_be_missing_or_odd() {
    let bare = told("call_started", &json!({"call_id": "c"})).await;
    let bare = bare.expect("told");
    assert_eq!(
        (bare.status, bare.started_at, bare.caller),
        (None, None, None)
    );
    let odd = json!({"call_id": "c", "from_number": "anonymous", "direction": 7, "agent_id": null,
        "call_status": "registered", "start_timestamp": "x", "end_timestamp": 99_999_999_999_999_i64,
        "duration_ms": -1, "disconnection_reason": "Oops, +491713920042!", "call_analysis": [],
        "collected_dynamic_variables": "x", "transcript": 5, "data_storage_setting": null});
    let odd = told("call_ended", &odd).await.expect("told");
    assert_eq!((odd.ended_at, odd.duration_ms), (None, None));
    assert_eq!((odd.disconnection_reason, odd.caller), (None, None));
    assert!(odd.content.is_empty());
    let web = json!({"call_id": "w", "call_type": "web_call", "access_token": "x"});
    assert!(told("call_started", &web).await.expect("told").web);
    for nameless in [json!({}), json!({"call_id": 5}), json!({"call_id": "a b"})] {
        assert_eq!(told("call_ended", &nameless).await, None);
    }
}

/// Red when another event is stored, or not acknowledged.
#[tokio::test]
async fn everything_else_is_acknowledged() {
    let transfer = [
        "transfer_started",
        "transfer_bridged",
        "transfer_cancelled",
        "transfer_ended",
    ];
    for event in transfer.into_iter().chain(["call_paused", ""]) {
        assert_eq!(told(event, &ended()).await, None, "{event}");
    }
    let world = World::new();
    let chat = json!({"event": "chat_analyzed", "chat": {"chat_id": "chat_1", "agent_id": "agent_15",
        "transcript": "User: x"}});
    for body in [
        chat.to_string(),
        "{".to_owned(),
        "[]".to_owned(),
        String::new(),
    ] {
        let headers = [signed(&world, RETELL_KEY, &body)];
        let status = post(&world, "/api/retell/webhook/15", &headers, &body).await;
        assert_eq!(status, 204, "{body}");
    }
    let short = [signed(&world, RETELL_KEY, &chat.to_string())];
    let status = post(&world, "/api/retell/webhook", &short, &chat.to_string()).await;
    assert_eq!(status, 204, "the agent of a chat names the company too");
    assert_eq!(world.desk.telephone.told(), vec![]);
}

/// Red when a word counts that is not clear, a variable from before the call counts, or a refusal in
/// one place is outweighed by a word in another.
#[tokio::test]
async fn consent_is_what_was_said_in_the_call() {
    let collected = |said: Value| {
        let said = json!({"transcript_consent": said, "previous_agent_state": "x"});
        with(ended(), "collected_dynamic_variables", said)
    };
    for (call, agreed) in [
        (collected(json!("true")), true),
        (collected(json!(true)), true),
        (collected(json!("Ja")), true),
        (collected(json!("ja, gern")), false),
        (collected(json!("false")), false),
        (collected(json!(1)), false),
        (analyzed(json!(true)), true),
        (analyzed(json!(null)), false),
        (ended(), false),
        (
            with(
                ended(),
                "retell_llm_dynamic_variables",
                json!({"transcript_consent": "true"}),
            ),
            false,
        ),
        (
            with(ended(), "metadata", json!({"transcript_consent": true})),
            false,
        ),
        (
            with(
                analyzed(json!("ja")),
                "collected_dynamic_variables",
                json!({"transcript_consent": "nein"}),
            ),
            false,
        ),
        (
            with(
                analyzed(json!("ja")),
                "data_storage_setting",
                json!("everything_except_pii"),
            ),
            false,
        ),
        (
            with(
                analyzed(json!("ja")),
                "data_storage_setting",
                json!("basic_attributes_only"),
            ),
            false,
        ),
        (
            with(
                analyzed(json!("ja")),
                "opt_out_sensitive_data_storage",
                json!(true),
            ),
            false,
        ),
    ] {
        let told = told("call_analyzed", &call).await.expect("told");
        let kept = told.clone().kept(&wanting());
        assert_eq!(!kept.content.is_empty(), agreed, "{call}");
        assert!(told.clone().kept(&CallRules::default()).content.is_empty());
        let is_open = told.storage == Storage::Everything;
        assert_eq!(kept.caller.is_some(), is_open, "{call}");
    }
}

/// Every order and every repeat of what is told of a call leaves the same.
#[tokio::test]
async fn the_webhooks_of_a_call_may_come_in_any_order() {
    let started = json!({"call_id": "call_5b2d", "agent_id": "agent_15", "call_status": "ongoing",
        "start_timestamp": 1_760_083_200_000_i64, "direction": "inbound", "from_number": CALLER});
    let updated = with(started.clone(), "transcript", json!("Agent: Guten Tag!\n"));
    let agreed = with(
        updated,
        "collected_dynamic_variables",
        json!({"transcript_consent": "yes"}),
    );
    let mut events = Vec::new();
    for (event, call) in [
        ("call_started", started),
        ("transcript_updated", agreed),
        ("call_ended", ended()),
        ("call_analyzed", analyzed(json!("ja"))),
    ] {
        let told = told(event, &call).await.expect("told");
        events.push(told.kept(&wanting()));
    }
    let all = |order: &[usize]| {
        let told = order.iter().map(|at| events[*at].clone());
        told.reduce(Call::join).expect("told")
    };
    let expected = all(&[0, 1, 2, 3]);
    let text = &expected.content.transcript.as_ref().expect("agreed").text;
    assert!(text.contains("Termin"), "the latest");
    for a in 0..4 {
        for b in (0..4).filter(|b| *b != a) {
            for c in (0..4).filter(|c| ![a, b].contains(c)) {
                let d = 6 - a - b - c;
                assert_eq!(all(&[a, b, c, d]), expected);
                assert_eq!(all(&[a, b, a, c, c, d, a, b]), expected);
            }
        }
    }
}

/// Red when a webhook is larger than a function call may be, or is looked at before it is signed.
#[tokio::test]
async fn a_long_transcript_fits() {
    let long = with(ended(), "transcript", json!("x".repeat(3_900_000)));
    assert!(told("call_ended", &long).await.is_some());
    let world = World::new();
    let flood = body(
        "call_ended",
        &with(ended(), "transcript", json!("x".repeat(5_000_000))),
    );
    let headers = [signed(&world, RETELL_KEY, &flood)];
    let status = post(&world, "/api/retell/webhook/15", &headers, &flood).await;
    assert_eq!(status, 413);
}
