//! Platforms that send the arguments alone (Bland, ElevenLabs, bridges of one's own): the function
//! is in the path, and the call in headers.
//!
//! | header | holds |
//! |---|---|
//! | `X-Call-Id` | the call |
//! | `X-Caller-Number` | who is on the line |
//! | `X-Invocation-Id` | this very invocation, if the platform has a name for it |
//!
//! In headers, because a model fills in the body: whoever is in the body is somebody who was spoken
//! of, never who is calling.

use serde_json::Value;

use crate::auth::{Admitted, Sent};
use crate::functions::Answer;
use crate::port::{CallFacts, Invocation, invoke, not_understood, short_text};
use crate::refused::Refused;
use crate::state::VoiceState;

/// Carries out the function with this name.
pub(crate) async fn function_call(
    state: &VoiceState,
    admitted: &Admitted,
    function: &str,
    (headers, body): Sent<'_>,
) -> Result<Answer, Refused> {
    // Some send nothing at all where there are no arguments.
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    let Ok(Value::Object(args)) = serde_json::from_slice(body) else {
        return Ok(not_understood(state, admitted));
    };
    let told = |name: &str| headers.get(name)?.to_str().ok().and_then(short_text);
    let call = CallFacts {
        call_id: told("x-call-id"),
        from_number: told("x-caller-number"),
        ..CallFacts::default()
    };
    let invocation = Invocation {
        function: Some(function.to_owned()),
        claimed_call_id: None,
        offers: Vec::new(),
        id: told("x-invocation-id"),
        call: Some(call),
        args,
    };
    invoke(state, admitted, invocation).await
}
