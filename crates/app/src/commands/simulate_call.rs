//! `simulate call`: a telephone call from a script against a running gateway.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use booking_call_simulator::{Call, FunctionCall, Lang, Line, Script, Turn};
use serde_json::{Value, json};

use super::output;
use crate::cli::{CallArgs, CallLanguage};
use crate::wiring;

pub(crate) async fn run(args: CallArgs) -> anyhow::Result<()> {
    let lang = match args.lang {
        CallLanguage::De => Lang::De,
        CallLanguage::En => Lang::En,
    };
    let text = match &args.file {
        Some(file) => read(file)?,
        None => args.script.join(" "),
    };
    let script = Script::parse(&text)?;
    let line = Line {
        url: args.url,
        api_key: args.api_key,
        from: args.from,
        call_id: format!("simulated_{}", wiring::ids().uuid()),
    };
    let told = |turn: &Turn| {
        if !args.json {
            print(lang, turn);
        }
    };
    let call = Call::make(&line, (lang, args.service.as_deref()), &script, told).await?;
    if args.json {
        output::json(&as_json(&line.call_id, lang, &call));
    } else {
        let outcome = call.outcome.as_deref().unwrap_or("none");
        output::line(format!(
            "\n{} turns, the slowest {}; outcome: {outcome}",
            call.turns.len(),
            milliseconds(call.slowest())
        ));
    }
    match (&call.outcome, call.next_step.as_str()) {
        (Some(_), _) => Ok(()),
        (None, "") => bail!("the call ended without an outcome"),
        (None, open) => {
            bail!("the call ended without an outcome: the agent's next step was {open}")
        }
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("standard input cannot be read")?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn milliseconds(took: Duration) -> String {
    format!("{} ms", took.as_millis())
}

/// The caller, the calls, and what is heard; the answers stand in one column.
fn print(lang: Lang, turn: &Turn) {
    let column = lang.caller().len().max(lang.agent().len()) + 2;
    let said = |who: &str, what: &str| format!("{:<column$}{what}", format!("{who}:"));
    output::line(said(lang.caller(), &turn.caller));
    for (at, heard) in turn.agent.iter().enumerate() {
        let Some(call) = turn.calls.get(at) else {
            output::line(said(lang.agent(), heard));
            continue;
        };
        output::line(format!("{:column$}→ {} {}", "", call.function, shown(call)));
        let heard = format!("{heard} ({})", milliseconds(call.took));
        output::line(said(lang.agent(), &heard));
    }
}

/// The arguments, handles by their number: they are signed, and long.
fn shown(call: &FunctionCall) -> String {
    let handle = |text: &str| {
        let number = text.strip_prefix('o')?.split_once('_')?.0;
        Some(format!("option_{number}"))
    };
    let arguments = call.args.iter().filter(|(name, _)| *name != "language");
    let arguments = arguments.map(|(name, value)| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let text = match name.as_str() {
            "option" => handle(&text).unwrap_or(text),
            "rejected" => text
                .split(',')
                .filter_map(handle)
                .collect::<Vec<_>>()
                .join(", "),
            _ => text,
        };
        format!("{name}: {text}")
    });
    format!("{{{}}}", arguments.collect::<Vec<_>>().join(", "))
}

fn as_json(call_id: &str, lang: Lang, call: &Call) -> Value {
    let turns = call.turns.iter().map(|turn| {
        let calls = turn.calls.iter().map(|call| {
            json!({"function": call.function, "args": call.args, "answer": call.answer,
                "milliseconds": as_millis(call.took)})
        });
        json!({"caller": turn.caller, "calls": calls.collect::<Vec<_>>(), "agent": turn.agent,
            "milliseconds": as_millis(turn.took)})
    });
    json!({"call_id": call_id, "lang": lang.code(), "turns": turns.collect::<Vec<_>>(),
        "slowest_milliseconds": as_millis(call.slowest()),
        "outcome": call.outcome, "next_step": call.next_step})
}

/// With what lies below a thousandth of a second.
fn as_millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}
