//! Answering a window: from the cache if that is provably fresh, else from Cal.com.

use std::sync::Arc;

use booking_domain::availability::{
    AvailabilityEntry, claim_choices, remove_taken, slots_from_hours, within_hours,
};
use booking_domain::budget::Priority;
use booking_domain::ids::StaffId;
use booking_domain::ports::{CalendarError, SlotQuery};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::{Instant, TimeRange};

use super::fill::Made;
use super::{Proof, Window};
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

/// The slots of a whole window.
pub(crate) struct WindowAnswer {
    pub(crate) entry: AvailabilityEntry,
    pub(crate) source: Source,
}

/// Who wants an entry: the figures are about those who ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WantedBy {
    /// Somebody who waits for the answer.
    Asker,
    /// Nobody yet, but an entry that somebody waits for is cut from it.
    Part,
    /// Nobody yet: it is to be warm.
    Nobody,
}

impl WantedBy {
    /// How urgent it is to ask Cal.com.
    pub(super) const fn priority(self) -> Priority {
        match self {
            Self::Asker | Self::Part => Priority::Read,
            Self::Nobody => Priority::Warming,
        }
    }
}

impl WindowAnswer {
    /// What of it is offered to who asks about `part` now. The opening hours are applied here and not
    /// where entries are filled: they are ours, so a change of theirs holds for what is kept already.
    pub(crate) fn offered(
        &self,
        (setup, service): (&CompanySetup, &Service),
        part: &TimeRange,
        now: Instant,
    ) -> Vec<TimeRange> {
        let wanted = |slot: &&TimeRange| part.contains(slot) && slot.start() >= now;
        let slots = self.entry.slots.iter().filter(wanted).copied().collect();
        within_hours(slots, &service.opening_hours, setup.company.time_zone)
    }

    /// The slots that lie inside `part`, for an entry of that.
    fn cut_to(self, part: &TimeRange) -> Made {
        let Self { entry, source } = self;
        let inside = |slot: &TimeRange| part.contains(slot);
        Made {
            slots: entry.slots.into_iter().filter(inside).collect(),
            source,
            fetched_at: entry.fetched_at,
            expires_at: entry.expires_at,
        }
    }
}

impl Application {
    /// The slots of a layer-1 window. The mirror must have been refreshed for this request.
    pub(crate) async fn day_window(
        &self,
        window: &Window<'_>,
        by: WantedBy,
    ) -> Result<WindowAnswer, AvailabilityError> {
        let made = async {
            match window.block(self.now().utc_day()) {
                // On the heap: most questions do not come here.
                Some(block) => Box::pin(self.cut_from_block(window, &block)).await,
                None => self.fetched(window, by.priority()).await,
            }
        };
        self.through_cache(window, by, made).await
    }

    /// The part of the block that answers `window`. Its stamp was read before.
    async fn cut_from_block(
        &self,
        window: &Window<'_>,
        block: &Window<'_>,
    ) -> Result<Made, AvailabilityError> {
        let fetched = self.fetched(block, WantedBy::Part.priority());
        let answer = self.through_cache(block, WantedBy::Part, fetched).await?;
        Ok(answer.cut_to(&window.key.window()))
    }

    /// What Cal.com lists now, without what is ours.
    async fn fetched(
        &self,
        window: &Window<'_>,
        priority: Priority,
    ) -> Result<Made, AvailabilityError> {
        let fetched_at = self.now();
        let expires_at = window.expiry(self, fetched_at);
        Ok(Made {
            slots: self.fetch(window, priority).await?,
            source: Source::Upstream,
            fetched_at,
            expires_at,
        })
    }

    /// The slots of a layer-2 window, cut from layer 1. Its stamp is read before layer 1 is.
    pub(crate) async fn hour_window(
        &self,
        window: &Window<'_>,
    ) -> Result<WindowAnswer, AvailabilityError> {
        let hours = window.key.window();
        let side = (window.event_type, window.account);
        let days = Window::days(window.setup, window.service, side, &hours);
        let cut = async {
            let answer = self.day_window(&days, WantedBy::Asker).await?;
            Ok(answer.cut_to(&hours))
        };
        self.through_cache(window, WantedBy::Asker, cut).await
    }

    /// Asks Cal.com, then takes out what we ourselves hold or have sold.
    async fn fetch(
        &self,
        window: &Window<'_>,
        priority: Priority,
    ) -> Result<Vec<TimeRange>, AvailabilityError> {
        let query = SlotQuery {
            event_type: window.event_type,
            window: window.key.window(),
            duration_minutes: window.service.duration_minutes,
            priority,
        };
        let listed = self
            .deps
            .calendar
            .slots(window.account, &query)
            .await
            .map_err(|error| {
                let (retry_at, tried) = match &error {
                    CalendarError::NotExecuted {
                        retry_at, tried, ..
                    } => (*retry_at, *tried),
                    CalendarError::Refused(_) | CalendarError::Ambiguous { .. } => (None, true),
                };
                // What is held back is counted, and there may be a lot of it.
                if tried {
                    tracing::warn!(%error, event_type = %window.event_type, "no slots from Cal.com");
                }
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
            .store
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
