//! Two instances, one shared cache: who fetches, who waits, and what a wider entry is good for.
//! (What is fetched is a block: `blocks`.)

use std::sync::Arc;

use booking_application::availability::Source;
use booking_application::{Application, AvailabilityError, AvailabilityQuestion};
use booking_domain::ports::{AvailabilityCache, FillLease};
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::{COMPANY, CONSULTATION, CONSULTATION_EVENT, nine};
use futures_util::future::join_all;
use uuid::Uuid;

use crate::blocks::{block_key, monday_key};
use crate::script::{Act, Call, Gate};
use crate::world::{World, on_monday, whole_monday};

/// From Monday on: more than a block.
fn two_months() -> AvailabilityQuestion {
    AvailabilityQuestion {
        window: TimeRange::lasting(whole_monday().start(), 60 * 24 * 60),
        ..on_monday(CONSULTATION)
    }
}

async fn ask(app: &Arc<Application>) -> Source {
    let found = app.availability(COMPANY, &on_monday(CONSULTATION)).await;
    let found = found.unwrap();
    assert_eq!(found.slots.len(), 9);
    found.source
}

/// Red when no lease is taken (`Application::lease`), or its loser does not look for the entry.
#[tokio::test]
async fn of_two_instances_that_miss_at_once_one_asks() {
    let world = World::new().await;
    let (one, other) = (world.app.clone(), world.twin());
    let gate = Gate::new();
    let hang = Act::DoThenHang(gate.clone());
    world.calendar.script.next(Call::Slots, hang);
    let first = tokio::spawn(async move { ask(&one).await });
    gate.reached().await;
    let others: Vec<_> = (0..20)
        .map(|_| {
            let other = other.clone();
            tokio::spawn(async move { ask(&other).await })
        })
        .collect();
    gate.open();
    assert_eq!(first.await.unwrap(), Source::Upstream);
    for found in join_all(others).await {
        assert_eq!(found.unwrap(), Source::Cache);
    }
    assert_eq!(world.calendar.script.calls(Call::Slots), 1);
}

/// Red when the loser waits for ever, or files without the lease.
#[tokio::test]
async fn who_waits_in_vain_asks_and_files_nothing_for_others() {
    let world = World::new().await;
    let dead = FillLease {
        token: Uuid::from_u128(9),
        lasts: Span::minutes(5),
    };
    for key in [monday_key(), block_key()] {
        assert!(world.shared.begin_fill(&key, &dead).await.unwrap());
    }
    assert_eq!(ask(&world.app).await, Source::Upstream);
    assert_eq!(world.kept().await, [2, 0, 0, 0]);
}

/// Red when a lease stays with whoever failed (`abandon_fill`).
#[tokio::test]
async fn who_fails_gives_the_lease_back() {
    let world = World::new().await;
    world.calendar.script.next(Call::Slots, Act::NotExecuted);
    world.free(CONSULTATION).await.unwrap_err();
    let mine = FillLease {
        token: Uuid::from_u128(9),
        lasts: Span::minutes(5),
    };
    for key in [monday_key(), block_key()] {
        assert!(world.shared.begin_fill(&key, &mine).await.unwrap());
    }
}

/// Red when an entry is filed although its days changed while it was fetched.
#[tokio::test]
async fn who_comes_too_late_files_nothing() {
    let world = World::new().await;
    let gate = Gate::new();
    let hang = Act::DoThenHang(gate.clone());
    world.calendar.script.next(Call::Slots, hang);
    let app = world.app.clone();
    let slow = tokio::spawn(async move { ask(&app).await });
    gate.reached().await;
    world.booked(nine()).await;
    gate.open();
    slow.await.unwrap();
    assert_eq!(world.kept().await, [0; 4]);
    let health = world.app.cache_health(COMPANY).await.unwrap();
    let [days, _] = health.figures.layers;
    assert_eq!((days.fills, days.fills_rejected), (0, 2));
}

/// Red when everybody who waited for a failure tries again by themselves (`shared_failure`), or who
/// comes later is told of an old one.
#[tokio::test]
async fn a_failure_is_shared_by_those_who_waited_for_it() {
    let world = World::new().await;
    let gate = Gate::new();
    let script = &world.calendar.script;
    script.next(Call::Slots, Act::HangThenFail(gate.clone()));
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let app = world.app.clone();
            tokio::spawn(async move {
                let question = on_monday(CONSULTATION);
                app.availability(COMPANY, &question).await
            })
        })
        .collect();
    gate.reached().await;
    gate.open();
    for failed in join_all(asking).await {
        let failed = failed.unwrap().unwrap_err();
        assert!(matches!(
            failed,
            AvailabilityError::CalendarUnavailable { .. }
        ));
    }
    assert_eq!(script.calls(Call::Slots), 1);
    assert_eq!(ask(&world.app).await, Source::Upstream);
}

/// Red when only an entry of exactly this window answers (`cut_from_wider`), in either tier, or
/// the cut is not filed under its own name.
#[tokio::test]
async fn two_months_answer_for_their_days() {
    let world = World::new().await;
    let wide = world.app.availability(COMPANY, &two_months()).await;
    assert_eq!(wide.unwrap().source, Source::Upstream);
    assert_eq!(ask(&world.app).await, Source::Cache);
    assert_eq!(world.kept().await, [2, 0, 2, 0]);
    let other = world.twin();
    world.shared.clear(CONSULTATION_EVENT).await.unwrap();
    assert_eq!(ask(&other).await, Source::Upstream);
    assert_eq!(world.calendar.script.calls(Call::Slots), 2);
}

/// Red when the stamp of the two months is not compared before a day is cut from them.
#[tokio::test]
async fn two_months_that_are_outdated_answer_nothing() {
    let world = World::without_invalidation().await;
    let wide = world.app.availability(COMPANY, &two_months()).await;
    wide.unwrap();
    world.booked(nine()).await;
    world.booked(nine()).await;
    assert!(!world.offers(nine()).await);
    assert_eq!(world.calendar.script.calls(Call::Slots), 2);
    // A day in another block: the two months as a whole are not believed any more.
    let start = whole_monday().start() + Span::days(50);
    let late = AvailabilityQuestion {
        window: TimeRange::lasting(start, 24 * 60),
        ..on_monday(CONSULTATION)
    };
    let found = world.app.availability(COMPANY, &late).await.unwrap();
    assert_eq!(found.source, Source::Upstream);
}
