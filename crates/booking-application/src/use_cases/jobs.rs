//! The queues as people see and steer them. Wishes to Cal.com are among the jobs; what they need
//! more than a job is done here.

use booking_domain::ids::{CompanyId, JobId, SagaId};
use booking_domain::ports::{JobChange, JobFilter, JobState, JobView, Outcome, Queue, StoreError};
use booking_domain::saga::Phase;
use booking_domain::time::Span;

use crate::Application;
use crate::jobs::MESSAGE;

/// Why a job was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum JobRefusal {
    /// There is none such.
    #[error("there is no such job, or it is done")]
    NotFound,
    /// Somebody works on it.
    #[error("somebody works on it at this moment: try again in a minute")]
    Running,
    /// It is a wish to Cal.com.
    #[error(
        "it says to Cal.com what was decided here and cannot be thrown away: cancel the \
         appointment, or resolve its review"
    )]
    Wish,
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Long enough to write down that it goes on.
const LEASE: Span = Span::seconds(10);

impl Application {
    /// Up to `limit` jobs, by id.
    pub async fn jobs(&self, filter: &JobFilter, limit: u32) -> Result<Vec<JobView>, StoreError> {
        self.deps
            .store
            .job_admin
            .jobs(filter, (self.now(), limit))
            .await
    }

    /// Runs a waiting or dead job now; of any company if none is named.
    pub async fn retry_job(&self, company: Option<CompanyId>, id: JobId) -> Result<(), JobRefusal> {
        let changed = self
            .deps
            .store
            .job_admin
            .retry(company, id, self.now())
            .await?;
        if changed != JobChange::NotFound {
            return self.said(changed);
        }
        let wish = self.wish(company, id).await?.ok_or(JobRefusal::NotFound)?;
        self.retry_wish(&wish).await
    }

    /// Throws a waiting or dead job away; of any company if none is named.
    pub async fn discard_job(
        &self,
        company: Option<CompanyId>,
        id: JobId,
    ) -> Result<(), JobRefusal> {
        let found = self.wish(company, id).await?;
        let which = (id, self.now());
        let changed = self.deps.store.job_admin.discard(company, which).await?;
        match (changed, found) {
            (JobChange::NotFound, Some(_)) => return Err(JobRefusal::Wish),
            (JobChange::Done, Some(job)) => self.note_discarded(&job).await?,
            _ => {}
        }
        self.said(changed)
    }

    /// The delivery log says so of a message that nobody sends any more.
    async fn note_discarded(&self, job: &JobView) -> Result<(), StoreError> {
        let (Some(company), MESSAGE) = (job.company, job.kind.as_str()) else {
            return Ok(());
        };
        let outcome = Outcome::Failed("its job was discarded".to_owned());
        let log = &self.deps.store.deliveries;
        log.finish(company, (job.id.get(), &outcome), self.now())
            .await
    }

    fn said(&self, changed: JobChange) -> Result<(), JobRefusal> {
        match changed {
            JobChange::Done => {
                for queue in Queue::ALL {
                    self.wake(queue);
                }
                Ok(())
            }
            JobChange::NotFound => Err(JobRefusal::NotFound),
            JobChange::Running => Err(JobRefusal::Running),
        }
    }

    async fn wish(
        &self,
        company: Option<CompanyId>,
        id: JobId,
    ) -> Result<Option<JobView>, StoreError> {
        let filter = JobFilter {
            company,
            id: Some(id),
            ..JobFilter::default()
        };
        Ok(self.jobs(&filter, 1).await?.pop())
    }

    async fn retry_wish(&self, wish: &JobView) -> Result<(), JobRefusal> {
        let company = wish.company.ok_or(JobRefusal::NotFound)?;
        if wish.state == JobState::Running {
            return Err(JobRefusal::Running);
        }
        let (saga, now) = (SagaId::new(wish.id.get()), self.now());
        let leased = self
            .deps
            .store
            .sagas
            .lease(company, saga, now + LEASE)
            .await?;
        let mut leased = leased.ok_or(JobRefusal::NotFound)?;
        if !leased.saga.resume(&self.settings.saga, now) {
            match &mut leased.saga.phase {
                Phase::Ready { not_before: next } | Phase::LookingUp { next_at: next, .. } => {
                    *next = now;
                }
                Phase::Calling { .. } | Phase::Done | Phase::Stuck { .. } => {}
            }
        }
        let mut unit = self.deps.store.units.begin(company).await?;
        let due_at = leased.saga.due_at(&self.settings.saga);
        unit.update_saga(&leased, due_at).await?;
        unit.commit().await?;
        self.wake(Queue::CalcomSync);
        Ok(())
    }
}
