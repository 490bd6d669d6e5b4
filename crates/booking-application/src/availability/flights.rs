//! Single flight: of all who miss the same entry at once, one fetches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use booking_domain::cache_key::CacheKey;
use booking_domain::ids::CompanyId;
use tokio::sync::{Mutex as TaskMutex, OwnedMutexGuard};

type FlightKey = (CompanyId, CacheKey);

/// Who is fetching what.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<FlightKey, Arc<TaskMutex<()>>>>);

impl Flights {
    /// Waits for whoever fetches this entry. After the wait, look into the cache again.
    pub(crate) async fn enter(&self, company: CompanyId, key: CacheKey) -> OwnedMutexGuard<()> {
        let flight = {
            let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Only this map still holds a flight that has ended.
            flights.retain(|_, flight| Arc::strong_count(flight) > 1);
            flights.entry((company, key)).or_default().clone()
        };
        flight.lock_owned().await
    }
}
