//! The figures of a company's days: what became of its bookings, and where they came from.

use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ports::{BoxError, EventRecords};

use super::EventListener;

/// Counts what happened, by day, service and source.
pub struct Analytics(Arc<dyn EventRecords>);

impl Analytics {
    /// Its name, as in the configuration.
    pub const NAME: &str = "analytics";
    /// The kinds it wants: what a booking came to.
    pub const WANTS: &[EventKind] = &[
        EventKind::SlotReleased,
        EventKind::AppointmentBooked,
        EventKind::AppointmentRescheduled,
        EventKind::AppointmentCancelled,
        EventKind::AppointmentCompleted,
        EventKind::AppointmentNoShow,
    ];

    pub(crate) fn new(records: Arc<dyn EventRecords>) -> Self {
        Self(records)
    }
}

#[async_trait]
impl EventListener for Analytics {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self) -> &'static [EventKind] {
        Self::WANTS
    }

    async fn hear(&self, events: &[&DomainEvent]) -> Result<(), BoxError> {
        self.0.count(events).await?;
        Ok(())
    }
}
