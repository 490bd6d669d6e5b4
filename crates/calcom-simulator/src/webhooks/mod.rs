//! Webhooks: who gets them, what is in them, how they are signed and how they travel.

pub(crate) mod courier;
pub(crate) mod payload;
mod people;
pub(crate) mod sign;

use serde_json::{Value, json};

/// The triggers that exist at Cal.com; a subscription that names another is refused.
pub(crate) const TRIGGERS: &[&str] = &[
    "BOOKING_CREATED",
    "BOOKING_PAYMENT_INITIATED",
    "BOOKING_PAID",
    "BOOKING_RESCHEDULED",
    "BOOKING_REQUESTED",
    "BOOKING_CANCELLED",
    "BOOKING_REJECTED",
    "BOOKING_NO_SHOW_UPDATED",
    "BOOKING_LOCATION_UPDATED",
    "BOOKING_REASSIGNED",
    "MEETING_STARTED",
    "MEETING_ENDED",
    "RECORDING_READY",
    "RECORDING_TRANSCRIPTION_GENERATED",
    "INSTANT_MEETING",
    "INSTANT_MEETING_ACCEPTED",
    "OOO_CREATED",
    "AFTER_HOSTS_CAL_VIDEO_NO_SHOW",
    "AFTER_GUESTS_CAL_VIDEO_NO_SHOW",
    "FORM_SUBMITTED",
    "FORM_SUBMITTED_NO_EVENT",
    "ROUTING_FORM_FALLBACK_HIT",
    "WRONG_ASSIGNMENT_REPORT",
    "CALENDAR_ENTRY_REJECTED",
    "DELEGATION_CREDENTIAL_ERROR",
];

/// The triggers that the simulator can send.
pub(crate) fn default_triggers() -> Vec<String> {
    [
        "BOOKING_CREATED",
        "BOOKING_RESCHEDULED",
        "BOOKING_REQUESTED",
        "BOOKING_CANCELLED",
        "BOOKING_REJECTED",
        "BOOKING_NO_SHOW_UPDATED",
        "BOOKING_REASSIGNED",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// A subscription in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    /// API key of the account it belongs to.
    pub(crate) account: String,
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    pub(crate) triggers: Vec<String>,
    pub(crate) active: bool,
}

impl Subscription {
    pub(crate) fn wants(&self, account: &str, trigger: &str) -> bool {
        self.active && self.account == account && self.triggers.iter().any(|own| own == trigger)
    }

    /// As the API shows it; the secret is part of it, as at Cal.com.
    pub(crate) fn to_json(&self, owner: u64) -> Value {
        json!({
            "id": self.id,
            "userId": owner,
            "subscriberUrl": self.url,
            "active": self.active,
            "triggers": self.triggers,
            "payloadTemplate": null,
            "secret": self.secret,
            "version": "2021-10-20",
        })
    }
}

/// Something subscribers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) trigger: &'static str,
    pub(crate) account: String,
    pub(crate) booking_uid: String,
    pub(crate) payload: Value,
}
