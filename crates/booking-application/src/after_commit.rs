//! What follows every commit that changed an appointment: both layers forget what it touches, or
//! learn what became of it, and the relay is woken. What fails here is repeated from the outbox.

use std::time::Duration;

use booking_domain::appointment::{Appointment, Status};
use booking_domain::availability::Raised;
use booking_domain::cache_key::CacheKey;
use booking_domain::events::EventKind;
use booking_domain::tenant::{CompanySetup, Service};
use tokio::time::timeout;

use crate::Application;
use crate::availability::{SETTLING, Update, touched, worth_warming};

/// Whoever made the change waits no longer than this for entries to be brought up to date.
const LIMIT: Duration = Duration::from_millis(50);

/// A commit that changed an appointment.
pub(crate) struct Change<'a> {
    pub(crate) before: Option<&'a Appointment>,
    pub(crate) after: &'a Appointment,
    /// The versions it raised.
    pub(crate) raised: Raised,
    /// What it took, if that is certain and nothing was given up.
    pub(crate) update: Option<Update>,
}

impl Change<'_> {
    /// What happened, in the words of the events.
    fn kind(&self) -> EventKind {
        let Some(before) = self.before else {
            return match self.after.status() {
                Status::Pending => EventKind::SlotReserved,
                _ => EventKind::AppointmentBooked,
            };
        };
        match (before.status(), self.after.status()) {
            (Status::Pending, Status::Cancelled) => EventKind::SlotReleased,
            (_, Status::Cancelled) => EventKind::AppointmentCancelled,
            (Status::Pending, Status::Confirmed) => EventKind::AppointmentBooked,
            _ if before.live_ranges().len() < self.after.live_ranges().len() => {
                EventKind::SlotReserved
            }
            _ if before.range() != self.after.range() => EventKind::AppointmentRescheduled,
            _ => EventKind::AppointmentBooked,
        }
    }
}

impl Application {
    /// Forgets and updates what the change touches, and wakes the relay.
    pub(crate) async fn after_commit(&self, setup: &CompanySetup, change: Change<'_>) {
        if let Some(service) = setup.service(change.after.booking().service)
            && self.listeners.is_on(&*self.invalidation)
        {
            self.forget_or_update(setup, service, &change).await;
        }
        self.wake_relay();
    }

    async fn forget_or_update(&self, setup: &CompanySetup, service: &Service, change: &Change<'_>) {
        let affected = touched(change.before, change.after);
        let tags = self.invalidation.tags(setup, service, &affected);
        let near = &self.deps.near_cache;
        let in_use = near.filed(&tags).await.unwrap_or_default();
        let updated = match &change.update {
            Some(update) => {
                let updated = self.updated_entries(setup, update, &change.raised);
                timeout(LIMIT, updated).await.unwrap_or_default()
            }
            None => Vec::new(),
        };
        let cause = change.kind().as_str();
        let forgotten = self.invalidation.forget(cause, setup, service, &tags).await;
        for (key, entry) in &updated {
            self.keep_near(key, entry, self.now()).await;
        }
        metrics::counter!("booking_cache_entries_updated_total").increment(updated.len() as u64);
        self.wish_for(setup, &in_use);
        if forgotten.is_ok() {
            self.invalidation.note(change.before, change.after);
        }
    }

    /// What was in use is warmed when its days have been quiet for a while.
    fn wish_for(&self, setup: &CompanySetup, in_use: &[CacheKey]) {
        let due_at = self.now() + SETTLING;
        for window in worth_warming(in_use) {
            self.warming.wish((setup.company.id, window), due_at);
        }
    }
}
