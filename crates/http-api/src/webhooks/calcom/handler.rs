//! `POST /api/calcom/webhook` and `POST /api/calcom/webhook/{company_id}`

use std::time::Instant as Stopwatch;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use booking_application::{NewsError, NewsStatus, Told};
use booking_domain::error::{Classified, ErrorKind};
use booking_domain::ids::CompanyId;

use super::delivery::delivery;
use super::recipient;
use super::signature::Signature;
use crate::dto::ReceivedJson;
use crate::extract::RawBody;
use crate::openapi::WebhookErrors;
use crate::problem::Problem;
use crate::state::ApiState;

/// News from Cal.com, for whichever company's secret signed it.
///
/// With many companies, give each webhook its company's address instead: here every secret is
/// tried. Companies that share a secret are told apart by the event type, else by the booking.
#[utoipa::path(
    post,
    path = "/api/calcom/webhook",
    operation_id = "calcom_webhook",
    tag = "webhooks",
    params(
        ("X-Cal-Signature-256" = String, Header, description = "HMAC-SHA256 of the raw body, 64 \
         lower-case hex digits"),
        ("X-Cal-Idempotency-Key" = Option<String>, Header, description = "Names the news; made \
         from trigger, booking and time if absent"),
    ),
    request_body(content = Object, description = "Cal.com's `{triggerEvent, createdAt, payload}`"),
    responses(
        (status = 200, body = ReceivedJson, description = "Taken in, known already, or ignored"),
        WebhookErrors,
    )
)]
pub(crate) async fn any_company(
    State(state): State<ApiState>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<ReceivedJson>, Problem> {
    let signers = recipient::any(&state, Signature::of(&headers), &body).await?;
    take_in(&state, &signers, &headers, &body).await
}

/// News from Cal.com for one company.
#[utoipa::path(
    post,
    path = "/api/calcom/webhook/{company_id}",
    operation_id = "calcom_webhook_of_company",
    tag = "webhooks",
    params(
        ("company_id" = i64, Path, description = "Whose Cal.com account sends it"),
        ("X-Cal-Signature-256" = String, Header, description = "HMAC-SHA256 of the raw body, 64 \
         lower-case hex digits"),
        ("X-Cal-Idempotency-Key" = Option<String>, Header, description = "Names the news; made \
         from trigger, booking and time if absent"),
    ),
    request_body(content = Object, description = "Cal.com's `{triggerEvent, createdAt, payload}`"),
    responses(
        (status = 200, body = ReceivedJson, description = "Taken in, known already, or ignored"),
        WebhookErrors,
    )
)]
pub(crate) async fn one_company(
    State(state): State<ApiState>,
    company: Result<Path<String>, axum::extract::rejection::PathRejection>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<ReceivedJson>, Problem> {
    let company = company
        .ok()
        .and_then(|Path(text)| text.parse::<CompanyId>().ok());
    let company = company.ok_or_else(|| Problem::new("not_found", "no route fits this path"))?;
    let signers = recipient::named(&state, company, Signature::of(&headers), &body).await?;
    take_in(&state, &signers, &headers, &body).await
}

async fn take_in(
    state: &ApiState,
    signers: &[CompanyId],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Json<ReceivedJson>, Problem> {
    let began = Stopwatch::now();
    let told = Told::read(body);
    let told = told.ok_or_else(|| Problem::new("malformed_json", "the body is not JSON"))?;
    let answer = store(state, signers, headers, (&told, body)).await;
    metrics::histogram!("booking_webhook_seconds", "trigger" => told.label())
        .record(began.elapsed().as_secs_f64());
    answer.map(Json)
}

async fn store(
    state: &ApiState,
    signers: &[CompanyId],
    headers: &HeaderMap,
    (told, body): (&Told, &[u8]),
) -> Result<ReceivedJson, Problem> {
    let now = state.app.now();
    if told.is_ping() {
        return Ok(received(NewsStatus::Ignored, None));
    }
    let news = told.news(now);
    let company = recipient::choose(state, signers, told).await?;
    let filed = delivery(headers, (told, news.as_ref()), body, now);
    let outcome = match news {
        Some(news) => state.app.calcom_news(company, filed, news).await,
        None => state.app.calcom_noise(company, filed).await,
    };
    let outcome = outcome.map_err(|error| not_stored(&error))?;
    Ok(received(
        outcome.status,
        outcome.appointment.map(|id| id.to_string()),
    ))
}

fn received(status: NewsStatus, appointment_id: Option<String>) -> ReceivedJson {
    ReceivedJson {
        received: true,
        status: status.as_str(),
        appointment_id,
    }
}

/// Whatever kept it from being stored, Cal.com's side must see a failure that may pass.
fn not_stored(error: &NewsError) -> Problem {
    match error {
        NewsError::CompanyNotFound => Problem::new("company_not_found", error.to_string()),
        NewsError::Failed(failure) if failure.kind() == ErrorKind::Conflict => {
            Problem::new("unavailable", error.to_string()).retry_after(1)
        }
        NewsError::Failed(failure) => Problem::of(failure),
    }
}
