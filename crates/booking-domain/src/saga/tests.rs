//! Tests: what each answer means at each point, and that no path ends in a second booking.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::appointment::{RemoteBooking, RemoteStatus};
use crate::time::TimeRange;

fn at(second: i64) -> Instant {
    Instant::from_unix_seconds(1_760_000_000 + second).expect("in range")
}

fn saga(kind: SagaKind) -> Saga {
    let whose = (CompanyId::new(15), AppointmentId::new(Uuid::from_u128(1)));
    Saga::calling(SagaId::new(Uuid::from_u128(2)), whose, kind, None, at(0))
}

fn booking() -> Box<RemoteBooking> {
    Box::new(RemoteBooking {
        uid: BookingUid::parse("abc").expect("plain"),
        status: RemoteStatus::Accepted,
        range: TimeRange::lasting(at(3_600), 60),
        event_type: None,
        host: None,
        host_email: None,
        ours: None,
        rescheduled_from: None,
        rescheduled_to: None,
        changed_at: None,
    })
}

fn policy() -> SagaPolicy {
    SagaPolicy::default()
}

#[test]
fn plain_answers() {
    let table = [
        (
            Observation::Executed(booking()),
            "done",
            Verdict::Apply(booking()),
        ),
        (
            Observation::Refused(Refusal::SlotTaken),
            "done",
            Verdict::Release(Refusal::SlotTaken),
        ),
        (
            Observation::Refused(Refusal::Gone),
            "looking_up",
            Verdict::Undecided,
        ),
        (Observation::NotExecuted(None), "ready", Verdict::Undecided),
        (Observation::Ambiguous, "looking_up", Verdict::Undecided),
    ];
    for (observation, phase, verdict) in table {
        let mut it = saga(SagaKind::Create);
        assert_eq!(
            it.observe(observation.clone(), &policy(), at(1)),
            verdict,
            "{observation:?}"
        );
        assert_eq!(it.phase.as_str(), phase, "{observation:?}");
    }
}

/// Mutation: calling again right after a timeout turns this red.
#[test]
fn a_timeout_is_looked_up_until_it_is_quiet_and_only_then_repeated() {
    let mut it = saga(SagaKind::Create);
    let mut now = at(30);
    let _ = it.observe(Observation::Ambiguous, &policy(), now);
    let mut looks = Vec::new();
    loop {
        match it.next(&policy(), now) {
            Decision::LookUp => {
                looks.push(now.since(at(30)).as_seconds());
                let _ = it.observe(Observation::NotFound, &policy(), now);
            }
            Decision::Wait(until) => now = until,
            Decision::Call => break,
            Decision::Rest => panic!("given up"),
        }
        if matches!(it.phase, Phase::Ready { .. }) {
            break;
        }
    }
    assert!(
        looks.iter().filter(|second| **second >= 120).count() >= 2,
        "{looks:?}"
    );
    assert_eq!(&looks[..7], [0, 1, 2, 5, 10, 20, 40]);
}

/// Mutation: taking any refusal but "slot taken" for final turns this red.
#[test]
fn no_refusal_is_final_after_a_timeout() {
    for refusal in [
        Refusal::SlotTaken,
        Refusal::Invalid("no".into()),
        Refusal::Account("no".into()),
    ] {
        let mut it = saga(SagaKind::Create);
        it.was_ambiguous = true;
        let verdict = it.observe(Observation::Refused(refusal.clone()), &policy(), at(200));
        assert_eq!(verdict, Verdict::Undecided, "{refusal:?}");
        let _ = it.observe(Observation::NotFound, &policy(), at(330));
        let verdict = it.observe(Observation::NotFound, &policy(), at(331));
        assert_eq!(verdict, Verdict::Release(refusal), "proven not to be there");
    }
}

#[test]
fn slot_taken_after_a_timeout_may_be_ourselves() {
    let mut it = saga(SagaKind::Create);
    it.was_ambiguous = true;
    let taken = Observation::Refused(Refusal::SlotTaken);
    assert_eq!(it.observe(taken, &policy(), at(200)), Verdict::Undecided);
    assert_eq!(it.next(&policy(), at(200)), Decision::LookUp);
    let mut found = it.clone();
    let verdict = found.observe(Observation::Executed(booking()), &policy(), at(200));
    assert_eq!(verdict, Verdict::Apply(booking()));
    // Not ourselves: proven by silence, and then it is really taken.
    let _ = it.observe(Observation::NotFound, &policy(), at(330));
    let verdict = it.observe(Observation::NotFound, &policy(), at(331));
    assert_eq!(verdict, Verdict::Release(Refusal::SlotTaken));
}

#[test]
fn a_process_that_died_in_a_call_leaves_a_look_up() {
    let it = saga(SagaKind::Create);
    let limit = policy().call_limit.as_seconds();
    assert_eq!(it.next(&policy(), at(limit - 1)), Decision::Wait(at(limit)));
    assert_eq!(it.next(&policy(), at(limit)), Decision::LookUp);
}

#[test]
fn what_cannot_be_known_ends_with_a_person() {
    let mut it = saga(SagaKind::Cancel);
    let late = at(policy().give_up_after.as_seconds());
    let _ = it.observe(Observation::Ambiguous, &policy(), at(1));
    let verdict = it.observe(Observation::LookUpFailed, &policy(), late);
    assert!(matches!(verdict, Verdict::Review(_)), "{verdict:?}");
    assert_eq!(it.next(&policy(), late), Decision::Rest);
}

proptest! {
    /// Cal.com may lie as it likes: a call is made again only when every call before was proven to
    /// have had no effect.
    #[test]
    fn never_two_bookings(answers in proptest::collection::vec(0..6u8, 1..60), kind in 0..2u8) {
        let mut it = saga(if kind == 0 { SagaKind::Create } else { SagaKind::Reschedule });
        let (mut now, mut exists, mut applied) = (at(0), false, 0);
        // The first call's intent is committed already.
        let mut calling = true;
        for answer in answers {
            let observation = if calling {
                prop_assert!(!exists, "called although the booking exists");
                match answer {
                    0 => { exists = true; Observation::Executed(booking()) }
                    1 => Observation::Refused(Refusal::SlotTaken),
                    2 => Observation::NotExecuted(None),
                    3 => { exists = true; Observation::Ambiguous }
                    4 => Observation::Ambiguous,
                    _ => Observation::Refused(Refusal::Gone),
                }
            } else if exists {
                if answer == 0 { Observation::LookUpFailed } else { Observation::Executed(booking()) }
            } else if answer == 0 { Observation::LookUpFailed } else { Observation::NotFound };
            calling = false;
            if matches!(it.observe(observation, &policy(), now), Verdict::Apply(_)) {
                applied += 1;
            }
            match it.next(&policy(), now) {
                Decision::Call => { it.begin_call(now); calling = true; }
                Decision::LookUp => {}
                Decision::Wait(until) => {
                    prop_assert!(until > now);
                    now = until;
                    if it.next(&policy(), now) == Decision::Call {
                        it.begin_call(now);
                        calling = true;
                    }
                }
                Decision::Rest => break,
            }
        }
        prop_assert!(applied <= 1);
    }
}
