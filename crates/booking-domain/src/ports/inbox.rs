//! Webhooks received: once each, what became of them, and which are to be looked at again.

use async_trait::async_trait;

use super::StoreError;
use crate::appointment::Appointment;
use crate::ids::{AppointmentId, BookingUid, CompanyId};
use crate::time::{Instant, Span};

/// A webhook as it arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The same for every repeat of the same news.
    pub key: String,
    /// Its trigger, such as `BOOKING_CREATED`.
    pub trigger: String,
    /// The booking it is about, if it says.
    pub uid: Option<BookingUid>,
    /// The booking which that one replaced, if it says.
    pub rescheduled_from: Option<BookingUid>,
    /// The raw body.
    pub body: String,
    /// When it was sent, by the sender's word.
    pub sent_at: Option<Instant>,
    /// When it arrived.
    pub received_at: Instant,
}

impl Delivery {
    /// Older than this, or further ahead of our clock, a delivery may be a replay: the signature
    /// has no time of its own.
    const OLDEST: Span = Span::minutes(10);
    const FURTHEST_AHEAD: Span = Span::minutes(2);

    /// Whether it may not be believed before Cal.com was asked.
    pub fn is_hint(&self) -> bool {
        self.sent_at.is_some_and(|sent| {
            self.received_at.since(sent) > Self::OLDEST
                || sent.since(self.received_at) > Self::FURTHEST_AHEAD
        })
    }
}

/// What became of a webhook.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DeliveryStatus {
    /// Applied.
    Processed,
    /// Nothing to do for us.
    Ignored,
    /// Kept with its body: it is about something we do not know (yet).
    Quarantined,
    /// It is about another company's event type.
    Dropped,
}

impl DeliveryStatus {
    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Ignored => "ignored",
            Self::Quarantined => "quarantined",
            Self::Dropped => "dropped",
        }
    }
}

/// What is noted about a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settlement<'a> {
    /// What became of it.
    pub status: DeliveryStatus,
    /// The appointment it was about.
    pub appointment: Option<AppointmentId>,
    /// Why, in words for a person.
    pub reason: Option<&'a str>,
    /// When its booking is to be read at Cal.com.
    pub converge_at: Option<Instant>,
}

/// A webhook kept for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quarantined {
    /// Its key.
    pub key: String,
    /// Its trigger.
    pub trigger: String,
    /// Why it is kept.
    pub reason: String,
    /// When it arrived.
    pub received_at: Instant,
}

/// The webhook inbox inside a unit of work.
#[async_trait]
pub trait WebhookInbox {
    /// Files the delivery; `false` if its key was filed before in this company. Waits for a
    /// concurrent unit of work that is just filing it.
    async fn receive(&mut self, delivery: &Delivery) -> Result<bool, StoreError>;

    /// Notes what became of it. The body is kept only while it is quarantined.
    async fn settle(&mut self, key: &str, settlement: Settlement<'_>) -> Result<(), StoreError>;

    /// The quarantined deliveries about one of these bookings, or about what replaced one of them,
    /// in the order in which they were sent.
    async fn waiting(&mut self, names: &[BookingUid]) -> Result<Vec<Delivery>, StoreError>;

    /// Notes that the booking was read: what arrived about it until then is not to be looked at
    /// again, or only at `next`.
    async fn converged(
        &mut self,
        uid: &BookingUid,
        until: Instant,
        next: Option<Instant>,
    ) -> Result<(), StoreError>;

    /// Writes into the audit log that a delivery was dropped, and why; `about` is the appointment
    /// that it seemed to be about.
    async fn audit_dropped(
        &mut self,
        delivery: &Delivery,
        (about, why): (Option<AppointmentId>, &str),
    ) -> Result<(), StoreError>;

    /// The newest of those kept for a person.
    async fn quarantined(&mut self, limit: u32) -> Result<Vec<Quarantined>, StoreError>;
}

/// A booking at Cal.com that is to be read, since news came about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DueBooking {
    /// Whose.
    pub company: CompanyId,
    /// Cal.com's name for it.
    pub uid: BookingUid,
    /// How often it was leased, this time included.
    pub attempts: u32,
    /// When the news came.
    pub received_at: Instant,
}

/// What a delivery came to that was to be filed without a unit of work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Filed {
    /// It is filed, and what was decided is noted.
    New(DeliveryStatus, Option<AppointmentId>),
    /// Its key was filed before in this company.
    Repeat,
    /// Nothing was filed: it may change something, which takes a unit of work.
    Undecided,
}

/// Decides on a delivery by the appointment that bears its booking's name, or ever bore it: what is
/// to be noted if nothing is to be changed, else nothing.
pub type Judge =
    Box<dyn FnOnce(Option<&Appointment>) -> Option<(DeliveryStatus, Option<AppointmentId>)> + Send>;

/// The inboxes of all companies: filled many deliveries at a time, looked through by workers.
#[async_trait]
pub trait SharedInbox: Send + Sync {
    /// Files the delivery, settled and without its body, if `judge` says that it changes nothing.
    /// It is durable when this returns; an error is *ambiguous*, and then the key decides.
    async fn file_settled(
        &self,
        company: CompanyId,
        delivery: Delivery,
        judge: Judge,
    ) -> Result<Filed, StoreError>;

    /// Leases the bookings of up to `limit` deliveries that are due at `now`, each booking once:
    /// nobody else gets them before `leased_until`, and then they come again by themselves.
    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<DueBooking>, StoreError>;
}
