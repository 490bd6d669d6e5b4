//! What can happen to a booking later: move, cancel, confirm, decline, absence.

use chrono::{DateTime, Utc};

use super::create::{Choice, Policy, check_time};
use super::{Booking, Refusal, Span, Status, Store};
use crate::world::{EventType, World};

/// A wish to move a booking.
#[derive(Debug, Clone, Default)]
pub(crate) struct Move {
    pub(crate) start: DateTime<Utc>,
    /// E-mail of the person who asks; a host's own move needs no confirmation.
    pub(crate) by: Option<String>,
    pub(crate) reason: Option<String>,
    /// Round robin: keep the host.
    pub(crate) same_host: bool,
}

/// Both halves of a move.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    pub(crate) old: Booking,
    pub(crate) new: Booking,
}

impl Store {
    /// Moves a booking: a new row with a new uid, the old one cancelled, both linked.
    pub(crate) fn reschedule(
        &mut self,
        world: &World,
        uid: &str,
        wish: &Move,
        policy: Policy,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        let old = self.movable(uid)?.clone();
        let (_, event_type) = world
            .event_type(old.event_type_id)
            .ok_or(Refusal::EventTypeNotFound(old.event_type_id))?;
        let minutes = u32::try_from(old.span.minutes()).unwrap_or(event_type.length_in_minutes);
        let span = Span::new(wish.start, minutes);
        check_time(event_type, span, now)?;
        let wanted: &[u64] = if wish.same_host { &old.host_ids } else { &[] };
        let choice = Choice {
            ignore: Some(uid),
            ..Choice::new(wanted, policy)
        };
        // Cal.com uses the personal text here, whatever the type.
        let hosts = self
            .choose_hosts(world, event_type, span, choice)
            .ok_or(Refusal::SlotTaken { team: false })?;
        let pending = event_type.requires_confirmation
            && !is_host(world, event_type, wish.by.as_deref().unwrap_or_default());
        let span = span.padded(0, policy.longer_minutes);
        let new = self.successor(&old, wish, (span, hosts, pending), now);
        self.insert(new.clone());
        let stored = self.get_mut(uid)?;
        stored.end_as(Status::Cancelled, now);
        stored.rescheduled_to = Some(new.uid.clone());
        stored.rescheduled_by.clone_from(&wish.by);
        stored.touch(now, "rescheduled_away", Some(new.uid.clone()));
        Ok(Moved {
            old: stored.clone(),
            new,
        })
    }

    /// The booking, if it is in a state that can be moved.
    pub(crate) fn movable(&self, uid: &str) -> Result<&Booking, Refusal> {
        let booking = self
            .get(uid)
            .ok_or_else(|| Refusal::NoSuchBooking(uid.to_owned()))?;
        match (booking.status, &booking.rescheduled_to) {
            (Status::Cancelled, Some(to)) => Err(Refusal::AlreadyMoved {
                uid: uid.to_owned(),
                to: to.clone(),
            }),
            (Status::Cancelled, None) => Err(Refusal::AlreadyCancelled(uid.to_owned())),
            (Status::Rejected, _) => Err(Refusal::AlreadyRejected(uid.to_owned())),
            (Status::Accepted | Status::Pending, _) => Ok(booking),
        }
    }

    fn successor(
        &mut self,
        old: &Booking,
        wish: &Move,
        (span, host_ids, pending): (Span, Vec<u64>, bool),
        now: DateTime<Utc>,
    ) -> Booking {
        let uid = self.ids.booking_uid();
        let location = match old.video_url() {
            Some(_) => format!("https://video.example/room/{uid}"),
            None => old.location.clone(),
        };
        let mut new = Booking {
            id: self.ids.booking_id(),
            uid,
            host_ids,
            status: if pending {
                Status::Pending
            } else {
                Status::Accepted
            },
            span,
            location,
            created_at: now,
            updated_at: None,
            rescheduled_from: Some(old.uid.clone()),
            rescheduled_to: None,
            rescheduled_by: wish.by.clone(),
            rescheduling_reason: wish.reason.clone(),
            ics_sequence: old.ics_sequence + 1,
            released_at: None,
            history: Vec::new(),
            ..old.clone()
        };
        new.note(now, "created_by_reschedule", Some(old.uid.clone()));
        new
    }

    /// The booking, if it can be cancelled now. Nothing changes yet: Cal.com tells its subscribers
    /// before it changes the row.
    pub(crate) fn cancellable(&self, uid: &str, now: DateTime<Utc>) -> Result<&Booking, Refusal> {
        let booking = self
            .get(uid)
            .ok_or_else(|| Refusal::NoSuchBooking(uid.to_owned()))?;
        if !booking.status.is_live() {
            return Err(Refusal::AlreadyCancelled(uid.to_owned()));
        }
        if booking.span.end <= now {
            return Err(Refusal::AlreadyEnded);
        }
        Ok(booking)
    }

    pub(crate) fn cancel(
        &mut self,
        uid: &str,
        by: Option<String>,
        reason: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Booking, Refusal> {
        let booking = self.get_mut(uid)?;
        // A second cancel that slipped in between finds the work done; the first one wins.
        if booking.status.is_live() {
            booking.end_as(Status::Cancelled, now);
            booking.cancellation_reason.clone_from(&reason);
            booking.cancelled_by = by;
            booking.touch(now, "cancelled", reason);
        }
        Ok(booking.clone())
    }

    /// Gives the booking to another host of its event type: same uid, same time. Like the real one it
    /// does not look whether that host is free. The hosts it had.
    pub(crate) fn reassign(
        &mut self,
        world: &World,
        uid: &str,
        host: u64,
        now: DateTime<Utc>,
    ) -> Result<(Booking, Vec<u64>), Refusal> {
        let event_type = self.movable(uid)?.event_type_id;
        let is_host = world
            .event_type(event_type)
            .is_some_and(|(_, event_type)| event_type.host_ids.contains(&host));
        if !is_host {
            return Err(Refusal::SlotTaken { team: true });
        }
        let booking = self.get_mut(uid)?;
        let had = std::mem::replace(&mut booking.host_ids, vec![host]);
        booking.touch(now, "reassigned", Some(host.to_string()));
        Ok((booking.clone(), had))
    }

    /// Accepts a pending booking. Like the real one it does not look for overlaps again.
    pub(crate) fn confirm(&mut self, uid: &str, now: DateTime<Utc>) -> Result<Booking, Refusal> {
        self.pending(uid, now)?;
        let booking = self.get_mut(uid)?;
        booking.status = Status::Accepted;
        booking.touch(now, "confirmed", None);
        Ok(booking.clone())
    }

    pub(crate) fn decline(
        &mut self,
        uid: &str,
        reason: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Booking, Refusal> {
        self.pending(uid, now)?;
        let booking = self.get_mut(uid)?;
        booking.end_as(Status::Rejected, now);
        booking.rejection_reason.clone_from(&reason);
        booking.touch(now, "rejected", reason);
        Ok(booking.clone())
    }

    fn pending(&self, uid: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let booking = self
            .get(uid)
            .ok_or_else(|| Refusal::NoSuchBooking(uid.to_owned()))?;
        match booking.status {
            Status::Pending if booking.span.end <= now => Err(Refusal::AlreadyEnded),
            Status::Pending => Ok(()),
            Status::Accepted => Err(Refusal::AlreadyConfirmed),
            Status::Cancelled => Err(Refusal::AlreadyCancelled(uid.to_owned())),
            Status::Rejected => Err(Refusal::AlreadyRejected(uid.to_owned())),
        }
    }

    /// Marks people as absent; only once the time has come.
    pub(crate) fn mark_absent(
        &mut self,
        uid: &str,
        host: Option<bool>,
        attendees: &[(String, bool)],
        now: DateTime<Utc>,
    ) -> Result<Booking, Refusal> {
        let booking = self.get_mut(uid)?;
        if !Self::has_started(booking, now) {
            return Err(Refusal::NotStarted);
        }
        let is_known = |email: &str| booking.attendees.iter().any(|known| known.email == email);
        if let Some((email, _)) = attendees.iter().find(|(email, _)| !is_known(email)) {
            return Err(Refusal::NoSuchAttendee(email.clone()));
        }
        for attendee in &mut booking.attendees {
            let mark = attendees.iter().find(|(email, _)| *email == attendee.email);
            attendee.absent = mark.map_or(attendee.absent, |(_, absent)| *absent);
        }
        if let Some(absent) = host {
            booking.absent_host = absent;
        }
        booking.touch(now, "absence_marked", None);
        Ok(booking.clone())
    }
}

fn is_host(world: &World, event_type: &EventType, email: &str) -> bool {
    event_type
        .host_ids
        .iter()
        .filter_map(|id| world.host(*id))
        .any(|host| host.email.eq_ignore_ascii_case(email))
}
