//! Questions to a person: which are open, and what is done with the answer.

use booking_domain::appointment::Appointment;
use booking_domain::error::{Classified, ErrorKind};
use booking_domain::ids::{AppointmentId, CompanyId, JobId, ReviewId};
use booking_domain::ports::{
    Resolution, ReviewAction, ReviewFilter, ReviewItem, StoreError, UnitOfWork,
};
use booking_domain::time::Span;

use crate::after_commit::Change;
use crate::availability::reach;
use crate::listeners::read_booking;
use crate::trace;
use crate::{Actor, Application, Failure};

/// The answer to a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResolveReview {
    /// Which question.
    pub id: ReviewId,
    /// What is to be done.
    pub action: ReviewAction,
    /// Why, in the person's words.
    pub note: Option<String>,
}

/// Why the answer was not taken.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReviewError {
    #[error("there is no such review")]
    NotFound,
    #[error("the review was resolved before")]
    AlreadyResolved,
    #[error("the appointment was changed in between: look again")]
    Changed,
    #[error("the review could not be resolved")]
    Failed(#[from] Failure),
}

impl From<StoreError> for ReviewError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Changed => Self::Changed,
            other => Self::Failed(other.into()),
        }
    }
}

impl Classified for ReviewError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::AlreadyResolved | Self::Changed => ErrorKind::Conflict,
            Self::Failed(failure) => failure.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "review_not_found",
            Self::AlreadyResolved => "already_resolved",
            Self::Changed => "changed_meanwhile",
            Self::Failed(failure) => failure.code(),
        }
    }
}

impl Application {
    /// A company's questions, oldest first, and whether there are more.
    pub async fn reviews(
        &self,
        company: CompanyId,
        filter: ReviewFilter,
        limit: u32,
    ) -> Result<(Vec<ReviewItem>, bool), StoreError> {
        let mut found = self
            .deps
            .store
            .reviews
            .reviews(company, filter, limit + 1)
            .await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        Ok((found, more))
    }

    /// Takes the answer: the question is settled, and what was given up goes on as it says.
    pub async fn resolve_review(
        &self,
        actor: &Actor,
        answer: ResolveReview,
    ) -> Result<ReviewItem, ReviewError> {
        let setup = self
            .company(actor.company)
            .await?
            .ok_or(ReviewError::NotFound)?;
        let mut unit = self.deps.store.units.begin(actor.company).await?;
        let mut review = unit
            .find_review(answer.id)
            .await?
            .ok_or(ReviewError::NotFound)?;
        let resolution = Resolution {
            at: self.now(),
            action: answer.action,
            by: actor.by.clone(),
            note: answer.note,
        };
        if !unit.resolve_review(answer.id, &resolution).await? {
            return Err(ReviewError::AlreadyResolved);
        }
        let mut appointment = unit
            .find(review.appointment)
            .await?
            .ok_or(ReviewError::NotFound)?;
        let before = appointment.clone();
        self.act_on(&mut *unit, &mut appointment, &answer.action)
            .await?;
        self.show_next(&mut *unit, &mut appointment, &review.reason)
            .await?;
        if !appointment.pending_events().is_empty() {
            let reach = setup
                .service(appointment.booking().service)
                .map_or(Span::ZERO, |service| reach(&setup, service));
            appointment.traced(trace::current());
            unit.save(&mut appointment, reach).await?;
        }
        let change = Change {
            before: Some(&before),
            after: &appointment,
            raised: unit.commit().await?,
            update: None,
        };
        self.after_commit(&setup, change).await;
        if answer.action == ReviewAction::KeepCalcom {
            self.follow_calcom(actor.company, appointment.id()).await?;
        }
        review.resolution = Some(resolution);
        Ok(review)
    }

    /// What stands at Cal.com is read and taken over: now, or as soon as Cal.com can be asked.
    async fn follow_calcom(
        &self,
        company: CompanyId,
        appointment: AppointmentId,
    ) -> Result<(), StoreError> {
        if self.converge_appointment(company, appointment).await? {
            return Ok(());
        }
        let id = JobId::new(self.deps.ids.uuid());
        let job = read_booking(id, (company, appointment), self.now());
        self.deps.store.jobs.enqueue(&job).await?;
        Ok(())
    }

    /// Sets going again what was given up, as the answer says.
    async fn act_on(
        &self,
        unit: &mut dyn UnitOfWork,
        appointment: &mut Appointment,
        action: &ReviewAction,
    ) -> Result<(), StoreError> {
        let (policy, now) = (&self.settings.saga, self.now());
        for mut stuck in unit.unfinished_sagas(appointment.id()).await? {
            let goes_on = match action {
                ReviewAction::Retry | ReviewAction::KeepLocal => stuck.saga.resume(policy, now),
                ReviewAction::KeepCalcom => stuck.saga.yield_to_calcom(policy, now),
                ReviewAction::Dismiss | ReviewAction::Settled => false,
            };
            if goes_on {
                let due_at = stuck.saga.due_at(policy);
                unit.update_saga(&stuck, due_at).await?;
            }
        }
        match action {
            ReviewAction::Retry | ReviewAction::KeepLocal => {
                self.ensure_cancelled(unit, appointment).await
            }
            ReviewAction::KeepCalcom | ReviewAction::Dismiss | ReviewAction::Settled => Ok(()),
        }
    }
}
