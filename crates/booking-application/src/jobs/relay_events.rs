//! One pass of the outbox relay: lease events that are due, tell the listeners.
//!
//! What happened to one appointment reaches each listener in its order. A listener that cannot be
//! told gets a job instead, and what follows of that appointment queues up behind it; the others are
//! not told again, and nobody waits.

use std::collections::HashSet;

use booking_domain::events::DomainEvent;
use booking_domain::ids::{AppointmentId, JobId};
use booking_domain::ports::{Job, JobOrder, OutboxEntry, Queue, StoreError};
use booking_domain::time::Span;

use crate::Application;
use crate::listeners::EventListener;

/// What a pass did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RelayReport {
    /// Events that were taken from the outbox.
    pub delivered: u32,
    /// So often a listener is told by a job, because it was deaf or has others before it.
    pub postponed: u32,
}

/// The events of so many appointments.
const BATCH: u32 = 100;
/// Longer than a batch takes with every listener at its limit.
const LEASE: Span = Span::seconds(60);

impl Application {
    /// Relays up to a batch of events. Call again at once while it reports anything.
    pub async fn relay_events(&self) -> Result<RelayReport, StoreError> {
        let until = self.now() + LEASE;
        let outbox = &self.deps.outbox;
        let entries = outbox.lease_due(self.now(), until, BATCH).await?;
        let mut busy = self.busy_rows(&entries).await?;
        let mut delivered = Vec::with_capacity(entries.len());
        let mut report = RelayReport::default();
        for entry in &entries {
            // Another relay may have them by now.
            if self.now() >= until {
                break;
            }
            report.postponed += self.relay(&entry.event, &mut busy).await?;
            delivered.push(entry.id);
        }
        if !delivered.is_empty() {
            outbox.delivered(&delivered).await?;
        }
        report.delivered = delivered.len() as u32;
        if report.postponed > 0 {
            self.wake(Queue::Listeners);
        }
        Ok(report)
    }

    /// The rows in which a job waits for one of these listeners.
    async fn busy_rows(&self, entries: &[OutboxEntry]) -> Result<HashSet<String>, StoreError> {
        let mut rows: Vec<_> = entries
            .iter()
            .flat_map(|entry| {
                let hearing = self.listeners.hearing(entry.event.kind);
                hearing.map(|listener| row(listener, entry.event.appointment))
            })
            .collect();
        rows.sort_unstable();
        rows.dedup();
        if rows.is_empty() {
            return Ok(HashSet::new());
        }
        let busy = self.deps.jobs.busy_orders(Queue::Listeners, &rows).await?;
        Ok(busy.into_iter().collect())
    }

    /// Tells everybody, or sees to it that they are told; how many are told by a job.
    async fn relay(
        &self,
        event: &DomainEvent,
        busy: &mut HashSet<String>,
    ) -> Result<u32, StoreError> {
        let mut postponed = 0;
        for listener in self.listeners.hearing(event.kind) {
            let row = row(listener, event.appointment);
            let mut job = self.job_to_tell(listener, event, row.clone());
            if !busy.contains(&row) {
                let Err(error) = listener.hear(event).await else {
                    continue;
                };
                log_deaf(listener, event, &*error);
                job.run_at = job.run_at + self.settings.retry.backoff.delay_after(1);
            }
            self.deps.jobs.enqueue(&job).await?;
            busy.insert(row);
            postponed += 1;
        }
        Ok(postponed)
    }

    fn job_to_tell(&self, listener: &dyn EventListener, event: &DomainEvent, row: String) -> Job {
        let payload = serde_json::json!({ "event": event });
        let id = JobId::new(self.deps.ids.uuid());
        let job = Job::new(id, (Queue::Listeners, listener.name()), payload, self.now());
        Job {
            company: Some(event.company),
            dedupe_key: Some(format!("{row}:{}", event.sequence)),
            order: Some(JobOrder {
                key: row,
                sequence: event.sequence,
            }),
            ..job
        }
    }
}

/// What happened to one appointment is told to one listener in a row.
fn row(listener: &dyn EventListener, appointment: AppointmentId) -> String {
    format!("{}:{appointment}", listener.name())
}

fn log_deaf(
    listener: &dyn EventListener,
    event: &DomainEvent,
    error: &(dyn std::error::Error + 'static),
) {
    let (listener, event) = (listener.name(), event.kind.as_str());
    tracing::warn!(
        error,
        listener,
        event,
        "a listener could not be told: a job tells it later"
    );
}
