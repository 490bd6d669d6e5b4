//! Answering a window: from the cache if that is provably fresh, else from Cal.com.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use booking_domain::availability::{
    AvailabilityEntry, EntryScope, Stamp, claim_choices, remove_taken, slots_from_hours,
};
use booking_domain::cache_key::{CacheKey, DayRangeKey, HourWindowKey};
use booking_domain::ids::{EventTypeId, StaffId};
use booking_domain::ports::{CalendarError, SlotQuery};
use booking_domain::tenant::{CalcomAccount, CompanySetup, Service};
use booking_domain::time::{Instant, TimeRange};

use super::Proof;
use super::tiers::count_read;
use crate::Application;
use crate::use_cases::AvailabilityError;

/// Where an answer came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Fetched for this question.
    Upstream,
    /// From a cache entry that is provably fresh.
    Cache,
    /// From an entry that may be out of date, as the caller allowed.
    StaleFallback,
}

impl Source {
    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Cache => "cache",
            Self::StaleFallback => "stale_fallback",
        }
    }
}

/// What is free.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Availability {
    /// The set-up it was answered under.
    pub setup: Arc<CompanySetup>,
    /// What was asked for.
    pub service: Service,
    /// The free slots, in order.
    pub slots: Vec<TimeRange>,
    /// Where the answer came from.
    pub source: Source,
    /// When the slots were fetched.
    pub as_of: Instant,
    /// What it depends on; `None` for an answer that cannot be given twice.
    pub proof: Option<Proof>,
}

/// A window of one service, with everything a cache entry of it depends on.
pub(crate) struct Window<'a> {
    pub(crate) setup: &'a CompanySetup,
    pub(crate) service: &'a Service,
    pub(crate) event_type: EventTypeId,
    pub(crate) account: &'a CalcomAccount,
    pub(crate) key: CacheKey,
}

/// The slots of a whole window.
pub(crate) struct WindowAnswer {
    pub(crate) entry: AvailabilityEntry,
    pub(crate) source: Source,
}

impl<'a> Window<'a> {
    /// The layer-1 window that covers `wanted`.
    pub(crate) fn days(
        setup: &'a CompanySetup,
        service: &'a Service,
        (event_type, account): (EventTypeId, &'a CalcomAccount),
        wanted: &TimeRange,
    ) -> Self {
        let key = CacheKey::Layer1(DayRangeKey::covering(event_type, wanted));
        Self {
            setup,
            service,
            event_type,
            account,
            key,
        }
    }

    /// The layer-2 window that covers `wanted`.
    pub(crate) fn hours(
        setup: &'a CompanySetup,
        service: &'a Service,
        (event_type, account): (EventTypeId, &'a CalcomAccount),
        wanted: &TimeRange,
    ) -> Self {
        let company = setup.company.id;
        let hours = HourWindowKey::covering(company, service.branch, event_type, wanted);
        Self {
            setup,
            service,
            event_type,
            account,
            key: CacheKey::Layer2(hours),
        }
    }

    fn scope(&self) -> EntryScope {
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

    fn stamp(&self, app: &Application) -> Stamp {
        let days = self.key.window().utc_days();
        app.deps
            .versions
            .stamp(self.setup.company.id, self.service.group, days)
    }
}

impl Application {
    /// The slots of a layer-1 window. The mirror must have been refreshed for this request.
    pub(crate) async fn day_window(
        &self,
        window: &Window<'_>,
    ) -> Result<WindowAnswer, AvailabilityError> {
        let (scope, stamp) = (window.scope(), window.stamp(self));
        let found = self.cached(&window.key, &scope, stamp, self.now()).await;
        count_read(&window.key, &found);
        if let Ok(entry) = found {
            return Ok(WindowAnswer {
                entry,
                source: Source::Cache,
            });
        }
        let _flight = self.flights.enter(scope.company, window.key).await;
        if let Ok(entry) = self.cached(&window.key, &scope, stamp, self.now()).await {
            return Ok(WindowAnswer {
                entry,
                source: Source::Cache,
            });
        }
        let fetched_at = self.now();
        let slots = self.fetch(window).await?;
        let entry = AvailabilityEntry {
            format: AvailabilityEntry::FORMAT,
            scope,
            stamp,
            fetched_at,
            expires_at: fetched_at + self.settings.cache_ttl,
            slots,
        };
        self.fill(&window.key, &entry, fetched_at).await;
        Ok(WindowAnswer {
            entry,
            source: Source::Upstream,
        })
    }

    /// The slots of a layer-2 window, cut from layer 1. Its stamp is read before layer 1 is.
    pub(crate) async fn hour_window(
        &self,
        window: &Window<'_>,
    ) -> Result<WindowAnswer, AvailabilityError> {
        let (scope, stamp) = (window.scope(), window.stamp(self));
        let found = self.cached(&window.key, &scope, stamp, self.now()).await;
        count_read(&window.key, &found);
        if let Ok(entry) = found {
            return Ok(WindowAnswer {
                entry,
                source: Source::Cache,
            });
        }
        let account = (window.event_type, window.account);
        let days = Window::days(window.setup, window.service, account, &scope.window);
        let WindowAnswer {
            entry: whole,
            source,
        } = self.day_window(&days).await?;
        let inside = |slot: &&TimeRange| scope.window.contains(slot);
        let entry = AvailabilityEntry {
            slots: whole.slots.iter().filter(inside).copied().collect(),
            scope,
            stamp,
            ..whole
        };
        self.fill(&window.key, &entry, self.now()).await;
        Ok(WindowAnswer { entry, source })
    }

    /// Asks Cal.com, then takes out what we ourselves hold or have sold.
    async fn fetch(&self, window: &Window<'_>) -> Result<Vec<TimeRange>, AvailabilityError> {
        let query = SlotQuery {
            event_type: window.event_type,
            window: window.key.window(),
            duration_minutes: window.service.duration_minutes,
        };
        let listed = self
            .deps
            .calendar
            .slots(window.account, &query)
            .await
            .map_err(|error| {
                let retry_at = match &error {
                    CalendarError::NotExecuted { retry_at, .. } => *retry_at,
                    CalendarError::Refused(_) | CalendarError::Ambiguous { .. } => None,
                };
                tracing::warn!(%error, event_type = %window.event_type, "no slots from Cal.com");
                AvailabilityError::CalendarUnavailable { retry_at }
            })?;
        self.without_ours(window.setup, window.service, None, listed)
            .await
    }

    /// Takes out the slots for which everybody who could serve them is taken by us.
    pub(crate) async fn without_ours(
        &self,
        setup: &CompanySetup,
        service: &Service,
        staff: Option<StaffId>,
        slots: Vec<TimeRange>,
    ) -> Result<Vec<TimeRange>, AvailabilityError> {
        let (Some(first), Some(last)) = (slots.first(), slots.last()) else {
            return Ok(slots);
        };
        let reached = TimeRange::new(first.start(), last.end())
            .map(|range| service.padded(&range))
            .unwrap_or(*first);
        let claims = self
            .deps
            .queries
            .live_claims(setup.company.id, service.group, reached)
            .await?;
        let choices = claim_choices(service, staff);
        Ok(remove_taken(
            slots,
            &choices,
            |slot| service.padded(slot),
            &claims,
        ))
    }

    /// The slots of a service that Cal.com does not know.
    pub(crate) async fn local_slots(
        &self,
        setup: &CompanySetup,
        service: &Service,
        staff: Option<StaffId>,
        window: &TimeRange,
    ) -> Result<Vec<TimeRange>, AvailabilityError> {
        let slots = slots_from_hours(service, setup.company.time_zone, window, self.now());
        self.without_ours(setup, service, staff, slots).await
    }

    /// An old answer for a caller who prefers that to none.
    pub(crate) async fn stale_window(&self, window: &Window<'_>) -> Option<WindowAnswer> {
        let entry = self.any_entry(&window.key, &window.scope()).await?;
        Some(WindowAnswer {
            entry,
            source: Source::StaleFallback,
        })
    }
}
