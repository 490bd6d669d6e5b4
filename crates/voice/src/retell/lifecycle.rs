//! Retell's lifecycle webhooks: what they tell of a call, every field of it optional but the id.

use booking_domain::calls::{
    Call, CallEvent, CallId, CallStatus, Consent, Content, Direction, Sentiment, Storage,
    Transcript,
};
use booking_domain::time::{Instant, Span};
use serde_json::{Map, Value};

use super::RetellCall;
use crate::auth::Admitted;
use crate::port::caller::{business_number, country_of, phone};
use crate::port::{CallFacts, Caller, short};
use crate::refused::Refused;
use crate::state::VoiceState;

/// The field by which an agent tells that the caller agrees, or no longer does.
const CONSENT: &str = "transcript_consent";

/// Keeps what the webhook tells. Nothing outside is asked: when it is answered, it is stored.
pub(crate) async fn take_in(
    state: &VoiceState,
    admitted: &Admitted,
    body: &[u8],
) -> Result<(), Refused> {
    let Ok(Value::Object(root)) = serde_json::from_slice(body) else {
        tracing::info!("a webhook of Retell that cannot be read was acknowledged");
        return Ok(());
    };
    let facts = facts(&root);
    admitted.owns(facts.as_ref())?;
    let company = &admitted.setup.company;
    let country = country_of(company.time_zone);
    let Some(told) = read(&root, country, state.desk.now()) else {
        tracing::debug!("a webhook of Retell that is nothing to us was acknowledged");
        return Ok(());
    };
    let (call, events) = (told.id.clone(), told.heard.clone());
    let rules = &company.calls;
    state.desk.note_call(company.id, rules, told).await?;
    let event = events.first().map_or("", |it| it.as_str());
    tracing::info!(company = %company.id, %call, event, "a call was told of");
    Ok(())
}

/// Who calls whom, in a webhook of any kind: what the company is found by, and checked with.
pub(crate) fn facts(root: &Map<String, Value>) -> Option<CallFacts> {
    let call = ["call", "call_inbound", "chat"]
        .iter()
        .find_map(|key| root.get(*key).filter(|it| it.is_object()))?;
    RetellCall::read(call).map(|it| it.facts)
}

/// What is told; `None` when it is nothing to us, or names no call.
fn read(root: &Map<String, Value>, country: Option<&str>, now: Instant) -> Option<Call> {
    let event = CallEvent::parse(root.get("event")?.as_str()?)?;
    let value = root.get("call")?;
    let call = value.as_object()?;
    let facts = RetellCall::read(value)?.facts;
    let id = CallId::parse(&short(call, "call_id")?)?;
    let noted_at = moment(root, "event_timestamp", now).unwrap_or(now);
    let empty = Map::new();
    let analysis = object(call, "call_analysis").unwrap_or(&empty);
    let flag = |key: &str| analysis.get(key).and_then(Value::as_bool);
    let own = business_number(&facts).and_then(|it| phone(it, country));
    Some(Call {
        web: facts.web,
        direction: call
            .get("direction")
            .and_then(Value::as_str)
            .and_then(Direction::parse),
        agent_id: facts.agent_id.clone().filter(|it| is_plain(it)),
        caller: Caller::of(Some(&facts), country).phone().cloned(),
        business_number: own.map(|it| it.expose().to_owned()),
        started_at: moment(call, "start_timestamp", now),
        ended_at: moment(call, "end_timestamp", now),
        duration_ms: call
            .get("duration_ms")
            .and_then(Value::as_u64)
            .filter(|it| *it < A_WEEK_MS),
        status: call
            .get("call_status")
            .and_then(Value::as_str)
            .and_then(CallStatus::parse),
        disconnection_reason: short(call, "disconnection_reason").filter(|it| is_word(it)),
        language: facts.language.clone().filter(|it| is_plain(it)),
        sentiment: analysis
            .get("user_sentiment")
            .and_then(Value::as_str)
            .and_then(Sentiment::parse),
        successful: flag("call_successful"),
        voicemail: flag("in_voicemail"),
        storage: storage(call),
        consent: consent(call, analysis, noted_at),
        content: content(event, call, analysis),
        ..Call::new(id, event, noted_at)
    })
}

/// No call takes longer.
const A_WEEK_MS: u64 = 7 * 24 * 3_600_000;

/// A time in milliseconds, unless it cannot be one of a call.
fn moment(object: &Map<String, Value>, key: &str, now: Instant) -> Option<Instant> {
    let millis = object.get(key)?.as_i64()?;
    let at = Instant::from_unix_micros(millis.checked_mul(1_000)?).ok()?;
    (millis > 0 && at <= now + Span::DAY).then_some(at)
}

fn object<'a>(of: &'a Map<String, Value>, key: &str) -> Option<&'a Map<String, Value>> {
    of.get(key).and_then(Value::as_object)
}

fn is_plain(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// One of an open set of reasons, such as `user_hangup`.
fn is_word(text: &str) -> bool {
    text.len() <= 64
        && text
            .bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
}

/// What Retell keeps. A word we do not know may be a stricter one.
fn storage(call: &Map<String, Value>) -> Storage {
    let opted_out = call.get("opt_out_sensitive_data_storage") == Some(&Value::Bool(true));
    match call.get("data_storage_setting") {
        None | Some(Value::Null) if !opted_out => Storage::Everything,
        Some(Value::String(word)) if word == "everything" && !opted_out => Storage::Everything,
        _ => Storage::Basics,
    }
}

/// What the caller has said in this call: collected by the agent while they spoke, or found out
/// afterwards. What was set before the call is nobody's consent.
fn consent(call: &Map<String, Value>, analysis: &Map<String, Value>, at: Instant) -> Consent {
    let places = [
        (
            "collected_dynamic_variables",
            object(call, "collected_dynamic_variables"),
        ),
        (
            "custom_analysis_data",
            object(analysis, "custom_analysis_data"),
        ),
    ];
    let said = places.into_iter().filter_map(|(place, fields)| {
        let said = match fields?.get(CONSENT)? {
            Value::Bool(said) => said.to_string(),
            Value::String(said) => said.clone(),
            _ => return None,
        };
        Consent::read(&format!("{place}.{CONSENT}"), &said, at)
    });
    said.fold(Consent::Unknown, Consent::join)
}

fn content(event: CallEvent, call: &Map<String, Value>, analysis: &Map<String, Value>) -> Content {
    let text = |of: &Map<String, Value>, key: &str| {
        let text = of.get(key).and_then(Value::as_str);
        text.filter(|it| !it.trim().is_empty()).map(str::to_owned)
    };
    Content {
        transcript: text(call, "transcript").map(|text| Transcript {
            told_by: event,
            text,
        }),
        summary: text(analysis, "call_summary"),
        analysis: object(analysis, "custom_analysis_data").cloned(),
    }
}
