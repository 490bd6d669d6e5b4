//! The jobs that send messages to customers.
//!
//! A message is judged again when it is due, and the try is written down before whoever carries it
//! is called. If the process ends before what came of it is written down too, the message goes out
//! once more under the same id: it is sent at least once, and the other side can tell.

use std::sync::Arc;

use booking_domain::appointment::Appointment;
use booking_domain::contact::{Contact, Email, Phone};
use booking_domain::events::DomainEvent;
use booking_domain::ids::{CompanyId, CustomerId, StaffId};
use booking_domain::messages::{NotSent, Standing, Template, language, still_true};
use booking_domain::ports::{
    About, AppointmentFacts, CarrierError, Channel, CustomerMessage, Job, LoggedMessage,
    MessageCarrier, MessageContent, NotificationStatus, Outcome, StoreError,
};
use booking_domain::tenant::CompanySetup;
use uuid::Uuid;

use super::work::JobError;
use super::{company, part};
use crate::Application;

/// The job that sends one message; the delivery log files it.
pub(crate) const MESSAGE: &str = "message";
/// Longest text of another side that is kept.
const MOST_CHARS: usize = 300;

/// The channels that somebody carries.
pub(crate) fn carried(carriers: &[Arc<dyn MessageCarrier>]) -> Vec<Channel> {
    carriers.iter().map(|it| it.channel()).collect()
}

/// A message that may go: who carries it, and all that it says.
struct Ready {
    carrier: Arc<dyn MessageCarrier>,
    message: CustomerMessage,
}

/// What a message is about, as it stands now.
enum Subject {
    Appointment(Box<Appointment>, Vec<DomainEvent>),
    Campaign {
        subject: String,
        text: String,
        locale: Option<String>,
    },
}

impl Application {
    /// Sends one message, unless it is no longer true.
    pub(crate) async fn send_message(&self, job: &Job) -> Result<(), JobError> {
        let (company, id): (_, Uuid) = (company(job)?, part(job, "message")?);
        let log = &self.deps.store.deliveries;
        let Some(logged) = log.message(company, id).await? else {
            return Ok(());
        };
        match logged.status {
            NotificationStatus::Sent | NotificationStatus::NotSent => return Ok(()),
            // Given up, and a person wants it tried again.
            NotificationStatus::Queued | NotificationStatus::Failed => {}
        }
        let ready = match self.ready(company, &logged).await? {
            Ok(ready) => ready,
            Err(why) => return self.settle(company, &logged, Outcome::NotSent(why)).await,
        };
        if !log.begin_try(company, id, self.now()).await? {
            return Ok(());
        }
        let to = &ready.message.to;
        match ready.carrier.carry(&ready.message).await {
            Ok(reference) => {
                let reference = reference.map(|it| discreet(&it, to));
                self.settle(company, &logged, Outcome::Sent(reference))
                    .await
            }
            Err(CarrierError::Refused(why)) => Err(JobError::Hopeless(discreet(&why, to))),
            Err(error) => Err(JobError::Failed(discreet(&chain(&error), to).into())),
        }
    }

    async fn settle(
        &self,
        company: CompanyId,
        logged: &LoggedMessage,
        outcome: Outcome,
    ) -> Result<(), JobError> {
        let log = &self.deps.store.deliveries;
        log.finish(company, (logged.id, &outcome), self.now())
            .await?;
        count_messages(logged.channel, logged.template, outcome.status());
        Ok(())
    }

    /// Before the job of a message is buried, the log says so. May be repeated.
    pub(crate) async fn give_message_up(&self, job: &Job, reason: &str) -> Result<(), StoreError> {
        let (Some(company), MESSAGE) = (job.company, job.kind.as_str()) else {
            return Ok(());
        };
        let log = &self.deps.store.deliveries;
        // The job bears the message's id.
        let id = job.id.get();
        let Some(logged) = log.message(company, id).await? else {
            return Ok(());
        };
        let outcome = Outcome::Failed(reason.to_owned());
        log.finish(company, (id, &outcome), self.now()).await?;
        count_messages(logged.channel, logged.template, outcome.status());
        Ok(())
    }

    /// Judges it by what is so now, and writes it.
    async fn ready(
        &self,
        company: CompanyId,
        logged: &LoggedMessage,
    ) -> Result<Result<Ready, NotSent>, JobError> {
        let Some(setup) = self.directory.company(company).await? else {
            return Err(JobError::Hopeless("its company is gone".to_owned()));
        };
        let Some((customer, subject)) = self.told_of(company, logged).await? else {
            return Ok(Err(NotSent::Superseded));
        };
        let log = &self.deps.store.deliveries;
        let addressee = log.addressee(company, customer).await?;
        let (contact, consent) =
            addressee.map_or_else(Default::default, |it| (it.contact, it.consent));
        let carriers = self.deps.carriers.iter();
        let carrier = carriers
            .into_iter()
            .find(|it| it.channel() == logged.channel);
        let about = match &subject {
            Subject::Appointment(appointment, since) => Some((&**appointment, &since[..])),
            Subject::Campaign { .. } => None,
        };
        let standing = Standing {
            template: logged.template,
            channel: logged.channel,
            lead_minutes: logged.lead_minutes,
            is_carried: carrier.is_some(),
            setup: &setup,
            contact: contact.as_ref(),
            consent,
            about,
            now: self.now(),
        };
        if let Err(why) = still_true(&standing) {
            return Ok(Err(why));
        }
        let (Some(contact), Some(carrier)) = (contact, carrier) else {
            return Ok(Err(NotSent::Erased));
        };
        let unsubscribe_url = match logged.template.is_unasked() {
            true => self.unsubscribe_url(company, customer),
            false => None,
        };
        if logged.template == Template::Campaign && unsubscribe_url.is_none() {
            let why = "a campaign needs a link to opt out: set BOOKING__PUBLIC_URL again";
            return Err(JobError::Failed(why.into()));
        }
        let message = CustomerMessage {
            unsubscribe_url,
            ..self.written(logged, subject, &setup, contact)
        };
        let carrier = carrier.clone();
        Ok(Ok(Ready { carrier, message }))
    }

    /// Whom and what it is about; `None` if that is gone.
    async fn told_of(
        &self,
        company: CompanyId,
        logged: &LoggedMessage,
    ) -> Result<Option<(CustomerId, Subject)>, StoreError> {
        let store = &self.deps.store;
        Ok(match logged.about {
            About::Appointment { id, sequence } => {
                // The appointment first: what happens meanwhile is among the events then.
                let Some(view) = store.queries.get(company, id).await? else {
                    return Ok(None);
                };
                let since = store
                    .deliveries
                    .events_since(company, (id, sequence))
                    .await?;
                let customer = view.appointment.booking().customer;
                let appointment = Box::new(view.appointment);
                Some((customer, Subject::Appointment(appointment, since)))
            }
            About::Campaign { id, customer } => {
                let found = store.campaigns.campaign(company, id).await?;
                found.map(|view| {
                    let text = view.campaign.text;
                    let said = Subject::Campaign {
                        subject: text.subject,
                        text: text.text,
                        locale: text.locale,
                    };
                    (customer, said)
                })
            }
        })
    }

    /// All that a message says.
    fn written(
        &self,
        logged: &LoggedMessage,
        subject: Subject,
        setup: &CompanySetup,
        to: Contact,
    ) -> CustomerMessage {
        let company = &setup.company;
        let (locale, content) = match subject {
            Subject::Appointment(appointment, _) => {
                let wished = [to.locale.as_deref(), Some(&*company.locale)];
                let facts = facts(logged, &appointment, setup);
                (language(wished), content(logged.template, facts))
            }
            Subject::Campaign {
                subject,
                text,
                locale,
            } => {
                let wished = [locale.as_deref(), Some(&*company.locale)];
                (language(wished), MessageContent::Campaign { subject, text })
            }
        };
        CustomerMessage {
            id: logged.id,
            company: company.id,
            company_name: company.name.clone(),
            reply_to: company.messages.reply_to.clone(),
            to,
            locale: locale.to_owned(),
            written_at: self.now(),
            content,
            unsubscribe_url: None,
        }
    }
}

fn facts(
    logged: &LoggedMessage,
    appointment: &Appointment,
    setup: &CompanySetup,
) -> AppointmentFacts {
    let booking = appointment.booking();
    let service = setup.service(booking.service);
    let branch = booking.branch.or_else(|| service.and_then(|it| it.branch));
    let branch = branch.and_then(|id| setup.branches.iter().find(|it| it.id == id));
    let staff = |id: StaffId| setup.staff_member(id).map(|it| it.name.clone());
    AppointmentFacts {
        id: appointment.id(),
        sequence: match logged.about {
            About::Appointment { sequence, .. } => sequence,
            About::Campaign { .. } => appointment.version(),
        },
        range: appointment.range(),
        zone: booking.time_zone,
        service: service.map_or_else(String::new, |it| it.name.clone()),
        staff: appointment.staff().and_then(staff),
        place: branch.map(|it| it.name.clone()),
    }
}

fn content(template: Template, facts: AppointmentFacts) -> MessageContent {
    match template {
        Template::AppointmentRescheduled => MessageContent::Rescheduled(facts),
        Template::AppointmentCancelled => MessageContent::Cancelled(facts),
        Template::AppointmentReminder => MessageContent::Reminder(facts),
        Template::AppointmentBooked | Template::Campaign => MessageContent::Booked(facts),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Many errors say what their cause says.
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

/// What another side said, without the customer's name and addresses, which servers like to repeat.
fn discreet(said: &str, to: &Contact) -> String {
    let email = to.email.as_ref().map(Email::expose);
    let phone = to.phone.as_ref().map(Phone::expose);
    let digits = phone.map(|it| it.trim_start_matches('+'));
    let mut text = said.to_owned();
    let secrets = [email, phone, digits, Some(to.name.expose())];
    for secret in secrets.into_iter().flatten() {
        // Servers write addresses in the case they like.
        while let Some(at) = find_ignoring_case(&text, secret) {
            text.replace_range(at, "…");
        }
    }
    text.chars().take(MOST_CHARS).collect()
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<std::ops::Range<usize>> {
    let length = wanted.len();
    let starts = text.char_indices().map(|(at, _)| at);
    let mut ranges = starts.map(|at| at..at + length);
    ranges.find(|range| {
        let part = text.get(range.clone());
        part.is_some_and(|part| part.eq_ignore_ascii_case(wanted))
    })
}

/// Counts a message that has come to an end.
pub(crate) fn count_messages(channel: Channel, template: Template, status: NotificationStatus) {
    let (channel, template, outcome) = (channel.as_str(), template.as_str(), status.as_str());
    metrics::counter!("booking_notifications_total", "channel" => channel, "template" => template, "outcome" => outcome)
        .increment(1);
}

/// What is hoped to stay 0 is there from the start.
pub(crate) fn announce_messages() {
    for channel in Channel::ALL {
        for template in Template::ALL {
            let (channel, template) = (channel.as_str(), template.as_str());
            let outcome = NotificationStatus::Failed.as_str();
            metrics::counter!("booking_notifications_total", "channel" => channel, "template" => template, "outcome" => outcome)
                .absolute(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use booking_domain::contact::PersonName;

    use super::*;

    /// Red when a server's answer brings the customer's address into the log.
    #[test]
    fn what_others_say_is_kept_without_the_customer() {
        let to = Contact {
            name: PersonName::parse("Jörg Müßig").expect("a name"),
            email: Email::parse("joerg@mail.example").ok(),
            phone: Phone::parse("+491713920042").ok(),
            locale: None,
        };
        let said = "550 <Joerg@mail.example> unknown, Jörg Müßig, 491713920042, +491713920042; \
                    joerg@mail.example";
        assert_eq!(discreet(said, &to), "550 <…> unknown, …, …, …; …");
        assert_eq!(discreet(&"x".repeat(999), &to).len(), MOST_CHARS);
    }
}
