//! One pass of the outbox relay: lease events that are due, tell the listeners.

use booking_domain::ports::{OutboxEntry, StoreError};
use booking_domain::retry::Ladder;
use booking_domain::time::Span;

use crate::Application;

/// What a pass did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RelayReport {
    /// Events everybody has heard of now.
    pub delivered: u32,
    /// Events that somebody could not be told: they come again.
    pub postponed: u32,
}

const BATCH: u32 = 100;
/// Longer than a batch takes with every listener at its limit.
const LEASE: Span = Span::seconds(60);

impl Application {
    /// Relays up to a batch of events. Call again at once while it reports anything.
    pub async fn relay_events(&self) -> Result<RelayReport, StoreError> {
        let now = self.now();
        let outbox = &self.deps.outbox;
        let entries = outbox.lease_due(now, now + LEASE, BATCH).await?;
        let mut delivered = Vec::with_capacity(entries.len());
        let mut report = RelayReport::default();
        for entry in entries {
            match self.listeners.tell(&entry.event).await {
                Ok(()) => delivered.push(entry.id),
                Err(error) => {
                    report.postponed += 1;
                    self.log_deaf(&entry, &*error);
                    let delay = Ladder::default().delay_after(entry.failed + 1);
                    let reason = error.to_string();
                    outbox
                        .postpone(entry.id, self.now() + delay, &reason)
                        .await?;
                }
            }
        }
        if !delivered.is_empty() {
            outbox.delivered(&delivered, self.now()).await?;
        }
        report.delivered = delivered.len() as u32;
        Ok(report)
    }

    fn log_deaf(&self, entry: &OutboxEntry, error: &(dyn std::error::Error + 'static)) {
        let (event, failed) = (entry.event.kind.as_str(), entry.failed + 1);
        tracing::warn!(
            error,
            event,
            failed,
            "a listener could not be told: later again"
        );
    }
}
