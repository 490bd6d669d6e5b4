//! The real clock and the real source of ids: the only place that asks the machine for either.

use booking_domain::ports::{Clock, IdSource};
use booking_domain::time::Instant;
use uuid::Uuid;

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Clock port's system adapter"
    )]
    fn now(&self) -> Instant {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_micros() as i64);
        Instant::from_unix_micros(since_epoch).expect("the machine's clock is set to this age")
    }
}

/// The machine's randomness.
pub(crate) struct SystemIds;

impl IdSource for SystemIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the IdSource port's system adapter"
    )]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret_bytes(&self) -> [u8; 32] {
        rand::random()
    }
}
