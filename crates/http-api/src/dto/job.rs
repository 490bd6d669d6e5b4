//! The queues, for whoever runs the gateway.

use booking_domain::ids::JobId;
use booking_domain::ports::JobView;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of jobs, by id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobPage)]
pub(crate) struct JobsJson {
    /// The jobs.
    pub(crate) data: Vec<JobJson>,
    /// Give it as `cursor` to get the next page; null at the end.
    pub(crate) next_cursor: Option<String>,
}

/// Work that waits, runs, or was given up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobJson {
    /// Names it.
    id: Uuid,
    /// `calcom_sync`, `notifications`, `listeners` or `maintenance`.
    #[schema(example = "listeners")]
    queue: &'static str,
    /// What is to be done: the listener that is told, or `saga.create` and so on for a wish to
    /// Cal.com.
    #[schema(example = "purge_edge")]
    kind: String,
    /// `waiting`, `running` or `dead`.
    state: &'static str,
    /// How often it was tried.
    attempts: u32,
    /// When it runs next, or was to run last.
    #[schema(format = DateTime)]
    run_at: Option<String>,
    /// Why it failed last, or was given up.
    error: Option<String>,
}

impl JobsJson {
    /// Of up to `limit` jobs, and one more if there are more.
    pub(crate) fn page(mut jobs: Vec<JobView>, limit: u32) -> Self {
        let is_more = jobs.len() > limit as usize;
        jobs.truncate(limit as usize);
        let last = jobs.last().filter(|_| is_more);
        Self {
            next_cursor: last.map(|job| job.id.to_string()),
            data: jobs.into_iter().map(JobJson::from).collect(),
        }
    }
}

impl From<JobView> for JobJson {
    fn from(job: JobView) -> Self {
        Self {
            id: job.id.get(),
            queue: job.queue.as_str(),
            kind: job.kind,
            state: job.state.as_str(),
            attempts: job.attempt,
            run_at: job.run_at.map(|at| at.to_string()),
            error: job.error,
        }
    }
}

/// What came of a wish about one job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobSteered)]
pub(crate) struct JobSteeredJson {
    /// Which job.
    pub(crate) id: Uuid,
    /// `waiting`: it runs as soon as a worker is free; `discarded`: it is gone.
    pub(crate) state: &'static str,
}

impl JobSteeredJson {
    pub(crate) fn new(id: JobId, state: &'static str) -> Self {
        let id = id.get();
        Self { id, state }
    }
}
