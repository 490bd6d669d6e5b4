//! The relay: every event reaches who wants it, once; who is deaf is told again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use booking_application::jobs::{JobReport, RelayReport};
use booking_domain::availability::AvailabilityEntry;
use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::{
    AvailabilityCache, CacheError, CacheOverview, Deleted, FillLease, Queue,
};
use booking_domain::time::{Instant, Span};
use booking_test_support::builders::{CONSULTATION, nine};

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, two, wish};

const NOTHING: RelayReport = RelayReport {
    delivered: 0,
    postponed: 0,
};

/// A shared cache that can be made deaf.
#[derive(Default)]
pub(crate) struct Moody {
    pub(crate) deaf: AtomicBool,
    pub(crate) heard: AtomicU32,
    /// So often it was told and could not hear.
    refused: AtomicU32,
}

fn deaf() -> CacheError {
    CacheError {
        action: "answer",
        source: "deaf".into(),
    }
}

#[async_trait]
impl AvailabilityCache for Moody {
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<AvailabilityEntry>>, CacheError> {
        match self.deaf.load(Ordering::SeqCst) {
            true => Err(deaf()),
            false => Ok(vec![None; keys.len()]),
        }
    }

    async fn put(&self, _: &CacheKey, _: &AvailabilityEntry, _: Instant) -> Result<(), CacheError> {
        if self.deaf.load(Ordering::SeqCst) {
            Err(deaf())
        } else {
            Ok(())
        }
    }

    async fn begin_fill(&self, _: &CacheKey, _: &FillLease) -> Result<bool, CacheError> {
        if self.deaf.load(Ordering::SeqCst) {
            Err(deaf())
        } else {
            Ok(true)
        }
    }

    async fn commit_fill(
        &self,
        _: &CacheKey,
        _: &AvailabilityEntry,
        _: &FillLease,
        _: Instant,
    ) -> Result<bool, CacheError> {
        if self.deaf.load(Ordering::SeqCst) {
            Err(deaf())
        } else {
            Ok(true)
        }
    }

    async fn abandon_fill(&self, _: &CacheKey, _: &FillLease) -> Result<(), CacheError> {
        Ok(())
    }

    async fn filed(&self, _: &[Tag]) -> Result<Vec<CacheKey>, CacheError> {
        Ok(vec![])
    }

    async fn invalidate(&self, _: &[Tag]) -> Result<Deleted, CacheError> {
        if self.deaf.load(Ordering::SeqCst) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Err(deaf());
        }
        self.heard.fetch_add(1, Ordering::SeqCst);
        Ok(Deleted::default())
    }

    async fn clear(&self, _: EventTypeId) -> Result<Deleted, CacheError> {
        Ok(Deleted::default())
    }

    async fn overview(&self, _: &[EventTypeId]) -> Result<CacheOverview, CacheError> {
        Ok(CacheOverview::default())
    }
}

async fn with_moody() -> (World, Arc<Moody>) {
    let moody = Arc::new(Moody::default());
    let shared = moody.clone();
    let world = World::with(|deps, _| deps.shared_cache = Some(shared)).await;
    (world, moody)
}

/// Red when delivered events come again, or an event finds nobody.
#[tokio::test]
async fn every_event_is_relayed_once() {
    let (world, moody) = with_moody().await;
    let id = world.booked(nine()).await.appointment.id();
    let inline = moody.heard.load(Ordering::SeqCst);
    assert_eq!(inline, 2, "right after the hold and after the confirmation");
    // Reserved, sync requested, booked: what is forgotten already need not be forgotten again.
    let report = world.app.relay_events().await.unwrap();
    assert_eq!((report.delivered, report.postponed), (3, 0));
    assert_eq!(moody.heard.load(Ordering::SeqCst), inline);
    world.clock.advance(Span::hours(1));
    assert_eq!(world.app.relay_events().await.unwrap(), NOTHING);
    world.reschedule(id, two()).await.unwrap();
    world.cancel(id).await.unwrap();
    assert!(world.app.relay_events().await.unwrap().delivered >= 4);
    assert_eq!(world.app.relay_events().await.unwrap(), NOTHING);
}

/// What is due of the listeners' jobs is done, until nothing is.
async fn told_later(world: &World) -> JobReport {
    let mut all = JobReport::default();
    loop {
        let report = world.app.run_due(Queue::Listeners).await.unwrap();
        if report == JobReport::default() {
            return all;
        }
        all.done += report.done;
        all.failed += report.failed;
        all.dead += report.dead;
    }
}

const fn done(done: u32) -> JobReport {
    JobReport {
        done,
        failed: 0,
        dead: 0,
    }
}

/// Red when a failure is swallowed, comes back at once, or reaches whoever booked.
#[tokio::test]
async fn who_is_deaf_is_told_again_later() {
    let (world, moody) = with_moody().await;
    moody.deaf.store(true, Ordering::SeqCst);
    world.booked(nine()).await;
    let report = world.app.relay_events().await.unwrap();
    assert_eq!((report.delivered, report.postponed), (3, 2));
    assert_eq!(world.app.relay_events().await.unwrap(), NOTHING);
    assert_eq!(told_later(&world).await, done(0), "not at once");
    world.clock.advance(Span::seconds(1));
    assert_eq!(
        told_later(&world).await.failed,
        1,
        "the second waits behind"
    );
    moody.deaf.store(false, Ordering::SeqCst);
    world.clock.advance(Span::millis(850));
    assert_eq!(told_later(&world).await, done(0), "a second, less a tenth");
    world.clock.advance(Span::millis(250));
    assert_eq!(told_later(&world).await, done(2));
    assert_eq!(moody.heard.load(Ordering::SeqCst), 2);
}

/// The caches are deaf during a booking, and hear again before its cancellation: they are told of
/// the cancellation after the booking all the same.
///
/// Red when what follows overtakes what was put off, or who has heard is told again.
#[tokio::test]
async fn what_follows_queues_up_behind_a_deaf_listener() {
    let (world, moody) = with_moody().await;
    moody.deaf.store(true, Ordering::SeqCst);
    let id = world.booked(nine()).await.appointment.id();
    world.app.relay_events().await.unwrap();
    world.cancel(id).await.unwrap();
    moody.deaf.store(false, Ordering::SeqCst);
    let report = world.app.relay_events().await.unwrap();
    assert_eq!(report.postponed, 1, "the cancellation");
    assert_eq!(moody.heard.load(Ordering::SeqCst), 0);
    world.clock.advance(Span::seconds(2));
    assert_eq!(told_later(&world).await, done(3));
    assert_eq!(moody.heard.load(Ordering::SeqCst), 3);
    assert_eq!(world.app.relay_events().await.unwrap(), NOTHING);
}

/// Red when a listener that never hears is tried for ever, or its death holds up what follows.
#[tokio::test]
async fn who_stays_deaf_for_a_day_is_given_up() {
    let (world, moody) = with_moody().await;
    moody.deaf.store(true, Ordering::SeqCst);
    world.booked(nine()).await;
    world.app.relay_events().await.unwrap();
    let mut dead = 0;
    for _ in 0..(48 * 7) {
        world.clock.advance(Span::seconds(600));
        dead += told_later(&world).await.dead;
    }
    assert_eq!(dead, 2, "each had a day of its own at most");
    assert_eq!(world.app.count_jobs().await.unwrap(), 2);
}

/// The hold could not be forgotten, the confirmation could: the hold is still to be told.
///
/// Red when a success covers up the failure before it.
#[tokio::test]
async fn what_failed_before_a_success_is_still_told() {
    let (world, moody) = with_moody().await;
    let gate = Gate::new();
    let hang = Act::HangThenDo(gate.clone());
    world.calendar.script.next(Call::Create, hang);
    moody.deaf.store(true, Ordering::SeqCst);
    let app = world.app.clone();
    let booking = tokio::spawn(async move { app.book_appointment(actor(), wish(nine())).await });
    gate.reached().await;
    moody.deaf.store(false, Ordering::SeqCst);
    gate.open();
    booking.await.unwrap().unwrap();
    assert_eq!(moody.heard.load(Ordering::SeqCst), 1, "the confirmation");
    assert_eq!(world.app.relay_events().await.unwrap().delivered, 3);
    assert_eq!(moody.heard.load(Ordering::SeqCst), 2, "and now the hold");
}

/// Red when a cache that fails makes a reader fail.
#[tokio::test]
async fn a_deaf_cache_is_a_miss() {
    let (world, moody) = with_moody().await;
    moody.deaf.store(true, Ordering::SeqCst);
    assert_eq!(world.free(CONSULTATION).await.unwrap().slots.len(), 9);
    world.booked(nine()).await;
    world.booked(nine()).await;
    assert!(!world.offers(nine()).await);
}

/// Red when the switch stops the relay, or does not stop the listener.
#[tokio::test]
async fn who_is_switched_off_hears_nothing() {
    let world = World::without_invalidation().await;
    world.free(CONSULTATION).await.unwrap();
    world.booked(nine()).await;
    assert_eq!(world.app.relay_events().await.unwrap().delivered, 3);
    assert_eq!(world.kept().await, [2, 0, 2, 0]);
}

/// Two appointments are told at once, and the caches cannot hear of the first: the second is told
/// later too, and nothing is tried twice within the pass.
///
/// Red when a pass waits for a deaf listener once for every event.
#[tokio::test]
async fn a_deaf_listener_holds_up_a_pass_no_more_than_twice() {
    let (world, moody) = with_moody().await;
    moody.deaf.store(true, Ordering::SeqCst);
    for range in [nine(), two()] {
        world.booked(range).await;
    }
    let asked = moody.refused.load(Ordering::SeqCst);
    let report = world.app.relay_events().await.unwrap();
    assert_eq!((report.delivered, report.postponed), (6, 4));
    assert_eq!(moody.refused.load(Ordering::SeqCst) - asked, 2);
    moody.deaf.store(false, Ordering::SeqCst);
    world.clock.advance(Span::seconds(2));
    assert_eq!(told_later(&world).await, done(4));
}
