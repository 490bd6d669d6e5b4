//! Webhooks received: once each, and what became of them.

use async_trait::async_trait;

use super::StoreError;
use crate::ids::{AppointmentId, BookingUid};
use crate::time::Instant;

/// A webhook as it arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The same for every repeat of the same news.
    pub key: String,
    /// Its trigger, such as `BOOKING_CREATED`.
    pub trigger: String,
    /// The booking it is about, if it says.
    pub uid: Option<BookingUid>,
    /// The raw body.
    pub body: String,
    /// When it arrived.
    pub received_at: Instant,
}

/// What became of a webhook.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DeliveryStatus {
    /// Applied.
    Processed,
    /// Nothing to do for us.
    Ignored,
    /// Kept for a person: it is about something we do not know.
    Quarantined,
}

impl DeliveryStatus {
    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Ignored => "ignored",
            Self::Quarantined => "quarantined",
        }
    }
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

    /// Notes what became of it.
    async fn settle(
        &mut self,
        key: &str,
        status: DeliveryStatus,
        appointment: Option<AppointmentId>,
        reason: Option<&str>,
    ) -> Result<(), StoreError>;

    /// Whether a cancellation or rejection of this booking was filed before: news may overtake each
    /// other.
    async fn cancellation_filed(&mut self, uid: &BookingUid) -> Result<bool, StoreError>;

    /// The newest of those kept for a person.
    async fn quarantined(&mut self, limit: u32) -> Result<Vec<Quarantined>, StoreError>;
}
