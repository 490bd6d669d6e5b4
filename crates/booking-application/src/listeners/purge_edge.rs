//! What stores our answers in front of the gateway is told what to forget: the surrogate keys that
//! a change touches.
//!
//! From the outbox alone, after the caches of the gateway: whoever asks the gateway sees the change
//! before, and whoever asks the edge needs the edge to answer anyway.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use booking_domain::availability::SurrogateKey;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ports::{BoxError, Clock, EdgePurge, StoreError};
use booking_domain::time::{Instant, Span};

use super::{EventListener, InvalidateCaches};
use crate::Deps;
use crate::availability::widened;
use crate::directory::Directory;

/// An edge that failed is left alone so long: a dead one costs the relay one wait now and then, not
/// one for each event.
const REST: Span = Span::seconds(5);

/// Tells the edge what a change touches.
pub struct PurgeEdge {
    edge: Arc<dyn EdgePurge>,
    clock: Arc<dyn Clock>,
    directory: Directory,
    rests_until: Mutex<Option<Instant>>,
}

impl PurgeEdge {
    /// Its name, as in the configuration.
    pub const NAME: &str = "purge_edge";
    /// The kinds it wants: the same changes that the caches forget.
    pub const WANTS: &[EventKind] = InvalidateCaches::WANTS;

    pub(crate) fn new(edge: Arc<dyn EdgePurge>, deps: &Deps, directory: Directory) -> Self {
        // Seen as 0 from the start.
        for result in ["ok", "failed", "postponed"] {
            count(result, 0);
        }
        Self {
            edge,
            clock: deps.clock.clone(),
            directory,
            rests_until: Mutex::default(),
        }
    }

    async fn keys(&self, event: &DomainEvent) -> Result<Vec<SurrogateKey>, StoreError> {
        let Some(setup) = self.directory.company(event.company).await? else {
            return Ok(vec![]);
        };
        let Some(service) = setup.service(event.service) else {
            return Ok(vec![]);
        };
        let reached = widened(&setup, service, &event.affected);
        Ok(SurrogateKey::of_change(
            setup.group(service.group),
            &reached,
        ))
    }

    fn rests(&self) -> bool {
        let until = *self.resting();
        until.is_some_and(|until| self.clock.now() < until)
    }

    fn resting(&self) -> MutexGuard<'_, Option<Instant>> {
        self.rests_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(result: &'static str, purges: u64) {
    metrics::counter!("booking_edge_purges_total", "result" => result).increment(purges);
}

#[async_trait]
impl EventListener for PurgeEdge {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self) -> &'static [EventKind] {
        Self::WANTS
    }

    async fn hear(&self, events: &[&DomainEvent]) -> Result<(), BoxError> {
        let mut keys = Vec::new();
        for event in events {
            keys.extend(self.keys(event).await?);
        }
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return Ok(());
        }
        if self.rests() {
            count("postponed", 1);
            return Err("the edge failed a moment ago: not tried".into());
        }
        match self.edge.purge(&keys).await {
            Ok(()) => {
                count("ok", 1);
                tracing::debug!(keys = keys.len(), "the edge forgets");
                Ok(())
            }
            Err(error) => {
                count("failed", 1);
                *self.resting() = Some(self.clock.now() + REST);
                Err(error.into())
            }
        }
    }
}
