//! Reading what happened to one appointment: for a person who asks why it is as it is.

use async_trait::async_trait;

use super::StoreError;
use crate::ids::{AppointmentId, CompanyId};
use crate::time::Instant;

/// What a line of a history tells of. Of what happened at the same moment, the first kind comes
/// first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HistoryKind {
    /// The appointment changed.
    Event,
    /// A saga began to carry a change to Cal.com; the detail is how far it has come.
    SagaStep,
    /// Cal.com was called or asked.
    SyncAttempt,
    /// A person was asked something, or answered.
    Review,
    /// A message to the customer.
    Notification,
    /// Somebody did something, as the audit log has it.
    Audit,
    /// It was spoken of on the telephone.
    Call,
}

impl HistoryKind {
    /// All of them, in their order.
    pub const ALL: [Self; 7] = [
        Self::Event,
        Self::SagaStep,
        Self::SyncAttempt,
        Self::Review,
        Self::Notification,
        Self::Audit,
        Self::Call,
    ];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::SagaStep => "saga_step",
            Self::SyncAttempt => "sync_attempt",
            Self::Review => "review",
            Self::Notification => "notification",
            Self::Audit => "audit",
            Self::Call => "call",
        }
    }

    /// The kind that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A line of a history. Holds no name of Cal.com's, and of the customer nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryEntry {
    /// When.
    pub at: Instant,
    /// What it tells of.
    pub kind: HistoryKind,
    /// Tells lines of one moment and kind apart, in their order.
    pub number: i64,
    /// What happened, in a stable word such as `appointment_booked` or `create.call`.
    pub name: String,
    /// Who, where that is known.
    pub actor: Option<String>,
    /// More, such as what came of a call.
    pub detail: Option<String>,
}

impl HistoryEntry {
    /// Its place in the history.
    pub fn place(&self) -> (Instant, HistoryKind, i64) {
        (self.at, self.kind, self.number)
    }
}

/// Reading histories.
#[async_trait]
pub trait History: Send + Sync {
    /// Everything that happened to the appointment, in the order of its places; nothing for another
    /// company's. An appointment has tens of lines, so that they are read together.
    async fn history(
        &self,
        company: CompanyId,
        appointment: AppointmentId,
    ) -> Result<Vec<HistoryEntry>, StoreError>;
}
