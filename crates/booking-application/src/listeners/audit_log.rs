//! The audit log: every change of an appointment that somebody may have to account for.

use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ports::{BoxError, EventRecords};

use super::EventListener;

/// Writes changes into the audit log.
pub struct AuditLog(Arc<dyn EventRecords>);

impl AuditLog {
    /// Its name, as in the configuration.
    pub const NAME: &str = "audit_log";
    /// The kinds it wants: all but what only means that work is under way.
    pub const WANTS: &[EventKind] = &[
        EventKind::SlotReleased,
        EventKind::AppointmentBooked,
        EventKind::AppointmentRescheduled,
        EventKind::AppointmentCancelled,
        EventKind::AppointmentCompleted,
        EventKind::AppointmentNoShow,
        EventKind::ReviewRequested,
        EventKind::ReviewResolved,
    ];

    pub(crate) fn new(records: Arc<dyn EventRecords>) -> Self {
        Self(records)
    }
}

#[async_trait]
impl EventListener for AuditLog {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self) -> &'static [EventKind] {
        Self::WANTS
    }

    async fn hear(&self, events: &[&DomainEvent]) -> Result<(), BoxError> {
        self.0.audit(events).await?;
        Ok(())
    }
}
