//! What may happen to an appointment: one exhaustive `match` per command.
//!
//! Order inside a command: has it happened already? is it allowed? then change state and record
//! the event. A refused command changes nothing.

use super::remote::RemoteStatus;
use super::{Appointment, Placement, RemoteBooking, State, StateName};
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

pub(super) type Outcome = Result<Applied, Refused>;

impl Appointment {
    pub(super) fn refuse(&self, command: &'static str, reason: RefusedReason) -> Outcome {
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
            State::Rescheduling {
                from,
                to,
                accepted: false,
                reason,
            } if same_name && accepted => {
                self.state = State::Rescheduling {
                    from: from.clone(),
                    to: *to,
                    accepted,
                    reason: reason.clone(),
                };
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
                let accepted = matches!(self.state, State::Confirmed(_));
                self.sync_origin = origin;
                self.rescheduled_by = Some(by.to_owned());
                if from.uid.is_some() {
                    self.state = State::Rescheduling {
                        from,
                        to,
                        accepted,
                        reason: None,
                    };
                    self.record(EventKind::SlotReserved, vec![to], now);
                    self.record(EventKind::SyncRequested, vec![], now);
                } else {
                    self.move_to(State::Confirmed(from), to, now);
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

    /// Why it is moved: Cal.com is told with the move.
    pub fn because(&mut self, why: Option<&str>) {
        if let State::Rescheduling { reason, .. } = &mut self.state {
            *reason = why.map(str::to_owned);
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
                let state = match remote.status {
                    RemoteStatus::Accepted => State::Confirmed(placement),
                    _ => State::Scheduled(placement),
                };
                self.move_to(state, remote.range, now);
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
            State::Rescheduling {
                from, to, accepted, ..
            } => {
                let (given_up, from) = (*to, from.clone());
                self.state = if *accepted {
                    State::Confirmed(from)
                } else {
                    State::Scheduled(from)
                };
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

    fn move_to(&mut self, state: State, to: TimeRange, now: Instant) {
        let mut affected = vec![self.booking.range, to];
        if let State::Rescheduling { to: wanted, .. } = &self.state
            && *wanted != to
        {
            affected.push(*wanted);
        }
        self.state = state;
        self.booking.range = to;
        self.record(EventKind::AppointmentRescheduled, affected, now);
    }
}
