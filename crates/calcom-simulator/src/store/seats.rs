//! Seated event types: several people share one booking.

use chrono::{DateTime, Utc};

use super::create::{Created, NewBooking};
use super::{Booking, Refusal, Status, Store};
use crate::world::EventType;

impl Store {
    /// The booking that holds the seats of a slot, if somebody sits there already.
    pub(crate) fn seated_booking(&self, event_type: u64, start: DateTime<Utc>) -> Option<&Booking> {
        self.bookings.iter().find(|booking| {
            booking.event_type_id == event_type
                && booking.span.start == start
                && booking.status.is_live()
        })
    }

    /// Puts one more person on an existing booking; `None` when there is none yet.
    pub(super) fn take_seat(
        &mut self,
        event_type: &EventType,
        new: &NewBooking,
        now: DateTime<Utc>,
    ) -> Result<Option<Created>, Refusal> {
        let Some(existing) = self.seated_booking(event_type.id, new.start) else {
            return Ok(None);
        };
        if existing.is_attended_by(&new.attendee) {
            return Err(Refusal::AlreadySignedUp);
        }
        let seats = event_type.seats.unwrap_or(1) as usize;
        if existing.attendees.len() >= seats {
            return Err(Refusal::NoSeatsLeft);
        }
        let uid = existing.uid.clone();
        let seat_uid = self.ids.uuid();
        let mut attendee = new.attendee.clone();
        attendee.seat_uid = Some(seat_uid.clone());
        let booking = self.get_mut(&uid)?;
        let detail = Some(attendee.email.clone());
        booking.attendees.push(attendee);
        booking.touch(now, "seat_taken", detail);
        Ok(Some(Created::Seat {
            booking: booking.clone(),
            seat_uid,
        }))
    }

    /// Frees one seat; the booking ends with the last one.
    pub(crate) fn leave_seat(
        &mut self,
        uid: &str,
        seat_uid: &str,
        now: DateTime<Utc>,
    ) -> Result<Booking, Refusal> {
        let booking = self.get_mut(uid)?;
        let before = booking.attendees.len();
        booking
            .attendees
            .retain(|attendee| attendee.seat_uid.as_deref() != Some(seat_uid));
        if booking.attendees.len() == before {
            return Err(Refusal::NoSuchSeat);
        }
        booking.touch(now, "seat_left", Some(seat_uid.to_owned()));
        if booking.attendees.is_empty() {
            booking.end_as(Status::Cancelled, now);
        }
        Ok(booking.clone())
    }
}
