//! What may happen to an appointment: one exhaustive `match` per command.
//!
//! Order inside a command: has it happened already? is it allowed? then change state and record
//! the event. A refused command changes nothing.

use super::remote::RemoteStatus;
use super::{Appointment, Cancellation, Placement, RemoteBooking, Review, State, StateName};
use crate::events::EventKind;
use crate::ids::StaffId;
use crate::origin::SyncOrigin;
use crate::time::{Instant, TimeRange};

/// What a command came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Applied {
    /// The state changed, and an event says so.
    Applied,
    /// It had happened before; nothing changed.
    AlreadyApplied,
}

/// Why a command is refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RefusedReason {
    /// Something else is under way; try again when it has ended.
    InProgress,
    /// The appointment is over.
    NotActive,
    /// Cal.com knows it under another name: a duplicate.
    OtherBooking,
}

/// A command that the present state does not allow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot {command} an appointment that is {state}")]
pub struct Refused {
    /// What was tried.
    pub command: &'static str,
    /// What stood in the way.
    pub state: StateName,
    /// The kind of obstacle.
    pub reason: RefusedReason,
}

type Outcome = Result<Applied, Refused>;

impl Appointment {
    fn refuse(&self, command: &'static str, reason: RefusedReason) -> Outcome {
        Err(Refused {
            command,
            state: self.state.name(),
            reason,
        })
    }

    /// Cal.com has the booking: the appointment stands, performed by `staff`.
    pub fn confirm(
        &mut self,
        remote: &RemoteBooking,
        staff: Option<StaffId>,
        now: Instant,
    ) -> Outcome {
        let accepted = remote.status == RemoteStatus::Accepted;
        let same_name = self.uid() == Some(&remote.uid);
        let placement = Placement {
            uid: Some(remote.uid.clone()),
            staff,
        };
        match &self.state {
            State::Pending { cancel: None } => {
                self.state = if accepted {
                    State::Confirmed(placement)
                } else {
                    State::Scheduled(placement)
                };
            }
            State::Pending {
                cancel: Some(cancel),
            } => {
                self.state = State::Cancelling {
                    placement,
                    cancel: cancel.clone(),
                };
            }
            State::Scheduled(_) if same_name && accepted => {
                self.state = State::Confirmed(placement);
            }
            State::Scheduled(_)
            | State::Confirmed(_)
            | State::Rescheduling { .. }
            | State::Cancelling { .. }
            | State::Completed(_)
            | State::NoShow(_)
                if same_name =>
            {
                return Ok(Applied::AlreadyApplied);
            }
            State::Scheduled(_)
            | State::Confirmed(_)
            | State::Rescheduling { .. }
            | State::Cancelling { .. }
            | State::Completed(_)
            | State::NoShow(_) => return self.refuse("confirm", RefusedReason::OtherBooking),
            State::Cancelled { .. } => return self.refuse("confirm", RefusedReason::NotActive),
        }
        let mut affected = vec![self.booking.range];
        if remote.range != self.booking.range {
            affected.push(remote.range);
            self.booking.range = remote.range;
        }
        self.settle(remote.changed_at);
        self.record(EventKind::AppointmentBooked, affected, now);
        Ok(Applied::Applied)
    }

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

    /// Somebody wants another time. Both times are taken until Cal.com has answered.
    pub fn reschedule(
        &mut self,
        to: TimeRange,
        origin: SyncOrigin,
        by: &str,
        now: Instant,
    ) -> Outcome {
        match &self.state {
            State::Scheduled(_) | State::Confirmed(_) if to == self.booking.range => {
                Ok(Applied::AlreadyApplied)
            }
            State::Scheduled(placement) | State::Confirmed(placement) => {
                let from = placement.clone();
                self.sync_origin = origin;
                self.rescheduled_by = Some(by.to_owned());
                if from.uid.is_some() {
                    self.state = State::Rescheduling { from, to };
                    self.record(EventKind::SlotReserved, vec![to], now);
                    self.record(EventKind::SyncRequested, vec![], now);
                } else {
                    self.move_to(from, to, now);
                }
                Ok(Applied::Applied)
            }
            State::Rescheduling { to: wanted, .. } if *wanted == to => Ok(Applied::AlreadyApplied),
            State::Pending { .. } | State::Rescheduling { .. } => {
                self.refuse("reschedule", RefusedReason::InProgress)
            }
            State::Cancelling { .. }
            | State::Cancelled { .. }
            | State::Completed(_)
            | State::NoShow(_) => self.refuse("reschedule", RefusedReason::NotActive),
        }
    }

    /// Cal.com has moved it (and given it a new name), at our wish or on its own.
    pub fn moved(
        &mut self,
        remote: &RemoteBooking,
        staff: Option<StaffId>,
        now: Instant,
    ) -> Outcome {
        if self.is_old_news(remote.changed_at) {
            return Ok(Applied::AlreadyApplied);
        }
        match &self.state {
            State::Scheduled(_)
            | State::Confirmed(_)
            | State::Rescheduling { .. }
            | State::Cancelling { .. }
                if self.uid() == Some(&remote.uid) && remote.range == self.booking.range =>
            {
                Ok(Applied::AlreadyApplied)
            }
            State::Scheduled(_)
            | State::Confirmed(_)
            | State::Rescheduling { .. }
            | State::Pending { cancel: None } => {
                if !matches!(self.state, State::Rescheduling { .. }) {
                    self.sync_origin = SyncOrigin::Calcom;
                    self.rescheduled_by = Some(SyncOrigin::Calcom.to_string());
                }
                let placement = Placement {
                    uid: Some(remote.uid.clone()),
                    staff,
                };
                self.settle(remote.changed_at);
                self.move_to(placement, remote.range, now);
                if remote.status != RemoteStatus::Accepted
                    && let State::Confirmed(placement) = &self.state
                {
                    self.state = State::Scheduled(placement.clone());
                }
                Ok(Applied::Applied)
            }
            // It was to be cancelled: what is to be cancelled now bears another name.
            State::Pending {
                cancel: Some(cancel),
            }
            | State::Cancelling { cancel, .. } => {
                let placement = Placement {
                    uid: Some(remote.uid.clone()),
                    staff,
                };
                let affected = vec![self.booking.range, remote.range];
                self.state = State::Cancelling {
                    placement,
                    cancel: cancel.clone(),
                };
                self.booking.range = remote.range;
                self.settle(remote.changed_at);
                self.record(EventKind::AppointmentRescheduled, affected, now);
                Ok(Applied::Applied)
            }
            State::Cancelled { .. } | State::Completed(_) | State::NoShow(_) => {
                self.refuse("move", RefusedReason::NotActive)
            }
        }
    }

    /// Cal.com refused the new time: the old one stands.
    pub fn stay(&mut self, now: Instant) -> Outcome {
        match &self.state {
            State::Rescheduling { from, to } => {
                let given_up = *to;
                self.state = State::Confirmed(from.clone());
                self.record(EventKind::SlotReleased, vec![given_up], now);
                Ok(Applied::Applied)
            }
            State::Scheduled(_) | State::Confirmed(_) => Ok(Applied::AlreadyApplied),
            State::Pending { .. } => self.refuse("keep", RefusedReason::InProgress),
            State::Cancelling { .. }
            | State::Cancelled { .. }
            | State::Completed(_)
            | State::NoShow(_) => self.refuse("keep", RefusedReason::NotActive),
        }
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

    /// Whether Cal.com told us something newer before.
    pub fn is_old_news(&self, changed_at: Option<Instant>) -> bool {
        self.remote_changed_at
            .zip(changed_at)
            .is_some_and(|(known, told)| told < known)
    }

    fn settle(&mut self, changed_at: Option<Instant>) {
        self.remote_changed_at = self.remote_changed_at.max(changed_at);
        self.sync_error = None;
    }

    fn move_to(&mut self, placement: Placement, to: TimeRange, now: Instant) {
        let mut affected = vec![self.booking.range, to];
        if let State::Rescheduling { to: wanted, .. } = &self.state
            && *wanted != to
        {
            affected.push(*wanted);
        }
        self.state = State::Confirmed(placement);
        self.booking.range = to;
        self.record(EventKind::AppointmentRescheduled, affected, now);
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
