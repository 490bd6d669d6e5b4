//! Messages to customers: what they tell is said here, how it is worded and carried is the
//! adapters' business.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::BoxError;
use crate::contact::{Contact, Email};
use crate::ids::{AppointmentId, CompanyId};
use crate::time::{Instant, TimeRange, ZoneName};

/// How a message travels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By e-mail.
    Email,
    /// As a text message.
    Sms,
}

impl Channel {
    /// All of them, the preferred one first.
    pub const ALL: [Self; 2] = [Self::Email, Self::Sms];

    /// The word in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The channel that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// What a message tells of an appointment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppointmentFacts {
    /// Its id: names it in the customer's own calendar for ever.
    pub id: AppointmentId,
    /// Grows with every change: a calendar takes a newer invitation only.
    pub sequence: i64,
    /// When it is.
    pub range: TimeRange,
    /// The zone in which people are told.
    pub zone: ZoneName,
    /// What was booked.
    pub service: String,
    /// With whom, where that is known.
    pub staff: Option<String>,
    /// Where.
    pub place: Option<String>,
}

/// What a message says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MessageContent {
    /// The appointment stands.
    Booked(AppointmentFacts),
    /// It stands at another time.
    Rescheduled(AppointmentFacts),
    /// It is called off.
    Cancelled(AppointmentFacts),
    /// It is soon.
    Reminder(AppointmentFacts),
    /// What a company tells many.
    Campaign {
        /// In one line.
        subject: String,
        /// The text, in plain words; blank lines part paragraphs.
        text: String,
    },
}

impl MessageContent {
    /// The appointment that it is about, if any.
    pub const fn appointment(&self) -> Option<&AppointmentFacts> {
        match self {
            Self::Booked(it) | Self::Rescheduled(it) | Self::Cancelled(it) | Self::Reminder(it) => {
                Some(it)
            }
            Self::Campaign { .. } => None,
        }
    }
}

/// A message to one customer, complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomerMessage {
    /// Its id: the same whenever it is sent again, so that whoever carries it can tell.
    pub id: Uuid,
    /// Who writes.
    pub company: CompanyId,
    /// What that company is called.
    pub company_name: String,
    /// Where answers go.
    pub reply_to: Option<Email>,
    /// To whom.
    pub to: Contact,
    /// In which language: `de` or `en`.
    pub locale: String,
    /// When it was written.
    pub written_at: Instant,
    /// What it says.
    pub content: MessageContent,
    /// Where the customer can say that they want no more of this kind.
    pub unsubscribe_url: Option<String>,
}

/// Why a message was not carried.
#[derive(Debug, thiserror::Error)]
pub enum CarrierError {
    /// Perhaps later.
    #[error("the message could not be handed over: {0}")]
    Unavailable(#[source] BoxError),
    /// Never: the address, or the message, is not taken.
    #[error("the message is not taken: {0}")]
    Refused(String),
}

/// Carries messages over one channel.
///
/// May be told the same message again, when nobody knows whether the first time worked: it passes
/// the message's id on, so that the receiving side can drop the second.
#[async_trait]
pub trait MessageCarrier: Send + Sync {
    /// Over which.
    fn channel(&self) -> Channel;

    /// Hands the message over; the text says what the other side called it, where it did.
    ///
    /// # Errors
    /// [`CarrierError::Refused`] when it is never taken, also when the customer has no address of
    /// this channel; [`CarrierError::Unavailable`] for everything that may pass.
    async fn carry(&self, message: &CustomerMessage) -> Result<Option<String>, CarrierError>;

    /// Whether whoever carries is there and lets us in; for a person who sets it up.
    async fn check(&self) -> Result<(), CarrierError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.as_str()), Some(channel));
        }
    }
}
