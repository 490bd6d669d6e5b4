//! Tests: whether a message that waited may go.

use super::super::stage::{confirmed, contact, event, nine, now, pending, remote, setup, two};
use super::*;
use crate::appointment::{Cancellation, RemoteStatus};
use crate::events::EventKind;
use crate::origin::SyncOrigin;
use crate::tenant::MessageRules;
use crate::time::Span;

use Template::{AppointmentBooked, AppointmentCancelled, AppointmentReminder, Campaign};

fn cancel() -> Cancellation {
    Cancellation {
        at: now(),
        origin: SyncOrigin::Api,
        by: "key".into(),
        reason: None,
    }
}

/// Judged of an appointment, `after` what happened since, this long after now.
fn judged(
    template: Template,
    (appointment, since): (&Appointment, &[DomainEvent]),
    later: Span,
) -> Result<(), NotSent> {
    let (setup, contact) = (setup(MessageRules::default()), contact());
    still_true(&Standing {
        template,
        channel: Channel::Email,
        lead_minutes: 60,
        is_carried: true,
        setup: &setup,
        contact: Some(&contact),
        consent: Consent::default(),
        about: Some((appointment, since)),
        now: now() + later,
    })
}

/// Red when a message about what is no longer so is sent: moved, called off, being called off, over,
/// or not accepted yet.
#[test]
fn what_is_no_longer_so_is_not_said() {
    let stands = confirmed();
    let mut being_moved = confirmed();
    let _ = being_moved.reschedule(two(), SyncOrigin::Api, "key", now());
    let mut scheduled = pending();
    let _ = scheduled.confirm(&remote("a", nine(), RemoteStatus::Pending), None, now());
    let mut being_cancelled = confirmed();
    let _ = being_cancelled.cancel(cancel(), now());
    let mut cancelled = confirmed();
    let _ = cancelled.cancelled(cancel(), now());
    let mut over = confirmed();
    let _ = over.complete(nine().end());
    let moved = [event(
        EventKind::AppointmentRescheduled,
        vec![nine(), two()],
    )];
    let other_host = [event(EventKind::AppointmentRescheduled, vec![nine()])];
    let noise = [
        event(EventKind::SlotReserved, vec![two()]),
        event(EventKind::SyncRequested, vec![]),
        event(EventKind::ReviewRequested, vec![]),
    ];
    let soon = Span::MINUTE;
    let gone = Err(NotSent::Superseded);
    for (template, about, later, expected) in [
        (AppointmentBooked, (&stands, &[][..]), soon, Ok(())),
        (AppointmentBooked, (&stands, &noise[..]), soon, Ok(())),
        (AppointmentBooked, (&stands, &other_host[..]), soon, Ok(())),
        (AppointmentBooked, (&being_moved, &noise[..]), soon, Ok(())),
        (AppointmentBooked, (&stands, &moved[..]), soon, gone),
        (AppointmentReminder, (&stands, &moved[..]), soon, gone),
        (AppointmentCancelled, (&cancelled, &moved[..]), soon, gone),
        (AppointmentBooked, (&cancelled, &[]), soon, gone),
        (AppointmentBooked, (&being_cancelled, &[]), soon, gone),
        (AppointmentReminder, (&cancelled, &[]), soon, gone),
        (AppointmentReminder, (&being_cancelled, &[]), soon, gone),
        (AppointmentCancelled, (&cancelled, &[]), soon, Ok(())),
        (AppointmentCancelled, (&stands, &[]), soon, gone),
        (
            AppointmentBooked,
            (&scheduled, &[]),
            soon,
            Err(NotSent::NotAccepted),
        ),
        (AppointmentBooked, (&over, &[]), soon, Err(NotSent::Over)),
    ] {
        let name = about.0.state().name();
        assert_eq!(
            judged(template, about, later),
            expected,
            "{template:?} {name}"
        );
    }
}

/// Red when something is said after its time: of a reminder, after the beginning; else after the
/// end.
#[test]
fn what_is_over_is_not_said() {
    let stands = confirmed();
    let mut cancelled = confirmed();
    let _ = cancelled.cancelled(cancel(), now());
    let seconds = nine().start().since(now()).as_seconds();
    let over = Err(NotSent::Over);
    for (template, appointment, later, expected) in [
        (AppointmentReminder, &stands, seconds - 1, Ok(())),
        (AppointmentReminder, &stands, seconds, over),
        (AppointmentBooked, &stands, seconds, Ok(())),
        (AppointmentBooked, &stands, seconds + 3_600, over),
        (AppointmentCancelled, &cancelled, seconds, Ok(())),
        (AppointmentCancelled, &cancelled, seconds + 3_600, over),
    ] {
        let judged = judged(template, (appointment, &[]), Span::seconds(later));
        assert_eq!(judged, expected, "{template:?} {later}");
    }
}

/// What messages to one customer depend on.
struct Stage {
    on: CompanySetup,
    off: CompanySetup,
    contact: Contact,
    without_email: Contact,
    appointment: Appointment,
}

impl Stage {
    fn new() -> Self {
        let rules = MessageRules {
            email: false,
            ..MessageRules::default()
        };
        let without_email = Contact {
            email: None,
            ..contact()
        };
        Self {
            on: setup(MessageRules::default()),
            off: setup(rules),
            contact: contact(),
            without_email,
            appointment: confirmed(),
        }
    }

    fn booked(&self) -> Standing<'_> {
        Standing {
            template: AppointmentBooked,
            channel: Channel::Email,
            lead_minutes: 60,
            is_carried: true,
            setup: &self.on,
            contact: Some(&self.contact),
            consent: Consent::default(),
            about: Some((&self.appointment, &[])),
            now: now(),
        }
    }
}

const OUT: Consent = Consent {
    marketing_since: None,
    opted_out_at: Some(Instant::MAX),
};
const AGREED: Consent = Consent {
    marketing_since: Some(Instant::MAX),
    opted_out_at: None,
};

/// Red when somebody is written to who cannot be: erased, without an address, over a channel that is
/// off or that nobody carries; or when an opt-out stops what they brought about themselves.
#[test]
fn who_cannot_be_written_to_is_not() {
    let stage = Stage::new();
    let booked = stage.booked();
    assert_eq!(still_true(&booked), Ok(()));
    let consent = OUT;
    assert_eq!(still_true(&Standing { consent, ..booked }), Ok(()));
    let contact = None;
    let refused = still_true(&Standing { contact, ..booked });
    assert_eq!(refused, Err(NotSent::Erased));
    let contact = Some(&stage.without_email);
    let refused = still_true(&Standing { contact, ..booked });
    assert_eq!(refused, Err(NotSent::NoAddress));
    let setup = &stage.off;
    let refused = still_true(&Standing { setup, ..booked });
    assert_eq!(refused, Err(NotSent::SwitchedOff));
    let is_carried = false;
    let refused = still_true(&Standing {
        is_carried,
        ..booked
    });
    assert_eq!(refused, Err(NotSent::NobodyCarries));
}

/// Red when a reminder or a campaign goes to who opted out, or a campaign to who did not agree.
#[test]
fn nobody_gets_what_they_do_not_want() {
    let stage = Stage::new();
    let reminder = Standing {
        template: AppointmentReminder,
        ..stage.booked()
    };
    let campaign = Standing {
        template: Campaign,
        about: None,
        consent: AGREED,
        ..stage.booked()
    };
    let with = |standing, consent| {
        still_true(&Standing {
            consent,
            ..standing
        })
    };
    assert_eq!(still_true(&reminder), Ok(()));
    assert_eq!(with(reminder, OUT), Err(NotSent::OptedOut));
    assert_eq!(still_true(&campaign), Ok(()));
    assert_eq!(with(campaign, OUT), Err(NotSent::OptedOut));
    let silent = Consent::default();
    assert_eq!(with(campaign, silent), Err(NotSent::NoConsent));
    let other_lead = Standing {
        lead_minutes: 30,
        ..reminder
    };
    assert_eq!(still_true(&other_lead), Err(NotSent::SwitchedOff));
}
