//! Tests in virtual time.

use proptest::prelude::*;

use super::*;

fn at(millis: i64) -> Instant {
    Instant::from_unix_seconds(1_760_000_000).expect("in range") + Span::millis(millis)
}

fn takes(budget: &mut Budget, priority: Priority, now: Instant) -> u32 {
    (0..)
        .take_while(|_| budget.take(priority, now).is_ok())
        .count() as u32
}

/// Red when a share is another, or what one uses is not counted for the others.
#[test]
fn the_less_urgent_stop_first() {
    let mut budget = Budget::new(100);
    assert_eq!(takes(&mut budget, Priority::Warming, at(0)), 25);
    assert_eq!(takes(&mut budget, Priority::Read, at(1)), 55);
    assert_eq!(takes(&mut budget, Priority::LookUp, at(2)), 10);
    assert_eq!(takes(&mut budget, Priority::Booking, at(3)), 10);
    let waits = Priority::ALL.map(|priority| budget.take(priority, at(4)));
    // Until enough have left: the first of all; a read, so that only 24 are left.
    assert_eq!(
        waits,
        [at(60_000), at(60_000), at(60_000), at(60_001)].map(Err)
    );
    assert_eq!(budget.take(Priority::Warming, at(60_001)), Ok(()));
}

/// Red when it is not said, or wrongly, when the next call may go.
#[test]
fn who_comes_again_when_told_may_go() {
    let mut budget = Budget::new(10);
    for call in 0..8 {
        assert_eq!(budget.take(Priority::Read, at(call)), Ok(()));
    }
    for priority in [Priority::Read, Priority::Warming] {
        let mut now = at(100);
        let mut asked = 0;
        while let Err(retry_at) = budget.clone().take(priority, now) {
            assert!(retry_at > now);
            (now, asked) = (retry_at, asked + 1);
        }
        assert_eq!(asked, 1, "{priority:?}");
    }
}

/// Red when 429 stops some calls only, or the later moment is forgotten.
#[test]
fn a_pause_stops_everything_until_it_is_over() {
    let mut budget = Budget::new(100);
    budget.pause(at(30_000));
    budget.pause(at(10_000));
    for priority in Priority::ALL {
        assert_eq!(budget.take(priority, at(29_999)), Err(at(30_000)));
    }
    assert_eq!(budget.take(Priority::Warming, at(30_000)), Ok(()));
}

/// Red when what the other side says makes the budget larger, or is kept for ever.
#[test]
fn what_is_said_only_lowers() {
    let said = |calls, until| Remaining { calls, until };
    let mut budget = Budget::new(100);
    budget.lower(said(1_000, at(60_000)), at(0));
    assert_eq!(takes(&mut budget.clone(), Priority::Booking, at(0)), 100);
    budget.lower(said(30, at(50_000)), at(1));
    budget.lower(said(90, at(50_000)), at(2));
    let mut others = budget.clone();
    assert_eq!(takes(&mut others, Priority::Read, at(3)), 10);
    assert_eq!(takes(&mut others, Priority::LookUp, at(3)), 10);
    assert_eq!(takes(&mut others, Priority::Booking, at(3)), 10);
    assert_eq!(others.take(Priority::Booking, at(4)), Err(at(60_000)));
    // A window of years is nonsense; a new one is believed when the old is over.
    budget.lower(said(0, Instant::MAX), at(60_001));
    assert_eq!(budget.take(Priority::Booking, at(60_001)), Err(at(120_001)));
    assert_eq!(budget.take(Priority::Booking, at(120_001)), Ok(()));
}

/// Red when what is kept back for bookings is a share of our limit where Cal.com's is far smaller:
/// nothing else would ever go.
#[test]
fn what_is_kept_back_is_a_share_of_what_was_left() {
    let mut budget = Budget::new(10_000);
    let (calls, until) = (119, at(60_000));
    budget.lower(Remaining { calls, until }, at(0));
    assert_eq!(takes(&mut budget, Priority::Warming, at(1)), 29);
    assert_eq!(takes(&mut budget, Priority::Read, at(1)), 66);
    assert_eq!(takes(&mut budget, Priority::LookUp, at(1)), 12);
    assert_eq!(takes(&mut budget, Priority::Booking, at(1)), 12);
}

/// Red when calls from the future of a clock that was put back count for longer than a window.
#[test]
fn a_clock_that_was_put_back_holds_nothing_up() {
    let mut budget = Budget::new(2);
    assert_eq!(takes(&mut budget, Priority::Booking, at(3_600_000)), 2);
    assert_eq!(takes(&mut budget, Priority::Booking, at(0)), 2);
}

/// Red when a share of a small limit is nothing.
#[test]
fn everybody_may_call_once() {
    for priority in Priority::ALL {
        assert_eq!(takes(&mut Budget::new(1), priority, at(0)), 1);
    }
}

fn priority() -> impl Strategy<Value = Priority> {
    (0..4usize).prop_map(|which| Priority::ALL[which])
}

proptest! {
    /// Whoever asks whenever: no sixty seconds hold more calls than allowed, no share is exceeded,
    /// and a booking goes whenever bookings alone have not used up the limit's last tenth.
    /// Red when windows are fixed instead of sliding, or a priority is ignored.
    #[test]
    fn no_window_holds_more_than_the_limit(
        calls in proptest::collection::vec((0..4_000i64, priority()), 1..400),
        limit in 1..40u32,
    ) {
        let (mut budget, mut now) = (Budget::new(limit), 0);
        let mut made: Vec<(i64, Priority)> = Vec::new();
        for (pause, priority) in calls {
            now += pause;
            let taken = budget.take(priority, at(now)).is_ok();
            made.retain(|(when, _)| *when > now - 60_000);
            let share = priority.share_of(limit);
            prop_assert_eq!(taken, (made.len() as u32) < share);
            if priority == Priority::Booking && !taken {
                let urgent = made.iter().filter(|(_, it)| *it <= Priority::LookUp).count() as u32;
                prop_assert!(urgent + Priority::Read.share_of(limit) >= limit);
            }
            if taken {
                made.push((now, priority));
            }
            prop_assert!(made.len() as u32 <= limit);
        }
    }
}
