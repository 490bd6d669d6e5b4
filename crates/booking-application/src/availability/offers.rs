//! Stale detection: what our caches said of a slot at the moment somebody booked it. If Cal.com
//! then refuses, the offer was wrong: somebody took the slot without our being told.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::{AppointmentId, CompanyId};
use booking_domain::ports::AvailabilityCache;
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::{Instant, Span, TimeRange};

use super::Window;
use crate::Application;
use crate::use_cases::calcom_side;

/// A slot that an entry offered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Offer {
    fetched_at: Instant,
    /// Which tier had the entry.
    source: &'static str,
}

/// The tiers that may have had the entry, as metrics name them.
pub(super) const PROCESS: &str = "process";
pub(super) const SHARED: &str = "shared";

/// Of so many bookings under way the offer is known; beyond that some go unnoticed.
const MOST: usize = 10_000;
/// Of the entries that may offer a slot, so many are looked at.
const MOST_ENTRIES: usize = 4;

/// The offers behind the bookings that Cal.com has not answered yet.
#[derive(Default)]
pub(crate) struct Offers(Mutex<HashMap<AppointmentId, Offer>>);

impl Offers {
    fn keep(&self, appointment: AppointmentId, offer: Offer) {
        let mut offers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if offers.len() < MOST {
            offers.insert(appointment, offer);
        }
    }

    fn take(&self, appointment: AppointmentId) -> Option<Offer> {
        let mut offers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        offers.remove(&appointment)
    }
}

impl Application {
    /// What a valid entry of either tier says of this slot. A cache that does not answer says
    /// nothing.
    pub(crate) async fn offer_of(
        &self,
        setup: &CompanySetup,
        service: &Service,
        slot: &TimeRange,
    ) -> Option<Offer> {
        let near = &*self.deps.near_cache;
        if let Some(offer) = self.offer_in((near, PROCESS), setup, service, slot).await {
            return Some(offer);
        }
        let shared = &**self.deps.shared_cache.as_ref()?;
        let tier = (shared, SHARED);
        self.offer_in(tier, setup, service, slot).await
    }

    async fn offer_in(
        &self,
        (cache, source): (&dyn AvailabilityCache, &'static str),
        setup: &CompanySetup,
        service: &Service,
        slot: &TimeRange,
    ) -> Option<Offer> {
        let side = calcom_side(setup, service).ok().flatten()?;
        let day = Tag {
            event_type: side.0,
            day: slot.start().utc_day(),
        };
        let mut names = cache.filed(&[day]).await.ok()?;
        names.retain(|key| key.window().contains(slot));
        names.truncate(MOST_ENTRIES);
        let entries = cache.get(&names).await.ok()?;
        let now = self.now();
        let named = |key: &CacheKey| Window::named(setup, service, side, *key);
        names.iter().zip(entries).find_map(|(key, entry)| {
            let (entry, window) = (entry?, named(key));
            let current = window.stamp(self);
            entry.check(&window.scope(), current, now).ok()?;
            entry.slots.contains(slot).then_some(Offer {
                fetched_at: entry.fetched_at,
                source,
            })
        })
    }

    /// A slot is held: remembers the offer until Cal.com has answered, and counts how old it was.
    /// What no entry offered counts as just asked.
    pub(crate) fn note_offer(
        &self,
        company: CompanyId,
        appointment: AppointmentId,
        offer: Option<Offer>,
    ) {
        let age = offer.map_or(Span::ZERO, |offer| self.now().since(offer.fetched_at));
        self.figures.booked(company, age);
        if let Some(offer) = offer {
            self.offers.keep(appointment, offer);
        }
    }

    /// Cal.com has answered. If the slot is taken there, what offered it was stale. The commit that
    /// gives the hold back makes the entries of its days outdated.
    pub(crate) fn settle_offer(
        &self,
        company: CompanyId,
        appointment: AppointmentId,
        is_taken: bool,
    ) {
        let Some(offer) = self.offers.take(appointment) else {
            return;
        };
        if is_taken {
            let now = self.now();
            self.figures.stale_detected(company, offer.source, now);
            tracing::warn!(
                %appointment,
                source = offer.source,
                age_seconds = now.since(offer.fetched_at).as_seconds_f64(),
                "Cal.com refused a slot that our cache offered"
            );
        }
    }
}
