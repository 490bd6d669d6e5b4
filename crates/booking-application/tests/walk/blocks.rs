//! Whatever is missed, a month is fetched: what lies in it need not be asked for again.

use std::sync::Arc;

use booking_application::availability::Source;
use booking_application::{AlternativesQuestion, Application, AvailabilityQuestion};
use booking_domain::cache_key::{CacheKey, DayRangeKey};
use booking_domain::ports::{AvailabilityCache, FillLease};
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::{COMPANY, CONSULTATION, CONSULTATION_EVENT, SHORT, nine, now};
use futures_util::future::join_all;
use uuid::Uuid;

use crate::script::{Act, Call, Gate};
use crate::world::{World, on_monday, whole_monday};

const TODAY: i64 = 0;

fn named(first: i64, days: i64) -> CacheKey {
    let window = window(first, days);
    CacheKey::Layer1(DayRangeKey::covering(CONSULTATION_EVENT, &window))
}

/// So many UTC days, beginning so many after today.
fn window(first: i64, days: i64) -> TimeRange {
    let start = now().utc_day().start_utc() + Span::days(first);
    TimeRange::new(start, start + Span::days(days)).unwrap()
}

pub(crate) fn monday_key() -> CacheKey {
    CacheKey::Layer1(DayRangeKey::covering(CONSULTATION_EVENT, &whole_monday()))
}

/// The block that Monday lies in: 31 days, from yesterday on.
pub(crate) fn block_key() -> CacheKey {
    named(-1, 31)
}

async fn ask(app: &Arc<Application>, window: TimeRange) -> Source {
    let question = AvailabilityQuestion {
        window,
        ..on_monday(CONSULTATION)
    };
    app.availability(COMPANY, &question).await.unwrap().source
}

/// Red when no more is fetched than what was asked for, a block ends earlier, does not have
/// yesterday in it (a local today begins there), or is not filed for other instances.
#[tokio::test]
async fn the_month_is_fetched_whatever_was_asked_for() {
    let world = World::new().await;
    let (app, other) = (&world.app, world.twin());
    assert_eq!(ask(app, whole_monday()).await, Source::Upstream);
    let a_local_today = TimeRange::lasting(window(TODAY, 1).start() - Span::hours(2), 24 * 60);
    for inside in [window(4, 1), window(6, 7), a_local_today, window(29, 1)] {
        assert_eq!(ask(app, inside).await, Source::Cache, "{inside:?}");
        assert_eq!(ask(&other, inside).await, Source::Cache, "{inside:?}");
    }
    let near = AlternativesQuestion {
        service: CONSULTATION,
        start: nine().start() + Span::days(7),
        limit: 20,
        staff: None,
    };
    let found = app.alternatives(COMPANY, &near).await.unwrap();
    assert_eq!(found.source, Source::Cache);
    assert_eq!(world.calendar.script.calls(Call::Slots), 1);
}

/// Red when days further ahead are fetched one by one, or together with those before.
#[tokio::test]
async fn the_next_month_is_a_block_too() {
    let world = World::new().await;
    ask(&world.app, whole_monday()).await;
    assert_eq!(ask(&world.app, window(30, 1)).await, Source::Upstream);
    assert_eq!(ask(&world.app, window(60, 1)).await, Source::Cache);
    assert_eq!(ask(&world.app, window(61, 1)).await, Source::Upstream);
    assert_eq!(world.calendar.script.calls(Call::Slots), 3);
}

/// Red when what lies in no block is not fetched as it is.
#[tokio::test]
async fn what_lies_in_no_block_is_fetched_as_it_is() {
    let world = World::new().await;
    for window in [window(28, 7), window(-9, 7), window(TODAY, 60)] {
        assert_eq!(ask(&world.app, window).await, Source::Upstream);
        assert_eq!(ask(&world.app, window).await, Source::Cache);
    }
    assert_eq!(world.kept().await, [3, 0, 3, 0]);
    assert_eq!(world.calendar.script.calls(Call::Slots), 3);
}

/// Red when who misses another day of the block does not wait (`cut_from_block` without a flight,
/// in this process, or a lease, in the others), or counts as a miss although another one's fetch
/// answers it.
#[tokio::test]
async fn of_thirty_who_miss_thirty_days_at_once_one_asks() {
    let world = World::new().await;
    let instances = [world.app.clone(), world.twin()];
    let gate = Gate::new();
    let hang = Act::DoThenHang(gate.clone());
    world.calendar.script.next(Call::Slots, hang);
    let asking: Vec<_> = (0..30)
        .map(|n| {
            let app = instances[n as usize % 2].clone();
            tokio::spawn(async move { ask(&app, window(n, 1)).await })
        })
        .collect();
    gate.reached().await;
    gate.open();
    let found = join_all(asking).await;
    let asked = found.iter().filter(|it| matches!(it, Ok(Source::Upstream)));
    assert_eq!((asked.count(), found.len()), (1, 30));
    assert_eq!(world.calendar.script.calls(Call::Slots), 1);
    let [one, other] = [counted(&instances[0]).await, counted(&instances[1]).await];
    assert_eq!((one.0 + other.0, one.1 + other.1), (29, 1));
}

/// Red when only the days that were asked for when the block was fetched are in its stamp.
#[tokio::test]
async fn a_change_of_any_day_outdates_the_block() {
    let world = World::without_invalidation().await;
    ask(&world.app, whole_monday()).await;
    let tuesday = nine().start() + Span::DAY;
    for _ in 0..2 {
        world.booked(TimeRange::lasting(tuesday, 60)).await;
    }
    let question = AvailabilityQuestion {
        window: window(4, 1),
        ..on_monday(CONSULTATION)
    };
    let found = world.app.availability(COMPANY, &question).await.unwrap();
    assert_eq!((found.source, found.slots.len()), (Source::Upstream, 8));
}

/// Red when who only cuts from a block waits for somebody else's lease.
#[tokio::test]
async fn who_has_the_block_waits_for_nobody() {
    let world = World::new().await;
    ask(&world.app, whole_monday()).await;
    let dead = FillLease {
        token: Uuid::from_u128(9),
        lasts: Span::minutes(5),
    };
    let taken = world.shared.begin_fill(&named(4, 1), &dead).await;
    assert!(taken.unwrap());
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    assert_eq!(ask(&world.app, window(4, 1)).await, Source::Cache);
    assert!(began.elapsed().is_zero(), "virtual time: nobody slept");
}

/// Red when a block counts beside the question it is fetched for, or its days, once it is there,
/// count as missed.
#[tokio::test]
async fn a_question_counts_once() {
    let world = World::new().await;
    ask(&world.app, whole_monday()).await;
    assert_eq!(counted(&world.app).await, (0, 1));
    ask(&world.app, window(4, 1)).await;
    ask(&world.app, window(4, 1)).await;
    assert_eq!(counted(&world.app).await, (2, 1));
    world.calendar.script.always(Call::Slots, Act::NotExecuted);
    world.free(SHORT).await.unwrap_err();
    assert_eq!(counted(&world.app).await, (2, 2));
}

/// Red when fetching for nobody counts as a miss (`WantedBy::Nobody`), or finding the entry warm as
/// a hit, or when what is warmed is filed twice, as days and as their block.
#[tokio::test]
async fn warming_does_not_count() {
    let world = World::new().await;
    for _ in 0..2 {
        world.app.wish_for_days(COMPANY, 30).await.unwrap();
        for _ in 0..2 {
            world.app.warm_caches().await.unwrap();
            world.clock.advance(Span::seconds(3));
        }
    }
    assert_eq!(world.calendar.script.calls(Call::Slots), 2);
    assert_eq!(world.kept().await, [2, 0, 2, 0], "the blocks alone");
    assert_eq!(counted(&world.app).await, (0, 0));
    ask(&world.app, whole_monday()).await;
    assert_eq!(counted(&world.app).await, (1, 0));
}

/// Hits and misses of day ranges, which are all there are.
async fn counted(app: &Arc<Application>) -> (u64, u64) {
    let health = app.cache_health(COMPANY).await.unwrap();
    let [days, _] = health.figures.layers;
    assert_eq!(health.figures.recent_reads, (days.hits, days.misses));
    (days.hits, days.misses)
}
