//! What the platform says about the call: the few fields that matter, each of them optional.

use serde_json::{Map, Value};

use crate::functions::Choice;
use crate::port::{CallFacts, short};

/// Under which names a language is told.
const LANGUAGE: [&str; 4] = ["language", "sprache", "lang", "locale"];

/// One function call in the transcript.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invocation {
    /// Unique in the world.
    pub tool_call_id: String,
    /// The function as the agent knows it.
    pub name: String,
}

/// The call, the functions called in it so far, oldest first, and what came of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RetellCall {
    /// What every platform tells.
    pub facts: CallFacts,
    /// With their ids.
    pub invocations: Vec<Invocation>,
    /// What was last offered to the caller.
    pub offers: Vec<Choice>,
}

impl RetellCall {
    /// Reads the `call` object; `None` when it is none.
    pub fn read(value: &Value) -> Option<Self> {
        let call = value.as_object()?;
        let text = |key: &str| short(call, key);
        // From what was found out in the call to what was said when it was placed.
        let language = [
            "collected_dynamic_variables",
            "retell_llm_dynamic_variables",
            "metadata",
        ];
        let language = language.iter().find_map(|place| {
            let them = call.get(*place)?.as_object()?;
            LANGUAGE.iter().find_map(|key| short(them, key))
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
            offers: offers(call),
        })
    }

    /// Reads the `chat` object of an agent that writes: nobody is on a line.
    pub fn chat(value: &Value) -> Option<Self> {
        let chat = value.as_object()?;
        let read = Self::read(value)?;
        let facts = CallFacts {
            call_id: short(chat, "chat_id"),
            web: true,
            ..read.facts
        };
        Some(Self { facts, ..read })
    }

    /// The id of the invocation of `function` that is being carried out: the last one.
    pub fn tool_call_id(&self, function: &str) -> Option<&str> {
        let mut latest_first = self.invocations.iter().rev();
        latest_first
            .find(|it| it.name == function)
            .map(|it| it.tool_call_id.as_str())
    }
}

/// The entries of the transcript with this role.
fn entries<'a>(
    call: &'a Map<String, Value>,
    role: &'static str,
) -> impl DoubleEndedIterator<Item = &'a Map<String, Value>> {
    let entries = call
        .get("transcript_with_tool_calls")
        .and_then(Value::as_array);
    let entries = entries.into_iter().flatten().filter_map(Value::as_object);
    entries.filter(move |it| it.get("role").and_then(Value::as_str) == Some(role))
}

fn invocations(call: &Map<String, Value>) -> Vec<Invocation> {
    let told = entries(call, "tool_call_invocation").filter_map(|it| {
        Some(Invocation {
            tool_call_id: short(it, "tool_call_id")?,
            name: short(it, "name")?,
        })
    });
    told.collect()
}

/// The options of the last answer of ours that had any.
fn offers(call: &Map<String, Value>) -> Vec<Choice> {
    let answers = entries(call, "tool_call_result").rev().filter_map(|it| {
        let content = it.get("content")?.as_str()?;
        let answer = content.contains("\"option_1\"").then_some(content)?;
        serde_json::from_str::<Value>(answer).ok()
    });
    let options = answers.map(|answer| {
        let text = |key: String| answer[key].as_str().map(str::to_owned);
        let option = |number: u8| {
            Some(Choice {
                handle: text(format!("option_{number}"))?,
                say: text(format!("option_{number}_say"))?,
                start: text(format!("option_{number}_start"))?,
            })
        };
        (1..=3).map_while(option).collect::<Vec<_>>()
    });
    options
        .into_iter()
        .find(|it| !it.is_empty())
        .unwrap_or_default()
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
