//! What the platform says about the call: the few fields that matter, each of them optional.

use serde_json::{Map, Value};

use crate::port::{CallFacts, short};

/// One function call in the transcript.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invocation {
    /// Unique in the world.
    pub tool_call_id: String,
    /// The function as the agent knows it.
    pub name: String,
}

/// The call, and the functions called in it so far, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RetellCall {
    /// What every platform tells.
    pub facts: CallFacts,
    /// With their ids.
    pub invocations: Vec<Invocation>,
}

impl RetellCall {
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
        let facts = CallFacts {
            call_id: text("call_id"),
            web: text("call_type").as_deref() == Some("web_call"),
            outbound: text("direction").as_deref() == Some("outbound"),
            from_number: text("from_number"),
            to_number: text("to_number"),
            agent_id: text("agent_id"),
            language,
        };
        Some(Self {
            facts,
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
        let call = RetellCall::read(&json!({
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
        assert_eq!(RetellCall::read(&odd), Some(RetellCall::default()));
        assert_eq!(RetellCall::read(&json!("call")), None);
    }
}
