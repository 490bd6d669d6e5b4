//! The hygiene line: after a change, both layers forget what it touches.
//!
//! Correctness does not depend on it (a stale entry fails its stamp), but nothing wrong is left
//! lying about. It runs once right after the commit and again from the outbox until it succeeds; a
//! failure is logged and counted, and never reaches whoever made the change.

use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::cache_key::tags_touched;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::{AvailabilityCache, BoxError, CacheError, Clock, Deleted};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::TimeRange;

use super::EventListener;
use crate::availability::widened;
use crate::directory::Directory;
use crate::{Application, Deps};

/// Forgets what a change touches, in both tiers.
pub struct InvalidateCaches {
    near: Arc<dyn AvailabilityCache>,
    shared: Option<Arc<dyn AvailabilityCache>>,
    clock: Arc<dyn Clock>,
    directory: Directory,
}

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

    pub(crate) fn new(deps: &Deps, directory: Directory) -> Self {
        Self {
            near: deps.near_cache.clone(),
            shared: deps.shared_cache.clone(),
            clock: deps.clock.clone(),
            directory,
        }
    }

    /// Forgets every entry of the service's group that these ranges touch.
    pub(crate) async fn forget(
        &self,
        cause: &str,
        setup: &CompanySetup,
        service: &Service,
        affected: &[TimeRange],
    ) -> Result<(), CacheError> {
        let event_types: Vec<EventTypeId> = setup
            .group(service.group)
            .filter_map(|service| service.event_type)
            .collect();
        if event_types.is_empty() {
            tracing::warn!(cause, service = %service.id, "no Cal.com event type: nothing to forget");
            metrics::counter!("booking_event_type_missing_total").increment(1);
            return Ok(());
        }
        let reached = widened(setup, service, affected);
        let tags = tags_touched(&event_types, &reached);
        let began = self.clock.now();
        let result = self.delete(&tags).await;
        let seconds = self.clock.now().since(began).as_seconds_f64();
        metrics::histogram!("booking_cache_invalidation_seconds").record(seconds);
        let days: Vec<_> = tags.iter().map(|tag| tag.day.to_string()).collect();
        match &result {
            Ok(deleted) => {
                count("ok", Some(deleted));
                tracing::info!(
                    cause,
                    event_types = ?event_types.iter().map(|it| it.get()).collect::<Vec<_>>(),
                    days = days.join(","),
                    keys_deleted = deleted.layer1 + deleted.layer2,
                    total_keys = deleted.total_keys,
                    ms = seconds * 1_000.0,
                    "cache invalidated"
                );
            }
            Err(error) => {
                count("failed", None);
                let error = error as &dyn std::error::Error;
                tracing::error!(
                    error,
                    cause,
                    days = days.join(","),
                    "cache invalidation failed"
                );
            }
        }
        result.map(|_| ())
    }

    async fn delete(&self, tags: &[booking_domain::cache_key::Tag]) -> Result<Deleted, CacheError> {
        let near = self.near.invalidate(tags).await?;
        match &self.shared {
            Some(shared) => shared.invalidate(tags).await,
            None => Ok(near),
        }
    }
}

fn count(result: &'static str, deleted: Option<&Deleted>) {
    let deleted = deleted.copied().unwrap_or_default();
    for (layer, keys) in [
        ("calcom_slots", deleted.layer1),
        ("alternative_slots", deleted.layer2),
    ] {
        metrics::counter!("booking_cache_invalidations_total", "layer" => layer, "result" => result)
            .increment(1);
        metrics::counter!("booking_cache_keys_deleted_total", "layer" => layer).increment(keys);
    }
}

#[async_trait]
impl EventListener for InvalidateCaches {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self) -> &'static [EventKind] {
        Self::WANTS
    }

    async fn hear(&self, event: &DomainEvent) -> Result<(), BoxError> {
        let Some(setup) = self.directory.company(event.company).await? else {
            return Ok(());
        };
        let Some(service) = setup.service(event.service) else {
            return Ok(());
        };
        self.forget(event.kind.as_str(), &setup, service, &event.affected)
            .await?;
        Ok(())
    }
}

impl Application {
    /// The quick pass right after a commit. What fails here is repeated from the outbox.
    pub(crate) async fn forget_availability(
        &self,
        setup: &CompanySetup,
        service: &Service,
        affected: &[TimeRange],
    ) {
        if self.listeners.is_on(&*self.invalidation) && !affected.is_empty() {
            let _ = self
                .invalidation
                .forget("commit", setup, service, affected)
                .await;
        }
    }
}
