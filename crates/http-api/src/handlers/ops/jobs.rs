//! `GET /api/v1/ops/jobs`, `POST /api/v1/ops/jobs/{id}/retry` and `…/discard`

use axum::Json;
use axum::extract::State;
use booking_application::JobRefusal;
use booking_domain::ids::{CompanyId, JobId};
use booking_domain::ports::{JobFilter, JobState, Queue};

use crate::dto::{JobSteeredJson, JobsJson};
use crate::extract::{Admin, Caller, JobPath, NoParams, Params};
use crate::openapi::{JobErrors, OperationErrors, ReadErrors};
use crate::problem::Problem;
use crate::state::ApiState;

/// What waits, runs, or was given up.
///
/// The jobs of the caller's company. Wishes to Cal.com are among them, as jobs of the queue
/// `calcom_sync` whose kind begins with `saga.`; one that is `dead` has a review.
#[utoipa::path(
    get,
    path = "/api/v1/ops/jobs",
    operation_id = "list_jobs",
    tag = "operations",
    security(("api_key" = ["admin"])),
    params(
        ("queue" = Option<String>, Query, description = "`calcom_sync`, `notifications`, \
         `listeners` or `maintenance`"),
        ("state" = Option<String>, Query, description = "`waiting`, `running` or `dead`"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 if absent"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = JobsJson, description = "A page"),
        ReadErrors,
    )
)]
pub(crate) async fn list(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    params: Params,
) -> Result<Json<JobsJson>, Problem> {
    let (filter, limit) = read(params, caller.principal.company)?;
    // One more tells whether there is a next page.
    let jobs = state.app.jobs(&filter, limit + 1).await;
    Ok(Json(JobsJson::page(jobs.map_err(Problem::store)?, limit)))
}

fn read(mut params: Params, company: CompanyId) -> Result<(JobFilter, u32), Problem> {
    let no_cursor = "is not a next_cursor of this list";
    let filter = JobFilter {
        company: Some(company),
        queue: params.word("queue", Queue::parse, &Queue::ALL.map(Queue::as_str)),
        state: params.word(
            "state",
            JobState::parse,
            &JobState::ALL.map(JobState::as_str),
        ),
        after: params.parse::<JobId>("cursor", no_cursor),
        id: None,
    };
    let limit = params.page_size();
    params.finish()?;
    Ok((filter, limit))
}

/// Run a job now.
///
/// One that waits is hastened; one that was given up has all its tries before it again.
#[utoipa::path(
    post,
    path = "/api/v1/ops/jobs/{id}/retry",
    operation_id = "retry_job",
    tag = "operations",
    security(("api_key" = ["admin"])),
    params(("id" = uuid::Uuid, Path, description = "The job")),
    responses(
        (status = 200, body = JobSteeredJson, description = "It waits for a free worker"),
        OperationErrors,
        JobErrors,
    )
)]
pub(crate) async fn retry(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    JobPath(id): JobPath,
    _: NoParams,
) -> Result<Json<JobSteeredJson>, Problem> {
    let retried = state.app.retry_job(Some(caller.principal.company), id);
    retried.await.map_err(refused)?;
    Ok(Json(JobSteeredJson::new(id, JobState::Waiting.as_str())))
}

/// Throw a job away.
///
/// What it would have done is not done. Wishes to Cal.com cannot be thrown away: cancel the
/// appointment, or resolve its review.
#[utoipa::path(
    post,
    path = "/api/v1/ops/jobs/{id}/discard",
    operation_id = "discard_job",
    tag = "operations",
    security(("api_key" = ["admin"])),
    params(("id" = uuid::Uuid, Path, description = "The job")),
    responses(
        (status = 200, body = JobSteeredJson, description = "It is gone"),
        OperationErrors,
        JobErrors,
    )
)]
pub(crate) async fn discard(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    JobPath(id): JobPath,
    _: NoParams,
) -> Result<Json<JobSteeredJson>, Problem> {
    let discarded = state.app.discard_job(Some(caller.principal.company), id);
    discarded.await.map_err(refused)?;
    Ok(Json(JobSteeredJson::new(id, "discarded")))
}

fn refused(refusal: JobRefusal) -> Problem {
    let code = match refusal {
        JobRefusal::NotFound => "job_not_found",
        JobRefusal::Running => "job_running",
        JobRefusal::Wish => "job_not_discardable",
        JobRefusal::Store(error) => return Problem::store(error),
    };
    Problem::new(code, refusal.to_string())
}
