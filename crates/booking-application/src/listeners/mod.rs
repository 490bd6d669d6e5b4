//! Who hears of which event.
//!
//! The relay hands every event of the outbox to each listener that wants its kind. Listeners may
//! hear of an event more than once, so what they do must bear repeating. Each can be switched off
//! by name (`BOOKING__LISTENERS__<NAME>=off`): the lever to pull when one of them misbehaves.

mod invalidate_caches;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ports::BoxError;

pub use invalidate_caches::InvalidateCaches;

/// Somebody who hears of events.
#[async_trait]
pub trait EventListener: Send + Sync {
    /// Its name, as in the configuration.
    fn name(&self) -> &'static str;

    /// The kinds it wants.
    fn wants(&self) -> &'static [EventKind];

    /// Hears of an event; an error means "tell me again later".
    async fn hear(&self, event: &DomainEvent) -> Result<(), BoxError>;
}

/// Every listener there is, with the kinds it wants: for those who only want to know.
pub const CATALOGUE: &[(&str, &[EventKind])] = &[(InvalidateCaches::NAME, InvalidateCaches::WANTS)];

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

    /// Tells everybody who is on and wants it; stops at the first that fails.
    pub(crate) async fn tell(&self, event: &DomainEvent) -> Result<(), BoxError> {
        for listener in &self.all {
            if self.is_on(&**listener) && listener.wants().contains(&event.kind) {
                listener.hear(event).await?;
            }
        }
        Ok(())
    }
}
