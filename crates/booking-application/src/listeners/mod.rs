//! Who hears of which event.
//!
//! The relay hands every event of the outbox to each listener that wants its kind. Listeners may
//! hear of an event more than once, so what they do must bear repeating. Each can be switched off
//! by name (`BOOKING__LISTENERS__<NAME>=off`): the lever to pull when one of them misbehaves.

mod invalidate_caches;
mod purge_edge;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ports::BoxError;

pub use invalidate_caches::InvalidateCaches;
pub use purge_edge::PurgeEdge;

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
pub const CATALOGUE: &[(&str, &[EventKind])] = &[
    (InvalidateCaches::NAME, InvalidateCaches::WANTS),
    (PurgeEdge::NAME, PurgeEdge::WANTS),
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

    /// Tells everybody who is on and wants it, whoever else fails; the first failure counts.
    pub(crate) async fn tell(&self, event: &DomainEvent) -> Result<(), BoxError> {
        let mut told = Ok(());
        for listener in &self.all {
            if self.is_on(&**listener) && listener.wants().contains(&event.kind) {
                told = told.and(listener.hear(event).await);
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use booking_domain::ids::{AppointmentId, CompanyId, ServiceId};
    use booking_domain::origin::SyncOrigin;
    use booking_domain::time::Instant;

    use super::*;

    struct Ear {
        deaf: bool,
        heard: AtomicU32,
    }

    #[async_trait]
    impl EventListener for Ear {
        fn name(&self) -> &'static str {
            "ear"
        }

        fn wants(&self) -> &'static [EventKind] {
            &[EventKind::SlotReserved]
        }

        async fn hear(&self, _: &DomainEvent) -> Result<(), BoxError> {
            self.heard.fetch_add(1, Ordering::SeqCst);
            if self.deaf {
                Err("deaf".into())
            } else {
                Ok(())
            }
        }
    }

    fn event() -> DomainEvent {
        DomainEvent {
            company: CompanyId::new(15),
            appointment: AppointmentId::new(Default::default()),
            sequence: 1,
            kind: EventKind::SlotReserved,
            service: ServiceId::new(1),
            event_type: None,
            branch: None,
            affected: vec![],
            origin: SyncOrigin::Api,
            occurred_at: Instant::from_unix_seconds(0).expect("a moment"),
        }
    }

    /// Red when the first failure ends the round, or a later success covers it up.
    #[tokio::test]
    async fn who_fails_keeps_nobody_else_from_hearing() {
        let mut listeners = Listeners::new(&BTreeSet::new());
        let ears = [true, false].map(|deaf| {
            let heard = AtomicU32::new(0);
            Arc::new(Ear { deaf, heard })
        });
        for ear in &ears {
            listeners.add(ear.clone());
        }
        assert!(listeners.tell(&event()).await.is_err());
        let heard = ears.map(|ear| ear.heard.load(Ordering::SeqCst));
        assert_eq!(heard, [1, 1]);
    }
}
