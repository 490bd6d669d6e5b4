//! From an invocation to its answer: function, caller, language.

use booking_domain::time::Span;
use serde_json::json;

use super::caller::country_of;
use super::{Caller, Invocation};
use crate::auth::Admitted;
use crate::functions::{
    Answer, Args, Code, Conversation, Function, LANGUAGE, NextStep, PATIENCE, Plain, SPOKEN,
    Session, run,
};
use crate::language::{Field, Lang, hear};
use crate::refused::Refused;
use crate::state::VoiceState;

/// What all but the wait takes, on a busy day.
const AROUND_MS: i64 = 250;

/// Carries it out; refused where the sender may not ask it.
pub(crate) async fn invoke(
    state: &VoiceState,
    admitted: &Admitted,
    invocation: Invocation,
) -> Result<Answer, Refused> {
    let started = std::time::Instant::now();
    let function = invocation.function.as_deref().and_then(Function::parse);
    let s = session(state, admitted, invocation);
    let Some(function) = function else {
        let mut answer = s.plain(
            Code::UnknownFunction,
            NextStep::Done,
            Plain::UnknownFunction,
        );
        answer.data = json!({"functions": Function::ALL.map(Function::as_str)});
        return Ok(answer);
    };
    admitted.covers(function.scope())?;
    let answer = run(function, &s).await;
    record(function, &answer, started.elapsed());
    Ok(answer)
}

/// The answer to what is no function call at all.
pub(crate) fn not_understood(state: &VoiceState, admitted: &Admitted) -> Answer {
    session(state, admitted, Invocation::default()).plain(
        Code::InvalidParameter,
        NextStep::AskAgain,
        Plain::NotUnderstood,
    )
}

fn session<'a>(state: &'a VoiceState, admitted: &Admitted, invocation: Invocation) -> Session<'a> {
    let setup = admitted.setup.clone();
    let now = state.desk.now();
    let zone = setup.company.time_zone;
    let facts = invocation.call.as_ref();
    let conversation = Conversation {
        call_id: match facts.and_then(|it| it.call_id.clone()) {
            Some(id) => Some(id),
            // What a model wrote tells conversations apart where nothing better does.
            None => invocation.claimed_call_id.clone(),
        },
        tool_call_id: invocation.id.clone(),
    };
    let caller = Caller::of(facts, country_of(zone));
    let mut args = Args::new(invocation.args);
    let assumed = invocation.function.as_deref().and_then(Function::assumed);
    if let Some((names, value)) = assumed {
        args.assume(names, value);
    }
    let told = [
        args.text(LANGUAGE),
        facts.and_then(|it| it.language.clone()),
    ];
    let told = told.iter().flatten().find_map(|it| Lang::parse(it));
    let lang = told.or_else(|| {
        // The words of the wish; else what the company speaks.
        let heard = SPOKEN.iter().find_map(|names| {
            let text = args.text(names)?;
            hear(&text, Field::Date, zone, now).lang
        });
        heard.or_else(|| Lang::parse(&setup.company.locale))
    });
    Session {
        desk: state.desk.as_ref(),
        texts: state.texts.of(&setup),
        args,
        offers: invocation.offers,
        caller,
        conversation,
        lang: lang.unwrap_or(Lang::De),
        now,
        patient_until: tokio::time::Instant::now() + PATIENCE,
        deadline: before_the_end(state.settings.deadline),
        handle_key: &state.settings.handle_key,
        setup,
    }
}

/// The caller is to be told by the deadline, so that a little of it is left for everything around the
/// wait for Cal.com.
fn before_the_end(deadline: Span) -> Span {
    Span::millis((deadline.as_micros() / 1_000 - AROUND_MS).max(0))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when the wait for Cal.com alone takes all the time until the deadline.
    #[test]
    fn a_quarter_of_a_second_is_left_for_what_is_around_the_wait() {
        let two = Span::seconds(2);
        assert!(before_the_end(two) + Span::millis(250) <= two);
        assert!(before_the_end(two) >= Span::millis(1_500));
        assert_eq!(before_the_end(Span::millis(100)), Span::ZERO);
    }
}
