//! Debug builds end themselves where a test tells them to, as a machine that fails would.
//!
//! `BOOKING_FAILPOINT=after_hold:3` aborts the process when it comes to that place for the third
//! time. A release build has none of this.

use std::sync::Arc;

use booking_domain::ports::{NoProbe, Probe};

/// What hears how far a wish has come.
pub(crate) fn probe() -> anyhow::Result<Arc<dyn Probe>> {
    #[cfg(debug_assertions)]
    if let Ok(wanted) = std::env::var(armed::VARIABLE) {
        return Ok(Arc::new(armed::Failpoint::parse(&wanted)?));
    }
    Ok(Arc::new(NoProbe))
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::atomic::{AtomicU32, Ordering};

    use anyhow::Context;
    use booking_domain::ports::{PLACES, Probe};

    pub(super) const VARIABLE: &str = "BOOKING_FAILPOINT";

    pub(super) struct Failpoint {
        place: &'static str,
        left: AtomicU32,
    }

    impl Failpoint {
        pub(super) fn parse(wanted: &str) -> anyhow::Result<Self> {
            let (name, nth) = wanted.split_once(':').unwrap_or((wanted, "1"));
            let place = PLACES.into_iter().find(|place| *place == name);
            let nth = nth.parse().ok().filter(|nth| *nth > 0);
            let (place, nth) = place.zip(nth).with_context(|| {
                let places = PLACES.join(", ");
                format!("{VARIABLE}={wanted}: say name:n, with a name of {places} and n from 1")
            })?;
            let left = AtomicU32::new(nth);
            Ok(Self { place, left })
        }
    }

    impl Probe for Failpoint {
        fn reached(&self, at: &'static str) {
            if at == self.place && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
                std::process::abort();
            }
        }
    }
}
