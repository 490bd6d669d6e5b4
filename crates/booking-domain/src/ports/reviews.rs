//! Questions to a person: opened with the appointment, resolved once.

use async_trait::async_trait;

use super::StoreError;
use crate::ids::{AppointmentId, CompanyId, ReviewId};
use crate::time::Instant;

/// What a person decided.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ReviewAction {
    /// Our side counts: Cal.com is made to follow.
    KeepLocal,
    /// Cal.com's side counts: we follow.
    KeepCalcom,
    /// Go on with what was given up.
    Retry,
    /// Nothing is to be done.
    Dismiss,
    /// Nobody decided: it settled itself.
    Settled,
}

impl ReviewAction {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::KeepLocal,
        Self::KeepCalcom,
        Self::Retry,
        Self::Dismiss,
        Self::Settled,
    ];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeepLocal => "keep_local",
            Self::KeepCalcom => "keep_calcom",
            Self::Retry => "retry",
            Self::Dismiss => "dismiss",
            Self::Settled => "settled",
        }
    }

    /// The action that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// The answer to a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolution {
    /// When.
    pub at: Instant,
    /// What was decided.
    pub action: ReviewAction,
    /// By whom.
    pub by: String,
    /// In their words.
    pub note: Option<String>,
}

/// A question to a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReviewItem {
    /// Names it.
    pub id: ReviewId,
    /// About which appointment.
    pub appointment: AppointmentId,
    /// The stable reason, such as `host_conflict`.
    pub reason: String,
    /// For people.
    pub detail: String,
    /// Since when.
    pub opened_at: Instant,
    /// The answer, once there is one.
    pub resolution: Option<Resolution>,
}

/// Which questions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReviewFilter {
    /// The answered ones too.
    pub resolved_too: bool,
    /// Those after this place, in the order of opening and id.
    pub after: Option<(Instant, ReviewId)>,
}

/// Questions inside a unit of work.
#[async_trait]
pub trait ReviewLog {
    /// Asks, unless the same question about the appointment is open.
    async fn open_review(&mut self, review: &ReviewItem) -> Result<(), StoreError>;

    /// One question, locked until the unit of work ends; `None` if this company has none such.
    async fn find_review(&mut self, id: ReviewId) -> Result<Option<ReviewItem>, StoreError>;

    /// The open questions about an appointment, oldest first.
    async fn open_reviews(
        &mut self,
        appointment: AppointmentId,
    ) -> Result<Vec<ReviewItem>, StoreError>;

    /// Files the answer; `false` if there was one before.
    async fn resolve_review(
        &mut self,
        id: ReviewId,
        resolution: &Resolution,
    ) -> Result<bool, StoreError>;
}

/// Reading a company's questions.
#[async_trait]
pub trait ReviewQueries: Send + Sync {
    /// Up to `limit` of them, oldest first.
    async fn reviews(
        &self,
        company: CompanyId,
        filter: ReviewFilter,
        limit: u32,
    ) -> Result<Vec<ReviewItem>, StoreError>;
}
