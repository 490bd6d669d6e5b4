//! Temporary holds of a slot. They hide it from the slots list and protect nothing else.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Span, Store};
use crate::world::{EventType, Scheduling};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reservation {
    pub(crate) uid: String,
    pub(crate) event_type_id: u64,
    /// The hosts whose time is hidden.
    pub(crate) host_ids: Vec<u64>,
    pub(crate) span: Span,
    pub(crate) minutes: u32,
    pub(crate) until: DateTime<Utc>,
}

/// Why a slot cannot be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HoldRefusal {
    AlreadyBooked,
    AlreadyReserved,
    NoSeatsLeft { booking: u64 },
}

impl Store {
    pub(crate) fn active_reservations(
        &self,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &Reservation> {
        self.reservations
            .iter()
            .filter(move |hold| hold.until > now)
    }

    pub(crate) fn reservation(&self, uid: &str) -> Option<&Reservation> {
        self.reservations.iter().find(|hold| hold.uid == uid)
    }

    /// Checks and stores a hold; opening hours and other event types do not matter, as at Cal.com.
    pub(crate) fn reserve(
        &mut self,
        event_type: &EventType,
        span: Span,
        minutes: u32,
        now: DateTime<Utc>,
    ) -> Result<Reservation, HoldRefusal> {
        let host_ids = self.holdable(event_type, span, now)?;
        let reservation = Reservation {
            uid: self.ids.uuid(),
            event_type_id: event_type.id,
            host_ids,
            span,
            minutes,
            until: now + TimeDelta::minutes(i64::from(minutes)),
        };
        self.reservations.retain(|hold| hold.until > now);
        self.reservations.push(reservation.clone());
        Ok(reservation)
    }

    /// Moves or extends a hold. Its own row counts as an overlap, so extending in place fails.
    pub(crate) fn change_reservation(
        &mut self,
        uid: &str,
        event_type: &EventType,
        (span, minutes): (Span, u32),
        now: DateTime<Utc>,
    ) -> Result<Option<Reservation>, HoldRefusal> {
        if self.reservation(uid).is_none() {
            return Ok(None);
        }
        let host_ids = self.holdable(event_type, span, now)?;
        let until = now + TimeDelta::minutes(i64::from(minutes));
        let hold = self.reservations.iter_mut().find(|hold| hold.uid == uid);
        Ok(hold.map(|hold| {
            hold.event_type_id = event_type.id;
            hold.host_ids = host_ids;
            (hold.span, hold.minutes, hold.until) = (span, minutes, until);
            hold.clone()
        }))
    }

    pub(crate) fn drop_reservation(&mut self, uid: &str) {
        self.reservations.retain(|hold| hold.uid != uid);
    }

    /// The hosts that a hold would hide. Round robin checks host by host, the others the type.
    fn holdable(
        &self,
        event_type: &EventType,
        span: Span,
        now: DateTime<Utc>,
    ) -> Result<Vec<u64>, HoldRefusal> {
        if let Some(seats) = event_type.seats
            && let Some(booking) = self.seated_booking(event_type.id, span.start)
        {
            if booking.attendees.len() >= seats as usize {
                return Err(HoldRefusal::NoSeatsLeft {
                    booking: booking.id,
                });
            }
            return Ok(Vec::new());
        }
        let mut hosts = event_type.host_ids.clone();
        for booking in self.bookings.iter().filter(|booking| {
            booking.event_type_id == event_type.id
                && booking.status.is_live()
                && booking.span.overlaps(span)
        }) {
            hosts.retain(|host| !booking.host_ids.contains(host));
        }
        let whole = event_type.scheduling != Scheduling::RoundRobin;
        let incomplete =
            |hosts: &[u64]| hosts.is_empty() || (whole && hosts.len() < event_type.host_ids.len());
        if incomplete(&hosts) {
            return Err(HoldRefusal::AlreadyBooked);
        }
        for hold in self
            .active_reservations(now)
            .filter(|hold| hold.event_type_id == event_type.id && hold.span.overlaps(span))
        {
            hosts.retain(|host| !hold.host_ids.contains(host));
        }
        if incomplete(&hosts) {
            return Err(HoldRefusal::AlreadyReserved);
        }
        hosts.truncate(if whole { hosts.len() } else { 1 });
        Ok(hosts)
    }
}
