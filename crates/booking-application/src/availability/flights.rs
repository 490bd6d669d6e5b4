//! Single flight: of all who miss the same entry at once, one fetches. If that comes to nothing,
//! all who waited hear so, instead of trying one after the other.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use booking_domain::cache_key::CacheKey;
use booking_domain::ids::CompanyId;
use booking_domain::time::Instant;
use tokio::sync::{Mutex as TaskMutex, OwnedMutexGuard};

type FlightKey = (CompanyId, CacheKey);

/// Who is fetching what.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<FlightKey, Arc<Flight>>>);

#[derive(Default)]
struct Flight {
    arrivals: AtomicU64,
    turn: Arc<TaskMutex<Option<Failed>>>,
}

/// A flight that came to nothing, for those who had arrived by then.
#[derive(Clone, Copy)]
struct Failed {
    arrivals: u64,
    retry_at: Option<Instant>,
}

/// The turn to fetch.
pub(crate) struct Turn {
    flight: Arc<Flight>,
    arrival: u64,
    guard: OwnedMutexGuard<Option<Failed>>,
}

impl Flights {
    /// Waits for whoever fetches this entry. After the wait, look into the cache again.
    pub(crate) async fn enter(&self, company: CompanyId, key: CacheKey) -> Turn {
        let flight = {
            let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Only this map still holds a flight that has ended.
            flights.retain(|_, flight| Arc::strong_count(flight) > 1);
            flights.entry((company, key)).or_default().clone()
        };
        let arrival = flight.arrivals.fetch_add(1, Ordering::Relaxed);
        let guard = flight.turn.clone().lock_owned().await;
        Turn {
            flight,
            arrival,
            guard,
        }
    }
}

impl Turn {
    /// When to ask again, if the flight this one waited for failed.
    pub(crate) fn shared_failure(&self) -> Option<Option<Instant>> {
        self.guard
            .filter(|failed| self.arrival < failed.arrivals)
            .map(|failed| failed.retry_at)
    }

    /// Whoever waits by now need not try.
    pub(crate) fn failed(mut self, retry_at: Option<Instant>) {
        *self.guard = Some(Failed {
            arrivals: self.flight.arrivals.load(Ordering::Relaxed),
            retry_at,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use booking_domain::cache_key::DayRangeKey;
    use booking_domain::ids::EventTypeId;
    use booking_domain::time::TimeRange;
    use futures_util::FutureExt;

    /// Red when who came after a failure is told of it, because others are still being told.
    #[tokio::test]
    async fn only_who_waited_hears_of_a_failure() {
        let noon = "2025-10-13T12:00:00Z".parse().unwrap();
        let day = DayRangeKey::covering(EventTypeId::new(1), &TimeRange::lasting(noon, 60));
        let (flights, company) = (Flights::default(), CompanyId::new(15));
        let enter = || flights.enter(company, CacheKey::Layer1(day)).boxed();
        let first = enter().await;
        let mut waiting = enter();
        assert!(waiting.as_mut().now_or_never().is_none());
        first.failed(Some(noon));
        let mut late = enter();
        assert!(late.as_mut().now_or_never().is_none(), "it is not its turn");
        let waited = waiting.await;
        assert_eq!(waited.shared_failure(), Some(Some(noon)));
        drop(waited);
        assert_eq!(late.await.shared_failure(), None);
    }
}
