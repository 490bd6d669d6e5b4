//! Is this slot free, and what lies near it?

use std::sync::Arc;
use std::time::Duration;

use booking_domain::availability::{Alternative, nearest};
use booking_domain::cache_key::CacheKey;
use booking_domain::ids::{CompanyId, ServiceId, StaffId};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::{DayRange, Instant, Span, TimeRange};

use super::availability::{AvailabilityError, calcom_side, check_staff};
use crate::availability::{Source, WantedBy, Window};
use crate::{Actor, Application};

/// The question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlternativesQuestion {
    /// Of which service.
    pub service: ServiceId,
    /// The wish.
    pub start: Instant,
    /// How many at most.
    pub limit: usize,
    /// With whom, if that matters.
    pub staff: Option<StaffId>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alternatives {
    /// What was asked for.
    pub requested: TimeRange,
    /// Whether it is among what is offered.
    pub available: bool,
    /// Whether our own books say that it is taken. What is neither offered nor taken does not begin
    /// where slots begin, or is kept from us by the calendar, and nobody knows why.
    pub taken: bool,
    /// What is near, nearest first.
    pub alternatives: Vec<Alternative>,
    /// When the slots were fetched.
    pub as_of: Instant,
    /// Where they came from.
    pub source: Source,
    /// When they must not be used any more; `None` where they are kept nowhere.
    pub expires_at: Option<Instant>,
    /// The UTC days that were looked at.
    pub days: DayRange,
}

/// The free slots of a window, and what is known of them.
struct Free {
    slots: Vec<TimeRange>,
    window: TimeRange,
    as_of: Instant,
    source: Source,
    expires_at: Option<Instant>,
}

impl Free {
    /// With those of a window around it: as old as the older, as lasting as the shorter-lived.
    fn and(mut self, wider: Self) -> Self {
        self.slots.extend(wider.slots);
        if wider.source == Source::Upstream {
            self.source = Source::Upstream;
        }
        Self {
            slots: self.slots,
            window: wider.window,
            as_of: self.as_of.min(wider.as_of),
            source: self.source,
            expires_at: self.expires_at.min(wider.expires_at),
        }
    }
}

/// A layer-2 window reaches so far before and after the hour of the wish: 24 hours in all.
const HOURS_BEFORE: i64 = 11;
const HOURS_AFTER: i64 = 13;
/// Where too little is near, so many days after the wish are searched.
const DAYS_AHEAD: i64 = 14;

/// The layer-2 window around a wish.
fn near(start: Instant) -> Result<TimeRange, AvailabilityError> {
    let hour = start.floor_hour();
    TimeRange::new(
        hour - Span::hours(HOURS_BEFORE),
        hour + Span::hours(HOURS_AFTER),
    )
    .map_err(|_| AvailabilityError::RangeTooLong)
}

fn service_in(setup: &CompanySetup, id: ServiceId) -> Result<&Service, AvailabilityError> {
    setup.service(id).ok_or(AvailabilityError::ServiceNotFound)
}

impl Application {
    /// Whether `start` is free, and the free slots nearest to it.
    pub async fn alternatives(
        &self,
        company: CompanyId,
        question: &AlternativesQuestion,
    ) -> Result<Alternatives, AvailabilityError> {
        let mut found = self.near_wish(company, question).await?;
        if !found.available {
            found.taken = self.is_taken(company, question, found.requested).await?;
        }
        Ok(found)
    }

    /// Whether a hold of this wish would be refused here and now.
    async fn is_taken(
        &self,
        company: CompanyId,
        question: &AlternativesQuestion,
        wish: TimeRange,
    ) -> Result<bool, AvailabilityError> {
        let setup = self.setup_with(company).await?;
        let service = service_in(&setup, question.service)?;
        let left = self.without_ours(&setup, service, question.staff, vec![wish]);
        Ok(left.await?.is_empty())
    }

    async fn near_wish(
        &self,
        company: CompanyId,
        question: &AlternativesQuestion,
    ) -> Result<Alternatives, AvailabilityError> {
        self.deps.store.versions.refresh().await?;
        let setup = self.setup_with(company).await?;
        let service = service_in(&setup, question.service)?;
        check_staff(service, question.staff)?;
        let near = near(question.start)?;
        let mut free = self.free_in(&setup, service, question, near).await?;
        let is_wish = |slot: &TimeRange| slot.start() == question.start;
        let available = free.slots.iter().any(is_wish);
        if free.slots.iter().filter(|slot| !is_wish(slot)).count() < question.limit {
            let wide = near.padded(Span::ZERO, Span::days(DAYS_AHEAD));
            free = free.and(self.free_in(&setup, service, question, wide).await?);
        }
        Ok(Alternatives {
            requested: service.range_from(question.start),
            available,
            taken: false,
            alternatives: nearest(question.start, &free.slots, question.limit),
            as_of: free.as_of,
            source: free.source,
            expires_at: free.expires_at,
            days: free.window.utc_days(),
        })
    }

    async fn setup_with(&self, company: CompanyId) -> Result<Arc<CompanySetup>, AvailabilityError> {
        let setup = self.company(company).await?;
        setup.ok_or(AvailabilityError::ServiceNotFound)
    }

    /// What is near a wish that came to nothing. Nobody waits longer than their deadline for it:
    /// without alternatives the answer is poorer, not wrong.
    pub(crate) async fn near_a_refusal(
        &self,
        actor: &Actor,
        question: &AlternativesQuestion,
    ) -> Vec<TimeRange> {
        let limit = Duration::from_micros(actor.deadline.as_micros().unsigned_abs());
        // On the heap: whoever books carries this along, and rarely needs it.
        let asked = Box::pin(self.near_wish(actor.company, question));
        match tokio::time::timeout(limit, asked).await {
            Ok(Ok(found)) => found.alternatives.into_iter().map(|it| it.slot).collect(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        }
    }

    /// The names of the entries of both layers that a question about `start` reads, layer 1 first;
    /// none for a service that Cal.com does not know.
    pub async fn keys_near(
        &self,
        company: CompanyId,
        service: ServiceId,
        start: Instant,
    ) -> Result<Vec<CacheKey>, AvailabilityError> {
        let setup = self.setup_with(company).await?;
        let service = service_in(&setup, service)?;
        let Some(side) = calcom_side(&setup, service)? else {
            return Ok(vec![]);
        };
        let hours = Window::hours(&setup, service, side, &near(start)?);
        let days = Window::days(&setup, service, side, &hours.key.window());
        Ok(vec![days.key, hours.key])
    }

    async fn free_in(
        &self,
        setup: &CompanySetup,
        service: &Service,
        question: &AlternativesQuestion,
        window: TimeRange,
    ) -> Result<Free, AvailabilityError> {
        let now = self.now();
        let Some(side) = calcom_side(setup, service)? else {
            let slots = self
                .local_slots(setup, service, question.staff, &window)
                .await?;
            return Ok(Free {
                slots,
                window,
                as_of: now,
                source: Source::Upstream,
                expires_at: None,
            });
        };
        let narrow = window.span() <= Span::hours(HOURS_BEFORE + HOURS_AFTER);
        let answer = if narrow {
            self.hour_window(&Window::hours(setup, service, side, &window))
                .await?
        } else {
            self.day_window(
                &Window::days(setup, service, side, &window),
                WantedBy::Asker,
            )
            .await?
        };
        let (as_of, expires_at) = (answer.entry.fetched_at, answer.entry.expires_at);
        let mut slots = answer.offered((setup, service), &window, now);
        if question.staff.is_some() {
            slots = self
                .without_ours(setup, service, question.staff, slots)
                .await?;
        }
        Ok(Free {
            slots,
            window,
            as_of,
            source: answer.source,
            expires_at: Some(expires_at),
        })
    }
}
