//! Who may call: the company first, then a signature made with its key, or one of its API keys.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use booking_application::Principal;
use booking_domain::ids::CompanyId;
use booking_domain::ports::Scope;
use booking_domain::tenant::{CompanySetup, RetellSettings};
use serde_json::{Map, Value};

use crate::port::CallFacts;
use crate::port::caller::{business_number, country_of, phone};
use crate::refused::Refused;
use crate::retell::signature;
use crate::state::VoiceState;

/// Who was let in.
#[derive(Clone)]
pub(crate) struct Admitted {
    pub setup: Arc<CompanySetup>,
    /// The API key, where that was what let them in.
    pub principal: Option<Principal>,
}

impl Admitted {
    /// The API key, if that let them in, must cover `needed`.
    pub(crate) fn covers(&self, needed: Scope) -> Result<(), Refused> {
        match &self.principal {
            Some(principal) if !principal.allows(needed) => Err(Refused::Forbidden),
            _ => Ok(()),
        }
    }

    /// Agent and number in the call must be the company's, where it has named its own. One Retell
    /// workspace often serves many companies with one key, so the signature alone does not tell
    /// them apart.
    pub(crate) fn owns(&self, call: Option<&CallFacts>) -> Result<(), Refused> {
        if call.is_none_or(|call| belongs(&self.setup, call)) {
            return Ok(());
        }
        let company = self.setup.company.id;
        tracing::warn!(%company, "an agent or number of another company has called");
        Err(Refused::Unauthorized(
            "the agent or the number is another company's",
        ))
    }
}

/// Headers and the raw bytes of the body.
pub(crate) type Sent<'a> = (&'a HeaderMap, &'a [u8]);

/// Checks who sends this. The company comes from the path or from the API key; the signature is
/// checked over the raw bytes with that company's own key.
pub(crate) async fn admit(
    state: &VoiceState,
    path: Option<&str>,
    sent: Sent<'_>,
) -> Result<Admitted, Refused> {
    let principal = match bearer(sent.0) {
        Some(token) => state.desk.authenticate(token).await?,
        None => None,
    };
    let company = match (path, &principal) {
        (Some(text), _) => text.parse::<CompanyId>().ok(),
        (None, Some(principal)) => Some(principal.company),
        (None, None) => None,
    };
    let company = company.ok_or(Refused::Unauthorized("no company is named"))?;
    let_in(state, company, principal, sent).await
}

/// As [`admit`], for webhooks, for which an API key must cover `needed`.
pub(crate) async fn admit_webhook(
    state: &VoiceState,
    path: Option<&str>,
    needed: Scope,
    sent: Sent<'_>,
) -> Result<Admitted, Refused> {
    let admitted = if path.is_some() || bearer(sent.0).is_some() {
        admit(state, path, sent).await?
    } else {
        by_line(state, sent).await?
    };
    admitted.covers(needed)?;
    Ok(admitted)
}

/// Without a company in the path and without an API key it is the one whose agent, or number, the
/// body names. That says only whose key is tried, no more.
async fn by_line(state: &VoiceState, sent: Sent<'_>) -> Result<Admitted, Refused> {
    let (headers, body) = sent;
    // Nothing is looked up for somebody who has signed nothing.
    let unsigned = Refused::Unauthorized("there is no signature");
    one_header(headers).ok_or(unsigned)?;
    let root: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
    let company = match root.as_ref().and_then(crate::retell::facts) {
        Some(call) => state.lines.company(state.desk.as_ref(), &call).await?,
        None => None,
    };
    let company = company.ok_or(Refused::Unauthorized("no one company has this agent"))?;
    let_in(state, company, None, sent).await
}

async fn let_in(
    state: &VoiceState,
    company: CompanyId,
    principal: Option<Principal>,
    (headers, body): Sent<'_>,
) -> Result<Admitted, Refused> {
    if principal.as_ref().is_some_and(|it| it.company != company) {
        return Err(Refused::Unauthorized("the API key is another company's"));
    }
    let setup = state.desk.company(company).await?;
    if let (Some(setup), Some(principal)) = (&setup, principal) {
        return Ok(Admitted {
            setup: setup.clone(),
            principal: Some(principal),
        });
    }
    // An unknown company is checked like any other, so that the time taken does not tell.
    let keys = setup.as_ref().map_or(NOBODY, |it| keys(&it.company.retell));
    let keys: Vec<_> = keys.split([',', ' ', '\n']).collect();
    let signed = signature::verify(one_header(headers), body, &keys, state.desk.now());
    match (setup, signed) {
        (Some(setup), Ok(())) => Ok(Admitted {
            setup,
            principal: None,
        }),
        (Some(_), Err(error)) => {
            tracing::warn!(%company, %error, "a request was refused");
            Err(Refused::Unauthorized("the signature does not hold"))
        }
        (None, _) => Err(Refused::Unauthorized("there is no such company")),
    }
}

/// Checks who sends a call that carries no signature we know: an API key, as a bearer token or, as
/// older Vapi accounts send it, in `x-vapi-secret`.
pub(crate) async fn by_key(
    state: &VoiceState,
    path: Option<&str>,
    headers: &HeaderMap,
) -> Result<Admitted, Refused> {
    let secret = || headers.get("x-vapi-secret")?.to_str().ok();
    let token = bearer(headers).or_else(secret);
    let token = token.ok_or(Refused::Unauthorized("there is no API key"))?;
    let principal = state.desk.authenticate(token).await?;
    let principal = principal.ok_or(Refused::Unauthorized("the API key is not known"))?;
    let company = principal.company;
    if path.is_some_and(|text| text.parse::<CompanyId>().ok() != Some(company)) {
        return Err(Refused::Unauthorized("the API key is another company's"));
    }
    let setup = state.desk.company(company).await?;
    setup.map_or(
        Err(Refused::Unauthorized("there is no such company")),
        |setup| {
            Ok(Admitted {
                setup,
                principal: Some(principal),
            })
        },
    )
}

/// A key that nobody has.
const NOBODY: &str = "no company";

/// The company's Retell key; while one is being replaced, both, with a comma between.
fn keys(retell: &RetellSettings) -> &str {
    retell.api_key.as_deref().unwrap_or_default()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

/// The signature; two of them are none.
fn one_header(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(signature::HEADER).iter();
    let first = values.next()?;
    values
        .next()
        .is_none()
        .then(|| first.to_str().ok())
        .flatten()
}

fn belongs(setup: &CompanySetup, call: &CallFacts) -> bool {
    let retell = &setup.company.retell;
    let agent = call.agent_id.as_ref();
    let own_agent =
        retell.agent_ids.is_empty() || agent.is_none_or(|it| retell.agent_ids.contains(it));
    let country = country_of(setup.company.time_zone);
    let same = |own: &String, shown: &str| {
        own == shown || phone(own, country).is_some_and(|own| phone(shown, country) == Some(own))
    };
    let number = business_number(call);
    let own_number = retell.numbers.is_empty()
        || number.is_none_or(|shown| retell.numbers.iter().any(|own| same(own, shown)));
    own_agent && own_number
}
