//! Vapi: several function calls in one request, answered as a list of one-line texts, always with
//! status 200 — anything else is thrown away by the platform, sentence and all.

use serde_json::{Map, Value, json};

use crate::auth::Admitted;
use crate::port::{CallFacts, Invocation, invoke, short, short_text};
use crate::state::VoiceState;

/// Calls in one request; more is no conversation.
const MOST_CALLS: usize = 20;

/// Answers a message of Vapi's. What is no function call (the end of a call, a change of status)
/// is acknowledged.
pub(crate) async fn message(state: &VoiceState, admitted: &Admitted, body: &[u8]) -> Value {
    let root: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(message) = root.get("message").and_then(Value::as_object) else {
        return json!({});
    };
    let calls = ["toolCallList", "toolCalls"]
        .iter()
        .find_map(|key| message.get(*key)?.as_array());
    let Some(calls) = calls else {
        return json!({});
    };
    let facts = facts(message);
    let mut results = Vec::new();
    // One after the other: the second may build on the first.
    for call in calls.iter().take(MOST_CALLS).filter_map(Value::as_object) {
        results.push(result(state, admitted, call, &facts).await);
    }
    json!({"results": results})
}

async fn result(
    state: &VoiceState,
    admitted: &Admitted,
    call: &Map<String, Value>,
    facts: &CallFacts,
) -> Value {
    let invocation = invocation(call, facts);
    let (id, name) = (invocation.id.clone(), invocation.function.clone());
    let mut told = json!({"toolCallId": id, "name": name});
    match invoke(state, admitted, invocation).await {
        // JSON has no line breaks but escaped ones, so this is one line.
        Ok(answer) => told["result"] = serde_json::to_string(&answer).unwrap_or_default().into(),
        Err(_) => told["error"] = "this API key may not call that function".into(),
    }
    told
}

fn invocation(call: &Map<String, Value>, facts: &CallFacts) -> Invocation {
    let function = call
        .get("function")
        .and_then(Value::as_object)
        .unwrap_or(call);
    let args = ["arguments", "parameters"]
        .iter()
        .find_map(|key| function.get(*key));
    let args = match args {
        Some(Value::Object(args)) => args.clone(),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        _ => Map::new(),
    };
    Invocation {
        function: short(function, "name"),
        args,
        call: Some(facts.clone()),
        claimed_call_id: None,
        offers: Vec::new(),
        id: short(call, "id"),
    }
}

fn facts(message: &Map<String, Value>) -> CallFacts {
    let empty = Map::new();
    let call = message
        .get("call")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    // In the message, and in older ones inside the call.
    let number = |who: &str| {
        let of =
            |it: &Map<String, Value>| it.get(who)?.get("number")?.as_str().and_then(short_text);
        [message, call].into_iter().find_map(of)
    };
    CallFacts {
        call_id: short(call, "id"),
        web: short(call, "type").as_deref() == Some("webCall"),
        // The customer is the person, whoever of us has called.
        from_number: number("customer"),
        agent_id: short(call, "assistantId"),
        ..CallFacts::default()
    }
}
