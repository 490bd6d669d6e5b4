//! What Cal.com does to an appointment beyond what was asked for here: another host, and an end
//! taken back.

use super::{Applied, Appointment, Cancellation, Placement, Refused, RefusedReason};
use super::{RemoteBooking, RemoteStatus, State};
use crate::events::EventKind;
use crate::ids::StaffId;
use crate::origin::SyncOrigin;
use crate::time::Instant;

impl Appointment {
    /// Cal.com gave it to another person.
    pub fn reassigned(
        &mut self,
        remote: &RemoteBooking,
        staff: Option<StaffId>,
        now: Instant,
    ) -> Result<Applied, Refused> {
        if self.is_old_news(remote.changed_at) {
            return Ok(Applied::AlreadyApplied);
        }
        let placement = match &mut self.state {
            State::Scheduled(placement)
            | State::Confirmed(placement)
            | State::Rescheduling {
                from: placement, ..
            }
            | State::Cancelling { placement, .. } => placement,
            State::Pending { .. } => {
                return Err(self.refused("reassign", RefusedReason::InProgress));
            }
            State::Cancelled { .. } | State::Completed(_) | State::NoShow(_) => {
                return Err(self.refused("reassign", RefusedReason::NotActive));
            }
        };
        if placement.staff == staff {
            return Ok(Applied::AlreadyApplied);
        }
        placement.staff = staff;
        self.remote_changed_at = self.remote_changed_at.max(remote.changed_at);
        let affected = self.live_ranges();
        self.record(EventKind::AppointmentRescheduled, affected, now);
        Ok(Applied::Applied)
    }

    /// As [`Appointment::cancelled`], and also for one that nobody came to: who was called off
    /// could not come.
    pub fn called_off(&mut self, cancel: Cancellation, now: Instant) -> Result<Applied, Refused> {
        let State::NoShow(placement) = &self.state else {
            return self.cancelled(cancel, now);
        };
        self.sync_origin = cancel.origin;
        self.state = State::Cancelled {
            uid: placement.uid.clone(),
            cancel,
        };
        self.record(EventKind::AppointmentCancelled, vec![], now);
        Ok(Applied::Applied)
    }

    /// Cal.com, *asked*, says that what had ended there goes on under a new name. What was called
    /// off here stays so: whoever did that was told it is off.
    pub fn revived(
        &mut self,
        remote: &RemoteBooking,
        staff: Option<StaffId>,
        now: Instant,
    ) -> Result<Applied, Refused> {
        let ended_there = match &self.state {
            // One that was refused before it had a name was never there.
            State::Cancelled { uid, cancel } => {
                uid.is_some() && cancel.origin == SyncOrigin::Calcom
            }
            State::Completed(_) | State::NoShow(_) => true,
            State::Pending { .. }
            | State::Scheduled(_)
            | State::Confirmed(_)
            | State::Rescheduling { .. }
            | State::Cancelling { .. } => false,
        };
        // A name that has ended is never used again.
        if !ended_there || !remote.is_live() || self.uid() == Some(&remote.uid) {
            return Err(self.refused("revive", RefusedReason::OtherBooking));
        }
        let placement = Placement {
            uid: Some(remote.uid.clone()),
            staff,
        };
        let affected = vec![self.booking.range, remote.range];
        self.state = if remote.status == RemoteStatus::Accepted {
            State::Confirmed(placement)
        } else {
            State::Scheduled(placement)
        };
        self.booking.range = remote.range;
        self.sync_origin = SyncOrigin::Calcom;
        self.rescheduled_by = Some(SyncOrigin::Calcom.to_string());
        self.remote_changed_at = self.remote_changed_at.max(remote.changed_at);
        self.record(EventKind::AppointmentRescheduled, affected, now);
        Ok(Applied::Applied)
    }

    /// Whether this is certainly no older than what Cal.com told us before.
    pub fn is_newer_news(&self, changed_at: Option<Instant>) -> bool {
        self.remote_changed_at
            .zip(changed_at)
            .is_some_and(|(known, told)| told >= known)
    }

    fn refused(&self, command: &'static str, reason: RefusedReason) -> Refused {
        Refused {
            command,
            state: self.state.name(),
            reason,
        }
    }
}
