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
        created_at: None,
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
            Observation::Refused(Refusal::Invalid("no".into())),
            "done",
            Verdict::Release(Refusal::Invalid("no".into())),
        ),
        (
            Observation::Refused(Refusal::SlotTaken),
            "looking_up",
            Verdict::Undecided,
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

/// Red when being held back counts as a failed try, climbs the ladder, or asks in a loop.
#[test]
fn being_held_back_is_no_failed_try() {
    let mut it = saga(SagaKind::Create);
    for second in [1, 61, 121, 181, 241, 301] {
        let until = at(second + 60);
        let verdict = it.observe(Observation::HeldBack(until), &policy(), at(second));
        assert_eq!(verdict, Verdict::Undecided);
        assert_eq!(it.next(&policy(), at(second)), Decision::Wait(until));
        it.begin_call(until);
    }
    assert_eq!(it.failed_calls, 0);
    let _ = it.observe(Observation::HeldBack(at(300)), &policy(), at(361));
    assert_eq!(it.next(&policy(), at(361)), Decision::Wait(at(362)));
    let given_up = it.observe(Observation::HeldBack(at(90_000)), &policy(), at(86_400));
    assert!(matches!(given_up, Verdict::Review(_)), "{given_up:?}");
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
    let mut it = saga(SagaKind::Create);
    let late = at(policy().give_up_after.as_seconds());
    let _ = it.observe(Observation::Ambiguous, &policy(), at(1));
    let verdict = it.observe(Observation::LookUpFailed, &policy(), late);
    assert!(matches!(verdict, Verdict::Review(_)), "{verdict:?}");
    assert_eq!(it.next(&policy(), late), Decision::Rest);
}

/// Red when a first "taken" is believed without looking, or looked for as long as after a timeout.
#[test]
fn a_first_taken_is_looked_up_once() {
    for kind in [SagaKind::Create, SagaKind::Reschedule, SagaKind::Rebook] {
        let mut it = saga(kind);
        let taken = Observation::Refused(Refusal::SlotTaken);
        assert_eq!(it.observe(taken, &policy(), at(1)), Verdict::Undecided);
        assert_eq!(it.next(&policy(), at(1)), Decision::LookUp);
        let verdict = it.observe(Observation::NotFound, &policy(), at(1));
        assert_eq!(verdict, Verdict::Release(Refusal::SlotTaken), "{kind:?}");
    }
}

/// Red when a cancellation, or another repair, is given up, or nobody hears that it takes long, or
/// they hear it again and again.
#[test]
fn what_must_be_undone_is_never_given_up() {
    for kind in [SagaKind::Cancel, SagaKind::Discard, SagaKind::Rebook] {
        let mut it = saga(kind);
        let (mut now, mut alarms) = (at(1), Vec::new());
        for n in 0..1_000 {
            let failure = match n % 3 {
                0 => Observation::NotExecuted(None),
                1 => Observation::LookUpFailed,
                _ => Observation::Ambiguous,
            };
            if let Verdict::Review(question) = it.observe(failure, &policy(), now) {
                alarms.push((question.reason, now.since(at(0)).as_minutes()));
            }
            match it.next(&policy(), now) {
                Decision::Wait(until) => now = until,
                Decision::Call | Decision::LookUp => {}
                Decision::Rest => panic!("{kind:?} was given up"),
            }
            if it.next(&policy(), now) == Decision::Call {
                it.begin_call(now);
            }
        }
        assert!(now.since(at(0)) > Span::hours(24));
        let expected = ("compensation_overdue", 15);
        assert_eq!(alarms, [expected], "{kind:?}");
    }
}

/// Red when a refused cancellation ends, or nobody hears of it at once.
#[test]
fn a_refused_cancellation_is_asked_for_again() {
    for (refusal, reason) in [
        (Refusal::Account("key".into()), "account_refused"),
        (Refusal::Invalid("reason".into()), "cancel_refused"),
    ] {
        let mut it = saga(SagaKind::Cancel);
        let refused = Observation::Refused(refusal);
        let verdict = it.observe(refused.clone(), &policy(), at(1));
        assert!(matches!(verdict, Verdict::Review(question) if question.reason == reason));
        assert_eq!(it.next(&policy(), at(2)), Decision::Call);
        it.begin_call(at(2));
        assert_eq!(it.observe(refused, &policy(), at(2)), Verdict::Undecided);
    }
}

/// Red when a move that has lost the booking counts as a cancellation, or is believed at once.
#[test]
fn a_booking_lost_in_a_move_is_booked_again() {
    let mut it = saga(SagaKind::Reschedule);
    let _ = it.observe(Observation::Ambiguous, &policy(), at(30));
    let early = it.observe(Observation::Vanished, &policy(), at(31));
    assert_eq!(early, Verdict::Undecided, "the new one may still come");
    let _ = it.observe(Observation::Vanished, &policy(), at(150));
    let verdict = it.observe(Observation::Vanished, &policy(), at(151));
    assert_eq!(verdict, Verdict::BookAgain);
    // One that was off before we asked is off.
    let mut it = saga(SagaKind::Reschedule);
    let _ = it.observe(Observation::Refused(Refusal::Gone), &policy(), at(1));
    let verdict = it.observe(Observation::Vanished, &policy(), at(1));
    assert_eq!(verdict, Verdict::Release(Refusal::Gone));
}

/// Red when another than the oldest accepted booking is kept.
#[test]
fn of_several_bookings_the_oldest_accepted_one_is_kept() {
    let made = |name: &str, second: i64, status| RemoteBooking {
        uid: BookingUid::parse(name).expect("plain"),
        created_at: Some(at(second)),
        status,
        ..*booking()
    };
    let young = made("aaa", 9, RemoteStatus::Accepted);
    let waiting = made("bbb", 1, RemoteStatus::Pending);
    let old = made("zzz", 5, RemoteStatus::Accepted);
    let several = Observation::Several(vec![young.clone(), waiting.clone(), old.clone()]);
    let verdict = saga(SagaKind::Create).observe(several, &policy(), at(10));
    let others = vec![young.uid, waiting.uid];
    assert_eq!(verdict, Verdict::Keep(Box::new(old), others));
}

/// Red when a call leaves although another worker may take its outcome for unknown before it ends.
#[test]
fn a_call_leaves_only_while_its_time_lasts() {
    let it = saga(SagaKind::Create);
    assert!(it.may_still_call(&policy(), at(30)));
    assert!(!it.may_still_call(&policy(), at(31)));
}

/// Red when what arrives late is not looked for, or is looked for without end.
#[test]
fn what_was_given_up_is_looked_for_during_a_week() {
    let whose = (CompanyId::new(15), AppointmentId::new(Uuid::from_u128(1)));
    let mut it = Saga::guard(SagaId::new(Uuid::from_u128(2)), whose, at(0));
    let (mut now, mut hours) = (at(0), Vec::new());
    while let Decision::Wait(until) = it.next(&policy(), now) {
        now = until;
        hours.push(now.since(at(0)).as_minutes() / 60);
        let found = Observation::Several(vec![*booking()]);
        let late = it.observe(found, &policy(), now);
        assert_eq!(late, Verdict::Discard(vec![booking().uid]));
    }
    assert_eq!(hours, [1, 6, 24, 72, 168]);
    assert_eq!(it.next(&policy(), now), Decision::Rest);
}

/// Red when a stuck saga cannot be set going again, or its day does not begin anew.
#[test]
fn a_person_sets_it_going_again() {
    let late = at(policy().give_up_after.as_seconds());
    let mut stuck = saga(SagaKind::Create);
    assert!(!stuck.resume(&policy(), late), "it is not stuck");
    let _ = stuck.observe(Observation::NotExecuted(None), &policy(), late);
    assert_eq!(stuck.phase.as_str(), "stuck");
    let mut again = stuck.clone();
    assert!(again.resume(&policy(), late));
    assert_eq!(again.next(&policy(), late), Decision::Call);
    again.begin_call(late);
    let _ = again.observe(Observation::NotExecuted(None), &policy(), late);
    assert_eq!(again.phase.as_str(), "ready");
    // Cal.com's side: what it has not is given up.
    assert!(stuck.yield_to_calcom(&policy(), late));
    let quiet = late + policy().quiet_time;
    let _ = stuck.observe(Observation::NotFound, &policy(), quiet);
    let verdict = stuck.observe(Observation::NotFound, &policy(), quiet);
    assert!(matches!(verdict, Verdict::Release(_)), "{verdict:?}");
}

/// Red when a try is not counted, or a call that was cut off gets an end.
#[test]
fn every_try_is_noted() {
    let mut it = saga(SagaKind::Create);
    let tried = |it: &Saga| it.attempt.clone().expect("tried");
    assert_eq!((tried(&it).number, tried(&it).ended_at), (1, None));
    let _ = it.observe(Observation::NotExecuted(None), &policy(), at(1));
    assert_eq!(tried(&it).outcome.as_deref(), Some("not_executed"));
    it.begin_call(at(2));
    assert_eq!((tried(&it).number, tried(&it).kind), (2, AttemptKind::Call));
    // The process dies; another looks.
    let _ = it.observe(Observation::NotFound, &policy(), at(90));
    assert_eq!(
        (tried(&it).number, tried(&it).kind),
        (3, AttemptKind::LookUp)
    );
}

proptest! {
    /// Cal.com may lie as it likes: a call is made again only when every call before was proven to
    /// have had no effect.
    #[test]
    fn never_two_bookings(answers in proptest::collection::vec(0..7u8, 1..60), kind in 0..3u8) {
        let mut it = saga([SagaKind::Create, SagaKind::Reschedule, SagaKind::Rebook][kind as usize]);
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
                    // Made, and said to be taken.
                    5 => { exists = true; Observation::Refused(Refusal::SlotTaken) }
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
