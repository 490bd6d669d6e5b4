//! Selective update: copies in this process that a booking of ours has changed, brought up to date
//! instead of forgotten. Only where it is certain what became of them
//! (`booking_domain::availability`, `AvailabilityEntry::without`).
//!
//! The copies are taken **before** the commit: a stamp that was read before cannot count it, so
//! growth by what the commit raised is this commit and no other.

use booking_domain::appointment::Appointment;
use booking_domain::availability::{AvailabilityEntry, LiveClaim, Raised, Taken};
use booking_domain::cache_key::CacheKey;
use booking_domain::tenant::{CompanySetup, Service};

use super::{Window, touched};
use crate::Application;
use crate::use_cases::calcom_side;

/// What a commit is about to take, and the copies it touches as they were before.
pub(crate) struct Update {
    claim: LiveClaim,
    kept: Vec<(CacheKey, AvailabilityEntry)>,
}

impl Application {
    /// To be called before the commit that takes `claim`; `None` if nothing can be updated.
    pub(crate) async fn to_update(
        &self,
        setup: &CompanySetup,
        (before, after): (Option<&Appointment>, &Appointment),
        claim: Option<LiveClaim>,
    ) -> Option<Update> {
        let (claim, service) = (claim?, setup.service(after.booking().service)?);
        let affected = touched(before, after);
        let tags = self.invalidation.tags(setup, service, &affected);
        let near = &self.deps.near_cache;
        let names = near.filed(&tags).await.ok()?;
        let found = near.get(&names).await.ok()?;
        let kept: Vec<_> = names
            .into_iter()
            .zip(found)
            .filter_map(|(key, entry)| Some((key, entry?)))
            .collect();
        (!kept.is_empty()).then_some(Update { claim, kept })
    }

    /// What becomes of the copies after the commit; those left out are to be forgotten.
    pub(crate) async fn updated_entries(
        &self,
        setup: &CompanySetup,
        update: &Update,
        raised: &Raised,
    ) -> Vec<(CacheKey, AvailabilityEntry)> {
        if self.deps.store.versions.refresh().await.is_err() {
            return Vec::new();
        }
        let updated = update.kept.iter().filter_map(|(key, entry)| {
            let service = setup.service_of_event_type(key.event_type())?;
            let updated = self.updated(setup, service, entry, (key, update.claim, raised))?;
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
