//! What every command carries, and the failure every command can have.

use booking_domain::error::{Classified, ErrorKind};
use booking_domain::ids::CompanyId;
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::StoreError;
use booking_domain::time::Span;

/// Who wants something, and how long they wait for the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    /// For which company.
    pub company: CompanyId,
    /// Where the wish began.
    pub origin: SyncOrigin,
    /// Who, such as `api key bk_15_ab` or `call`.
    pub by: String,
    /// After this the answer is "pending".
    pub deadline: Span,
}

impl Actor {
    /// The same with what is left of the deadline since `begun`.
    pub(crate) fn since(&self, begun: tokio::time::Instant) -> Self {
        let spent = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let left = (self.deadline.as_micros() / 1_000).saturating_sub(spent);
        Self {
            deadline: Span::millis(left.max(0)),
            ..self.clone()
        }
    }
}

/// Something broke that is nobody's fault who asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A task of ours ended without an answer.
    #[error("the command was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
    /// A state that this program could not have written.
    #[error("the appointment is in a state that does not fit: {0}")]
    Inconsistent(String),
}

impl Classified for Failure {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(StoreError::Unavailable { .. }) => ErrorKind::Unavailable,
            Self::Store(StoreError::Changed | StoreError::Conflict(_)) => ErrorKind::Conflict,
            Self::Store(StoreError::Corrupt { .. })
            | Self::Interrupted(_)
            | Self::Inconsistent(_) => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self.kind() {
            ErrorKind::Unavailable => "store_unavailable",
            ErrorKind::Conflict => "changed_meanwhile",
            _ => "internal_error",
        }
    }
}
