//! What a pool of workers does: takes work of its queue, does each piece on its own, and reports
//! what came of it to the store.
//!
//! Sagas are work of the queue `calcom_sync` as they stand; everything else is a job.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant as Stopwatch};

use booking_domain::ports::{
    Backlog, BoxError, DueBooking, LeasedJob, LeasedSaga, Queue, StoreError,
};
use booking_domain::time::Span;
use futures_util::FutureExt;
use tracing::{Instrument, field};

use crate::Application;

/// A piece of work and the right to do it.
#[derive(Debug)]
pub enum Work {
    /// A wish to Cal.com.
    Saga(Box<LeasedSaga>),
    /// A booking to be read there, since news came about it.
    News(Box<DueBooking>),
    /// Anything else.
    Job(Box<LeasedJob>),
}

/// What came of a piece of work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorkOutcome {
    /// It is done, or waits as it should.
    Done,
    /// It failed and comes again.
    Failed,
    /// It is given up.
    Dead,
}

impl WorkOutcome {
    const ALL: [Self; 3] = [Self::Done, Self::Failed, Self::Dead];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }
}

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    /// Perhaps next time.
    #[error(transparent)]
    Failed(#[from] BoxError),
    /// No repetition will mend it.
    #[error("{0}")]
    Hopeless(String),
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Cal.com answers within minutes, or something is wrong.
const HOLD_IS_STALE: Span = Span::minutes(15);
/// A job is nobody else's so long; whoever works longer has it extended.
const LEASE: Span = Span::seconds(60);
/// Longer than the reads of a chain of bookings take.
const NEWS_LEASE: Span = Span::seconds(120);

impl Application {
    /// Leases up to `limit` pieces of work of a queue. What shares a queue takes turns in being
    /// first.
    pub async fn take_work(&self, queue: Queue, limit: u32) -> Result<Vec<Work>, StoreError> {
        if queue != Queue::CalcomSync {
            return self.take_jobs(queue, limit).await;
        }
        let mut work = Vec::new();
        if !self.speaks_to_calcom() {
            return Ok(work);
        }
        let turn = self.turns.fetch_add(1, Ordering::Relaxed) % 3;
        for source in (0..3).map(|n| (n + turn) % 3) {
            let left = limit - work.len() as u32;
            if left > 0 {
                work.extend(match source {
                    0 => self.take_sagas(left).await?,
                    1 => self.take_news(left).await?,
                    _ => self.take_jobs(queue, left).await?,
                });
            }
        }
        Ok(work)
    }

    async fn take_news(&self, limit: u32) -> Result<Vec<Work>, StoreError> {
        let now = self.now();
        let news = self
            .deps
            .store
            .news
            .lease_due(now, now + NEWS_LEASE, limit)
            .await?;
        Ok(news
            .into_iter()
            .map(|it| Work::News(Box::new(it)))
            .collect())
    }

    async fn take_jobs(&self, queue: Queue, limit: u32) -> Result<Vec<Work>, StoreError> {
        let now = self.now();
        let jobs = self
            .deps
            .store
            .jobs
            .lease(queue, limit, (now, now + LEASE))
            .await?;
        for leased in &jobs {
            waited(queue, now.since(leased.job.run_at));
        }
        Ok(jobs.into_iter().map(|it| Work::Job(Box::new(it))).collect())
    }

    async fn take_sagas(&self, limit: u32) -> Result<Vec<Work>, StoreError> {
        let now = self.now();
        // A lease outlives the longest call, so that nobody else makes the same call meanwhile.
        let until = now + self.settings.saga.call_limit + Span::seconds(10);
        let sagas = self.deps.store.sagas.lease_due(now, until, limit).await?;
        for leased in &sagas {
            let due = leased.saga.due_at(&self.settings.saga).unwrap_or(now);
            waited(Queue::CalcomSync, now.since(due));
        }
        Ok(sagas
            .into_iter()
            .map(|it| Work::Saga(Box::new(it)))
            .collect())
    }

    /// Does it, and reports what came of it to the store; what cannot be reported comes again when
    /// its lease is over.
    pub async fn do_work(self: &Arc<Self>, work: Work) -> WorkOutcome {
        let began = Stopwatch::now();
        let (queue, outcome) = match work {
            Work::Saga(leased) => {
                let driven = self.resume_saga(*leased).await.map(drop);
                (
                    Queue::CalcomSync,
                    said("a saga could not be driven", driven),
                )
            }
            Work::News(booking) => {
                let read = self.converge(&booking).await.map(drop);
                (
                    Queue::CalcomSync,
                    said("a booking could not be converged", read),
                )
            }
            Work::Job(leased) => (leased.job.queue, self.do_job(&leased).await),
        };
        let (queue, word) = (queue.as_str(), outcome.as_str());
        let seconds = began.elapsed().as_secs_f64();
        metrics::histogram!("booking_job_seconds", "queue" => queue, "outcome" => word)
            .record(seconds);
        outcome
    }

    /// Gives back what was taken and not begun: others may have it at once.
    pub async fn hand_back(&self, work: Work) -> Result<(), StoreError> {
        match work {
            Work::Job(leased) => self.deps.store.jobs.give_back(&leased).await,
            Work::News(booking) => {
                let now = self.now();
                let mut unit = self.deps.store.units.begin(booking.company).await?;
                unit.converged(&booking.uid, now, Some(now)).await?;
                unit.commit().await.map(drop)
            }
            Work::Saga(leased) => {
                let due_at = leased.saga.due_at(&self.settings.saga);
                let mut unit = self.deps.store.units.begin(leased.saga.company).await?;
                unit.update_saga(&leased, due_at).await?;
                unit.commit().await.map(drop)
            }
        }
    }

    async fn do_job(self: &Arc<Self>, leased: &LeasedJob) -> WorkOutcome {
        let job = &leased.job;
        let span = tracing::info_span!(
            "job",
            job = %job.id,
            queue = job.queue.as_str(),
            kind = job.kind,
            attempt = leased.attempt,
            trace_id = job.trace_parent.map(|it| field::display(it.trace_id())),
        );
        let run = async {
            if leased.was_cut_off {
                // Perhaps it ends whoever does it: not at once again.
                let why = "whoever did it ended, or was cut off, without a word";
                return Err(JobError::Failed(why.into()));
            }
            self.run_leased(leased).await
        };
        let result = self.resumed(job.trace_parent, span.clone(), run).await;
        match self.report(leased, result).instrument(span).await {
            Ok(outcome) => outcome,
            // Whoever has it now reports for it.
            Err(StoreError::Changed) => WorkOutcome::Failed,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, job = %job.id, "what came of a job could not be noted");
                WorkOutcome::Failed
            }
        }
    }

    /// Runs the job, and keeps it for as long as that takes.
    async fn run_leased(self: &Arc<Self>, leased: &LeasedJob) -> Result<(), JobError> {
        let run = AssertUnwindSafe(self.run_job(&leased.job)).catch_unwind();
        let mut run = pin!(run);
        let half = Duration::from_micros(LEASE.as_micros().unsigned_abs() / 2);
        loop {
            match tokio::time::timeout(half, &mut run).await {
                Ok(Ok(result)) => return result,
                Ok(Err(_)) => return Err(JobError::Failed("it panicked: see the log".into())),
                Err(_) => self.keep(leased).await?,
            }
        }
    }

    async fn keep(&self, leased: &LeasedJob) -> Result<(), StoreError> {
        let extended = self
            .deps
            .store
            .jobs
            .extend(leased, self.now() + LEASE)
            .await;
        match extended {
            // Another has it: it is not ours to go on with.
            Err(StoreError::Changed) => extended,
            Err(error) => {
                tracing::warn!(%error, "a job could not be kept: somebody else may begin it too");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn report(
        &self,
        leased: &LeasedJob,
        result: Result<(), JobError>,
    ) -> Result<WorkOutcome, StoreError> {
        let (jobs, now) = (&self.deps.store.jobs, self.now());
        let error = match result {
            Ok(()) => return jobs.done(leased).await.map(|()| WorkOutcome::Done),
            Err(error) => error,
        };
        let reason = reason(&error);
        let next = match error {
            JobError::Hopeless(_) => None,
            JobError::Failed(_) => {
                let dice = leased.job.id.get().as_u64_pair().1 ^ u64::from(leased.attempt);
                let policy = &self.settings.retry;
                policy.next_try(leased.attempt, leased.due_since, (now, dice))
            }
        };
        let Some(next) = next else {
            self.give_message_up(&leased.job, &reason).await?;
            jobs.bury(leased, now, &reason).await?;
            return Ok(WorkOutcome::Dead);
        };
        tracing::warn!(reason, again_at = %next, "a job failed: later again");
        jobs.fail(leased, next, &reason).await?;
        Ok(WorkOutcome::Failed)
    }
}

/// What came of work that repeats itself.
fn said(problem: &'static str, result: Result<(), StoreError>) -> WorkOutcome {
    match result {
        Ok(()) => WorkOutcome::Done,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "{problem}");
            WorkOutcome::Failed
        }
    }
}

/// What is kept of an error: the whole chain, bounded.
fn reason(error: &JobError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.chars().take(500).collect()
}

fn waited(queue: Queue, waited: Span) {
    let seconds = waited.as_seconds_f64().max(0.0);
    metrics::histogram!("booking_queue_wait_seconds", "queue" => queue.as_str()).record(seconds);
}

impl Application {
    /// Shows what should be little, or nothing.
    pub async fn count_backlog(&self) -> Result<(), StoreError> {
        let stale = self.now() - HOLD_IS_STALE;
        show_backlog(self.deps.store.job_admin.backlog(stale).await?);
        Ok(())
    }

    /// Shows how many jobs are dead; how many that are.
    pub async fn count_jobs(&self) -> Result<u64, StoreError> {
        let mut dead = 0;
        for count in self.deps.store.job_admin.counts().await? {
            let queue = count.queue.as_str();
            metrics::gauge!("booking_jobs_dead", "queue" => queue).set(count.dead as f64);
            dead += count.dead;
        }
        Ok(dead)
    }
}

fn show_backlog(backlog: Backlog) {
    for (name, count) in [
        ("booking_stale_holds", backlog.stale_holds),
        ("booking_compensations_pending", backlog.compensations),
        ("booking_sagas_stuck", backlog.stuck_sagas),
        ("booking_reviews_open", backlog.open_reviews),
    ] {
        metrics::gauge!(name).set(count as f64);
    }
}

/// Every series is there from the start.
pub(crate) fn announce_queues() {
    show_backlog(Backlog::default());
    for queue in Queue::ALL {
        let queue = queue.as_str();
        drop(metrics::histogram!("booking_queue_wait_seconds", "queue" => queue));
        metrics::gauge!("booking_jobs_dead", "queue" => queue).set(0.0);
        for outcome in WorkOutcome::ALL {
            let outcome = outcome.as_str();
            drop(
                metrics::histogram!("booking_job_seconds", "queue" => queue, "outcome" => outcome),
            );
        }
    }
}
