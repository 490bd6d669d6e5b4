//! Tests: each state by hand, then any calls in any order against what was promised.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Instant {
    Instant::from_unix_seconds(1_760_000_000 + second).expect("in range")
}

fn go(breaker: &mut Breaker, now: Instant) -> Permit {
    match breaker.admit(now) {
        Admission::Go(permit) => permit,
        Admission::Rejected { retry_at } => panic!("rejected until {retry_at}"),
    }
}

fn call(breaker: &mut Breaker, outcome: CallOutcome, now: Instant) {
    let permit = go(breaker, now);
    breaker.settle(permit, outcome, now);
}

fn rejected_until(breaker: &mut Breaker, now: Instant) -> Option<Instant> {
    match breaker.admit(now) {
        Admission::Rejected { retry_at } => Some(retry_at),
        Admission::Go(permit) => {
            breaker.abandon(permit, now);
            None
        }
    }
}

fn opened() -> Breaker {
    let mut breaker = Breaker::new(BreakerPolicy::default());
    for _ in 0..5 {
        call(&mut breaker, CallOutcome::Failure, at(0));
    }
    assert_eq!(breaker.state(), BreakerState::Open);
    breaker
}

/// Red when it opens after four or six, or counts failures that are not in a row.
#[test]
fn five_failures_in_a_row_open_it() {
    let mut breaker = Breaker::new(BreakerPolicy::default());
    for _ in 0..4 {
        call(&mut breaker, CallOutcome::Failure, at(0));
    }
    call(&mut breaker, CallOutcome::Success, at(1));
    for second in 2..6 {
        call(&mut breaker, CallOutcome::Failure, at(second));
        call(&mut breaker, CallOutcome::Neutral, at(second));
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    call(&mut breaker, CallOutcome::Failure, at(6));
    assert_eq!(rejected_until(&mut breaker, at(7)), Some(at(66)));
    let view = breaker.view(at(7));
    assert_eq!((view.failures, view.opened_at), (5, Some(at(6))));
}

/// Red when the first success closes it, or more than one probe is under way.
#[test]
fn two_probes_one_after_the_other_close_it() {
    let mut breaker = opened();
    assert_eq!(rejected_until(&mut breaker, at(59)), Some(at(60)));
    let probe = go(&mut breaker, at(60));
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    assert_eq!(rejected_until(&mut breaker, at(60)), Some(at(61)));
    breaker.settle(probe, CallOutcome::Success, at(61));
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    call(&mut breaker, CallOutcome::Success, at(62));
    assert_eq!(breaker.state(), BreakerState::Closed);
    let view = breaker.view(at(62));
    assert_eq!((view.failures, view.opened_at), (0, None));
    assert_eq!(view.transitions_last_hour, 3);
    assert_eq!(breaker.view(at(3_600)).transitions_last_hour, 2);
}

/// Red when a failed probe leaves it half open, or the pause is that of the first time.
#[test]
fn a_failed_probe_opens_it_again() {
    let mut breaker = opened();
    call(&mut breaker, CallOutcome::Success, at(60));
    call(&mut breaker, CallOutcome::Failure, at(70));
    assert_eq!(rejected_until(&mut breaker, at(71)), Some(at(130)));
    call(&mut breaker, CallOutcome::Success, at(130));
    assert_eq!(breaker.state(), BreakerState::HalfOpen, "counted anew");
}

/// Red when a probe that was cancelled, or says nothing, keeps its place.
#[test]
fn a_probe_that_says_nothing_gives_its_place_back() {
    let mut breaker = opened();
    let probe = go(&mut breaker, at(60));
    breaker.abandon(probe, at(61));
    assert_eq!(rejected_until(&mut breaker, at(61)), None);
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
}

/// Red when answers to calls from before the last change count.
#[test]
fn late_answers_do_not_count() {
    let mut breaker = Breaker::new(BreakerPolicy::default());
    let mut late: Vec<_> = (0..9).map(|_| go(&mut breaker, at(0))).collect();
    for _ in 0..5 {
        breaker.settle(late.pop().unwrap(), CallOutcome::Failure, at(1));
    }
    let mut settle_late = |breaker: &mut Breaker, outcome| {
        let before = breaker.view(at(61));
        breaker.settle(late.pop().unwrap(), outcome, at(61));
        assert_eq!(breaker.view(at(61)), before);
    };
    settle_late(&mut breaker, CallOutcome::Success);
    settle_late(&mut breaker, CallOutcome::Failure);
    let probe = go(&mut breaker, at(61));
    settle_late(&mut breaker, CallOutcome::Success);
    settle_late(&mut breaker, CallOutcome::Failure);
    assert_ne!(
        rejected_until(&mut breaker, at(61)),
        None,
        "one probe is out"
    );
    breaker.settle(probe, CallOutcome::Success, at(61));
    call(&mut breaker, CallOutcome::Success, at(61));
    assert_eq!(breaker.state(), BreakerState::Closed);
}

/// What may happen to a breaker.
#[derive(Clone, Copy, Debug)]
enum Step {
    Admit,
    Settle(usize, CallOutcome),
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let outcome = prop_oneof![
        3 => Just(CallOutcome::Success),
        4 => Just(CallOutcome::Failure),
        1 => Just(CallOutcome::Neutral),
    ];
    let step = prop_oneof![
        4 => Just(Step::Admit),
        4 => (0..8usize, outcome).prop_map(|(which, outcome)| Step::Settle(which, outcome)),
        1 => (1..40i64).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..200)
}

proptest! {
    /// Whatever is called and answered in whatever order: while it is open nothing goes, half open
    /// no more than its probes are out, only probes close it, and exactly so many successes.
    /// Red when an epoch is ignored, or a place is lost.
    #[test]
    fn any_calls_in_any_order(steps in steps(), probes in 1..3u32) {
        let policy = BreakerPolicy { probes, ..BreakerPolicy::default() };
        let (mut breaker, mut now) = (Breaker::new(policy), at(0));
        // Permits that are out, and in which run of states they were given.
        let mut out: Vec<(Permit, u32)> = Vec::new();
        let (mut run, mut row, mut successes) = (0, 0, 0);
        for step in steps {
            let before = breaker.state();
            match step {
                Step::Wait(seconds) => now = now + Span::seconds(seconds),
                Step::Admit => match breaker.admit(now) {
                    Admission::Go(permit) => {
                        if before != breaker.state() {
                            prop_assert_eq!(before, BreakerState::Open);
                            run += 1;
                        }
                        out.push((permit, run));
                        let current = out.iter().filter(|(_, it)| *it == run).count() as u32;
                        prop_assert!(breaker.state() != BreakerState::Open);
                        if breaker.state() == BreakerState::HalfOpen {
                            prop_assert!(current <= probes);
                        }
                    }
                    Admission::Rejected { retry_at } => {
                        prop_assert!(retry_at > now);
                        let current = out.iter().filter(|(_, it)| *it == run).count() as u32;
                        prop_assert!(before == BreakerState::Open || current == probes);
                    }
                },
                Step::Settle(which, outcome) => {
                    if out.is_empty() {
                        continue;
                    }
                    let (permit, given) = out.remove(which % out.len());
                    breaker.settle(permit, outcome, now);
                    let is_late = given != run;
                    match outcome {
                        _ if is_late => {}
                        CallOutcome::Success => { row = 0; successes += 1; }
                        CallOutcome::Failure => { row += 1; successes = 0; }
                        CallOutcome::Neutral => {}
                    }
                    let expected = match before {
                        _ if is_late => before,
                        BreakerState::Closed if row >= policy.failures => BreakerState::Open,
                        BreakerState::HalfOpen if outcome == CallOutcome::Failure => BreakerState::Open,
                        BreakerState::HalfOpen if successes == policy.successes => BreakerState::Closed,
                        same => same,
                    };
                    prop_assert_eq!(breaker.state(), expected);
                    if expected != before {
                        (run, successes) = (run + 1, 0);
                    }
                }
            }
            if breaker.state() == BreakerState::Closed {
                successes = 0;
            }
        }
    }
}
