//! Whose webhook it is: the company whose secret signed it.

use booking_application::Told;
use booking_domain::ids::CompanyId;
use booking_domain::tenant::Company;

use super::signature::Signature;
use crate::problem::Problem;
use crate::state::ApiState;

/// The same words whether the company is unknown, has no secret, or another one.
fn refused() -> Problem {
    Problem::new(
        "invalid_signature",
        "X-Cal-Signature-256 does not fit the body and the secret",
    )
}

/// The company that the path names, if its secret signed the body.
pub(super) async fn named(
    state: &ApiState,
    company: CompanyId,
    signature: Option<Signature>,
    body: &[u8],
) -> Result<Vec<CompanyId>, Problem> {
    let signature = signature.ok_or_else(refused)?;
    let setup = state.app.company(company).await.map_err(Problem::store)?;
    let signed = setup.is_some_and(|setup| signed_by(&setup.company, &signature, body));
    if signed {
        Ok(vec![company])
    } else {
        Err(refused())
    }
}

/// Every company whose secret signed the body: several may share the installation's account.
/// All are tried, whether or not an earlier one fits.
pub(super) async fn any(
    state: &ApiState,
    signature: Option<Signature>,
    body: &[u8],
) -> Result<Vec<CompanyId>, Problem> {
    let signature = signature.ok_or_else(refused)?;
    let companies = state.app.companies().await.map_err(Problem::store)?;
    let mut signers = Vec::new();
    for company in &companies {
        // A large body times many companies is work: others get their turn in between.
        tokio::task::yield_now().await;
        if signed_by(company, &signature, body) {
            signers.push(company.id);
        }
    }
    if signers.is_empty() {
        Err(refused())
    } else {
        Ok(signers)
    }
}

fn signed_by(company: &Company, signature: &Signature, body: &[u8]) -> bool {
    let Some(account) = &company.calcom else {
        return false;
    };
    // Both are compared always: the time taken does not tell which of them fits.
    let newest = signature.verifies(&account.webhook_secret, body);
    let previous = account.webhook_secret_previous.as_deref();
    newest | signature.verifies(previous.unwrap_or_default(), body)
}

/// Among companies that share a secret: whose event type, or else whose booking it is. What is
/// nobody's goes to the first, whose people will find it among what is kept for them.
pub(super) async fn choose(
    state: &ApiState,
    signers: &[CompanyId],
    told: &Told,
) -> Result<CompanyId, Problem> {
    let [first, others @ ..] = signers else {
        return Err(refused());
    };
    if others.is_empty() {
        return Ok(*first);
    }
    for company in signers {
        let setup = state.app.company(*company).await.map_err(Problem::store)?;
        let offers = |event_type| {
            setup
                .as_ref()
                .is_some_and(|it| it.service_of_event_type(event_type).is_some())
        };
        if told.event_type().is_some_and(offers) {
            return Ok(*company);
        }
    }
    if let Some(uid) = told.uid() {
        for company in signers {
            if state
                .app
                .knows_booking(*company, &uid)
                .await
                .map_err(Problem::store)?
            {
                return Ok(*company);
            }
        }
    }
    Ok(*first)
}
