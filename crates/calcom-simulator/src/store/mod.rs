//! The books: every booking and reservation with the rules that Cal.com applies to them. Pure: no
//! clock, no network, no locks; callers pass `now`.

pub(crate) mod availability;
pub(crate) mod booking;
pub(crate) mod create;
pub(crate) mod ids;
pub(crate) mod lifecycle;
pub(crate) mod reservations;
mod seats;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub(crate) use booking::{Attendee, Booking, Origin, Span, Status};
use chrono::{DateTime, Utc};
use ids::Ids;
use reservations::Reservation;

#[derive(Debug)]
pub(crate) struct Store {
    bookings: Vec<Booking>,
    by_uid: HashMap<String, usize>,
    reservations: Vec<Reservation>,
    /// Host id to the turn in which it was last given a booking.
    last_assigned: HashMap<u64, u64>,
    turn: u64,
    ids: Ids,
}

/// Why a booking was refused. The API turns these into Cal.com's texts and statuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    EventTypeNotFound(u64),
    SlotTaken { team: bool },
    LostRace,
    InThePast,
    TooSoon,
    LengthNotOffered(Vec<u32>),
    NoSuchBooking(String),
    AlreadyCancelled(String),
    AlreadyRejected(String),
    AlreadyMoved { uid: String, to: String },
    AlreadyEnded,
    AlreadyConfirmed,
    NotStarted,
    SeatRequired,
    NoSuchSeat,
    NotAHost,
    AlreadySignedUp,
    NoSeatsLeft,
    NoSuchAttendee(String),
}

impl Store {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            bookings: Vec::new(),
            by_uid: HashMap::new(),
            reservations: Vec::new(),
            last_assigned: HashMap::new(),
            turn: 0,
            ids: Ids::new(seed),
        }
    }

    pub(crate) fn bookings(&self) -> &[Booking] {
        &self.bookings
    }

    pub(crate) fn get(&self, uid: &str) -> Option<&Booking> {
        self.by_uid.get(uid).map(|index| &self.bookings[*index])
    }

    fn get_mut(&mut self, uid: &str) -> Result<&mut Booking, Refusal> {
        match self.by_uid.get(uid) {
            Some(index) => Ok(&mut self.bookings[*index]),
            None => Err(Refusal::NoSuchBooking(uid.to_owned())),
        }
    }

    fn insert(&mut self, booking: Booking) {
        self.turn += 1;
        for host in &booking.host_ids {
            self.last_assigned.insert(*host, self.turn);
        }
        self.by_uid.insert(booking.uid.clone(), self.bookings.len());
        self.bookings.push(booking);
    }

    /// A fresh id for things that are not bookings.
    pub(crate) fn uuid(&mut self) -> String {
        self.ids.uuid()
    }

    /// Pairs of accepted bookings that overlap on one host: must stay empty unless a fault said
    /// otherwise. The oracle of the tests.
    pub(crate) fn double_bookings(&self) -> Vec<(&str, &str)> {
        let mut accepted: Vec<&Booking> = self
            .bookings
            .iter()
            .filter(|booking| booking.status == Status::Accepted)
            .collect();
        accepted.sort_by_key(|booking| booking.span.start);
        let mut pairs = Vec::new();
        for (index, one) in accepted.iter().enumerate() {
            for other in accepted[index + 1..]
                .iter()
                .take_while(|b| b.span.start < one.span.end)
            {
                if other
                    .host_ids
                    .iter()
                    .any(|host| one.host_ids.contains(host))
                {
                    pairs.push((one.uid.as_str(), other.uid.as_str()));
                }
            }
        }
        pairs
    }

    /// Whether the booking has begun; no-shows can only be marked after that.
    fn has_started(booking: &Booking, now: DateTime<Utc>) -> bool {
        booking.span.start <= now
    }
}
