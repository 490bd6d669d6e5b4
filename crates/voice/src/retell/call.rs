//! What the platform says about the call: the few fields that matter, each of them optional.

use serde_json::{Map, Value};

/// The call, as of the moment of the function call.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CallFacts {
    /// Its id.
    pub call_id: Option<String>,
    /// `phone_call` or `web_call`.
    pub call_type: Option<String>,
    /// Whether we are called (`inbound`) or call (`outbound`).
    pub outbound: bool,
    /// Who rings.
    pub from_number: Option<String>,
    /// Who is rung.
    pub to_number: Option<String>,
    /// Which agent speaks.
    pub agent_id: Option<String>,
    /// The language the agent was told to speak, from the variables of the call.
    pub language: Option<String>,
    /// The functions called so far, with their ids, oldest first.
    pub invocations: Vec<Invocation>,
}

/// One function call in the transcript.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invocation {
    /// Unique in the world.
    pub tool_call_id: String,
    /// The function as the agent knows it.
    pub name: String,
}

/// Longest id that is believed to be one.
const MAX_ID: usize = 128;

impl CallFacts {
    /// Reads the `call` object; `None` when it is none.
    pub fn read(value: &Value) -> Option<Self> {
        let call = value.as_object()?;
        let text = |key: &str| short(call, key);
        let variables = call.get("retell_llm_dynamic_variables");
        let language = variables.and_then(Value::as_object).and_then(|them| {
            ["language", "sprache", "lang", "locale"]
                .iter()
                .find_map(|key| short(them, key))
        });
        Some(Self {
            call_id: text("call_id"),
            call_type: text("call_type"),
            outbound: text("direction").as_deref() == Some("outbound"),
            from_number: text("from_number"),
            to_number: text("to_number"),
            agent_id: text("agent_id"),
            language,
            invocations: invocations(call),
        })
    }

    /// The id of the invocation of `function` that is being carried out: the last one.
    pub fn tool_call_id(&self, function: &str) -> Option<&str> {
        let mut latest_first = self.invocations.iter().rev();
        latest_first
            .find(|it| it.name == function)
            .map(|it| it.tool_call_id.as_str())
    }
}

fn short(object: &Map<String, Value>, key: &str) -> Option<String> {
    let text = object.get(key)?.as_str()?.trim();
    (!text.is_empty() && text.len() <= MAX_ID).then(|| text.to_owned())
}

fn invocations(call: &Map<String, Value>) -> Vec<Invocation> {
    let entries = call
        .get("transcript_with_tool_calls")
        .and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .filter(|it| it.get("role").and_then(Value::as_str) == Some("tool_call_invocation"))
        .filter_map(|it| {
            Some(Invocation {
                tool_call_id: short(it, "tool_call_id")?,
                name: short(it, "name")?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_last_invocation_of_the_function_is_the_one_being_carried_out() {
        let call = CallFacts::read(&json!({
            "call_id": "c", "direction": "inbound", "transcript_with_tool_calls": [
                {"role": "agent", "content": "x"},
                {"role": "tool_call_invocation", "tool_call_id": "t1", "name": "book_appointment"},
                {"role": "tool_call_result", "tool_call_id": "t1"},
                {"role": "tool_call_invocation", "tool_call_id": "t2", "name": "book_appointment"},
                {"role": "tool_call_invocation", "tool_call_id": "t3", "name": "check_availability"},
                {"role": "tool_call_invocation", "name": "book_appointment"},
                "odd"
            ]
        }))
        .expect("an object");
        assert_eq!(call.tool_call_id("book_appointment"), Some("t2"));
        assert_eq!(call.tool_call_id("cancel_appointment"), None);
    }

    #[test]
    fn every_field_may_be_missing_or_odd() {
        let odd = json!({"call_id": 5, "from_number": null, "agent_id": "x".repeat(500),
            "transcript_with_tool_calls": {}, "retell_llm_dynamic_variables": []});
        assert_eq!(CallFacts::read(&odd), Some(CallFacts::default()));
        assert_eq!(CallFacts::read(&json!("call")), None);
    }
}
