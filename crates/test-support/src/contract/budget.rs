//! `CallBudget`: a limit over any sixty seconds, shares of it, and what Cal.com says.

use booking_domain::budget::{Priority, Remaining};
use booking_domain::ports::NotTaken;
use booking_domain::time::{Instant, Span};

use super::BudgetUnderTest;
use crate::builders::now;

const ONE: &str = "0123456789abcdef";
const OTHER: &str = "fedcba9876543210";

fn at(millis: i64) -> Instant {
    now() + Span::millis(millis)
}

/// `None` when it was taken, else when to ask again.
async fn take(test: &BudgetUnderTest, priority: Priority, when: Instant) -> Option<Instant> {
    match test.budget.take(ONE, priority, when).await {
        Ok(()) => None,
        Err(NotTaken::Before(again)) => Some(again),
        Err(NotTaken::Unknown(error)) => panic!("the budget answers: {error}"),
    }
}

async fn taken(test: &BudgetUnderTest, priority: Priority, when: Instant) -> u32 {
    let mut taken = 0;
    while take(test, priority, when).await.is_none() {
        taken += 1;
    }
    taken
}

fn said(calls: u32, until: Instant) -> Remaining {
    Remaining { calls, until }
}

/// The less urgent stop first, whatever the calls before were made for.
pub async fn shares_are_of_all_calls(test: BudgetUnderTest) {
    assert_eq!(taken(&test, Priority::Warming, at(0)).await, 25);
    assert_eq!(taken(&test, Priority::Read, at(1)).await, 55);
    assert_eq!(taken(&test, Priority::LookUp, at(2)).await, 10);
    assert_eq!(taken(&test, Priority::Booking, at(3)).await, 10);
    for (priority, again) in [
        (Priority::Booking, 60_000),
        (Priority::LookUp, 60_000),
        (Priority::Read, 60_000),
        (Priority::Warming, 60_001),
    ] {
        assert_eq!(take(&test, priority, at(4)).await, Some(at(again)));
    }
}

/// The window slides: each call makes room sixty seconds after it, not at some full minute.
pub async fn the_window_slides(test: BudgetUnderTest) {
    for call in 0..100 {
        assert_eq!(take(&test, Priority::Booking, at(call * 500)).await, None);
    }
    for call in 0..100 {
        let due = at(60_000 + call * 500);
        let early = take(&test, Priority::Booking, due - Span::millis(1)).await;
        assert_eq!(early, Some(due));
        assert_eq!(take(&test, Priority::Booking, due).await, None);
    }
}

/// A pause stops everything until it is over; a shorter one does not end it.
pub async fn a_pause_stops_everything(test: BudgetUnderTest) {
    for seconds in [90, 10] {
        let paused = test.budget.pause(ONE, at(seconds * 1_000), at(0)).await;
        paused.expect("noted");
    }
    for priority in Priority::ALL {
        assert_eq!(take(&test, priority, at(89_999)).await, Some(at(90_000)));
    }
    assert_eq!(take(&test, Priority::Warming, at(90_000)).await, None);
}

/// What Cal.com says is left only lowers, keeps the shares, counts down, and is over when it says.
pub async fn what_is_said_only_lowers(test: BudgetUnderTest) {
    let budget = &test.budget;
    for (calls, until) in [(1_000, 30_000), (30, 45_000), (90, 45_000)] {
        let lowered = budget.lower(ONE, said(calls, at(until)), at(0)).await;
        lowered.expect("noted");
    }
    assert_eq!(taken(&test, Priority::Read, at(1)).await, 10);
    assert_eq!(taken(&test, Priority::LookUp, at(2)).await, 10);
    assert_eq!(taken(&test, Priority::Booking, at(3)).await, 10);
    let again = take(&test, Priority::Booking, at(4)).await;
    assert_eq!(
        again,
        Some(at(30_000)),
        "the first window ends when it said"
    );
    assert_eq!(taken(&test, Priority::Booking, at(30_000)).await, 70);
    let nonsense = said(0, Instant::MAX);
    let lowered = budget.lower(ONE, nonsense, at(70_000)).await;
    lowered.expect("noted");
    let again = take(&test, Priority::Booking, at(70_000)).await;
    assert_eq!(again, Some(at(130_000)), "no window is longer than ours");
}

/// What is kept back for bookings is a share of what was left when that was first heard.
pub async fn what_is_kept_back_is_a_share(test: BudgetUnderTest) {
    let lowered = test.budget.lower(ONE, said(20, at(60_000)), at(0)).await;
    lowered.expect("noted");
    assert_eq!(taken(&test, Priority::Warming, at(1)).await, 5);
    assert_eq!(taken(&test, Priority::Read, at(1)).await, 11);
    assert_eq!(taken(&test, Priority::LookUp, at(1)).await, 2);
    assert_eq!(taken(&test, Priority::Booking, at(1)).await, 2);
}

/// What one account uses, hears or must not do is no matter of another's.
pub async fn accounts_do_not_share(test: BudgetUnderTest) {
    let budget = &test.budget;
    assert_eq!(taken(&test, Priority::Booking, at(0)).await, 100);
    budget
        .lower(ONE, said(0, at(9_000)), at(0))
        .await
        .expect("noted");
    budget.pause(ONE, at(9_000), at(0)).await.expect("noted");
    let other = budget.take(OTHER, Priority::Warming, at(1)).await;
    assert!(other.is_ok(), "{other:?}");
}

/// A clock that was put back does not hold up calls for longer than a window.
pub async fn a_clock_put_back_holds_nothing_up(test: BudgetUnderTest) {
    assert_eq!(taken(&test, Priority::Booking, at(3_600_000)).await, 100);
    assert_eq!(taken(&test, Priority::Booking, at(0)).await, 100);
}

/// Of many who ask at once, exactly as many go as there is room for.
pub async fn who_ask_at_once_are_all_counted(test: BudgetUnderTest) {
    let asking = (0..150).map(|_| {
        let budget = test.budget.clone();
        tokio::spawn(async move { budget.take(ONE, Priority::Booking, at(0)).await.is_ok() })
    });
    let mut taken = 0;
    for asked in asking.collect::<Vec<_>>() {
        taken += u32::from(asked.await.expect("nobody panics"));
    }
    assert_eq!(taken, 100);
}
