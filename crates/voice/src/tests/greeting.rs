//! Who is calling: always all keys, always texts, always in time, and nobody's secrets.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use booking_application::Greeting;
use booking_domain::contact::PersonName;
use serde_json::{Value, json};

use crate::language::{Problem, lint_say};
use crate::retell::signature;
use crate::testing::{ADMIN, CALLER, FOREIGN, READER, RETELL_KEY, World};

const KEYS: [&str; 7] = [
    "caller_known",
    "company_name",
    "disclosure",
    "first_name",
    "language",
    "next_appointment",
    "today",
];

fn ringing(from: &str) -> Value {
    json!({"event": "call_inbound", "event_timestamp": 1_760_083_200_000_i64, "call_inbound": {
        "call_id": "call_8c1f", "agent_id": "agent_15", "agent_version": 3, "from_number": from,
        "to_number": "+493012345678", "custom_sip_headers": {"x-line": "2"}}})
}

async fn ask(world: &World, path: &str, header: (&str, String), body: &str) -> (u16, Value) {
    let request = Request::post(path).header(header.0, header.1);
    let request = request.body(Body::from(body.to_owned()));
    let answer = world.raw(request.expect("a request")).await;
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1 << 20).await;
    let body = serde_json::from_slice(&body.expect("a body"));
    (status, body.unwrap_or_default())
}

/// The variables, signed and to the short address; checks what every answer promises.
async fn greeted(world: &World, body: &Value) -> Value {
    let body = body.to_string();
    let header = signature::sign(body.as_bytes(), RETELL_KEY, world.desk.time());
    let header = (signature::HEADER, header);
    let (status, answer) = ask(world, "/api/retell/inbound", header, &body).await;
    assert_eq!(status, 200, "{answer}");
    let variables = answer["call_inbound"]["dynamic_variables"].clone();
    let found = variables.as_object().expect("variables");
    let keys: Vec<_> = found.keys().map(String::as_str).collect();
    assert_eq!(keys, KEYS);
    assert!(found.values().all(Value::is_string), "{variables}");
    for key in ["today", "next_appointment", "disclosure"] {
        let said = variables[key].as_str().unwrap_or_default();
        let wrong = |it: &Problem| matches!(it, Problem::Digit(_) | Problem::Sign(_));
        assert!(!lint_say(said).iter().any(wrong), "{key}: {said}");
    }
    variables
}

fn erika() -> Greeting {
    Greeting {
        is_known: true,
        name: PersonName::parse("Dr. Erika Muster").ok(),
        next: "2025-10-15T13:30:00Z".parse().ok(),
    }
}

/// Red when a key is missing or no text, or the appointment is told in digits.
#[tokio::test]
async fn a_known_caller_is_known_before_a_word_is_said() {
    let world = World::new();
    world.desk.telephone.knows(Some(erika()));
    let said = greeted(&world, &ringing(CALLER)).await;
    assert_eq!(
        said,
        json!({
            "caller_known": "true",
            "company_name": "Praxis Sonnenschein",
            "disclosure": "Sie sprechen mit dem digitalen Assistenten von Praxis Sonnenschein, \
                           einem Computerprogramm.",
            "first_name": "Erika",
            "language": "de",
            "next_appointment": "am Mittwoch, dem fünfzehnten Oktober, um fünfzehn Uhr dreißig",
            "today": "Freitag, der zehnte Oktober",
        })
    );
    // Several people share the number.
    world.desk.telephone.knows(Some(Greeting {
        is_known: true,
        ..Greeting::default()
    }));
    let said = greeted(&world, &ringing(CALLER)).await;
    assert_eq!(said["caller_known"], "true");
    assert_eq!(
        (&said["first_name"], &said["next_appointment"]),
        (&json!(""), &json!(""))
    );
}

/// Red when a suppressed number is looked up, or its call is refused.
#[tokio::test]
async fn an_anonymous_caller_gets_every_key_too() {
    let world = World::new();
    world.desk.telephone.knows(Some(erika()));
    for from in ["anonymous", "", "unknown", "sip:anonymous@invalid"] {
        let said = greeted(&world, &ringing(from)).await;
        assert_eq!(said["caller_known"], "false", "{from}");
        assert_eq!(said["first_name"], "");
    }
    let mut bare = ringing(CALLER);
    bare["call_inbound"] = json!({"to_number": "+493012345678"});
    assert_eq!(greeted(&world, &bare).await["caller_known"], "false");
}

/// Red without the deadline: then the answer never comes.
#[tokio::test(start_paused = true)]
async fn a_slow_store_is_not_waited_for() {
    let world = World::new();
    world.desk.telephone.knows(None);
    let before = tokio::time::Instant::now();
    let said = greeted(&world, &ringing(CALLER)).await;
    assert!(before.elapsed().as_millis() < 150, "by the paused clock");
    assert_eq!(said["caller_known"], "false");
    assert!(!said["disclosure"].as_str().unwrap_or_default().is_empty());
}

/// Red when nothing is warmed, or for somebody who was not let in.
#[tokio::test]
async fn questions_are_expected_of_those_who_were_let_in() {
    let world = World::new();
    let body = ringing(CALLER).to_string();
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    let forged = signature::sign(body.as_bytes(), "key_20", world.desk.time());
    let (long, short) = ("/api/retell/inbound/15", "/api/retell/inbound");
    for (path, header, status) in [
        (short, (signature::HEADER, forged.clone()), 401),
        (long, (signature::HEADER, forged), 401),
        (long, bearer(FOREIGN), 401),
        (short, ("x-nothing", String::new()), 401),
        (short, bearer(READER), 200),
        (long, bearer(ADMIN), 200),
    ] {
        let (found, _) = ask(&world, path, header.clone(), &body).await;
        assert_eq!(found, status, "{path} {header:?}");
    }
    greeted(&world, &ringing("anonymous")).await;
    tokio::task::yield_now().await;
    assert_eq!(world.desk.telephone.expected(), [15, 15, 15]);
    let mut foreign = ringing(CALLER);
    foreign["call_inbound"]["agent_id"] = json!("agent_99");
    let (status, _) = ask(&world, long, bearer(ADMIN), &foreign.to_string()).await;
    assert_eq!(status, 401);
}
