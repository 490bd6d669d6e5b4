//! Which messages an event makes due.

use super::{NotSent, Template, reminders};
use crate::events::{DomainEvent, EventKind};
use crate::origin::SyncOrigin;
use crate::ports::Channel;
use crate::tenant::{CompanySetup, Confirmations, MessageRules};
use crate::time::Instant;

/// How the customer of an appointment can be reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reach {
    /// There is an e-mail address.
    pub email: bool,
    /// There is a telephone number.
    pub phone: bool,
    /// When the appointment begins, as it stands now.
    pub starts_at: Instant,
}

impl Reach {
    const fn has(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.email,
            Channel::Sms => self.phone,
        }
    }
}

/// A message that is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Planned {
    /// Which text.
    pub template: Template,
    /// Of a reminder, how long before the appointment it was wished; else 0.
    pub lead_minutes: u32,
    /// How it travels.
    pub channel: Channel,
    /// When it is sent, or why it is not.
    pub fate: Fate,
}

/// What is to become of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is to be sent then.
    Due(Instant),
    /// It is not.
    NotSent(NotSent),
}

/// What an event tells the customer, if anything.
pub const fn tells(kind: EventKind) -> Option<Template> {
    match kind {
        EventKind::AppointmentBooked => Some(Template::AppointmentBooked),
        EventKind::AppointmentRescheduled => Some(Template::AppointmentRescheduled),
        EventKind::AppointmentCancelled => Some(Template::AppointmentCancelled),
        EventKind::SlotReserved
        | EventKind::SlotReleased
        | EventKind::SyncRequested
        | EventKind::AppointmentCompleted
        | EventKind::AppointmentNoShow
        | EventKind::ReviewRequested
        | EventKind::ReviewResolved => None,
    }
}

/// Whether the event is a change that a customer would not notice: another host at the same time. A
/// move has two sides.
pub(super) fn is_unnoticed(event: &DomainEvent) -> bool {
    event.kind == EventKind::AppointmentRescheduled && event.affected.len() < 2
}

/// The first channel that somebody carries, the company wants, and the customer has an address of;
/// else the one they would have been reached by, and why not. `None`: there is no address.
pub fn channel_for(
    reach: &Reach,
    rules: &MessageRules,
    carried: &[Channel],
) -> Option<Result<Channel, (Channel, NotSent)>> {
    let mut reached = Channel::ALL.into_iter().filter(|it| reach.has(*it));
    let first = reached.clone().next()?;
    let goes = |it: &Channel| carried.contains(it) && rules.allows(*it);
    let why = if carried.is_empty() || reached.clone().any(|it| rules.allows(it)) {
        NotSent::NobodyCarries
    } else {
        NotSent::SwitchedOff
    };
    Some(reached.find(goes).ok_or((first, why)))
}

/// The messages that an event makes due: the news itself, and the reminders of the time that stands
/// since. Who cannot be reached gets none; what cannot be carried is said to be so, but nobody is
/// reminded of that.
pub fn due(
    event: &DomainEvent,
    reach: &Reach,
    setup: &CompanySetup,
    (carried, now): (&[Channel], Instant),
) -> Vec<Planned> {
    let rules = &setup.company.messages;
    let (Some(template), Some(channel)) = (tells(event.kind), channel_for(reach, rules, carried))
    else {
        return vec![];
    };
    let unnoticed = is_unnoticed(event);
    let fate = match channel {
        _ if unnoticed => Fate::NotSent(NotSent::Unchanged),
        Err((_, why)) => Fate::NotSent(why),
        Ok(_) => match rules.confirmations {
            Confirmations::All => Fate::Due(now),
            Confirmations::Own if event.origin != SyncOrigin::Calcom => Fate::Due(now),
            Confirmations::Own => Fate::NotSent(NotSent::CalcomTells),
            Confirmations::None => Fate::NotSent(NotSent::SwitchedOff),
        },
    };
    let mut planned = vec![Planned {
        template,
        lead_minutes: 0,
        channel: channel.unwrap_or_else(|(first, _)| first),
        fate,
    }];
    let stands = event.kind != EventKind::AppointmentCancelled && !unnoticed;
    if let (Ok(channel), Some(service), true) = (channel, setup.service(event.service), stands) {
        let when = (setup.company.time_zone, now);
        let reminders = reminders(reach.starts_at, &service.reminder_minutes, when);
        planned.extend(reminders.into_iter().map(|it| Planned {
            template: Template::AppointmentReminder,
            lead_minutes: it.lead_minutes,
            channel,
            fate: Fate::Due(it.at),
        }));
    }
    planned
}

#[cfg(test)]
#[path = "due_tests.rs"]
mod tests;
