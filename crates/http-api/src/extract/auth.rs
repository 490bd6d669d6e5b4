//! Who is calling: an API key as bearer token, and whether it covers what is asked.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use booking_application::{Principal, key_digest};
use booking_domain::ports::Scope;

use crate::problem::Problem;
use crate::state::ApiState;

/// What an operation asks of a key.
pub(crate) trait Needs: Send + Sync {
    const SCOPE: Scope;
}

/// The operation only looks.
pub(crate) struct Read;
/// The operation books, moves or cancels.
pub(crate) struct Book;
/// The operation looks after the gateway itself.
pub(crate) struct Admin;

impl Needs for Read {
    const SCOPE: Scope = Scope::Read;
}

impl Needs for Book {
    const SCOPE: Scope = Scope::Book;
}

impl Needs for Admin {
    const SCOPE: Scope = Scope::Admin;
}

/// A caller whose key is valid and covers `S`.
pub(crate) struct Caller<S> {
    pub(crate) principal: Principal,
    scope: PhantomData<S>,
}

/// No key of ours is longer.
const MAX_TOKEN: usize = 200;

impl<S: Needs> FromRequestParts<ApiState> for Caller<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or_else(no_key)?;
        let known = state.app.authenticate(&key_digest(token)).await;
        let principal = known.map_err(Problem::store)?.ok_or_else(unknown_key)?;
        if !principal.allows(S::SCOPE) {
            return Err(not_covered(S::SCOPE));
        }
        Ok(Self {
            principal,
            scope: PhantomData,
        })
    }
}

/// The token of the one `Authorization: Bearer bk_…` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(only), None) = (given.next(), given.next()) else {
        return None;
    };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let ours = token.starts_with("bk_") && token.len() <= MAX_TOKEN;
    (scheme.eq_ignore_ascii_case("bearer") && ours).then_some(token)
}

fn no_key() -> Problem {
    let challenge = HeaderValue::from_static(r#"Bearer realm="booking-gateway""#);
    Problem::new(
        "unauthorized",
        "send the header `Authorization: Bearer bk_…`",
    )
    .header(WWW_AUTHENTICATE, challenge)
}

fn unknown_key() -> Problem {
    let challenge = r#"Bearer realm="booking-gateway", error="invalid_token""#;
    Problem::new(
        "unauthorized",
        "the key is unknown, expired or was taken back",
    )
    .header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

fn not_covered(needed: Scope) -> Problem {
    let scope = needed.as_str();
    let detail = format!("this needs a key with the scope `{scope}`");
    let challenge =
        format!(r#"Bearer realm="booking-gateway", error="insufficient_scope", scope="{scope}""#);
    let problem = Problem::new("forbidden", detail);
    match HeaderValue::try_from(challenge) {
        Ok(challenge) => problem.header(WWW_AUTHENTICATE, challenge),
        Err(_) => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).expect("plain"));
        }
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn exactly_one_bearer_header_with_a_key_of_ours() {
        assert_eq!(of(&["Bearer bk_abc"]).as_deref(), Some("bk_abc"));
        assert_eq!(of(&["bearer  bk_abc"]).as_deref(), Some("bk_abc"));
        let long = format!("Bearer bk_{}", "x".repeat(MAX_TOKEN));
        for bad in [
            &["bk_abc"][..],
            &["Basic bk_abc"],
            &["Bearer sk_abc"],
            &[],
            &[&long],
        ] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
        assert_eq!(of(&["Bearer bk_abc", "Bearer bk_abc"]), None);
    }
}
