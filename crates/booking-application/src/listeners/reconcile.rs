//! What a person was asked about is read at Cal.com once more: it may have settled itself.

use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ids::{AppointmentId, CompanyId, JobId};
use booking_domain::ports::{BoxError, Clock, IdSource, Job, JobQueue, Queue};
use booking_domain::time::{Instant, Span};

use super::EventListener;
use crate::Deps;
use crate::trace;

/// Has the booking read again.
pub struct Reconcile {
    jobs: Arc<dyn JobQueue>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// The job that reads the booking of an appointment at Cal.com, and believes what stands there.
pub(crate) const READ_BOOKING: &str = "read_booking";
/// What is under way at Cal.com has settled by then.
const PAUSE: Span = Span::seconds(5);

impl Reconcile {
    /// Its name, as in the configuration.
    pub const NAME: &str = "reconcile";
    /// The kind it wants.
    pub const WANTS: &[EventKind] = &[EventKind::ReviewRequested];

    pub(crate) fn new(deps: &Deps) -> Self {
        Self {
            jobs: deps.store.jobs.clone(),
            clock: deps.clock.clone(),
            ids: deps.ids.clone(),
        }
    }
}

#[async_trait]
impl EventListener for Reconcile {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self) -> &'static [EventKind] {
        Self::WANTS
    }

    async fn hear(&self, events: &[&DomainEvent]) -> Result<(), BoxError> {
        for event in events {
            let id = JobId::new(self.ids.uuid());
            let whose = (event.company, event.appointment);
            let job = Job {
                trace_parent: event.trace_parent,
                ..read_booking(id, whose, self.clock.now())
            };
            self.jobs.enqueue(&job).await?;
        }
        Ok(())
    }
}

/// A job that reads the booking of an appointment at Cal.com, soon.
pub(crate) fn read_booking(
    id: JobId,
    (company, appointment): (CompanyId, AppointmentId),
    now: Instant,
) -> Job {
    let payload = serde_json::json!({ "appointment": appointment });
    let what = (Queue::CalcomSync, READ_BOOKING);
    Job {
        company: Some(company),
        dedupe_key: Some(format!("{READ_BOOKING}:{appointment}")),
        trace_parent: trace::current(),
        ..Job::new(id, what, payload, now + PAUSE)
    }
}
