//! Whether a message that waited is still true when it is to be sent.

use super::due::{is_unnoticed, tells};
use super::{Consent, NotSent, Template};
use crate::appointment::{Appointment, State};
use crate::contact::Contact;
use crate::events::DomainEvent;
use crate::ports::Channel;
use crate::tenant::CompanySetup;
use crate::time::Instant;

/// A message and what it depends on, as it is now.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Which text.
    pub template: Template,
    /// How it travels.
    pub channel: Channel,
    /// Of a reminder, which lead time it is.
    pub lead_minutes: u32,
    /// Whether somebody carries this channel.
    pub is_carried: bool,
    /// The company.
    pub setup: &'a CompanySetup,
    /// Whom it goes to; `None`: erased.
    pub contact: Option<&'a Contact>,
    /// What they said about being written to.
    pub consent: Consent,
    /// The appointment, and what happened to it since the event that the message tells of; `None`
    /// for a campaign.
    pub about: Option<(&'a Appointment, &'a [DomainEvent])>,
    /// Now.
    pub now: Instant,
}

/// Whether the message may go.
///
/// # Errors
/// The reason why it is never sent.
pub fn still_true(it: &Standing<'_>) -> Result<(), NotSent> {
    let contact = it.contact.ok_or(NotSent::Erased)?;
    if it.template.is_unasked() && it.consent.opted_out_at.is_some() {
        return Err(NotSent::OptedOut);
    }
    if it.template == Template::Campaign && it.consent.marketing_since.is_none() {
        return Err(NotSent::NoConsent);
    }
    if let Some((appointment, since)) = it.about {
        stands(it, appointment, since)?;
    }
    if !it.setup.company.messages.allows(it.channel) {
        return Err(NotSent::SwitchedOff);
    }
    let has_address = match it.channel {
        Channel::Email => contact.email.is_some(),
        Channel::Sms => contact.phone.is_some(),
    };
    match (has_address, it.is_carried) {
        (false, _) => Err(NotSent::NoAddress),
        (true, false) => Err(NotSent::NobodyCarries),
        (true, true) => Ok(()),
    }
}

/// Whether the appointment is still as the message says.
fn stands(
    it: &Standing<'_>,
    appointment: &Appointment,
    since: &[DomainEvent],
) -> Result<(), NotSent> {
    let told_again = |event: &DomainEvent| tells(event.kind).is_some() && !is_unnoticed(event);
    if since.iter().any(told_again) {
        return Err(NotSent::Superseded);
    }
    let range = appointment.range();
    match (it.template, appointment.state()) {
        (Template::AppointmentCancelled, State::Cancelled { .. }) => {}
        (Template::AppointmentCancelled, _) => return Err(NotSent::Superseded),
        (_, State::Confirmed(_) | State::Rescheduling { accepted: true, .. }) => {}
        (
            _,
            State::Scheduled(_)
            | State::Pending { cancel: None }
            | State::Rescheduling {
                accepted: false, ..
            },
        ) => return Err(NotSent::NotAccepted),
        (_, State::Completed(_) | State::NoShow(_)) => return Err(NotSent::Over),
        (_, State::Pending { .. } | State::Cancelling { .. } | State::Cancelled { .. }) => {
            return Err(NotSent::Superseded);
        }
    }
    let over_at = match it.template {
        Template::AppointmentReminder => range.start(),
        _ => range.end(),
    };
    if over_at <= it.now {
        return Err(NotSent::Over);
    }
    let service = it.setup.service(appointment.booking().service);
    let is_wished =
        service.is_some_and(|service| service.reminder_minutes.contains(&it.lead_minutes));
    if it.template == Template::AppointmentReminder && !is_wished {
        return Err(NotSent::SwitchedOff);
    }
    Ok(())
}

#[cfg(test)]
#[path = "still_true_tests.rs"]
mod tests;
