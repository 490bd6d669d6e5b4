//! Whether the calendar is well, as far as this process has seen.

use async_trait::async_trait;

use crate::breaker::BreakerView;
use crate::tenant::CalcomAccount;
use crate::time::Instant;

/// The breakers around Cal.com, one for each account.
#[async_trait]
pub trait CalendarHealth: Send + Sync {
    /// How the account's breaker stands: closed if the account was never asked.
    fn breaker(&self, account: &CalcomAccount, now: Instant) -> BreakerView;

    /// Ends when the breaker of an account has closed, and says whose. Each time is told once, to
    /// one who asks, be it later.
    async fn recovered(&self) -> CalcomAccount;
}
