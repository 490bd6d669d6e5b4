//! Calls of voice agents.

use booking_domain::calls::{Call, CallId, Consent, Content};
use booking_domain::contact::Phone;
use booking_domain::ports::{CallCursor, CallPage, CallView};
use booking_domain::time::Instant;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub(crate) struct CallJson {
    /// The platform's id.
    id: String,
    /// `phone` or `web`.
    channel: &'static str,
    /// `inbound`, `outbound`, or null when that was not told.
    direction: Option<&'static str>,
    agent_id: Option<String>,
    /// The company's own number.
    business_number: Option<String>,
    #[schema(format = DateTime)]
    started_at: Option<String>,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    duration_ms: Option<u64>,
    /// `registered`, `ongoing`, `not_connected`, `ended` or `error`.
    status: Option<&'static str>,
    /// Why it ended, in the platform's word.
    #[schema(example = "user_hangup")]
    disconnection_reason: Option<String>,
    language: Option<String>,
    /// `positive`, `neutral`, `negative` or `unknown`.
    sentiment: Option<&'static str>,
    /// Whether it came to what the agent was to achieve.
    successful: Option<bool>,
    /// Whether a machine answered.
    voicemail: Option<bool>,
    /// The appointments that were made, moved or cancelled in it.
    #[schema(value_type = Vec<uuid::Uuid>)]
    appointment_ids: Vec<String>,
    /// Whether the caller has agreed that what was said is kept: `given`, `withdrawn` or `unknown`.
    transcript_consent: &'static str,
    /// When that was told.
    #[schema(format = DateTime)]
    transcript_consent_at: Option<String>,
    /// Who called, or was called; with scope `admin` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    caller_number: Option<String>,
    /// What was said; with scope `admin` only, of a single call.
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript: Option<String>,
    /// In a sentence or two; as `transcript`.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    /// The fields that the company has its platform find out; as `transcript`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    custom_analysis_data: Option<Map<String, Value>>,
}

impl CallJson {
    /// `all`: who called and what was said too.
    pub(crate) fn new(view: CallView, all: bool) -> Self {
        let call: Call = view.call;
        let (consent, note) = match call.consent {
            Consent::Unknown => ("unknown", None),
            Consent::Given(note) => ("given", Some(note)),
            Consent::Withdrawn(note) => ("withdrawn", Some(note)),
        };
        let content = if all {
            call.content
        } else {
            Content::default()
        };
        let caller = call.caller.filter(|_| all);
        Self {
            id: call.id.to_string(),
            channel: if call.web { "web" } else { "phone" },
            direction: call.direction.map(|it| it.as_str()),
            agent_id: call.agent_id,
            business_number: call.business_number,
            started_at: call.started_at.map(|it| it.to_string()),
            ended_at: call.ended_at.map(|it| it.to_string()),
            duration_ms: call.duration_ms,
            status: call.status.map(|it| it.as_str()),
            disconnection_reason: call.disconnection_reason,
            language: call.language,
            sentiment: call.sentiment.map(|it| it.as_str()),
            successful: call.successful,
            voicemail: call.voicemail,
            appointment_ids: view.appointments.iter().map(ToString::to_string).collect(),
            transcript_consent: consent,
            transcript_consent_at: note.map(|it| it.at.to_string()),
            caller_number: caller.as_ref().map(Phone::expose).map(str::to_owned),
            transcript: content.transcript.map(|it| it.text),
            summary: content.summary,
            custom_analysis_data: content.analysis,
        }
    }
}

/// A page of calls, the latest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallPage)]
pub(crate) struct CallPageJson {
    /// The calls, without what was said.
    data: Vec<CallJson>,
    /// Give it as `cursor` to get the next page; null at the end.
    next_cursor: Option<String>,
}

impl CallPageJson {
    pub(crate) fn new(page: CallPage, all: bool) -> Self {
        let items = page.items.into_iter();
        Self {
            data: items.map(|it| CallJson::new(it, all)).collect(),
            next_cursor: page.next.as_ref().map(write_call_cursor),
        }
    }
}

fn write_call_cursor(cursor: &CallCursor) -> String {
    hex::encode(format!("{} {}", cursor.at.unix_micros(), cursor.id))
}

/// The place that a `next_cursor` stands for.
pub(crate) fn read_call_cursor(text: &str) -> Option<CallCursor> {
    let text = String::from_utf8(hex::decode(text).ok()?).ok()?;
    let (micros, id) = text.split_once(' ')?;
    Some(CallCursor {
        at: Instant::from_unix_micros(micros.parse().ok()?).ok()?,
        id: CallId::parse(id)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_come_back(seconds in -1_000_000_000i64..10_000_000_000, id in "[!-~]{1,128}") {
            let at = Instant::from_unix_seconds(seconds).expect("in range");
            let cursor = CallCursor { at, id: CallId::parse(&id).expect("an id") };
            prop_assert_eq!(read_call_cursor(&write_call_cursor(&cursor)), Some(cursor));
        }

        #[test]
        fn other_texts_are_refused(text in "[0-9a-g]{0,47}") {
            prop_assert_eq!(read_call_cursor(&text), None);
        }
    }
}
