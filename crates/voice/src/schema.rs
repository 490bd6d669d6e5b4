//! The functions as each voice platform wants them described, all from one list.

use serde_json::{Map, Value, json};

use crate::functions::Function;

/// Who is to be told about the functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Platform {
    /// Custom functions of a Retell agent.
    Retell,
    /// Function tools of a Vapi assistant.
    Vapi,
    /// Tools of the Model Context Protocol.
    Mcp,
    /// Function tools of OpenAI's Realtime and Responses APIs, and of what imitates them.
    Openai,
}

/// An argument.
struct Parameter {
    name: &'static str,
    kind: &'static str,
    description: &'static str,
}

const fn text(name: &'static str, description: &'static str) -> Parameter {
    Parameter {
        name,
        kind: "string",
        description,
    }
}

const fn yes_or_no(name: &'static str, description: &'static str) -> Parameter {
    Parameter {
        name,
        kind: "boolean",
        description,
    }
}

const SERVICE: Parameter = text("service", "What the caller wants, in the caller's words.");
const DATE: Parameter = text(
    "date",
    "The wished day exactly as the caller said it (\"next Tuesday\", \"übermorgen\", \"am dreizehnten\"). Do not work out dates.",
);
const TIME: Parameter = text(
    "time",
    "The wished time exactly as the caller said it (\"half past eight\", \"halb neun\", \"nachmittags\", \"after four\").",
);
const STAFF: Parameter = text("staff", "With whom, only if the caller named somebody.");
const OPTION: Parameter = text(
    "option",
    "The handle (option_1, option_2 or option_3 of an earlier answer) of what the caller chose. Copy it unchanged.",
);
const NAME: Parameter = text(
    "name",
    "The caller's first and last name as said. Needed again only if the answer asks for it.",
);
const OWN_DATE: Parameter = text(
    "date",
    "The day of the caller's appointment as said (\"my appointment on Friday\": \"Friday\").",
);
const OWN_TIME: Parameter = text("time", "The time of the caller's appointment, if said.");
const REASON: Parameter = text("reason", "Why, if the caller said so.");
const CONFIRM: Parameter = yes_or_no(
    "confirm",
    "true once the caller has clearly agreed, false to hear the question to ask first.",
);
const LANGUAGE: Parameter = text("language", "The language you speak in this call: de or en.");

/// One of the functions, told to a model.
struct Told {
    function: Function,
    description: &'static str,
    parameters: &'static [Parameter],
    required: &'static [&'static str],
    /// What to say while it runs.
    meanwhile: &'static str,
}

const TOLD: [Told; 6] = [
    Told {
        function: Function::CheckAvailability,
        description: "Finds out whether a time is free, or what is free on a day. Call it before offering any time. Speak the answer's `say`, and pass the handle of what the caller chooses as `option`.",
        parameters: &[SERVICE, DATE, TIME, STAFF, OPTION, LANGUAGE],
        required: &["date"],
        meanwhile: "Say in the caller's language, in a few words, that you are looking into the calendar.",
    },
    Told {
        function: Function::GetAlternatives,
        description: "Finds other free times near a wish, when the caller wants something else than what was offered.",
        parameters: &[
            SERVICE,
            DATE,
            TIME,
            text(
                "period",
                "Only in this part of the day, if the caller said so (\"in the afternoon\", \"vormittags\").",
            ),
            STAFF,
            OPTION,
            text(
                "rejected",
                "The handles of options that the caller does not want, with commas between.",
            ),
            LANGUAGE,
        ],
        required: &[],
        meanwhile: "Say in the caller's language, in a few words, that you are looking for other times.",
    },
    Told {
        function: Function::BookAppointment,
        description: "Books an appointment, once the caller has agreed to a time. Only code `booked` means that it is booked; `pending` means that it is held and not confirmed yet.",
        parameters: &[
            OPTION,
            NAME,
            SERVICE,
            DATE,
            TIME,
            STAFF,
            text(
                "phone",
                "A number, only if the answer asks for one. Digits as said.",
            ),
            text("email", "An e-mail address, only if the caller gives one."),
            text("notes", "What the caller wants to be known beforehand."),
            CONFIRM,
            LANGUAGE,
        ],
        required: &["name"],
        meanwhile: "Say in the caller's language, in a few words, that you are booking the appointment.",
    },
    Told {
        function: Function::RescheduleAppointment,
        description: "Moves an appointment of the caller's. Whose it is comes from the number on the line.",
        parameters: &[
            OWN_DATE,
            OWN_TIME,
            text("new_date", "The new day exactly as the caller said it."),
            text("new_time", "The new time exactly as the caller said it."),
            OPTION,
            NAME,
            REASON,
            CONFIRM,
            LANGUAGE,
        ],
        required: &[],
        meanwhile: "Say in the caller's language, in a few words, that you are moving the appointment.",
    },
    Told {
        function: Function::CancelAppointment,
        description: "Cancels an appointment of the caller's. Where the answer's next_step is ask_confirmation, ask, and call again with confirm.",
        parameters: &[
            OWN_DATE, OWN_TIME, SERVICE, OPTION, NAME, REASON, CONFIRM, LANGUAGE,
        ],
        required: &[],
        meanwhile: "Say in the caller's language, in a few words, that you are looking for the appointment.",
    },
    Told {
        function: Function::QueryAppointment,
        description: "Tells when the caller's appointments are. Whose they are comes from the number on the line.",
        parameters: &[OWN_DATE, SERVICE, NAME, LANGUAGE],
        required: &[],
        meanwhile: "Say in the caller's language, in a few words, that you are looking for the appointment.",
    },
];

/// Where the gateway is; to be replaced by the operator.
const GATEWAY: &str = "https://gateway.example";

/// The functions, ready to be pasted.
pub fn schema(platform: Platform) -> Value {
    let tools = TOLD.iter().map(|told| match platform {
        Platform::Retell => retell(told),
        Platform::Vapi => vapi(told),
        Platform::Mcp => mcp(told),
        Platform::Openai => json!({
            "type": "function",
            "name": told.function.as_str(),
            "description": told.description,
            "parameters": parameters(told),
        }),
    });
    json!({"tools": tools.collect::<Vec<_>>()})
}

fn parameters(told: &Told) -> Value {
    let properties: Map<_, _> = told
        .parameters
        .iter()
        .map(|it| {
            let described = json!({"type": it.kind, "description": it.description});
            (it.name.to_owned(), described)
        })
        .collect();
    json!({"type": "object", "properties": properties, "required": told.required})
}

const fn reads(function: Function) -> bool {
    matches!(
        function,
        Function::CheckAvailability | Function::GetAlternatives | Function::QueryAppointment
    )
}

fn retell(told: &Told) -> Value {
    let reads = reads(told.function);
    json!({
        "type": "custom",
        "name": told.function.as_str(),
        "description": told.description,
        "url": format!("{GATEWAY}/api/retell/function-call/COMPANY_ID"),
        "method": "POST",
        "args_at_root": false,
        "timeout_ms": if reads { 8_000 } else { 10_000 },
        "max_retry": u8::from(reads),
        "speak_during_execution": true,
        "execution_message_type": "prompt",
        "execution_message_description": told.meanwhile,
        "speak_after_execution": true,
        "parameters": parameters(told),
    })
}

fn vapi(told: &Told) -> Value {
    json!({
        "type": "function",
        "async": false,
        "function": {
            "name": told.function.as_str(),
            "description": told.description,
            "parameters": parameters(told),
        },
        "server": {
            "url": format!("{GATEWAY}/api/vapi/tool-calls"),
            "timeoutSeconds": 20,
            "headers": {"Authorization": "Bearer API_KEY"},
        },
    })
}

fn mcp(told: &Told) -> Value {
    let reads = reads(told.function);
    json!({
        "name": told.function.as_str(),
        "description": told.description,
        "inputSchema": parameters(told),
        "annotations": {
            "readOnlyHint": reads,
            "destructiveHint": told.function == Function::CancelAppointment,
            "idempotentHint": true,
            "openWorldHint": false,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::known_argument;

    /// Red when a description changes and the files in docs/voice do not.
    #[test]
    fn the_files_in_the_documentation_are_these() {
        for (platform, file, text) in [
            (
                Platform::Retell,
                "retell",
                include_str!("../../../docs/voice/retell.json"),
            ),
            (
                Platform::Vapi,
                "vapi",
                include_str!("../../../docs/voice/vapi.json"),
            ),
            (
                Platform::Mcp,
                "mcp",
                include_str!("../../../docs/voice/mcp.json"),
            ),
            (
                Platform::Openai,
                "openai",
                include_str!("../../../docs/voice/openai.json"),
            ),
        ] {
            let written: Value = serde_json::from_str(text).expect("JSON");
            assert!(
                written == schema(platform),
                "write it anew: booking-gateway voice schema --platform {file} > docs/voice/{file}.json"
            );
        }
    }

    /// Red when a function is left out, or an argument is described that none reads.
    #[test]
    fn all_functions_are_told_with_arguments_that_are_read() {
        let told: Vec<_> = TOLD.iter().map(|it| it.function).collect();
        assert_eq!(told, Function::ALL);
        for told in &TOLD {
            for parameter in told.parameters {
                assert!(known_argument(parameter.name), "{}", parameter.name);
                // These would make a flat body look like another form.
                assert!(!["args", "call", "parameters"].contains(&parameter.name));
            }
            for name in told.required {
                assert!(told.parameters.iter().any(|it| it.name == *name), "{name}");
            }
        }
    }

    /// Red when a platform would refuse a definition, or send a wish a second time by itself.
    #[test]
    fn definitions_keep_within_what_platforms_accept() {
        let tools = |platform| {
            schema(platform)["tools"]
                .as_array()
                .cloned()
                .expect("tools")
        };
        let plain = |it: char| it.is_ascii_alphanumeric() || "_-".contains(it);
        for tool in tools(Platform::Retell) {
            let name = tool["name"].as_str().expect("a name");
            assert!(
                (1..=64).contains(&name.len()) && name.chars().all(plain),
                "{name}"
            );
            assert_eq!(tool["parameters"]["type"], "object");
            // "Args only" leaves out who is calling; without speech afterwards there is silence.
            assert_eq!(tool["args_at_root"], false);
            assert_eq!(tool["speak_after_execution"], true);
            assert!((1_000..=600_000).contains(&tool["timeout_ms"].as_u64().expect("a number")));
            let function = Function::parse(name).expect("one of ours");
            let most = if reads(function) { 1 } else { 0 };
            assert_eq!(tool["max_retry"], most, "{name}");
        }
        for tool in tools(Platform::Vapi) {
            let seconds = tool["server"]["timeoutSeconds"].as_u64();
            assert!(seconds.is_some_and(|it| (1..=300).contains(&it)), "{tool}");
            assert_eq!(tool["async"], false, "the caller waits for the answer");
        }
    }
}
