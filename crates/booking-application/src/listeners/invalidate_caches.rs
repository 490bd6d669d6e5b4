//! The hygiene line: after a change, both layers forget what it touches.
//!
//! Correctness does not depend on it (a stale entry fails its stamp), but nothing wrong is left
//! lying about. It runs right after the commit, and from the outbox until it succeeds where that
//! failed or the process died; a failure is logged and counted, and never reaches whoever made the change.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use booking_domain::appointment::Appointment;
use booking_domain::cache_key::{Tag, tags_touched};
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ids::{AppointmentId, CompanyId, EventTypeId};
use booking_domain::ports::{AvailabilityCache, BoxError, CacheError, Clock, Deleted};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::TimeRange;

use super::EventListener;
use crate::Deps;
use crate::availability::{Figures, widened};
use crate::directory::Directory;

/// Forgets what a change touches, in both tiers.
pub struct InvalidateCaches {
    near: Arc<dyn AvailabilityCache>,
    shared: Option<Arc<dyn AvailabilityCache>>,
    clock: Arc<dyn Clock>,
    directory: Directory,
    figures: Figures,
    /// After and up to which change of an appointment this process has forgotten already.
    done: Mutex<HashMap<AppointmentId, (i64, i64)>>,
}

/// Bounds the memory of what is done: beyond it a repetition is cheaper than remembering.
const MOST_REMEMBERED: usize = 10_000;

impl InvalidateCaches {
    /// Its name, as in the configuration.
    pub const NAME: &str = "invalidate_caches";
    /// The kinds it wants: whatever changes what is free.
    pub const WANTS: &[EventKind] = &[
        EventKind::SlotReserved,
        EventKind::SlotReleased,
        EventKind::AppointmentBooked,
        EventKind::AppointmentRescheduled,
        EventKind::AppointmentCancelled,
    ];

    pub(crate) fn new(deps: &Deps, directory: Directory, figures: Figures) -> Self {
        Self {
            near: deps.near_cache.clone(),
            shared: deps.shared_cache.clone(),
            clock: deps.clock.clone(),
            directory,
            figures,
            done: Mutex::default(),
        }
    }

    /// Remembers that what changed between the two is forgotten, so that the relay need not repeat
    /// it. What failed before, or was another process's to forget, is still to be told.
    pub(crate) fn note(&self, before: Option<&Appointment>, after: &Appointment) {
        let from = before.map_or(0, Appointment::version);
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if done.len() >= MOST_REMEMBERED {
            done.clear();
        }
        let known = done.get(&after.id()).filter(|(_, upto)| *upto == from);
        let from = known.map_or(from, |(from, _)| *from);
        done.insert(after.id(), (from, after.version()));
    }

    fn is_done(&self, event: &DomainEvent) -> bool {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.get(&event.appointment)
            .is_some_and(|(from, upto)| *from < event.sequence && event.sequence <= *upto)
    }

    /// The tags of every entry of the service's group that these ranges touch.
    pub(crate) fn tags(
        &self,
        setup: &CompanySetup,
        service: &Service,
        affected: &[TimeRange],
    ) -> Vec<Tag> {
        tags_touched(
            &event_types(setup, service),
            &widened(setup, service, affected),
        )
    }

    /// Forgets every entry of the service's group under these [`tags`](Self::tags).
    pub(crate) async fn forget(
        &self,
        cause: &'static str,
        setup: &CompanySetup,
        service: &Service,
        tags: &[Tag],
    ) -> Result<(), CacheError> {
        if tags.is_empty() {
            tracing::warn!(cause, service = %service.id, "no Cal.com event type: nothing to forget");
            metrics::counter!("booking_event_type_missing_total").increment(1);
            return Ok(());
        }
        let began = self.clock.now();
        let result = self.delete(tags).await;
        let now = self.clock.now();
        let seconds = now.since(began).as_seconds_f64();
        metrics::histogram!("booking_cache_invalidation_seconds").record(seconds);
        metrics::counter!("booking_cache_invalidation_causes_total", "cause" => cause).increment(1);
        self.figures
            .invalidated(setup.company.id, result.as_ref().ok(), now);
        let days: BTreeSet<_> = tags.iter().map(|tag| tag.day.to_string()).collect();
        let days = days.into_iter().collect::<Vec<_>>().join(",");
        match &result {
            Ok(deleted) => tracing::info!(
                cause,
                event_types = ?event_types(setup, service).iter().map(|it| it.get()).collect::<Vec<_>>(),
                days,
                keys_deleted = deleted.layer1 + deleted.layer2,
                total_keys = deleted.total_keys,
                ms = seconds * 1_000.0,
                "cache invalidated"
            ),
            Err(error) => {
                let error = error as &dyn std::error::Error;
                tracing::error!(error, cause, days, "cache invalidation failed");
            }
        }
        result.map(|_| ())
    }

    /// Forgets every entry of an event type, because somebody wants it so.
    pub(crate) async fn clear(
        &self,
        company: CompanyId,
        event_type: EventTypeId,
    ) -> Result<Deleted, CacheError> {
        let near = self.near.clear(event_type).await?;
        let result = match &self.shared {
            Some(shared) => shared.clear(event_type).await,
            None => Ok(near),
        };
        metrics::counter!("booking_cache_invalidation_causes_total", "cause" => "operator")
            .increment(1);
        self.figures
            .invalidated(company, result.as_ref().ok(), self.clock.now());
        match &result {
            Ok(deleted) => tracing::info!(
                cause = "operator",
                event_type = event_type.get(),
                keys_deleted = deleted.layer1 + deleted.layer2,
                "cache invalidated"
            ),
            Err(error) => {
                let error = error as &dyn std::error::Error;
                tracing::error!(error, cause = "operator", "cache invalidation failed");
            }
        }
        result
    }

    async fn delete(&self, tags: &[Tag]) -> Result<Deleted, CacheError> {
        let near = self.near.invalidate(tags).await?;
        match &self.shared {
            Some(shared) => shared.invalidate(tags).await,
            None => Ok(near),
        }
    }
}

/// The event types of the service's group.
fn event_types(setup: &CompanySetup, service: &Service) -> Vec<EventTypeId> {
    setup
        .group(service.group)
        .filter_map(|service| service.event_type)
        .collect()
}

#[async_trait]
impl EventListener for InvalidateCaches {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self) -> &'static [EventKind] {
        Self::WANTS
    }

    async fn hear(&self, events: &[&DomainEvent]) -> Result<(), BoxError> {
        for event in events {
            if !self.is_done(event) {
                self.forget_after(event).await?;
            }
        }
        Ok(())
    }
}

impl InvalidateCaches {
    async fn forget_after(&self, event: &DomainEvent) -> Result<(), BoxError> {
        let Some(setup) = self.directory.company(event.company).await? else {
            return Ok(());
        };
        let Some(service) = setup.service(event.service) else {
            return Ok(());
        };
        let tags = self.tags(&setup, service, &event.affected);
        self.forget(event.kind.as_str(), &setup, service, &tags)
            .await?;
        Ok(())
    }
}
