//! Tests: which messages an event makes due.

use super::super::stage::{at, event, nine, now, setup, two};
use super::*;

const BOTH: Reach = Reach {
    email: true,
    phone: true,
    starts_at: Instant::MAX,
};
const EMAIL: &[Channel] = &[Channel::Email];
const SMS: &[Channel] = &[Channel::Sms];
const ALL: &[Channel] = &Channel::ALL;

/// Red when somebody is written to over a channel that is off, that nobody carries, or that there is
/// no address of; or is not written to although the other one would do.
#[test]
fn the_first_channel_that_goes_is_taken() {
    use NotSent::{NobodyCarries, SwitchedOff};
    let rules = |email, sms| MessageRules {
        email,
        sms,
        ..MessageRules::default()
    };
    let on = rules(true, true);
    let phone = Reach {
        email: false,
        ..BOTH
    };
    let email = Reach {
        phone: false,
        ..BOTH
    };
    let none = Reach {
        email: false,
        ..email
    };
    for (reach, rules, carried, expected) in [
        (BOTH, &on, ALL, Some(Ok(Channel::Email))),
        (BOTH, &on, SMS, Some(Ok(Channel::Sms))),
        (BOTH, &rules(false, true), ALL, Some(Ok(Channel::Sms))),
        (phone, &on, ALL, Some(Ok(Channel::Sms))),
        (phone, &on, EMAIL, Some(Err((Channel::Sms, NobodyCarries)))),
        (email, &on, SMS, Some(Err((Channel::Email, NobodyCarries)))),
        (BOTH, &on, &[], Some(Err((Channel::Email, NobodyCarries)))),
        (
            email,
            &rules(false, true),
            ALL,
            Some(Err((Channel::Email, SwitchedOff))),
        ),
        (
            BOTH,
            &rules(false, false),
            ALL,
            Some(Err((Channel::Email, SwitchedOff))),
        ),
        (none, &on, ALL, None),
    ] {
        let channel = channel_for(&reach, rules, carried);
        assert_eq!(channel, expected, "{reach:?} {rules:?} {carried:?}");
    }
}

/// Red when Cal.com's own news are told again, or a company's choice does not count.
#[test]
fn what_began_at_calcom_is_told_there() {
    let own = event(EventKind::AppointmentBooked, vec![nine()]);
    let theirs = DomainEvent {
        origin: SyncOrigin::Calcom,
        ..own.clone()
    };
    let off = Fate::NotSent(NotSent::SwitchedOff);
    for (event, confirmations, expected) in [
        (&own, Confirmations::Own, Fate::Due(now())),
        (&own, Confirmations::All, Fate::Due(now())),
        (&own, Confirmations::None, off),
        (
            &theirs,
            Confirmations::Own,
            Fate::NotSent(NotSent::CalcomTells),
        ),
        (&theirs, Confirmations::All, Fate::Due(now())),
        (&theirs, Confirmations::None, off),
    ] {
        let setup = setup(MessageRules {
            confirmations,
            ..MessageRules::default()
        });
        let reach = Reach {
            starts_at: nine().start(),
            ..BOTH
        };
        let planned = due(event, &reach, &setup, (ALL, now()));
        assert_eq!(planned[0].fate, expected, "{confirmations:?}");
        assert_eq!(planned.len(), 3, "reminders are another matter");
    }
}

/// Red when an event that tells nothing makes a message, or who cannot be reminded is.
#[test]
fn every_kind_of_event_has_its_messages() {
    let setup = setup(MessageRules::default());
    let reach = Reach {
        starts_at: nine().start(),
        ..BOTH
    };
    for kind in EventKind::ALL {
        let planned = due(
            &event(kind, vec![nine(), two()]),
            &reach,
            &setup,
            (ALL, now()),
        );
        let templates: Vec<_> = planned.iter().map(|it| it.template.as_str()).collect();
        let expected: &[&str] = match kind {
            EventKind::AppointmentBooked => &[
                "appointment_booked",
                "appointment_reminder",
                "appointment_reminder",
            ],
            EventKind::AppointmentRescheduled => &[
                "appointment_rescheduled",
                "appointment_reminder",
                "appointment_reminder",
            ],
            EventKind::AppointmentCancelled => &["appointment_cancelled"],
            _ => &[],
        };
        assert_eq!(templates, expected, "{kind:?}");
    }
    let booked = event(EventKind::AppointmentBooked, vec![nine()]);
    let reminders = due(&booked, &reach, &setup, (ALL, now()));
    let when: Vec<_> = reminders[1..]
        .iter()
        .map(|it| (it.lead_minutes, it.fate))
        .collect();
    let due_at = |text| Fate::Due(at(text));
    assert_eq!(
        when,
        [
            (1440, due_at("2025-10-12T09:00:00Z")),
            (60, due_at("2025-10-13T08:00:00Z")),
        ]
    );
    let carried_by_nobody = due(&booked, &reach, &setup, (&[], now()));
    assert_eq!(carried_by_nobody.len(), 1, "nobody is reminded");
    let other_host = event(EventKind::AppointmentRescheduled, vec![nine()]);
    let unnoticed = due(&other_host, &reach, &setup, (ALL, now()));
    assert_eq!(unnoticed.len(), 1, "the reminders stand");
    assert_eq!(unnoticed[0].fate, Fate::NotSent(NotSent::Unchanged));
}
