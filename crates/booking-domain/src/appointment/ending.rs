//! How an appointment ends: refused, called off, lost, over.

use super::commands::{Applied, Outcome, RefusedReason};
use super::{Appointment, Cancellation, State};
use crate::events::EventKind;
use crate::origin::SyncOrigin;
use crate::time::Instant;

impl Appointment {
    /// Cal.com refused for good, or the host turned it down: the slot is given up.
    pub fn reject(&mut self, reason: &str, origin: SyncOrigin, now: Instant) -> Outcome {
        let event = match &self.state {
            State::Pending { .. } => EventKind::SlotReleased,
            State::Scheduled(_) | State::Confirmed(_) | State::Rescheduling { .. } => {
                EventKind::AppointmentCancelled
            }
            State::Cancelling { .. } => EventKind::AppointmentCancelled,
            State::Cancelled { .. } => return Ok(Applied::AlreadyApplied),
            State::Completed(_) | State::NoShow(_) => {
                return self.refuse("reject", RefusedReason::NotActive);
            }
        };
        let cancel = self
            .state
            .cancellation()
            .cloned()
            .unwrap_or_else(|| Cancellation {
                at: now,
                origin,
                by: origin.to_string(),
                reason: Some(reason.to_owned()),
            });
        self.end(cancel, event, now);
        Ok(Applied::Applied)
    }

    /// Somebody calls it off. From here on people may be told so; the slot is offered again only
    /// when Cal.com has let go.
    pub fn cancel(&mut self, cancel: Cancellation, now: Instant) -> Outcome {
        match &self.state {
            State::Pending { cancel: None } => {
                self.sync_origin = cancel.origin;
                self.state = State::Pending {
                    cancel: Some(cancel),
                };
                self.record(EventKind::SyncRequested, vec![], now);
            }
            State::Scheduled(placement) | State::Confirmed(placement) => {
                self.sync_origin = cancel.origin;
                if placement.uid.is_some() {
                    self.state = State::Cancelling {
                        placement: placement.clone(),
                        cancel,
                    };
                    self.record(EventKind::SyncRequested, vec![], now);
                } else {
                    self.end(cancel, EventKind::AppointmentCancelled, now);
                }
            }
            State::Pending { cancel: Some(_) }
            | State::Cancelling { .. }
            | State::Cancelled { .. } => return Ok(Applied::AlreadyApplied),
            State::Rescheduling { .. } => return self.refuse("cancel", RefusedReason::InProgress),
            State::Completed(_) | State::NoShow(_) => {
                return self.refuse("cancel", RefusedReason::NotActive);
            }
        }
        Ok(Applied::Applied)
    }

    /// Cal.com has let go of it, at our wish or on its own (`cancel` says who wanted that).
    pub fn cancelled(&mut self, cancel: Cancellation, now: Instant) -> Outcome {
        match &self.state {
            State::Pending { .. }
            | State::Scheduled(_)
            | State::Confirmed(_)
            | State::Rescheduling { .. } => {
                self.sync_origin = cancel.origin;
                let cancel = self.state.cancellation().cloned().unwrap_or(cancel);
                self.end(cancel, EventKind::AppointmentCancelled, now);
                Ok(Applied::Applied)
            }
            State::Cancelling { cancel: wish, .. } => {
                let wish = wish.clone();
                self.end(wish, EventKind::AppointmentCancelled, now);
                Ok(Applied::Applied)
            }
            State::Cancelled { .. } => Ok(Applied::AlreadyApplied),
            State::Completed(_) | State::NoShow(_) => {
                self.refuse("cancel", RefusedReason::NotActive)
            }
        }
    }

    /// The customer did not come.
    pub fn no_show(&mut self, now: Instant) -> Outcome {
        match &self.state {
            State::Scheduled(placement)
            | State::Confirmed(placement)
            | State::Completed(placement) => {
                self.state = State::NoShow(placement.clone());
                self.record(EventKind::AppointmentNoShow, vec![], now);
                Ok(Applied::Applied)
            }
            State::NoShow(_) => Ok(Applied::AlreadyApplied),
            State::Pending { .. } | State::Rescheduling { .. } => {
                self.refuse("mark as no-show", RefusedReason::InProgress)
            }
            State::Cancelling { .. } | State::Cancelled { .. } => {
                self.refuse("mark as no-show", RefusedReason::NotActive)
            }
        }
    }

    /// A move at Cal.com has left nothing behind, and nobody gives it a time again.
    pub fn lost(&mut self, now: Instant) -> Outcome {
        let State::Rescheduling { .. } = &self.state else {
            return self.refuse("lose", RefusedReason::NotActive);
        };
        let cancel = Cancellation {
            at: now,
            origin: SyncOrigin::Calcom,
            by: SyncOrigin::Calcom.to_string(),
            reason: Some("lost_in_move".to_owned()),
        };
        self.end(cancel, EventKind::AppointmentCancelled, now);
        Ok(Applied::Applied)
    }

    /// Its time is over.
    pub fn complete(&mut self, now: Instant) -> Outcome {
        match &self.state {
            State::Scheduled(placement) | State::Confirmed(placement) => {
                if self.booking.range.end() > now {
                    return self.refuse("complete", RefusedReason::InProgress);
                }
                self.state = State::Completed(placement.clone());
                self.record(EventKind::AppointmentCompleted, vec![], now);
                Ok(Applied::Applied)
            }
            State::Completed(_) | State::NoShow(_) => Ok(Applied::AlreadyApplied),
            State::Pending { .. } | State::Rescheduling { .. } | State::Cancelling { .. } => {
                self.refuse("complete", RefusedReason::InProgress)
            }
            State::Cancelled { .. } => self.refuse("complete", RefusedReason::NotActive),
        }
    }

    fn end(&mut self, cancel: Cancellation, event: EventKind, now: Instant) {
        let affected = self.live_ranges();
        self.state = State::Cancelled {
            uid: self.uid().cloned(),
            cancel,
        };
        self.record(event, affected, now);
    }
}
