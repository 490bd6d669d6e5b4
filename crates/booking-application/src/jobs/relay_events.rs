//! One pass of the outbox relay: lease events that are due, tell the listeners.
//!
//! Each listener is told of all at once, what happened to one appointment in its order. A listener
//! that cannot be told gets jobs instead, and what follows of those appointments queues up behind
//! them; the others are not told again, and nobody waits.

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
        let outbox = &self.deps.store.outbox;
        let entries = outbox.lease_due(self.now(), until, BATCH).await?;
        let busy = self.busy_rows(&entries).await?;
        let mut report = RelayReport::default();
        for listener in self.listeners.hearing() {
            let events = wanted(listener, &entries);
            report.postponed += self.tell(listener, &events, &busy).await?;
        }
        let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
        if !ids.is_empty() {
            outbox.delivered(&ids).await?;
        }
        report.delivered = ids.len() as u32;
        if report.postponed > 0 {
            self.wake(Queue::Listeners);
        }
        Ok(report)
    }

    /// The rows in which a job waits for one of these listeners.
    async fn busy_rows(&self, entries: &[OutboxEntry]) -> Result<HashSet<String>, StoreError> {
        let mut rows: Vec<_> = self
            .listeners
            .hearing()
            .flat_map(|listener| {
                let events = wanted(listener, entries).into_iter();
                events.map(move |event| row(listener, event.appointment))
            })
            .collect();
        rows.sort_unstable();
        rows.dedup();
        if rows.is_empty() {
            return Ok(HashSet::new());
        }
        let busy = self
            .deps
            .store
            .jobs
            .busy_orders(Queue::Listeners, &rows)
            .await?;
        Ok(busy.into_iter().collect())
    }

    /// Tells a listener of all at once; where that fails, of one after the other. From the first on
    /// that it cannot be told, it is told by jobs, so that a batch never waits long for one listener.
    /// How many it is told so.
    async fn tell(
        &self,
        listener: &dyn EventListener,
        events: &[&DomainEvent],
        busy: &HashSet<String>,
    ) -> Result<u32, StoreError> {
        let in_row = |event: &DomainEvent| busy.contains(&row(listener, event.appointment));
        let (waiting, free): (Vec<_>, Vec<_>) = events.iter().partition(|event| in_row(event));
        let mut later = waiting;
        if !free.is_empty() && listener.hear(&free).await.is_err() {
            later.extend(untold(listener, &free).await);
        }
        for event in &later {
            let job = self.job_to_tell(listener, event);
            self.deps.store.jobs.enqueue(&job).await?;
        }
        Ok(later.len() as u32)
    }

    fn job_to_tell(&self, listener: &dyn EventListener, event: &DomainEvent) -> Job {
        let row = row(listener, event.appointment);
        let payload = serde_json::json!({ "event": event });
        let id = JobId::new(self.deps.ids.uuid());
        let job = Job::new(id, (Queue::Listeners, listener.name()), payload, self.now());
        Job {
            company: Some(event.company),
            run_at: self.now() + self.settings.retry.backoff.delay_after(1),
            dedupe_key: Some(format!("{row}:{}", event.sequence)),
            order: Some(JobOrder {
                key: row,
                sequence: event.sequence,
            }),
            trace_parent: event.trace_parent,
            ..job
        }
    }
}

/// What this listener is to hear of.
fn wanted<'a>(listener: &dyn EventListener, entries: &'a [OutboxEntry]) -> Vec<&'a DomainEvent> {
    let events = entries.iter().map(|entry| &entry.event);
    events
        .filter(|event| listener.wants().contains(&event.kind))
        .collect()
}

/// Tells one event after the other, as far as that goes; what is left.
async fn untold<'a>(
    listener: &dyn EventListener,
    events: &[&'a DomainEvent],
) -> Vec<&'a DomainEvent> {
    for (told, event) in events.iter().enumerate() {
        if let Err(error) = listener.hear(&[event]).await {
            log_deaf(listener, event, &*error);
            return events[told..].to_vec();
        }
    }
    vec![]
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
