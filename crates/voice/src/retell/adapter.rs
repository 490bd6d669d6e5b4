//! Retell's function calls, in whichever of their forms.

use super::FunctionCall;
use crate::auth::Admitted;
use crate::functions::{Answer, Function};
use crate::port::{Invocation, invoke, not_understood};
use crate::refused::Refused;
use crate::state::VoiceState;

/// Carries out what `body` asks for; refused where the sender may not ask it.
pub(crate) async fn function_call(
    state: &VoiceState,
    admitted: &Admitted,
    path: Option<&str>,
    body: &[u8],
) -> Result<Answer, Refused> {
    let Ok(call) = FunctionCall::parse(body) else {
        return Ok(not_understood(state, admitted));
    };
    admitted.owns(call.call.as_ref().map(|it| &it.facts))?;
    invoke(state, admitted, invocation(call, path)).await
}

fn invocation(call: FunctionCall, path: Option<&str>) -> Invocation {
    // The agent's own name for it, by which the transcript knows it.
    let known_as = call.function.as_deref().or(path);
    let id = call
        .call
        .as_ref()
        .zip(known_as)
        .and_then(|(call, name)| call.tool_call_id(name));
    let id = id.map(str::to_owned);
    let function = named(path, call.function.as_deref());
    let (facts, offers) = call.call.map(|it| (it.facts, it.offers)).unzip();
    Invocation {
        function,
        args: call.args,
        call: facts,
        claimed_call_id: call.claimed_call_id,
        id,
        offers: offers.unwrap_or_default(),
    }
}

/// The function from the path wins, and the body must not say another.
fn named(path: Option<&str>, body: Option<&str>) -> Option<String> {
    let name = match (path, body) {
        (Some(path), Some(body)) => {
            let same = Function::parse(path) == Function::parse(body);
            Some(path).filter(|_| same)
        }
        (Some(name), None) | (None, Some(name)) => Some(name),
        (None, None) => None,
    };
    name.map(str::to_owned)
}
