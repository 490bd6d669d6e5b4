//! `GET` and `POST /unsubscribe/{token}`: the page behind the link in a message. Looking changes
//! nothing, because programs look at links too; the button does, and so does the one click of a
//! mail program (RFC 8058).

mod page;

use axum::extract::{Path, State};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use booking_application::CompanyOfLink;

use crate::problem::Problem;
use crate::state::ApiState;
use page::{Language, Said};

/// Ask whether somebody wants no more messages.
///
/// A page for people, in German or English. It changes nothing.
#[utoipa::path(
    get,
    path = "/unsubscribe/{token}",
    operation_id = "ask_to_unsubscribe",
    tag = "messages",
    params(("token" = String, Path, description = "From the link in a message")),
    responses(
        (status = 200, content_type = "text/html", body = String, description = "The question"),
        (status = 404, content_type = "text/html", body = String, description = "No link of ours"),
    )
)]
pub(crate) async fn ask(
    State(state): State<ApiState>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = state.app.company_of_link(&token).await;
    Ok(match found.map_err(Problem::store)? {
        Some(company) => {
            let language = language(&headers, Some(&company));
            answer(StatusCode::OK, language, Said::Question(&company.name))
        }
        None => unknown(&headers),
    })
}

/// Want no more messages.
///
/// From now on the customer of the link gets neither campaigns nor reminders. Again, it changes
/// nothing. The body, such as `List-Unsubscribe=One-Click` (RFC 8058), is not read.
#[utoipa::path(
    post,
    path = "/unsubscribe/{token}",
    operation_id = "unsubscribe",
    tag = "messages",
    params(("token" = String, Path, description = "From the link in a message")),
    responses(
        (status = 200, content_type = "text/html", body = String, description = "It is noted"),
        (status = 404, content_type = "text/html", body = String, description = "No link of ours"),
    )
)]
pub(crate) async fn unsubscribe(
    State(state): State<ApiState>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = state.app.company_of_link(&token).await;
    let Some(company) = found.map_err(Problem::store)? else {
        return Ok(unknown(&headers));
    };
    let noted = state.app.unsubscribe(&token).await;
    noted.map_err(Problem::store)?;
    let language = language(&headers, Some(&company));
    Ok(answer(StatusCode::OK, language, Said::Done(&company.name)))
}

fn unknown(headers: &HeaderMap) -> Response {
    let language = language(headers, None);
    answer(StatusCode::NOT_FOUND, language, Said::Unknown)
}

fn language(headers: &HeaderMap, company: Option<&CompanyOfLink>) -> Language {
    let own = company.and_then(|it| it.customer_locale.as_deref());
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    let otherwise = company.map_or("en", |it| &it.locale);
    Language::of(own, accepted.unwrap_or_default(), otherwise)
}

fn answer(status: StatusCode, language: Language, said: Said<'_>) -> Response {
    // One style of our own, no script, and the form goes to where it came from.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                  frame-ancestors 'none'";
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
    ];
    (status, headers, page::page(language, said)).into_response()
}
