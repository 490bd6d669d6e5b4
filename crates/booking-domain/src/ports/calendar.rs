//! The calendar: Cal.com, seen from the domain.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::BoxError;
use crate::appointment::RemoteBooking;
use crate::budget::Priority;
use crate::contact::Contact;
use crate::ids::{BookingUid, EventTypeId, HostId};
use crate::saga::Refusal;
use crate::tenant::CalcomAccount;
use crate::time::{Instant, TimeRange, ZoneName};

/// The metadata key under which Cal.com keeps our appointment's id: how a booking of ours is known.
pub const OUR_APPOINTMENT: &str = "gw_booking";

/// Which slots.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotQuery {
    /// What is to be booked.
    pub event_type: EventTypeId,
    /// When; slots outside are dropped, whatever Cal.com says.
    pub window: TimeRange,
    /// The length of a slot in minutes.
    pub duration_minutes: u32,
    /// Whether somebody waits for the answer.
    pub priority: Priority,
}

/// A booking to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreateBooking {
    /// What.
    pub event_type: EventTypeId,
    /// When.
    pub range: TimeRange,
    /// For whom.
    pub attendee: Contact,
    /// The zone the customer thinks in.
    pub time_zone: ZoneName,
    /// With whom, if the customer wished for somebody.
    pub host: Option<HostId>,
    /// Free text.
    pub notes: Option<String>,
    /// Our ids: how the booking is found again. Every value is opaque, no personal data.
    pub metadata: BTreeMap<String, String>,
}

/// A booking to be moved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MoveBooking {
    /// Which.
    pub uid: BookingUid,
    /// Where to.
    pub start: Instant,
    /// Why.
    pub reason: Option<String>,
}

/// Bookings to be looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindBookings {
    /// Of this event type.
    pub event_type: EventTypeId,
    /// Beginning at or after its start and ending at or before its end.
    pub window: TimeRange,
}

/// Why Cal.com did not do what it was asked, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// Certainly not done: not connected, breaker open, rate limit. May be tried again.
    #[error("Cal.com was not reached ({reason})")]
    NotExecuted {
        /// The stable reason, such as `connect`, `rate_limited`.
        reason: &'static str,
        /// Not before.
        retry_at: Option<Instant>,
        /// Whether Cal.com was asked at all: `false` when it was left alone, by the breaker or to
        /// keep its limit. That is no failed try.
        tried: bool,
    },
    /// Certainly refused, and a repeat would be too.
    #[error("Cal.com refused")]
    Refused(Refusal),
    /// Nobody knows whether it was done. Look; never repeat.
    #[error("Cal.com's answer is not known")]
    Ambiguous {
        /// What went wrong.
        #[source]
        source: BoxError,
    },
}

/// Cal.com.
#[async_trait]
pub trait CalendarPort: Send + Sync {
    /// The free slots in the window, in order. An unreadable answer is an error, never "nothing
    /// free". Reading may be repeated.
    async fn slots(
        &self,
        account: &CalcomAccount,
        query: &SlotQuery,
    ) -> Result<Vec<TimeRange>, CalendarError>;

    /// Makes a booking. Never repeats by itself. Where Cal.com answers with an older booking of the
    /// same customer instead, that one is the answer: `ours` tells.
    async fn create(
        &self,
        account: &CalcomAccount,
        booking: &CreateBooking,
    ) -> Result<RemoteBooking, CalendarError>;

    /// Moves a booking: the answer has a new name. Never repeats by itself.
    async fn reschedule(
        &self,
        account: &CalcomAccount,
        booking: &MoveBooking,
    ) -> Result<RemoteBooking, CalendarError>;

    /// Calls a booking off. A booking that is off already is [`Refusal::Gone`].
    async fn cancel(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
        reason: Option<&str>,
    ) -> Result<RemoteBooking, CalendarError>;

    /// One booking, whatever its state; `None` if Cal.com never had it.
    async fn get(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
    ) -> Result<Option<RemoteBooking>, CalendarError>;

    /// All bookings of a window, whatever their state, all pages.
    async fn find(
        &self,
        account: &CalcomAccount,
        wanted: &FindBookings,
    ) -> Result<Vec<RemoteBooking>, CalendarError>;
}
