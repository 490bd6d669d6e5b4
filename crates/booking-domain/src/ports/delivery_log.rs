//! The delivery log: a row for every message that a customer should get, from when it is known to
//! be due until whoever carries it has it. Says neither to whom nor what: both are looked up when it
//! is sent.

use async_trait::async_trait;
use uuid::Uuid;

use super::{Channel, StoreError};
use crate::contact::Contact;
use crate::events::DomainEvent;
use crate::ids::{AppointmentId, CampaignId, CompanyId, CustomerId};
use crate::messages::{Consent, Fate, NotSent, Planned, Reach, Template};
use crate::time::Instant;
use crate::trace::TraceParent;

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NotificationStatus {
    /// It waits for the job that sends it.
    Queued,
    /// Whoever carries it has taken it.
    Sent,
    /// It was not to be sent.
    NotSent,
    /// It was given up.
    Failed,
}

impl NotificationStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::NotSent, Self::Failed];

    /// The word in the database, in metrics and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::NotSent => "not_sent",
            Self::Failed => "failed",
        }
    }

    /// The status that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// What a message is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum About {
    /// A change of an appointment: what its customer gets.
    Appointment {
        /// Which one.
        id: AppointmentId,
        /// Which change of it.
        sequence: i64,
    },
    /// A campaign.
    Campaign {
        /// Which one.
        id: CampaignId,
        /// For whom.
        customer: CustomerId,
    },
}

/// A message to be written into the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMessage {
    /// Its id, and its job's: the same whenever it is sent.
    pub id: Uuid,
    /// Who writes.
    pub company: CompanyId,
    /// What about.
    pub about: About,
    /// Which text, how, and when or why not.
    pub planned: Planned,
    /// The trace in which it became due.
    pub trace_parent: Option<TraceParent>,
}

impl NewMessage {
    /// How it stands at first, and why.
    pub const fn status(&self) -> (NotificationStatus, Option<&'static str>) {
        match self.planned.fate {
            Fate::Due(_) => (NotificationStatus::Queued, None),
            Fate::NotSent(why) => (NotificationStatus::NotSent, Some(why.as_str())),
        }
    }

    /// When it is due.
    pub const fn due_at(&self) -> Option<Instant> {
        match self.planned.fate {
            Fate::Due(at) => Some(at),
            Fate::NotSent(_) => None,
        }
    }
}

/// A message as the log has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoggedMessage {
    /// Its id.
    pub id: Uuid,
    /// What about.
    pub about: About,
    /// Which text.
    pub template: Template,
    /// Of a reminder, which lead time it is; else 0.
    pub lead_minutes: u32,
    /// How it travels.
    pub channel: Channel,
    /// How it stands.
    pub status: NotificationStatus,
    /// How often it was begun to hand it over.
    pub attempt: u32,
}

/// Whom a message goes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addressee {
    /// How to reach them; `None` after erasure.
    pub contact: Option<Contact>,
    /// What they said about being written to.
    pub consent: Consent,
}

/// What came of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Whoever carries it has it, and calls it so.
    Sent(Option<String>),
    /// It was not to be sent.
    NotSent(NotSent),
    /// It was given up, and why. Holds no personal data.
    Failed(String),
}

impl Outcome {
    /// The status it leads to.
    pub const fn status(&self) -> NotificationStatus {
        match self {
            Self::Sent(_) => NotificationStatus::Sent,
            Self::NotSent(_) => NotificationStatus::NotSent,
            Self::Failed(_) => NotificationStatus::Failed,
        }
    }

    /// Why, where there is something to say.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Sent(_) => None,
            Self::NotSent(why) => Some(why.as_str()),
            Self::Failed(why) => Some(why),
        }
    }
}

/// The delivery log of all companies.
#[async_trait]
pub trait DeliveryLog: Send + Sync {
    /// How the customers of these appointments can be reached, in the order asked; `None` for an
    /// appointment that is not there.
    async fn reach(
        &self,
        whose: &[(CompanyId, AppointmentId)],
    ) -> Result<Vec<Option<Reach>>, StoreError>;

    /// Writes messages down and, in the same transaction, files a job of kind `job` in
    /// `notifications` for each that is due (its id is the message's, its payload
    /// `{"message": id}`). What was written before stays as it is: of a change of an appointment
    /// there is one message of a template and lead, of a campaign one for each customer. The ids of
    /// those that are new.
    async fn file(
        &self,
        messages: &[NewMessage],
        job: &str,
        now: Instant,
    ) -> Result<Vec<Uuid>, StoreError>;

    /// A message of this company.
    async fn message(
        &self,
        company: CompanyId,
        id: Uuid,
    ) -> Result<Option<LoggedMessage>, StoreError>;

    /// A customer of this company, as of now.
    async fn addressee(
        &self,
        company: CompanyId,
        customer: CustomerId,
    ) -> Result<Option<Addressee>, StoreError>;

    /// What happened to the appointment after this change of it, whether it was relayed or not.
    async fn events_since(
        &self,
        company: CompanyId,
        about: (AppointmentId, i64),
    ) -> Result<Vec<DomainEvent>, StoreError>;

    /// Notes that it is about to be handed over: it waits again, if it was given up. False if it was
    /// sent before.
    async fn begin_try(
        &self,
        company: CompanyId,
        id: Uuid,
        now: Instant,
    ) -> Result<bool, StoreError>;

    /// Notes what came of it. What was sent stays sent.
    async fn finish(
        &self,
        company: CompanyId,
        (id, outcome): (Uuid, &Outcome),
        now: Instant,
    ) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for status in NotificationStatus::ALL {
            assert_eq!(NotificationStatus::parse(status.as_str()), Some(status));
        }
    }
}
