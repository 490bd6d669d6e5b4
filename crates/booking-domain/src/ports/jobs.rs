//! Work that waits for its time: queues of jobs, leased by workers, repeated until they succeed or
//! are given up.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::StoreError;
use crate::ids::{CompanyId, JobId};
use crate::time::Instant;
use crate::trace::TraceParent;

/// A queue: work that shares a pool, and is slow or broken together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// What has to be said to Cal.com, or asked there.
    CalcomSync,
    /// Messages to customers.
    Notifications,
    /// Listeners that could not be told at once.
    Listeners,
    /// The installation's own upkeep.
    Maintenance,
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::CalcomSync,
        Self::Notifications,
        Self::Listeners,
        Self::Maintenance,
    ];

    /// The word in the database, in metrics and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CalcomSync => "calcom_sync",
            Self::Notifications => "notifications",
            Self::Listeners => "listeners",
            Self::Maintenance => "maintenance",
        }
    }

    /// The queue that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.as_str() == text)
    }
}

/// A place in a row of jobs that must run one after the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JobOrder {
    /// What they have in common.
    pub key: String,
    /// Smaller ones first: a job waits until no smaller one of its key is left in its queue.
    pub sequence: i64,
}

/// Something to be done.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// For whom; `None` for the installation's own work.
    pub company: Option<CompanyId>,
    /// Where it waits.
    pub queue: Queue,
    /// What is to be done.
    pub kind: String,
    /// With what. Carries no personal data: ids only.
    pub payload: Value,
    /// While a job of this key waits to begin, no second one of its company and queue is taken.
    pub dedupe_key: Option<String>,
    /// Its place in a row, if it has one.
    pub order: Option<JobOrder>,
    /// Not before this.
    pub run_at: Instant,
    /// The trace in which it was begun.
    pub trace_parent: Option<TraceParent>,
}

impl Job {
    /// A job without company, keys or trace; the fields are public.
    pub fn new(id: JobId, (queue, kind): (Queue, &str), payload: Value, run_at: Instant) -> Self {
        Self {
            id,
            company: None,
            queue,
            kind: kind.to_owned(),
            payload,
            dedupe_key: None,
            order: None,
            run_at,
            trace_parent: None,
        }
    }
}

/// A job and the right to work on it.
#[derive(Clone, PartialEq, Debug)]
pub struct LeasedJob {
    /// The job. Its dedupe key is spent: a new wish for the same may wait beside it.
    pub job: Job,
    /// Which try this is, counting from 1.
    pub attempt: u32,
    /// When it was to run first: giving up is counted from here.
    pub due_since: Instant,
    /// Grows with every lease: a write under an older fence is refused.
    pub fence: i64,
    /// Whether whoever had it before never said what came of it.
    pub was_cut_off: bool,
}

/// Jobs inside a unit of work: they are there when what made them necessary is.
#[async_trait]
pub trait JobLog {
    /// Files a job of this unit's company; false if one of the same dedupe key waits already.
    async fn enqueue(&mut self, job: &Job) -> Result<bool, StoreError>;
}

/// The jobs of all companies, for workers.
///
/// Every write about a leased job is [`StoreError::Changed`] if the lease has passed to another:
/// then it is that one's to report. A row that cannot be read is buried by [`Self::lease`] and holds
/// nobody up.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Files a job; false if one of the same dedupe key waits already.
    async fn enqueue(&self, job: &Job) -> Result<bool, StoreError>;

    /// Leases up to `limit` jobs of the queue that are due at `now`, longest due first; nobody else
    /// gets them before `until`. None of them has a smaller one of its order in the queue.
    async fn lease(
        &self,
        queue: Queue,
        limit: u32,
        (now, until): (Instant, Instant),
    ) -> Result<Vec<LeasedJob>, StoreError>;

    /// Goes on having it until then.
    async fn extend(&self, leased: &LeasedJob, until: Instant) -> Result<(), StoreError>;

    /// It is done, and gone.
    async fn done(&self, leased: &LeasedJob) -> Result<(), StoreError>;

    /// It failed: again at `run_at`.
    async fn fail(
        &self,
        leased: &LeasedJob,
        run_at: Instant,
        error: &str,
    ) -> Result<(), StoreError>;

    /// It is given up: among the dead until a person decides.
    async fn bury(&self, leased: &LeasedJob, now: Instant, reason: &str) -> Result<(), StoreError>;

    /// It was not begun: at once free for others, and this try is not counted.
    async fn give_back(&self, leased: &LeasedJob) -> Result<(), StoreError>;

    /// Those of the order keys under which a job waits or runs in the queue.
    async fn busy_orders(&self, queue: Queue, keys: &[String]) -> Result<Vec<String>, StoreError>;
}

/// How a job stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// For its time, or for a worker.
    Waiting,
    /// Somebody works on it.
    Running,
    /// Given up.
    Dead,
}

impl JobState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Running, Self::Dead];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Dead => "dead",
        }
    }

    /// The state that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A job as people see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JobView {
    /// Its id; for a wish to Cal.com the saga's.
    pub id: JobId,
    /// For whom.
    pub company: Option<CompanyId>,
    /// Where.
    pub queue: Queue,
    /// What; `saga.create` and so on for a wish to Cal.com.
    pub kind: String,
    /// How it stands.
    pub state: JobState,
    /// How often it was tried.
    pub attempt: u32,
    /// When it runs next, or was to run last.
    pub run_at: Option<Instant>,
    /// Why it failed last, or was given up.
    pub error: Option<String>,
}

/// Which jobs to show.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct JobFilter {
    /// This company's only; `None` shows every company's and the installation's.
    pub company: Option<CompanyId>,
    /// Of this queue.
    pub queue: Option<Queue>,
    /// In this state.
    pub state: Option<JobState>,
    /// Those after this one.
    pub after: Option<JobId>,
    /// This one only.
    pub id: Option<JobId>,
}

/// What came of a wish about one job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobChange {
    /// Done.
    Done,
    /// There is none such (or it is another company's).
    NotFound,
    /// Somebody works on it at this moment.
    Running,
}

/// How many jobs stand how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueueCount {
    /// Where.
    pub queue: Queue,
    /// Waiting or running.
    pub open: u64,
    /// Given up.
    pub dead: u64,
}

/// What should be little, or nothing: an operator is told when it is not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Backlog {
    /// Slots held for bookings that Cal.com has not confirmed for long.
    pub stale_holds: u64,
    /// What is to be undone or made good at Cal.com, and is not yet.
    pub compensations: u64,
    /// Wishes to Cal.com that were given up.
    pub stuck_sagas: u64,
    /// Questions to a person that are open.
    pub open_reviews: u64,
}

/// The queues, for people. Wishes to Cal.com (sagas) are shown among the jobs of
/// [`Queue::CalcomSync`], but [`Self::retry`] and [`Self::discard`] do not know them.
#[async_trait]
pub trait JobAdmin: Send + Sync {
    /// Up to `limit` jobs by id, as they stand at `now`.
    async fn jobs(
        &self,
        filter: &JobFilter,
        (now, limit): (Instant, u32),
    ) -> Result<Vec<JobView>, StoreError>;

    /// Runs a waiting or dead job at `now`, with all its tries before it again.
    async fn retry(
        &self,
        company: Option<CompanyId>,
        id: JobId,
        now: Instant,
    ) -> Result<JobChange, StoreError>;

    /// Throws a waiting or dead job away.
    async fn discard(
        &self,
        company: Option<CompanyId>,
        (id, now): (JobId, Instant),
    ) -> Result<JobChange, StoreError>;

    /// How many there are, for every queue.
    async fn counts(&self) -> Result<Vec<QueueCount>, StoreError>;

    /// What of all companies should not be there for long; a hold is stale that was begun at
    /// `stale` or before.
    async fn backlog(&self, stale: Instant) -> Result<Backlog, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for queue in Queue::ALL {
            assert_eq!(Queue::parse(queue.as_str()), Some(queue));
        }
        for state in JobState::ALL {
            assert_eq!(JobState::parse(state.as_str()), Some(state));
        }
    }
}
