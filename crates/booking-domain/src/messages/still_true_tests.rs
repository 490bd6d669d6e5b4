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
    let until_start = nine().start().since(now());
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
        (AppointmentCancelled, (&cancelled, &[]), soon, Ok(())),
        (AppointmentCancelled, (&stands, &[]), soon, gone),
        (
            AppointmentBooked,
            (&scheduled, &[]),
            soon,
            Err(NotSent::NotAccepted),
        ),
        (AppointmentBooked, (&over, &[]), soon, Err(NotSent::Over)),
        (AppointmentBooked, (&stands, &[]), until_start, Ok(())),
        (
            AppointmentReminder,
            (&stands, &[]),
            Span::seconds(until_start.as_seconds() - 60),
            Ok(()),
        ),
        (
            AppointmentReminder,
            (&stands, &[]),
            until_start,
            Err(NotSent::Over),
        ),
        (
            AppointmentBooked,
            (&stands, &[]),
            until_start + Span::HOUR,
            Err(NotSent::Over),
        ),
        (
            AppointmentCancelled,
            (&cancelled, &[]),
            Span::days(9),
            Err(NotSent::Over),
        ),
    ] {
        let name = about.0.state().name();
        assert_eq!(
            judged(template, about, later),
            expected,
            "{template:?} {name}"
        );
    }
}

/// Red when somebody is written to who must not be: erased, opted out, without consent, over a
/// channel that is off or that nobody carries; or when an opt-out stops what they brought about
/// themselves.
#[test]
fn who_must_not_be_written_to_is_not() {
    let (stands, contact) = (confirmed(), contact());
    let (on, off) = (
        setup(MessageRules::default()),
        setup(MessageRules {
            email: false,
            ..MessageRules::default()
        }),
    );
    let booked = Standing {
        template: AppointmentBooked,
        channel: Channel::Email,
        lead_minutes: 60,
        is_carried: true,
        setup: &on,
        contact: Some(&contact),
        consent: Consent::default(),
        about: Some((&stands, &[])),
        now: now(),
    };
    let out = Consent {
        marketing_since: None,
        opted_out_at: Some(now()),
    };
    let agreed = Consent {
        marketing_since: Some(now()),
        opted_out_at: None,
    };
    let without_email = Contact {
        email: None,
        ..contact.clone()
    };
    let reminder = Standing {
        template: AppointmentReminder,
        ..booked
    };
    let campaign = Standing {
        template: Campaign,
        about: None,
        consent: agreed,
        ..booked
    };
    for (standing, expected) in [
        (booked, Ok(())),
        (
            Standing {
                consent: out,
                ..booked
            },
            Ok(()),
        ),
        (
            Standing {
                contact: None,
                ..booked
            },
            Err(NotSent::Erased),
        ),
        (
            Standing {
                contact: Some(&without_email),
                ..booked
            },
            Err(NotSent::NoAddress),
        ),
        (
            Standing {
                setup: &off,
                ..booked
            },
            Err(NotSent::SwitchedOff),
        ),
        (
            Standing {
                is_carried: false,
                ..booked
            },
            Err(NotSent::NobodyCarries),
        ),
        (reminder, Ok(())),
        (
            Standing {
                consent: out,
                ..reminder
            },
            Err(NotSent::OptedOut),
        ),
        (
            Standing {
                lead_minutes: 30,
                ..reminder
            },
            Err(NotSent::SwitchedOff),
        ),
        (campaign, Ok(())),
        (
            Standing {
                consent: out,
                ..campaign
            },
            Err(NotSent::OptedOut),
        ),
        (
            Standing {
                consent: Consent::default(),
                ..campaign
            },
            Err(NotSent::NoConsent),
        ),
        (
            Standing {
                contact: None,
                ..campaign
            },
            Err(NotSent::Erased),
        ),
    ] {
        assert_eq!(still_true(&standing), expected, "{standing:?}");
    }
}
