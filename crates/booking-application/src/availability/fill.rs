//! The way to an entry: from the cache if that is provably fresh, else made once for all who wait,
//! in this process and in the others, and filed under the stamp that was read before.

use std::future::Future;
use std::time::Duration;

use booking_domain::availability::{AvailabilityEntry, EntryScope};
use booking_domain::cache_key::CacheKey;
use booking_domain::ids::CompanyId;
use booking_domain::time::{Instant, Span, TimeRange};
use tokio::time::sleep;

use super::figures::{Guard, Layer};
use super::tiers::Missed;
use super::{Source, WantedBy, Window, WindowAnswer};
use crate::Application;
use crate::use_cases::AvailabilityError;

/// How long a lease lasts: longer than a fetch takes.
pub(crate) const LEASE: Span = Span::seconds(10);
/// Who does not get the lease looks for the winner's entry so often …
const POLL: Duration = Duration::from_millis(20);
/// … and so many times, then fetches for itself.
const POLLS: u32 = 75;

/// The slots for an entry, made because the cache had none.
pub(super) struct Made {
    pub(super) slots: Vec<TimeRange>,
    pub(super) source: Source,
    pub(super) fetched_at: Instant,
    pub(super) expires_at: Instant,
}

enum Lease {
    /// To be given back with the entry.
    Ours,
    /// Nobody has it, or nobody knows: what is fetched is kept in this process only.
    None,
    /// Somebody else had it, and this is what they filed.
    Filed(AvailabilityEntry),
}

impl Application {
    /// The entry of a window; `make` is awaited when the cache has none. The mirror must have been
    /// refreshed for this request.
    pub(super) async fn through_cache(
        &self,
        window: &Window<'_>,
        by: WantedBy,
        make: impl Future<Output = Result<Made, AvailabilityError>>,
    ) -> Result<WindowAnswer, AvailabilityError> {
        let (scope, stamp) = (window.scope(), window.stamp(self));
        let (company, layer) = (scope.company, Layer::of(&window.key));
        let missed = match self.cached(&window.key, &scope, stamp).await {
            Ok(entry) => return Ok(self.hit(layer, by, entry)),
            Err(missed) => missed,
        };
        let turn = self.flights.enter(company, window.key).await;
        if let Some(retry_at) = turn.shared_failure() {
            self.count((company, layer), by, Some("failed"));
            return Err(AvailabilityError::CalendarUnavailable { retry_at });
        }
        let near = &*self.deps.near_cache;
        if let Ok(entry) = self.look(near, &window.key, &scope, stamp).await {
            return Ok(self.hit(layer, by, entry));
        }
        let lease = self.lease(window, &scope).await;
        if let Lease::Filed(entry) = lease {
            self.keep_near(&window.key, &entry, self.now()).await;
            return Ok(self.hit(layer, by, entry));
        }
        let is_ours = matches!(lease, Lease::Ours);
        match self.make_entry(window, (scope, by), (missed, make)).await {
            Ok(answer) => {
                self.file(&window.key, &answer.entry, is_ours).await;
                Ok(answer)
            }
            Err(error) => {
                if is_ours {
                    let (authority, lease) = (self.authority(), self.lease_of());
                    // It runs out by itself.
                    let _ = authority.abandon_fill(&window.key, &lease).await;
                }
                // Who waits may go where warming may not.
                if let AvailabilityError::CalendarUnavailable { retry_at } = &error
                    && by != WantedBy::Nobody
                {
                    turn.failed(*retry_at);
                }
                Err(error)
            }
        }
    }

    fn hit(&self, layer: Layer, by: WantedBy, entry: AvailabilityEntry) -> WindowAnswer {
        self.count((entry.scope.company, layer), by, None);
        WindowAnswer {
            entry,
            source: Source::Cache,
        }
    }

    /// Counts a hit, or a miss and why it is one.
    fn count(&self, of: (CompanyId, Layer), by: WantedBy, missed: Option<&'static str>) {
        match (by, missed) {
            (WantedBy::Part | WantedBy::Nobody, _) => {}
            (WantedBy::Asker, None) => self.figures.hit(of.0, of.1, self.now()),
            (WantedBy::Asker, Some(why)) => self.figures.miss(of.0, of.1, why, self.now()),
        }
    }

    /// Cuts the entry from a wider one, or makes it. What has changed while others were waited for
    /// is taken in first, so that the entry is not outdated from the start.
    async fn make_entry(
        &self,
        window: &Window<'_>,
        (scope, by): (EntryScope, WantedBy),
        (missed, make): (
            Missed,
            impl Future<Output = Result<Made, AvailabilityError>>,
        ),
    ) -> Result<WindowAnswer, AvailabilityError> {
        let layer = Layer::of(&window.key);
        self.deps.store.versions.refresh().await?;
        let stamp = window.stamp(self);
        if let Some(entry) = self.cut_from_wider(window, &scope, stamp).await {
            self.note_prevented(&missed, &entry.slots);
            return Ok(self.hit(layer, by, entry));
        }
        let made = make.await;
        // Days cut from a block that was there are a hit, like those cut from any wider entry.
        let is_hit = |made: &Made| layer == Layer::Days && made.source == Source::Cache;
        let why = (!made.as_ref().is_ok_and(is_hit)).then_some(missed.why.as_str());
        self.count((scope.company, layer), by, why);
        let made = made?;
        self.note_prevented(&missed, &made.slots);
        let entry = AvailabilityEntry {
            format: AvailabilityEntry::FORMAT,
            scope,
            stamp,
            fetched_at: made.fetched_at,
            expires_at: made.expires_at,
            slots: made.slots,
        };
        Ok(WindowAnswer {
            entry,
            source: made.source,
        })
    }

    /// An entry that was not believed, and did offer what is gone: a double booking less.
    fn note_prevented(&self, missed: &Missed, slots: &[TimeRange]) {
        let Some(outdated) = &missed.outdated else {
            return;
        };
        let now = self.now();
        let is_gone = |slot: &TimeRange| slot.start() >= now && slots.binary_search(slot).is_err();
        if outdated.slots.iter().any(is_gone) {
            let company = outdated.scope.company;
            self.figures.prevented(company, Guard::CacheValidation);
        }
    }

    /// Takes the lease, or waits for the entry of whoever has it.
    async fn lease(&self, window: &Window<'_>, scope: &EntryScope) -> Lease {
        let (authority, key) = (self.authority(), &window.key);
        // What is cut from days that are there is made at once: only who fetches is waited for.
        let is_cut = window.block(self.now().utc_day()).is_some();
        let polls = if is_cut { 0 } else { POLLS };
        for poll in 0..=polls {
            match authority.begin_fill(key, &self.lease_of()).await {
                Ok(true) => return Lease::Ours,
                Ok(false) => {}
                Err(error) => {
                    tracing::debug!(%error, "no lease: filling without one");
                    return Lease::None;
                }
            }
            if poll == polls {
                break;
            }
            if poll == 0 {
                tracing::debug!(%key, "another instance fetches: waiting for its entry");
            }
            sleep(POLL).await;
            // The winner's stamp may be younger than the one this question came with.
            if self.deps.store.versions.refresh().await.is_err() {
                return Lease::None;
            }
            let current = window.stamp(self);
            if let Ok(entry) = self.look(authority, key, scope, current).await {
                return Lease::Filed(entry);
            }
        }
        Lease::None
    }

    /// Files what only this process has, because it was brought up to date here, for the others too.
    pub(crate) async fn share(&self, window: &Window<'_>, entry: &AvailabilityEntry) {
        let Some(shared) = &self.deps.shared_cache else {
            return;
        };
        let look = self.look(&**shared, &window.key, &entry.scope, entry.stamp);
        if look.await.is_ok() {
            return;
        }
        let turn = self.flights.enter(entry.scope.company, window.key).await;
        let leased = shared.begin_fill(&window.key, &self.lease_of()).await;
        // Read after the lease: a change that came before it has outdated the entry already.
        let is_current =
            self.deps.store.versions.refresh().await.is_ok() && window.stamp(self) == entry.stamp;
        if matches!(leased, Ok(true)) && is_current {
            self.file(&window.key, entry, true).await;
        } else if matches!(leased, Ok(true)) {
            let _ = shared.abandon_fill(&window.key, &self.lease_of()).await;
        }
        drop(turn);
    }

    /// Files the entry in both tiers; one that came too late in neither.
    async fn file(&self, key: &CacheKey, entry: &AvailabilityEntry, leased: bool) {
        let now = self.now();
        let filed = if leased {
            let authority = self.authority();
            authority
                .commit_fill(key, entry, &self.lease_of(), now)
                .await
        } else {
            Ok(true)
        };
        match filed {
            Ok(accepted) => {
                let layer = Layer::of(key);
                self.figures.filled(entry.scope.company, layer, accepted);
                if !accepted {
                    return;
                }
            }
            Err(error) => tracing::warn!(%error, "an availability entry was not shared"),
        }
        if !leased || self.deps.shared_cache.is_some() {
            self.keep_near(key, entry, now).await;
        }
    }
}
