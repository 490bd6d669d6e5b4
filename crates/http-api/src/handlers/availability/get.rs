//! `GET /api/v1/availability`

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use booking_application::AvailabilityQuestion;
use booking_application::availability::{Availability, Source};
use booking_domain::availability::SurrogateKey;
use booking_domain::tenant::CompanySetup;
use booking_domain::time::{Span, TimeRange, ZoneName};

use super::kept::{self, Kept, KeptAnswers};
use super::labels::{Labels, surrogates};
use super::question::Subject;
use crate::dto::AvailabilityJson;
use crate::etag;
use crate::extract::{Bound, Caller, Params, Read};
use crate::middleware::CacheOutcome;
use crate::openapi::{ReadErrors, UnknownIds};
use crate::problem::Problem;
use crate::state::ApiState;

pub(super) const PATH: &str = "/api/v1/availability";
const MAX_DAYS: i64 = 62;
/// For those who asked for it: a shared copy may be shown while a fresh one is fetched.
const STALE_ALLOWED: HeaderValue =
    HeaderValue::from_static("private, max-age=0, stale-while-revalidate=60, stale-if-error=300");

/// The free slots of a service.
///
/// A slot is in the answer when it lies wholly inside the period. Dates are local to `time_zone`
/// and inclusive; instants need an offset (encode its `+` as `%2B`). The answer is never older than
/// the last acknowledged booking, unless `allow_stale=true` and Cal.com cannot be asked; then
/// `source` says `stale_fallback`.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "get_availability",
    tag = "availability",
    security(("api_key" = ["read"])),
    params(
        ("service_id" = Option<i64>, Query, description = "The service; or give `event_type_id`"),
        ("event_type_id" = Option<i64>, Query, description = "Cal.com's number for the service"),
        ("branch_id" = Option<i64>, Query, description = "The service must be offered there"),
        ("start" = String, Query, description = "First date, or instant with offset",
         example = "2025-10-13"),
        ("end" = String, Query, description = "Last date (included), or instant with offset; 62 \
         days at most", example = "2025-10-17"),
        ("time_zone" = Option<String>, Query, description = "IANA name; the company's if absent",
         example = "Europe/Berlin"),
        ("staff_id" = Option<i64>, Query, description = "Only slots of this person"),
        ("allow_stale" = Option<bool>, Query, description = "An old answer, marked as such, is \
         better than none"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an earlier answer"),
    ),
    responses(
        (status = 200, body = AvailabilityJson, description = "What is free"),
        (status = 304, description = "Still what the `ETag` stands for"),
        UnknownIds,
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    Extension(answers): Extension<KeptAnswers>,
    caller: Caller<Read>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let setup = state.setup_of(&caller.principal).await?;
    let (question, zone) = read(Params::of(&uri), &setup)?;
    let found = state.app.availability(setup.company.id, &question).await;
    let now = state.app.now();
    let found = found.map_err(|error| Problem::availability(&error, now))?;
    let labels = labels(&found, &question, zone);
    let body = AvailabilityJson::new(&found, zone, now);
    let begins = body.up_to_the_age().ok_or_else(Problem::internal)?;
    let written = || kept::ended(&begins, labels.age(now));
    let answer = labels.answer(&headers, (found.source, now), written);
    if let Some(proof) = found.proof {
        let asked = (setup.company.id, uri.query().unwrap_or_default());
        answers.keep(asked, || Kept::new(proof, labels, (body, begins)));
    }
    let outcome = Extension(CacheOutcome(found.source.as_str()));
    Ok((outcome, answer).into_response())
}

fn read(
    mut params: Params,
    setup: &CompanySetup,
) -> Result<(AvailabilityQuestion, ZoneName), Problem> {
    let subject = Subject::take(&mut params, setup);
    let start = params.required("start", Bound::parse);
    let end = params.required("end", Bound::parse);
    let allow_stale = params.flag("allow_stale").unwrap_or(false);
    let (Some(start), Some(end)) = (start, end) else {
        return Err(params.refuse());
    };
    params.finish()?;
    let window = window(start, end, subject.zone)?;
    let question = AvailabilityQuestion {
        service: subject.service(setup)?.id,
        window,
        staff: subject.staff,
        allow_stale,
    };
    Ok((question, subject.zone))
}

fn window(start: Bound, end: Bound, zone: ZoneName) -> Result<TimeRange, Problem> {
    let window = TimeRange::new(start.start(zone), end.end(zone))
        .map_err(|_| Problem::new("invalid_range", "the end must lie after the start"))?;
    let too_long = match (start, end) {
        (Bound::Day(first), Bound::Day(last)) => i64::from(last.days_since(first)) >= MAX_DAYS,
        _ => window.span() > Span::days(MAX_DAYS),
    };
    if too_long {
        let detail = format!("ask for {MAX_DAYS} days at most");
        return Err(Problem::new("invalid_range", detail));
    }
    Ok(window)
}

fn labels(found: &Availability, question: &AvailabilityQuestion, zone: ZoneName) -> Labels {
    let (company, days) = (found.setup.company.id, question.window.utc_days());
    let keys = SurrogateKey::of_answer(company, &found.service, days);
    Labels {
        etag: etag::value(validator(found, question, zone)),
        caching: if question.allow_stale {
            STALE_ALLOWED
        } else {
            etag::ALWAYS_ASK
        },
        surrogates: surrogates(&keys),
        as_of: found.as_of,
        ends_at: found.proof.map(|proof| proof.ends_at()),
    }
}

/// Weak, because `age_seconds` grows while the slots stay. Made of the question, the versions the
/// answer was found under, and the slots: Cal.com's side can change without any version of ours.
fn validator(found: &Availability, question: &AvailabilityQuestion, zone: ZoneName) -> String {
    let ends = |range: &TimeRange| [range.start().unix_micros(), range.end().unix_micros()];
    let stamp = found.proof.map(|proof| proof.stamp);
    let epoch = stamp.map_or([0; 16], |stamp| stamp.epoch.get().into_bytes());
    let sum = stamp.map_or(0, |stamp| stamp.sum);
    let staff = question.staff.map_or(0, |person| person.get());
    let stale = i64::from(found.source == Source::StaleFallback);
    let numbers = [sum, question.service.get(), staff, stale];
    let bytes: Vec<u8> = numbers
        .into_iter()
        .chain(ends(&question.window))
        .chain(found.slots.iter().flat_map(ends))
        .flat_map(i64::to_be_bytes)
        .collect();
    let company = found.setup.company.id.get().to_be_bytes();
    let digest = etag::digest([&company[..], &epoch, zone.name().as_bytes(), &bytes]);
    format!("W/\"{digest}\"")
}
