//! Messages to customers: each is noted in the delivery log, and a job sends it.
//!
//! This version can send nothing: the job notes that. Cal.com writes to the customers of its own
//! bookings meanwhile.

use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ids::JobId;
use booking_domain::ports::{
    AppointmentQueries, BoxError, Channel, Clock, EventRecords, IdSource, Job, Notification, Queue,
};

use super::EventListener;
use crate::Deps;

/// Sees to it that customers are told.
pub struct Notify {
    queries: Arc<dyn AppointmentQueries>,
    records: Arc<dyn EventRecords>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// The job that sends a message.
pub(crate) const SEND: &str = "send_notification";

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
            queries: deps.queries.clone(),
            records: deps.records.clone(),
            clock: deps.clock.clone(),
            ids: deps.ids.clone(),
        }
    }

    /// How the customer can be reached: by letter, else by text.
    async fn channel(&self, event: &DomainEvent) -> Result<Option<Channel>, BoxError> {
        let view = self.queries.get(event.company, event.appointment).await?;
        Ok(
            view.and_then(|view| match (view.customer_email, view.customer_phone) {
                (Some(_), _) => Some(Channel::Email),
                (None, Some(_)) => Some(Channel::Sms),
                (None, None) => None,
            }),
        )
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

    async fn hear(&self, event: &DomainEvent) -> Result<(), BoxError> {
        let Some(channel) = self.channel(event).await? else {
            return Ok(());
        };
        let notification = Notification {
            id: self.ids.uuid(),
            channel,
            template: template(event.kind),
        };
        let payload = serde_json::json!({ "notification": notification.id });
        let id = JobId::new(self.ids.uuid());
        let job = Job::new(id, (Queue::Notifications, SEND), payload, self.clock.now());
        let job = Job {
            company: Some(event.company),
            ..job
        };
        self.records.notify(event, (&notification, &job)).await?;
        Ok(())
    }
}
