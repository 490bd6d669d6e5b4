//! For tests: a company, a desk that keeps its book in memory, and requests as Retell sends them.

mod calendar;
mod company;
mod desk;
mod telephone;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use booking_domain::time::{Instant, Span};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) use calendar::Calendar;
pub(crate) use company::{service, setup};
pub(crate) use desk::TestDesk;

use crate::language::{Problem, lint_say};
use crate::retell::signature;
use crate::{VoiceSettings, VoiceState, router};

pub(crate) const RETELL_KEY: &str = "key_15";
pub(crate) const CALLER: &str = "+491713920042";
/// The only word that makes a key good.
pub(crate) const ADMIN: &str = "bk_test_15_admin";
pub(crate) const READER: &str = "bk_test_15_read";
pub(crate) const FOREIGN: &str = "bk_test_20_admin";

/// Friday, 10 October 2025, two minutes past ten in Berlin.
pub(crate) fn friday() -> Instant {
    "2025-10-10T08:02:30Z".parse().expect("valid")
}

/// A gateway with a desk behind it.
pub(crate) struct World {
    pub desk: Arc<TestDesk>,
    router: axum::Router,
}

impl World {
    pub(crate) fn new() -> Self {
        let desk = Arc::new(TestDesk::new());
        let state = VoiceState {
            desk: desk.clone(),
            settings: VoiceSettings {
                deadline: Span::seconds(2),
                handle_key: [7; 32],
            },
            lines: Arc::default(),
            texts: Arc::default(),
        };
        Self {
            desk,
            router: router(state),
        }
    }

    /// The only way to the routes: every answer of every test comes by here and is judged, however
    /// deep in the platform's envelope it stands.
    pub(crate) async fn raw(&self, request: Request<Body>) -> Response<Body> {
        let answer = self.router.clone().oneshot(request).await;
        let (head, body) = answer.expect("infallible").into_parts();
        let body = to_bytes(body, 1 << 20).await.expect("a body");
        for line in String::from_utf8_lossy(&body).lines() {
            let json = line.trim_start_matches("data: ");
            if let Ok(value) = serde_json::from_str(json) {
                hear(&value);
            }
        }
        Response::from_parts(head, Body::from(body))
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (StatusCode, Value) {
        let response = self.raw(request).await;
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("a body");
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        // An answer without a sentence is none.
        if status == StatusCode::OK {
            said(&answer).iter().for_each(check);
        }
        (status, answer)
    }

    /// Sends a signed body to a path below `/api/retell` and checks what every answer promises.
    pub(crate) async fn signed(&self, path: &str, body: &str) -> Value {
        let header = signature::sign(body.as_bytes(), RETELL_KEY, self.desk.time());
        let request = Request::post(format!("/api/retell/{path}"))
            .header(signature::HEADER, header)
            .body(Body::from(body.to_owned()))
            .expect("a request");
        let (status, answer) = self.send(request).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// A native function call.
    pub(crate) async fn ask(&self, function: &str, args: Value, call: &Call) -> Value {
        let body = json!({"name": function, "args": args, "call": call.json(function)});
        self.signed("function-call/15", &body.to_string()).await
    }
}

/// The call in a body.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub id: &'static str,
    pub tool: Option<&'static str>,
    pub from: &'static str,
}

impl Call {
    pub(crate) const fn new(id: &'static str, tool: &'static str) -> Self {
        Self {
            id,
            tool: Some(tool),
            from: CALLER,
        }
    }

    pub(crate) const fn anonymous(id: &'static str) -> Self {
        Self {
            id,
            tool: None,
            from: "anonymous",
        }
    }

    fn json(&self, function: &str) -> Value {
        let tools: Vec<_> = self
            .tool
            .iter()
            .map(|id| json!({"role": "tool_call_invocation", "tool_call_id": id, "name": function}))
            .collect();
        json!({
            "call_id": self.id, "call_type": "phone_call", "direction": "inbound",
            "agent_id": "agent_15", "from_number": self.from, "to_number": "+493012345678",
            "transcript_with_tool_calls": tools,
        })
    }
}

/// Judges every answer in a value, also those in texts.
fn hear(value: &Value) {
    match value {
        Value::Object(fields) if fields.contains_key("say") => check(value),
        Value::Object(fields) => fields.values().for_each(hear),
        Value::Array(values) => values.iter().for_each(hear),
        Value::String(text) if text.starts_with('{') => {
            if let Ok(value) = serde_json::from_str(text) {
                hear(&value);
            }
        }
        _ => {}
    }
}

/// The answers in a body: itself, or those in a list of texts.
pub(crate) fn said(body: &Value) -> Vec<Value> {
    let Some(results) = body["results"].as_array() else {
        return if *body == json!({}) {
            vec![]
        } else {
            vec![body.clone()]
        };
    };
    let texts = results.iter().filter_map(|it| it["result"].as_str());
    texts
        .map(|text| {
            assert!(!text.contains('\n'), "{text}");
            serde_json::from_str(text).expect("JSON in a text")
        })
        .collect()
}

/// What every answer promises: keys, a sentence that can be said, at most three options.
pub(crate) fn check(answer: &Value) {
    let text = |key: &str| {
        answer[key]
            .as_str()
            .unwrap_or_else(|| panic!("{key}: {answer}"))
            .to_owned()
    };
    assert_eq!(lint_say(&text("say")), [], "{answer}");
    assert!(!text("message").is_empty(), "{answer}");
    assert!(["de", "en"].contains(&text("lang").as_str()));
    assert!(!text("next_step").is_empty() && text("as_of").parse::<Instant>().is_ok());
    assert_eq!(answer["retry_safe"], true);
    for key in READ_BACK {
        if let Some(said) = answer[key].as_str() {
            let wrong = |it: &Problem| matches!(it, Problem::Digit(_) | Problem::Sign(_));
            assert!(!lint_say(said).iter().any(wrong), "{key}: {answer}");
        }
    }
    let count = answer["option_count"].as_u64().expect("a count");
    assert!(count <= 3, "{answer}");
    for number in 1..=count {
        assert!(text(&format!("option_{number}")).starts_with(&format!("o{number}_")));
        assert_eq!(
            lint_say(&format!("{}.", text(&format!("option_{number}_say")))),
            []
        );
        assert!(
            text(&format!("option_{number}_start"))
                .parse::<Instant>()
                .is_ok()
        );
    }
    assert_eq!(
        answer.get(format!("option_{}", count + 1)),
        None,
        "{answer}"
    );
    let own = |key: &str| {
        ALWAYS.contains(&key)
            || READ_BACK.contains(&key)
            || (1..=count).any(|number| key.strip_prefix(&format!("option_{number}")).is_some())
    };
    let fields = answer.as_object().expect("an object");
    assert!(fields.keys().all(|key| own(key)), "{answer}");
    assert!(
        ALWAYS.iter().all(|key| fields.contains_key(*key)),
        "{answer}"
    );
    assert!(is_one_line(answer), "{answer}");
}

/// Keys of every answer.
const ALWAYS: [&str; 10] = [
    "success",
    "code",
    "lang",
    "say",
    "message",
    "option_count",
    "next_step",
    "as_of",
    "retry_safe",
    "data",
];

/// Keys of those that read something back.
const READ_BACK: [&str; 3] = ["phone_say", "email_say", "name_spell"];

/// Whether no text in it, however deep, breaks a line.
fn is_one_line(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains(char::is_control),
        Value::Array(values) => values.iter().all(is_one_line),
        Value::Object(fields) => fields.values().all(is_one_line),
        _ => true,
    }
}

pub(crate) fn code(answer: &Value) -> &str {
    answer["code"].as_str().unwrap_or_default()
}

/// The local starts of the options, without their offset.
pub(crate) fn starts(answer: &Value) -> Vec<String> {
    let count = answer["option_count"].as_u64().unwrap_or_default();
    (1..=count)
        .filter_map(|number| answer[format!("option_{number}_start")].as_str())
        .map(|start| start[..16].to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when an answer that cannot be said passes because of where it stands.
    #[test]
    fn an_answer_is_heard_wherever_it_stands() {
        let bad = json!({"say": "Um 8 Uhr.", "code": "booked"});
        for body in [
            bad.clone(),
            json!({"results": [{"toolCallId": "a", "result": bad.to_string()}]}),
            json!({"result": {"structuredContent": bad}}),
        ] {
            let heard = std::panic::catch_unwind(|| hear(&body));
            assert!(heard.is_err(), "{body}");
        }
        hear(&json!({"results": [], "error": "{", "status": 401}));
    }

    /// Red when a test asks the routes without being heard. Mutation: a `oneshot` anywhere else, in
    /// whichever spelling, or routes of one's own.
    #[test]
    fn nobody_else_asks_the_routes() {
        let asks = [concat!("one", "shot"), concat!("router", "(")];
        let mut found = Vec::new();
        let mut folders = vec![std::path::PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src"
        ))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                let makes_them = path.ends_with("src/router.rs");
                if !makes_them && asks.iter().any(|it| text.contains(it)) {
                    found.push(path.ends_with("testing/mod.rs"));
                }
            }
        }
        assert_eq!(found, [true]);
    }
}
