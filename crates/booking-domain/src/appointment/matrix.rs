//! Tests: every command against every state, and random command sequences.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::ids::*;
use crate::origin::SyncOrigin;
use crate::time::{Instant, TimeRange, ZoneName};

fn now() -> Instant {
    "2025-10-11T18:36:00Z".parse().expect("valid")
}

fn range(hour: i64) -> TimeRange {
    let start = Instant::from_unix_seconds(1_760_342_400 + hour * 3_600).expect("in range");
    TimeRange::lasting(start, 60)
}

fn remote(uid: &str, hour: i64) -> RemoteBooking {
    RemoteBooking {
        uid: BookingUid::parse(uid).expect("plain"),
        status: RemoteStatus::Accepted,
        range: range(hour),
        event_type: Some(EventTypeId::new(2_563_193)),
        host: None,
        host_email: None,
        ours: None,
        rescheduled_from: None,
        rescheduled_to: None,
        created_at: None,
        changed_at: None,
    }
}

fn cancellation() -> Cancellation {
    Cancellation {
        at: now(),
        origin: SyncOrigin::Api,
        by: "key".into(),
        reason: None,
    }
}

fn pending() -> Appointment {
    let booking = Booking {
        id: AppointmentId::new(Uuid::from_u128(1)),
        company: CompanyId::new(15),
        branch: Some(BranchId::new(9)),
        service: ServiceId::new(1),
        event_type: Some(EventTypeId::new(2_563_193)),
        customer: CustomerId::new(1),
        wanted_staff: None,
        range: range(0),
        time_zone: ZoneName::UTC,
        origin: SyncOrigin::Api,
        by: "key".into(),
        notes: None,
        metadata: Default::default(),
    };
    Appointment::book(booking, now())
}

const COMMANDS: [&str; 10] = [
    "confirm",
    "reject",
    "reschedule",
    "moved",
    "stay",
    "cancel",
    "cancelled",
    "no_show",
    "complete",
    "lost",
];

fn run(appointment: &mut Appointment, command: &str, hour: i64) -> Result<Applied, Refused> {
    match command {
        "confirm" => appointment.confirm(&remote("first", 0), None, now()),
        "reject" => appointment.reject("rejected", SyncOrigin::Calcom, now()),
        "reschedule" => appointment.reschedule(range(hour), SyncOrigin::Api, "key", now()),
        "moved" => appointment.moved(&remote("second", hour), None, now()),
        "stay" => appointment.stay(now()),
        "cancel" => appointment.cancel(cancellation(), now()),
        "cancelled" => appointment.cancelled(cancellation(), now()),
        "no_show" => appointment.no_show(now()),
        "complete" => appointment.complete(range(100).end()),
        "lost" => appointment.lost(now()),
        other => unreachable!("{other} is not a command"),
    }
}

fn in_state(state: StateName) -> Appointment {
    let mut it = pending();
    let path: &[&str] = match state {
        StateName::Pending => &[],
        StateName::Scheduled => &[],
        StateName::Confirmed => &["confirm"],
        StateName::Rescheduling => &["confirm", "reschedule"],
        StateName::Cancelling => &["confirm", "cancel"],
        StateName::Cancelled => &["confirm", "cancel", "cancelled"],
        StateName::Completed => &["confirm", "complete"],
        StateName::NoShow => &["confirm", "no_show"],
    };
    for command in path {
        assert_eq!(run(&mut it, command, 3), Ok(Applied::Applied), "{command}");
    }
    if state == StateName::Scheduled {
        let waiting = RemoteBooking {
            status: RemoteStatus::Pending,
            ..remote("first", 0)
        };
        assert_eq!(it.confirm(&waiting, None, now()), Ok(Applied::Applied));
    }
    let _ = it.saved();
    assert_eq!(it.state().name(), state);
    it
}

/// The whole specification in one table: what each command does in each state.
#[test]
fn every_command_in_every_state() {
    let mut table = String::new();
    for state in StateName::ALL {
        for command in COMMANDS {
            let mut it = in_state(state);
            let answer = match run(&mut it, command, 3) {
                Ok(Applied::Applied) => format!("-> {}", it.state().name()),
                Ok(Applied::AlreadyApplied) => "already".to_owned(),
                Err(refused) => {
                    assert_eq!(it, in_state(state), "a refused command changes nothing");
                    format!("{:?}", refused.reason)
                }
            };
            table += &format!("{state:<12} {command:<10} {answer}\n");
        }
    }
    let expected = include_str!("matrix.txt");
    assert_eq!(
        table, expected,
        "the matrix changed; if that is meant:\n{table}"
    );
}

/// Red when a refused move makes an appointment final that its host had not accepted.
#[test]
fn what_waited_for_its_host_waits_on_after_a_refused_move() {
    let mut it = in_state(StateName::Scheduled);
    assert_eq!(run(&mut it, "reschedule", 3), Ok(Applied::Applied));
    assert_eq!(it.status(), Status::Scheduled);
    assert_eq!(
        it.to_record().restore(),
        Ok({
            let mut stored = it.clone();
            let _ = stored.saved();
            stored
        })
    );
    assert_eq!(run(&mut it, "stay", 3), Ok(Applied::Applied));
    assert_eq!(it.state().name(), StateName::Scheduled);
    // Accepted meanwhile: it is final.
    let mut it = in_state(StateName::Scheduled);
    assert_eq!(run(&mut it, "reschedule", 3), Ok(Applied::Applied));
    assert_eq!(run(&mut it, "confirm", 3), Ok(Applied::Applied));
    assert_eq!(run(&mut it, "stay", 3), Ok(Applied::Applied));
    assert_eq!(it.state().name(), StateName::Confirmed);
}

/// Red when an appointment is over before its time, or a question is settled by another's answer.
#[test]
fn its_time_comes_and_questions_are_settled_one_by_one() {
    let mut it = in_state(StateName::Confirmed);
    assert!(it.complete(range(0).start()).is_err());
    let _ = it.flag_for_review("host_conflict", "", now());
    let other = it.resolve_review("sync_failed", None, now());
    assert_eq!(other, Applied::AlreadyApplied);
    assert!(it.review().is_some());
    let asked = it.resolve_review("host_conflict", None, now());
    assert_eq!((asked, it.review()), (Applied::Applied, None));
}

#[test]
fn older_news_from_calcom_is_no_news() {
    let mut it = in_state(StateName::Confirmed);
    let at = |second: i64| Instant::from_unix_seconds(1_760_000_000 + second).ok();
    let newer = RemoteBooking {
        changed_at: at(10),
        ..remote("third", 5)
    };
    let older = RemoteBooking {
        changed_at: at(5),
        ..remote("second", 4)
    };
    assert_eq!(it.moved(&newer, None, now()), Ok(Applied::Applied));
    assert_eq!(it.moved(&older, None, now()), Ok(Applied::AlreadyApplied));
    assert_eq!(it.range(), range(5));
}

#[test]
fn a_cancellation_during_an_unknown_create_is_carried_out_later() {
    let mut it = pending();
    assert_eq!(run(&mut it, "cancel", 0), Ok(Applied::Applied));
    assert_eq!(it.state().name(), StateName::Pending);
    assert_eq!(run(&mut it, "confirm", 0), Ok(Applied::Applied));
    assert_eq!(it.state().name(), StateName::Cancelling);
    assert_eq!(
        it.live_ranges(),
        [range(0)],
        "the slot is not free before Cal.com let go"
    );
}

#[test]
fn a_move_takes_both_times_until_calcom_answered() {
    let mut it = in_state(StateName::Confirmed);
    assert_eq!(run(&mut it, "reschedule", 3), Ok(Applied::Applied));
    assert_eq!(it.live_ranges(), [range(0), range(3)]);
    assert_eq!(run(&mut it, "moved", 3), Ok(Applied::Applied));
    assert_eq!(it.live_ranges(), [range(3)]);
    let moved = it.pending_events().last().expect("recorded");
    assert_eq!(
        moved.affected,
        [range(0), range(3)],
        "both sides must be forgotten by the caches"
    );
}

proptest! {
    /// Whatever comes in whatever order: no panic, a second time changes nothing more, a row and
    /// back is the same aggregate, versions count events.
    #[test]
    fn random_lives(steps in proptest::collection::vec((0..COMMANDS.len(), 0i64..5), 0..24)) {
        let mut it = pending();
        let mut seen = 0;
        for (command, hour) in steps {
            let before = it.clone();
            let outcome = run(&mut it, COMMANDS[command], hour);
            if outcome.is_err() {
                prop_assert_eq!(&it, &before);
            }
            if outcome == Ok(Applied::Applied) && COMMANDS[command] != "reject" {
                let again = run(&mut it.clone(), COMMANDS[command], hour);
                prop_assert_ne!(again, Ok(Applied::Applied), "{} twice", COMMANDS[command]);
            }
            seen += it.pending_events().len() as i64;
            let events = it.saved();
            prop_assert!(events.iter().zip(1..).all(|(event, n)| event.sequence == it.version() - events.len() as i64 + n));
            prop_assert_eq!(it.version(), seen);
            prop_assert_eq!(it.to_record().restore(), Ok(it.clone()));
        }
    }
}
