//! Messages to customers, noted in the delivery log.
//!
//! This version can send nothing, and the log says so. Cal.com writes to the customers of its own
//! bookings meanwhile.

use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ports::{
    BoxError, Clock, EventRecords, IdSource, Notification, NotificationStatus,
};

use super::EventListener;
use crate::Deps;

/// Sees to it that customers are told.
pub struct Notify {
    records: Arc<dyn EventRecords>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

const NOBODY: &str = "no mail server and no text message service is set up";

impl Notify {
    /// Its name, as in the configuration.
    pub const NAME: &str = "notify";
    /// The kinds it wants: what a customer should hear.
    pub const WANTS: &[EventKind] = &[
        EventKind::AppointmentBooked,
        EventKind::AppointmentRescheduled,
        EventKind::AppointmentCancelled,
    ];

    pub(crate) fn new(deps: &Deps) -> Self {
        Self {
            records: deps.store.records.clone(),
            clock: deps.clock.clone(),
            ids: deps.ids.clone(),
        }
    }
}

const fn template(kind: EventKind) -> &'static str {
    match kind {
        EventKind::AppointmentRescheduled => "appointment_rescheduled",
        EventKind::AppointmentCancelled => "appointment_cancelled",
        _ => "appointment_booked",
    }
}

#[async_trait]
impl EventListener for Notify {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self) -> &'static [EventKind] {
        Self::WANTS
    }

    async fn hear(&self, events: &[&DomainEvent]) -> Result<(), BoxError> {
        let messages: Vec<_> = events
            .iter()
            .map(|event| Notification {
                id: self.ids.uuid(),
                event,
                template: template(event.kind),
            })
            .collect();
        let fate = (NotificationStatus::NotSent, NOBODY);
        let now = self.clock.now();
        self.records.notify(&messages, now, fate).await?;
        Ok(())
    }
}
