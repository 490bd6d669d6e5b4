//! What stores our answers in front of the gateway hears of every change, and harms nobody when it
//! is dead.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use booking_domain::availability::SurrogateKey;
use booking_domain::ports::{EdgeError, EdgePurge, Queue};
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::{at, nine};

use crate::listeners::Moody;
use crate::world::World;

/// An edge that can be made dead. Remembers every purge it was sent, with how often the shared
/// cache had been told to forget by then.
struct FakeEdge {
    dead: AtomicBool,
    sent: Mutex<Vec<(BTreeSet<String>, u32)>>,
    moody: Arc<Moody>,
}

#[async_trait]
impl EdgePurge for FakeEdge {
    async fn purge(&self, keys: &[SurrogateKey]) -> Result<(), EdgeError> {
        let names = keys.iter().map(SurrogateKey::to_string).collect();
        let forgotten = self.moody.heard.load(Ordering::SeqCst);
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.push((names, forgotten));
        match self.dead.load(Ordering::SeqCst) {
            true => Err(EdgeError::Refused { status: 503 }),
            false => Ok(()),
        }
    }
}

impl FakeEdge {
    /// What was sent since the last look.
    fn sent(&self) -> Vec<(BTreeSet<String>, u32)> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *sent)
    }

    /// All names sent since the last look.
    fn names(&self) -> BTreeSet<String> {
        self.sent()
            .into_iter()
            .flat_map(|(names, _)| names)
            .collect()
    }
}

async fn with_edge(off: Option<&str>) -> (World, Arc<FakeEdge>) {
    let moody = Arc::<Moody>::default();
    let edge = Arc::new(FakeEdge {
        dead: AtomicBool::new(false),
        sent: Mutex::default(),
        moody: moody.clone(),
    });
    let (port, off) = (edge.clone(), off.map(str::to_owned));
    let world = World::with(|deps, settings| {
        deps.shared_cache = Some(moody);
        deps.edge = Some(port);
        settings.listeners_off.extend(off);
    });
    (world.await, edge)
}

fn tuesday() -> TimeRange {
    TimeRange::lasting(at("2025-10-14T08:00:00Z"), 60)
}

/// Both event types of the group, on these days.
fn group_on(days: &[&str]) -> BTreeSet<String> {
    let of = |event_type: i64| {
        days.iter()
            .map(move |day| format!("day-{event_type}-{day}"))
    };
    of(2_563_193).chain(of(2_563_194)).collect()
}

/// Red when a kind of event is not wanted, when one side of a move or the sibling event type is
/// left out, or when an event is told again after it was delivered.
#[tokio::test]
async fn a_booking_a_move_and_a_cancellation_are_told_for_the_whole_group() {
    let (world, edge) = with_edge(None).await;
    let id = world.booked(nine()).await.appointment.id();
    assert!(
        edge.sent().is_empty(),
        "whoever books does not wait for the edge"
    );
    world.app.relay_events().await.unwrap();
    let sent = edge.sent();
    assert_eq!(
        sent.len(),
        1,
        "the hold and the confirmation at once: {sent:?}"
    );
    assert!(
        sent.iter()
            .all(|(names, _)| *names == group_on(&["2025-10-13"]))
    );

    world.reschedule(id, tuesday()).await.unwrap();
    world.app.relay_events().await.unwrap();
    let both = group_on(&["2025-10-13", "2025-10-14"]);
    let sent = edge.sent();
    let last = sent.last().map(|(names, _)| names);
    assert_eq!(last, Some(&both), "{sent:?}");

    world.cancel(id).await.unwrap();
    world.app.relay_events().await.unwrap();
    assert_eq!(edge.names(), group_on(&["2025-10-14"]));
    world.app.relay_events().await.unwrap();
    assert!(edge.sent().is_empty(), "told once");
}

/// The shared cache was unreachable during the booking, so the relay has to invalidate it; and the
/// edge is dead.
///
/// Red when the edge is told before the cache is invalidated, when its failure ends the round or
/// is swallowed, or when a dead edge is tried for every event.
#[tokio::test]
async fn a_dead_edge_harms_nobody_and_hears_of_it_later() {
    let (world, edge) = with_edge(None).await;
    edge.dead.store(true, Ordering::SeqCst);
    edge.moody.deaf.store(true, Ordering::SeqCst);
    world.booked(nine()).await;
    edge.moody.deaf.store(false, Ordering::SeqCst);

    let report = world.app.relay_events().await.unwrap();
    assert_eq!((report.delivered, report.postponed), (3, 2));
    assert_eq!(
        edge.moody.heard.load(Ordering::SeqCst),
        2,
        "forgotten all the same"
    );
    let sent = edge.sent();
    assert_eq!(sent.len(), 1, "one try for both: {sent:?}");
    assert_eq!(sent[0].1, 2, "after the cache had forgotten");

    edge.dead.store(false, Ordering::SeqCst);
    world.clock.advance(Span::seconds(1));
    let report = world.app.run_due(Queue::Listeners).await.unwrap();
    assert_eq!(report.failed, 1);
    assert!(edge.sent().is_empty(), "it rests");
    world.clock.advance(Span::seconds(5));
    for _ in 0..2 {
        let report = world.app.run_due(Queue::Listeners).await.unwrap();
        assert_eq!(report.done, 1);
    }
    assert_eq!(edge.names(), group_on(&["2025-10-13"]));
}

/// Red when the switch does not stop the listener, or stops the relay.
#[tokio::test]
async fn purges_can_be_switched_off() {
    let (world, edge) = with_edge(Some("purge_edge")).await;
    world.booked(nine()).await;
    assert_eq!(world.app.relay_events().await.unwrap().delivered, 3);
    assert!(edge.sent().is_empty());
}
