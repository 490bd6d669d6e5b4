//! Who hears of which event.
//!
//! The relay hands the events of the outbox to each listener that wants their kind, as many at once
//! as there are, those of one appointment in their order. Listeners may hear of an event more than
//! once, so what they do must bear repeating. Each can be switched off by name (`BOOKING__LISTENERS__<NAME>=off`): the lever to pull when one of them misbehaves.

mod analytics;
mod audit_log;
mod invalidate_caches;
mod notify;
mod purge_edge;
mod reconcile;
mod sync_calcom;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ports::BoxError;

pub use analytics::Analytics;
pub use audit_log::AuditLog;
pub use invalidate_caches::InvalidateCaches;
pub use notify::Notify;
pub use purge_edge::PurgeEdge;
pub use reconcile::Reconcile;
pub(crate) use reconcile::{READ_BOOKING, read_booking};
pub use sync_calcom::SyncCalcom;

/// Somebody who hears of events.
#[async_trait]
pub trait EventListener: Send + Sync {
    /// Its name, as in the configuration.
    fn name(&self) -> &'static str;

    /// The kinds it wants.
    fn wants(&self) -> &'static [EventKind];

    /// Hears of events; an error means "tell me of all of them again".
    async fn hear(&self, events: &[&DomainEvent]) -> Result<(), BoxError>;
}

/// Every listener there is, with the kinds it wants: for those who only want to know.
pub const CATALOGUE: &[(&str, &[EventKind])] = &[
    (InvalidateCaches::NAME, InvalidateCaches::WANTS),
    (PurgeEdge::NAME, PurgeEdge::WANTS),
    (SyncCalcom::NAME, SyncCalcom::WANTS),
    (Notify::NAME, Notify::WANTS),
    (Analytics::NAME, Analytics::WANTS),
    (AuditLog::NAME, AuditLog::WANTS),
    (Reconcile::NAME, Reconcile::WANTS),
];

/// All listeners, and which are switched off.
pub struct Listeners {
    all: Vec<Arc<dyn EventListener>>,
    off: BTreeSet<String>,
}

impl Listeners {
    pub(crate) fn new(off: &BTreeSet<String>) -> Self {
        Self {
            all: Vec::new(),
            off: off.clone(),
        }
    }

    pub(crate) fn add(&mut self, listener: Arc<dyn EventListener>) {
        self.all.push(listener);
    }

    /// Whether a listener is switched on.
    pub fn is_on(&self, listener: &dyn EventListener) -> bool {
        !self.off.contains(listener.name())
    }

    /// Those who are on, in the order they are told.
    pub(crate) fn hearing(&self) -> impl Iterator<Item = &dyn EventListener> {
        let all = self.all.iter().map(|listener| &**listener);
        all.filter(|it| self.is_on(*it))
    }

    /// The listener of this name, on or off.
    pub(crate) fn named(&self, name: &str) -> Option<&dyn EventListener> {
        let all = self.all.iter().map(|listener| &**listener);
        all.into_iter().find(|listener| listener.name() == name)
    }
}
