//! Messages to customers: which are due, whether one that waits is still true, when people are
//! reminded, and who may be written to at all. Pure: what is asked of the store comes in.

mod consent;
mod due;
mod reminders;
mod segment;
#[cfg(test)]
mod stage;
mod still_true;

pub use consent::{Consent, ConsentChange};
pub use due::{Fate, Planned, Reach, channel_for, due, tells};
pub use reminders::{Reminder, reminders};
pub use segment::{CampaignText, Segment, Visit};
pub use still_true::{Standing, still_true};

use serde::{Deserialize, Serialize};

/// Which text a customer gets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// The appointment stands.
    AppointmentBooked,
    /// It stands at another time.
    AppointmentRescheduled,
    /// It is called off.
    AppointmentCancelled,
    /// It is soon.
    AppointmentReminder,
    /// What a company tells many.
    Campaign,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::AppointmentBooked,
        Self::AppointmentRescheduled,
        Self::AppointmentCancelled,
        Self::AppointmentReminder,
        Self::Campaign,
    ];

    /// The word in the database and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AppointmentBooked => "appointment_booked",
            Self::AppointmentRescheduled => "appointment_rescheduled",
            Self::AppointmentCancelled => "appointment_cancelled",
            Self::AppointmentReminder => "appointment_reminder",
            Self::Campaign => "campaign",
        }
    }

    /// The template that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Whether customers can say that they want no more of it: of all that they did not bring about
    /// themselves.
    pub const fn is_unasked(self) -> bool {
        match self {
            Self::AppointmentReminder | Self::Campaign => true,
            Self::AppointmentBooked | Self::AppointmentRescheduled | Self::AppointmentCancelled => {
                false
            }
        }
    }
}

/// Why a message was not sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NotSent {
    /// No mail server, or no text message service, is set up.
    NobodyCarries,
    /// The company has switched the channel off, or the reminders of the service.
    SwitchedOff,
    /// Cal.com, where the change began, tells its customers itself.
    CalcomTells,
    /// Nothing changed that a customer would notice.
    Unchanged,
    /// The appointment has moved on since.
    Superseded,
    /// The host has not accepted the appointment.
    NotAccepted,
    /// The time it is about is over.
    Over,
    /// The customer's data was erased.
    Erased,
    /// The customer wants none of this kind.
    OptedOut,
    /// The customer has not agreed to it, or no longer does.
    NoConsent,
    /// The customer has no address of this channel any more.
    NoAddress,
}

impl NotSent {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::NobodyCarries,
        Self::SwitchedOff,
        Self::CalcomTells,
        Self::Unchanged,
        Self::Superseded,
        Self::NotAccepted,
        Self::Over,
        Self::Erased,
        Self::OptedOut,
        Self::NoConsent,
        Self::NoAddress,
    ];

    /// The word in the delivery log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NobodyCarries => "nobody_carries",
            Self::SwitchedOff => "switched_off",
            Self::CalcomTells => "calcom_tells",
            Self::Unchanged => "unchanged",
            Self::Superseded => "superseded",
            Self::NotAccepted => "not_accepted",
            Self::Over => "over",
            Self::Erased => "erased",
            Self::OptedOut => "opted_out",
            Self::NoConsent => "no_consent",
            Self::NoAddress => "no_address",
        }
    }
}

/// The language of what a customer is sent: their own, else the company's, else English; of those
/// that there are texts in.
pub fn language(wished: [Option<&str>; 2]) -> &'static str {
    let known = |tag: &str| {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        ["de", "en"]
            .into_iter()
            .find(|it| it.eq_ignore_ascii_case(primary))
    };
    let wished = wished.into_iter().flatten();
    wished.filter_map(known).next().unwrap_or("en")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for template in Template::ALL {
            assert_eq!(Template::parse(template.as_str()), Some(template));
        }
        let mut words: Vec<_> = NotSent::ALL.map(NotSent::as_str).to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), NotSent::ALL.len());
    }

    #[test]
    fn the_customers_own_language_comes_first() {
        for (customer, company, expected) in [
            (Some("de"), Some("en"), "de"),
            (Some("de-AT"), Some("en"), "de"),
            (Some("EN_us"), Some("de"), "en"),
            (Some("tr"), Some("de"), "de"),
            (None, Some("de"), "de"),
            (None, Some("tr"), "en"),
            (Some(""), None, "en"),
        ] {
            assert_eq!(language([customer, company]), expected, "{customer:?}");
        }
    }
}
