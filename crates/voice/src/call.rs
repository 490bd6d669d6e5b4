//! From an authenticated body to the answer: form, function, caller, language.

use axum::http::StatusCode;
use serde_json::json;

use crate::auth::{Admitted, belongs};
use crate::functions::{
    Answer, Args, Code, Conversation, Function, LANGUAGE, NextStep, Plain, SPOKEN, Session, run,
};
use crate::language::{Field, Lang, hear};
use crate::retell::caller::country_of;
use crate::retell::{Caller, FunctionCall};
use crate::state::VoiceState;

/// Carries out what `body` asks for; an error status where the sender may not ask it.
pub(crate) async fn answer(
    state: &VoiceState,
    admitted: &Admitted,
    path: Option<&str>,
    body: &[u8],
) -> Result<Answer, StatusCode> {
    let started = std::time::Instant::now();
    let Ok(call) = FunctionCall::parse(body) else {
        let s = session(state, admitted, FunctionCall::default(), path);
        return Ok(s.plain(
            Code::InvalidParameter,
            NextStep::AskAgain,
            Plain::NotUnderstood,
        ));
    };
    if !belongs(&admitted.setup, call.call.as_ref()) {
        tracing::warn!("an agent or number of another company called a function");
        return Err(StatusCode::UNAUTHORIZED);
    }
    let function = named(path, call.function.as_deref());
    let s = session(state, admitted, call, path);
    let Some(function) = function else {
        let mut answer = s.plain(
            Code::UnknownFunction,
            NextStep::Done,
            Plain::UnknownFunction,
        );
        answer.data = json!({"functions": Function::ALL.map(Function::as_str)});
        return Ok(answer);
    };
    let principal = admitted.principal.as_ref();
    if principal.is_some_and(|it| !it.allows(function.scope())) {
        return Err(StatusCode::FORBIDDEN);
    }
    let answer = run(function, &s).await;
    record(function, &answer, started.elapsed());
    Ok(answer)
}

/// The function from the path wins, and the body must not say another.
fn named(path: Option<&str>, body: Option<&str>) -> Option<Function> {
    match (path, body) {
        (Some(path), Some(body)) => {
            Function::parse(path).filter(|it| Function::parse(body) == Some(*it))
        }
        (Some(name), None) | (None, Some(name)) => Function::parse(name),
        (None, None) => None,
    }
}

fn session<'a>(
    state: &'a VoiceState,
    admitted: &Admitted,
    call: FunctionCall,
    path: Option<&str>,
) -> Session<'a> {
    let setup = admitted.setup.clone();
    let now = state.desk.now();
    let zone = setup.company.time_zone;
    let facts = call.call.as_ref();
    let tool_call_id = facts
        .zip(call.function.as_deref().or(path))
        .and_then(|(facts, function)| facts.tool_call_id(function));
    let conversation = Conversation {
        call_id: match facts.and_then(|it| it.call_id.clone()) {
            Some(id) => Some(id),
            // What a model wrote tells conversations apart where nothing better does.
            None => call.claimed_call_id.clone(),
        },
        tool_call_id: tool_call_id.map(str::to_owned),
    };
    let caller = Caller::of(facts, country_of(zone));
    let told = facts.and_then(|it| it.language.clone());
    let args = Args::new(call.args);
    let told = args.text(LANGUAGE).or(told);
    let lang = told.as_deref().and_then(Lang::parse).or_else(|| {
        // The words of the wish; else what the company speaks.
        let heard = SPOKEN.iter().find_map(|names| {
            let text = args.text(names)?;
            hear(&text, Field::Date, zone, now).lang
        });
        heard.or_else(|| Lang::parse(&setup.company.locale))
    });
    Session {
        desk: state.desk.as_ref(),
        args,
        caller,
        conversation,
        lang: lang.unwrap_or(Lang::De),
        now,
        deadline: state.settings.deadline,
        handle_key: &state.settings.handle_key,
        setup,
    }
}

fn record(function: Function, answer: &Answer, took: std::time::Duration) {
    let (function, code) = (function.as_str(), answer.code.as_str());
    metrics::histogram!("booking_voice_function_seconds", "function" => function, "code" => code)
        .record(took.as_secs_f64());
    tracing::info!(
        function,
        code,
        options = answer.options.len(),
        "a function call was answered"
    );
}
