//! Messages to customers: written into the delivery log, each with the job that sends it.
//!
//! The log keeps what was written before, so an event may be told as often as it likes.

use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::messages::due;
use booking_domain::ports::{
    About, BoxError, Channel, Clock, DeliveryLog, IdSource, NewMessage, NotificationStatus, Queue,
};

use super::EventListener;
use crate::Deps;
use crate::directory::Directory;
use crate::jobs::{MESSAGE, carried, count_messages};
use crate::wakers::Wakers;

/// Sees to it that customers are told.
pub struct Notify {
    log: Arc<dyn DeliveryLog>,
    directory: Directory,
    carried: Vec<Channel>,
    wakers: Arc<Wakers>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl Notify {
    /// Its name, as in the configuration.
    pub const NAME: &str = "notify";
    /// The kinds it wants: what a customer should hear.
    pub const WANTS: &[EventKind] = &[
        EventKind::AppointmentBooked,
        EventKind::AppointmentRescheduled,
        EventKind::AppointmentCancelled,
    ];

    pub(crate) fn new(deps: &Deps, directory: Directory, wakers: Arc<Wakers>) -> Self {
        Self {
            log: deps.store.deliveries.clone(),
            directory,
            carried: carried(&deps.carriers),
            wakers,
            clock: deps.clock.clone(),
            ids: deps.ids.clone(),
        }
    }

    async fn messages(&self, events: &[&DomainEvent]) -> Result<Vec<NewMessage>, BoxError> {
        let whose: Vec<_> = events
            .iter()
            .map(|it| (it.company, it.appointment))
            .collect();
        let reach = self.log.reach(&whose).await?;
        let mut messages = Vec::new();
        for (event, reach) in events.iter().zip(reach) {
            let setup = self.directory.company(event.company).await?;
            let (Some(reach), Some(setup)) = (reach, setup) else {
                continue;
            };
            let planned = due(event, &reach, &setup, (&self.carried, self.clock.now()));
            messages.extend(planned.into_iter().map(|planned| NewMessage {
                id: self.ids.uuid(),
                company: event.company,
                about: About::Appointment {
                    id: event.appointment,
                    sequence: event.sequence,
                },
                planned,
                trace_parent: event.trace_parent,
            }));
        }
        Ok(messages)
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
        let messages = self.messages(events).await?;
        if messages.is_empty() {
            return Ok(());
        }
        let fresh = self.log.file(&messages, MESSAGE, self.clock.now()).await?;
        let mut is_due = false;
        for message in messages.iter().filter(|it| fresh.contains(&it.id)) {
            match message.status().0 {
                NotificationStatus::Queued => is_due = true,
                status => count_messages(message.planned.channel, message.planned.template, status),
            }
        }
        if is_due {
            self.wakers.wake(Queue::Notifications);
        }
        Ok(())
    }
}
