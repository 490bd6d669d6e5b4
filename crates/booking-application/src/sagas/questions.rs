//! Questions to a person, asked and settled in the commit that gives rise to them.

use booking_domain::appointment::{Appointment, Review};
use booking_domain::ids::ReviewId;
use booking_domain::ports::{Resolution, ReviewAction, ReviewItem, StoreError, UnitOfWork};

use crate::Application;

/// What is settled when a repair that took long has succeeded.
const ALARMS: [&str; 3] = ["compensation_overdue", "account_refused", "cancel_refused"];

impl Application {
    /// Asks a person; the appointment, which is known to the store, is to be saved after it.
    pub(crate) async fn ask(
        &self,
        unit: &mut dyn UnitOfWork,
        appointment: &mut Appointment,
        (reason, detail): (&'static str, &str),
    ) -> Result<(), StoreError> {
        let _ = appointment.flag_for_review(reason, detail, self.now());
        self.open_review(unit, appointment, (reason, detail)).await
    }

    /// Files the question that the appointment shows, if it is a new one.
    pub(crate) async fn open_shown_review(
        &self,
        unit: &mut dyn UnitOfWork,
        before: Option<&Appointment>,
        after: &Appointment,
    ) -> Result<(), StoreError> {
        let Some(review) = after.review() else {
            return Ok(());
        };
        if before.and_then(Appointment::review) == Some(review) {
            return Ok(());
        }
        let detail = after.to_record().sync_error.unwrap_or_default();
        self.open_review(unit, after, (&review.reason, &detail))
            .await
    }

    async fn open_review(
        &self,
        unit: &mut dyn UnitOfWork,
        appointment: &Appointment,
        (reason, detail): (&str, &str),
    ) -> Result<(), StoreError> {
        let item = ReviewItem {
            id: ReviewId::new(self.deps.ids.uuid()),
            appointment: appointment.id(),
            reason: reason.to_owned(),
            detail: detail.to_owned(),
            opened_at: self.now(),
            resolution: None,
        };
        unit.open_review(&item).await
    }

    /// What took too long is done after all.
    pub(super) async fn settle_alarms(
        &self,
        unit: &mut dyn UnitOfWork,
        appointment: &mut Appointment,
    ) -> Result<(), StoreError> {
        let settled = Resolution {
            at: self.now(),
            action: ReviewAction::Settled,
            by: "system".to_owned(),
            note: None,
        };
        for open in unit.open_reviews(appointment.id()).await? {
            if ALARMS.contains(&open.reason.as_str()) {
                unit.resolve_review(open.id, &settled).await?;
                self.show_next(unit, appointment, &open.reason).await?;
            }
        }
        Ok(())
    }

    /// The question with this reason is settled: the appointment shows the oldest that is open.
    pub(crate) async fn show_next(
        &self,
        unit: &mut dyn UnitOfWork,
        appointment: &mut Appointment,
        settled: &str,
    ) -> Result<(), StoreError> {
        let next = unit
            .open_reviews(appointment.id())
            .await?
            .into_iter()
            .next();
        let next = next.map(|open| Review {
            reason: open.reason,
            flagged_at: open.opened_at,
        });
        let _ = appointment.resolve_review(settled, next, self.now());
        Ok(())
    }
}
