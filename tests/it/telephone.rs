//! Function calls as a voice agent makes them, and the ear that judges every answer: whatever a test
//! hears from a gateway can be said, or the test is red.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use booking_voice::language::lint_say;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::installation::RETELL_KEY_15;

/// One caller on one call with company 15.
#[derive(Clone)]
pub(crate) struct Telephone {
    http: Client,
    gateway: String,
    /// The number on the line.
    pub(crate) from: String,
    /// The call.
    pub(crate) call: String,
}

impl Telephone {
    /// A call to the gateway at this address.
    pub(crate) fn new(http: &Client, gateway: String, (from, call): (&str, &str)) -> Self {
        Self {
            http: http.clone(),
            gateway,
            from: from.to_owned(),
            call: call.to_owned(),
        }
    }

    /// Calls a function under this invocation's id, signed as Retell signs.
    pub(crate) async fn ask(
        &self,
        function: &str,
        tool: &str,
        args: Value,
    ) -> anyhow::Result<Value> {
        let invocation =
            json!({"role": "tool_call_invocation", "tool_call_id": tool, "name": function});
        let body = json!({
            "name": function,
            "args": args,
            "call": {"call_id": self.call, "call_type": "phone_call", "direction": "inbound",
                     "agent_id": "agent_15", "from_number": self.from,
                     "to_number": "+493012345678",
                     "transcript_with_tool_calls": [invocation]}
        })
        .to_string();
        let now = std::time::UNIX_EPOCH.elapsed()?.as_millis();
        let mut mac = Hmac::<Sha256>::new_from_slice(RETELL_KEY_15.as_bytes())?;
        mac.update(body.as_bytes());
        mac.update(now.to_string().as_bytes());
        let signature = format!("v={now},d={}", hex::encode(mac.finalize().into_bytes()));
        let request = self
            .http
            .post(format!("{}/api/retell/function-call/15", self.gateway));
        let request = request
            .header("content-type", "application/json")
            .header("x-retell-signature", signature);
        let response = request.body(body).send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        ensure!(status == 200, "{status} {text}");
        let answer: Value = serde_json::from_str(&text)?;
        hear(&answer)?;
        Ok(answer)
    }
}

/// What every answer to a function call promises the ear.
pub(crate) fn hear(answer: &Value) -> anyhow::Result<()> {
    let text = |key: &str| {
        let text = answer[key].as_str();
        text.with_context(|| format!("no {key}: {answer}"))
    };
    let problems = lint_say(text("say")?);
    ensure!(problems.is_empty(), "{problems:?}: {answer}");
    ensure!(!text("message")?.is_empty(), "{answer}");
    ensure!(!text("next_step")?.is_empty(), "{answer}");
    let count = answer["option_count"].as_u64().context("option_count")?;
    ensure!(count <= 3, "{answer}");
    for number in 1..=count {
        let problems = lint_say(&format!("{}.", text(&format!("option_{number}_say"))?));
        ensure!(problems.is_empty(), "{problems:?}: {answer}");
    }
    Ok(())
}

/// Where function calls go: the ends of the addresses, for their beginnings are often elsewhere.
const DOORS: [&str; 4] = ["function-call", "functions/", "tool-calls", "/mcp"];

/// The files below `folder` that name a door, by name.
fn who_calls(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(who_calls(&path)?);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path)?;
            if DOORS.iter().any(|door| text.contains(door)) {
                let name = path.file_name().context("a name")?;
                found.push(name.to_string_lossy().into_owned());
            }
        }
    }
    Ok(found)
}

/// Red when a test of the binary calls a function in any other way: its answers would not be judged.
/// Mutation: a test with an address of its own, whole or put together.
#[test]
fn nobody_else_calls_functions() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("it");
    assert_eq!(who_calls(&folder)?, ["telephone.rs"]);
    Ok(())
}

/// Red when what cannot be said passes.
#[test]
fn what_cannot_be_said_is_heard() {
    let answer = |say: &str, option: &str| {
        json!({"say": say, "message": "x", "next_step": "done", "option_count": 1,
               "option_1_say": option})
    };
    assert!(hear(&answer("Frei ist Montag um acht Uhr.", "Montag, acht Uhr")).is_ok());
    for (say, option) in [
        ("Frei ist Montag um 8 Uhr.", "Montag, acht Uhr"),
        ("Frei ist Montag um acht Uhr.", "Montag, 8:00"),
        ("", "Montag, acht Uhr"),
    ] {
        assert!(hear(&answer(say, option)).is_err(), "{say} {option}");
    }
    assert!(hear(&json!({"message": "x"})).is_err());
}
