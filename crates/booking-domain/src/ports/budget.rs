//! How often a Cal.com account may be called, by all instances together.

use async_trait::async_trait;

use super::BoxError;
use crate::budget::{Priority, Remaining};
use crate::time::Instant;

/// Why a call may not be made now.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The budget is used up: ask again then.
    #[error("not before {0}")]
    Before(Instant),
    /// Nobody knows what is left.
    #[error("the budget cannot be read")]
    Unknown(#[source] BoxError),
}

/// The budgets of Cal.com accounts: [`Budget`](crate::budget::Budget) for each. Accounts are named
/// by a digest, never by their key.
#[async_trait]
pub trait CallBudget: Send + Sync {
    /// Counts a call in. A repeat counts another; one that was counted and not made is lost.
    async fn take(&self, account: &str, priority: Priority, now: Instant) -> Result<(), NotTaken>;

    /// Takes in what Cal.com says is left: it can only make the budget smaller. Repeating it is
    /// harmless, and losing it costs a 429 at worst.
    async fn lower(&self, account: &str, said: Remaining, now: Instant) -> Result<(), BoxError>;

    /// Lets no call through before. Repeating it is harmless.
    async fn pause(&self, account: &str, until: Instant, now: Instant) -> Result<(), BoxError>;
}
