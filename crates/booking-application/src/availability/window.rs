//! A window of one service, with everything that a cache entry of it depends on.

use std::hash::{DefaultHasher, Hash, Hasher};

use booking_domain::availability::{EntryScope, Stamp};
use booking_domain::cache_key::{CacheKey, DayRangeKey, HourWindowKey};
use booking_domain::ids::EventTypeId;
use booking_domain::tenant::{CalcomAccount, CompanySetup, Service};
use booking_domain::time::{Day, DayRange, Instant, Span, TimeRange};

use crate::Application;

/// So long after something was given up, Cal.com's list may not show it yet.
pub(crate) const SETTLING: Span = Span::seconds(10);
/// How long an entry lives that was fetched in that time.
const SETTLING_TTL: Span = Span::seconds(3);

/// So many days are fetched at once: yesterday, and the thirty that are warmed at a start.
const BLOCK_DAYS: i32 = 31;

/// A window of one service, with everything a cache entry of it depends on.
pub(crate) struct Window<'a> {
    pub(crate) setup: &'a CompanySetup,
    pub(crate) service: &'a Service,
    pub(crate) event_type: EventTypeId,
    pub(crate) account: &'a CalcomAccount,
    pub(crate) key: CacheKey,
}

impl<'a> Window<'a> {
    /// The window of this name.
    pub(crate) fn named(
        setup: &'a CompanySetup,
        service: &'a Service,
        (event_type, account): (EventTypeId, &'a CalcomAccount),
        key: CacheKey,
    ) -> Self {
        Self {
            setup,
            service,
            event_type,
            account,
            key,
        }
    }

    /// The layer-1 window that covers `wanted`.
    pub(crate) fn days(
        setup: &'a CompanySetup,
        service: &'a Service,
        side: (EventTypeId, &'a CalcomAccount),
        wanted: &TimeRange,
    ) -> Self {
        let days = DayRangeKey::covering(side.0, wanted);
        Self::named(setup, service, side, CacheKey::Layer1(days))
    }

    /// The layer-2 window that covers `wanted`.
    pub(crate) fn hours(
        setup: &'a CompanySetup,
        service: &'a Service,
        side: (EventTypeId, &'a CalcomAccount),
        wanted: &TimeRange,
    ) -> Self {
        let hours = HourWindowKey::covering(setup.company.id, service.branch, side.0, wanted);
        Self::named(setup, service, side, CacheKey::Layer2(hours))
    }

    /// The block of days to fetch for a window that lies in one; `None` for one that is a block
    /// itself, or lies in none.
    ///
    /// Blocks lie end to end from yesterday on: east of Greenwich a local today begins on
    /// yesterday's UTC day.
    pub(crate) fn block(&self, today: Day) -> Option<Self> {
        let days = self.key.window().utc_days();
        let yesterday = today.plus_days(-1).epoch_days();
        let ahead = days.first().epoch_days() - yesterday;
        let first = days.first().plus_days(-ahead.rem_euclid(BLOCK_DAYS));
        let block = DayRange::new(first, first.plus_days(BLOCK_DAYS - 1))?;
        let lies_in = ahead >= 0 && days != block && days.last() <= block.last();
        lies_in.then(|| {
            let side = (self.event_type, self.account);
            Self::days(self.setup, self.service, side, &block.as_utc_range())
        })
    }

    pub(crate) fn scope(&self) -> EntryScope {
        let mut account = DefaultHasher::new();
        (&self.account.base_url, &self.account.api_key).hash(&mut account);
        EntryScope {
            company: self.setup.company.id,
            event_type: self.event_type,
            group: self.service.group,
            account: format!("{:016x}", account.finish()),
            duration_minutes: self.service.duration_minutes,
            window: self.key.window(),
        }
    }

    /// The stamp of the window's days, as the mirror has it.
    pub(crate) fn stamp(&self, app: &Application) -> Stamp {
        self.stamp_over(app, &self.key)
    }

    /// The stamp of another window of the same service.
    pub(crate) fn stamp_over(&self, app: &Application, key: &CacheKey) -> Stamp {
        let days = key.window().utc_days();
        let versions = &app.deps.store.versions;
        versions.stamp(self.setup.company.id, self.service.group, days)
    }

    /// Until when slots fetched at `fetched_at` may be used.
    pub(crate) fn expiry(&self, app: &Application, fetched_at: Instant) -> Instant {
        let days = self.key.window().utc_days();
        let (company, group) = (self.setup.company.id, self.service.group);
        let freed_at = app.deps.store.versions.freed_at(company, group, days);
        let ttl = app.settings.cache_ttl;
        let settling = freed_at.is_some_and(|freed_at| fetched_at < freed_at + SETTLING);
        fetched_at + if settling { ttl.min(SETTLING_TTL) } else { ttl }
    }
}
