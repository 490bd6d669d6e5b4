//! Selective update: entries of this process that a booking of ours has changed, brought up to
//! date instead of forgotten. Only where it is certain what became of them
//! (`booking_domain::availability`, `AvailabilityEntry::without`).

use booking_domain::availability::{AvailabilityEntry, LiveClaim, Raised, Taken};
use booking_domain::cache_key::CacheKey;
use booking_domain::tenant::{CompanySetup, Service};

use super::Window;
use crate::Application;
use crate::use_cases::calcom_side;

impl Application {
    /// What becomes of these names after a commit that took `claim`; those left out are to be
    /// forgotten.
    pub(crate) async fn updated_entries(
        &self,
        setup: &CompanySetup,
        names: &[CacheKey],
        (claim, raised): (LiveClaim, &Raised),
    ) -> Vec<(CacheKey, AvailabilityEntry)> {
        if names.is_empty() || self.deps.versions.refresh().await.is_err() {
            return Vec::new();
        }
        let found = self.deps.near_cache.get(names).await.unwrap_or_default();
        let updated = names.iter().zip(found).filter_map(|(key, entry)| {
            let entry = entry?;
            let service = setup.service_of_event_type(key.event_type())?;
            let updated = self.updated(setup, service, &entry, (key, claim, raised))?;
            Some((*key, updated))
        });
        updated.collect()
    }

    fn updated(
        &self,
        setup: &CompanySetup,
        service: &Service,
        entry: &AvailabilityEntry,
        (key, claim, raised): (&CacheKey, LiveClaim, &Raised),
    ) -> Option<AvailabilityEntry> {
        let side = calcom_side(setup, service).ok().flatten()?;
        let window = Window::named(setup, service, side, *key);
        if entry.scope != window.scope() || self.now() >= entry.expires_at {
            return None;
        }
        let days = key.window().utc_days();
        let taken = Taken {
            claim,
            raised: raised.count(service.group, days),
            current: window.stamp(self),
        };
        entry.without(service, &taken)
    }
}
