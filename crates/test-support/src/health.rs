//! A calendar whose breaker never opens.

use async_trait::async_trait;
use booking_domain::breaker::{Breaker, BreakerPolicy, BreakerView};
use booking_domain::ports::CalendarHealth;
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::Instant;

/// Nothing is ever wrong with it.
pub struct AlwaysWell;

#[async_trait]
impl CalendarHealth for AlwaysWell {
    fn breaker(&self, _: &CalcomAccount, now: Instant) -> BreakerView {
        Breaker::new(BreakerPolicy::default()).view(now)
    }

    async fn recovered(&self) -> CalcomAccount {
        std::future::pending().await
    }
}
