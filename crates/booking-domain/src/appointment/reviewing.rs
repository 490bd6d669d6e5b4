//! Asking a person, and hearing what they decided.

use super::{Applied, Appointment, Review};
use crate::events::EventKind;
use crate::time::Instant;

impl Appointment {
    /// A person must decide: the reason is stable, the detail for people.
    pub fn flag_for_review(&mut self, reason: &str, detail: &str, now: Instant) -> Applied {
        if self
            .review
            .as_ref()
            .is_some_and(|review| review.reason == reason)
        {
            return Applied::AlreadyApplied;
        }
        self.review = Some(Review {
            reason: reason.to_owned(),
            flagged_at: now,
        });
        self.sync_error = Some(detail.to_owned());
        self.record(EventKind::ReviewRequested, vec![], now);
        Applied::Applied
    }

    /// The question with this reason is settled; `next` is the one that is still open, if any.
    pub fn resolve_review(&mut self, reason: &str, next: Option<Review>, now: Instant) -> Applied {
        let is_shown = self.review.as_ref().is_some_and(|it| it.reason == reason);
        if !is_shown {
            return Applied::AlreadyApplied;
        }
        self.review = next;
        self.sync_error = None;
        self.record(EventKind::ReviewResolved, vec![], now);
        Applied::Applied
    }
}
