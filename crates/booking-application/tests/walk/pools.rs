//! The pools of the worker: so many pieces of work side by side, no more, and none waits for
//! another's end.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use async_trait::async_trait;
use booking_application::NewsKind;
use booking_application::jobs::Work;
use booking_domain::availability::SurrogateKey;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ids::{AppointmentId, JobId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{
    Clock, EdgeError, EdgePurge, Job, JobFilter, JobQueue, JobState, Queue,
};
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::{COMPANY, CONSULTATION, at, nine, now};
use booking_test_support::wait::until;
use booking_worker::{Pools, Worker};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::script::{Act, Call};
use crate::world::{World, two};

const SOON: Duration = Duration::from_secs(20);

/// An edge whose purges of the first day hang until they are let go, and that counts how many are
/// under way.
struct Slow {
    gate: Semaphore,
    under_way: AtomicU32,
    most: AtomicU32,
    done: AtomicU32,
}

impl Slow {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            gate: Semaphore::new(0),
            under_way: AtomicU32::new(0),
            most: AtomicU32::new(0),
            done: AtomicU32::new(0),
        })
    }
}

#[async_trait]
impl EdgePurge for Slow {
    async fn purge(&self, keys: &[SurrogateKey]) -> Result<(), EdgeError> {
        let under_way = self.under_way.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(under_way, SeqCst);
        if keys
            .iter()
            .any(|key| key.to_string().ends_with("2025-10-13"))
        {
            self.gate.acquire().await.expect("never closed").forget();
        }
        self.under_way.fetch_sub(1, SeqCst);
        self.done.fetch_add(1, SeqCst);
        Ok(())
    }
}

async fn with_slow_edge() -> (World, Arc<Slow>) {
    let slow = Slow::new();
    let edge = slow.clone();
    let world = World::with(|deps, _| deps.edge = Some(edge)).await;
    (world, slow)
}

/// Monday: hangs. Any later day: goes through.
fn day(n: i64) -> TimeRange {
    TimeRange::lasting(at("2025-10-13T08:00:00Z") + Span::days(n), 60)
}

/// A job that tells the edge of a change of these times.
async fn file(world: &World, n: u64, range: TimeRange) {
    let appointment = AppointmentId::new(Uuid::from_u64_pair(1, n));
    let event = DomainEvent {
        company: COMPANY,
        appointment,
        sequence: 1,
        kind: EventKind::SlotReserved,
        service: CONSULTATION,
        event_type: None,
        branch: None,
        affected: vec![range],
        origin: SyncOrigin::Api,
        occurred_at: now(),
        trace_parent: None,
    };
    let id = JobId::new(Uuid::from_u64_pair(2, n));
    let payload = serde_json::json!({ "event": event });
    let job = Job::new(id, (Queue::Listeners, "purge_edge"), payload, now());
    let job = Job {
        company: Some(COMPANY),
        ..job
    };
    let store: &dyn JobQueue = &*world.store;
    assert!(store.enqueue(&job).await.unwrap());
}

fn pools(listeners: u32) -> Pools {
    Pools {
        listeners: NonZeroU32::new(listeners).unwrap(),
        ..Pools::default()
    }
}

async fn in_state(world: &World, state: JobState) -> usize {
    let filter = JobFilter {
        state: Some(state),
        ..JobFilter::default()
    };
    world.app.jobs(&filter, 1_000).await.unwrap().len()
}

async fn until_done(slow: &Slow, done: u32) {
    until(SOON, "the work is done", || async {
        slow.done.load(SeqCst) >= done
    })
    .await
    .unwrap();
}

/// Red when a pool takes more than it has permits for, does not use them all, or loses one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_never_exceeds_its_permits() {
    let (world, slow) = with_slow_edge().await;
    for n in 0..12 {
        file(&world, n, day(0)).await;
    }
    let worker = Worker::start(&world.app, pools(3));
    for done in 0..12 {
        let expected = 3.min(12 - done);
        until(SOON, "all permits are used", || async {
            slow.under_way.load(SeqCst) == expected
        })
        .await
        .unwrap();
        slow.gate.add_permits(1);
        until_done(&slow, done + 1).await;
    }
    assert_eq!(slow.most.load(SeqCst), 3);
    assert!(worker.stop(SOON).await);
    assert_eq!(in_state(&world, JobState::Waiting).await, 0);
}

/// Red when a pool waits for all it has begun before it takes more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_one_holds_up_nobody() {
    let (world, slow) = with_slow_edge().await;
    file(&world, 0, day(0)).await;
    for n in 1..=20 {
        file(&world, n, day(2)).await;
    }
    let worker = Worker::start(&world.app, pools(2));
    until_done(&slow, 20).await;
    assert_eq!(slow.under_way.load(SeqCst), 1, "the slow one");
    slow.gate.add_permits(1);
    until_done(&slow, 21).await;
    assert!(worker.stop(SOON).await);
}

/// Nobody says a word when the job is filed, as when a notification was lost.
///
/// Red when a wake-up is the only way to work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_is_found_without_a_wake_up() {
    let (world, slow) = with_slow_edge().await;
    let worker = Worker::start(&world.app, pools(1));
    file(&world, 1, day(2)).await;
    until_done(&slow, 1).await;
    file(&world, 2, day(2)).await;
    until_done(&slow, 2).await;
    assert!(worker.stop(SOON).await);
}

/// Red when stopping cuts off what has begun, or goes on taking work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_finishes_what_has_begun_and_takes_no_more() {
    let (world, slow) = with_slow_edge().await;
    for n in 0..4 {
        file(&world, n, day(0)).await;
    }
    let worker = Worker::start(&world.app, pools(1));
    until(SOON, "one has begun", || async {
        slow.under_way.load(SeqCst) == 1
    })
    .await
    .unwrap();
    let stopping = tokio::spawn(worker.stop(SOON));
    slow.gate.add_permits(4);
    assert!(stopping.await.unwrap(), "in time");
    let (done, waiting) = (
        slow.done.load(SeqCst),
        in_state(&world, JobState::Waiting).await,
    );
    assert_eq!(done as usize + waiting, 4, "none is lost or held");
    assert_eq!(in_state(&world, JobState::Running).await, 0);
    let twin = Worker::start(&world.app, pools(1));
    until_done(&slow, 4).await;
    assert!(twin.stop(SOON).await);
}

/// A wish, news and a job: all that the queue holds.
///
/// Red when what was handed back waits for the end of its lease (`hand_back`).
#[tokio::test]
async fn what_is_handed_back_is_taken_at_once() {
    let world = World::new().await;
    world.calendar.script.next(Call::Create, Act::NotExecuted);
    world.book(nine()).await.unwrap();
    let theirs = world.calendar.stranger(two(), 501);
    world.tell(NewsKind::Created, &theirs).await;
    world.clock.advance(Span::MINUTE);
    let id = JobId::new(Uuid::from_u64_pair(4, 1));
    let job = Job::new(
        id,
        (Queue::CalcomSync, "nonsense"),
        serde_json::json!({}),
        now(),
    );
    let store: &dyn JobQueue = &*world.store;
    assert!(store.enqueue(&job).await.unwrap());
    let taken = world.app.take_work(Queue::CalcomSync, 10).await.unwrap();
    assert_eq!(taken.len(), 3);
    let twin = world.twin();
    let left = twin.take_work(Queue::CalcomSync, 10).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    for work in taken {
        world.app.hand_back(work).await.unwrap();
    }
    let again = twin.take_work(Queue::CalcomSync, 10).await.unwrap();
    assert_eq!(again.len(), 3, "{again:?}");
}

/// Every listener and every job of upkeep can be told from its name.
///
/// Red when a listener files jobs of a kind that nobody knows.
#[tokio::test]
async fn unknown_work_is_given_up_at_once() {
    let world = World::new().await;
    let store: &dyn JobQueue = &*world.store;
    for (n, queue) in (0u64..).zip(Queue::ALL) {
        let id = JobId::new(Uuid::from_u64_pair(3, n));
        let job = Job::new(id, (queue, "nonsense"), serde_json::json!({}), now());
        assert!(store.enqueue(&job).await.unwrap());
        let report = world.app.run_due(queue).await.unwrap();
        assert_eq!((report.done, report.failed, report.dead), (0, 0, 1));
    }
    let filter = JobFilter::default();
    let jobs = world.app.jobs(&filter, 10).await.unwrap();
    let states: BTreeSet<_> = jobs.iter().map(|job| job.state.as_str()).collect();
    assert_eq!(states, BTreeSet::from(["dead"]));
}

/// A job that ends whoever does it: the clock of a day runs all the same.
///
/// Red when it is begun again as soon as its lease is over, for ever.
#[tokio::test]
async fn what_ends_its_worker_each_time_is_given_up() {
    let world = World::new().await;
    file(&world, 1, day(1)).await;
    let mut ended = 0;
    for _ in 0..25 * 60 {
        for work in world.app.take_work(Queue::Listeners, 10).await.unwrap() {
            let Work::Job(leased) = &work else {
                panic!("only jobs are in this queue")
            };
            if leased.was_cut_off {
                world.app.do_work(work).await;
            } else {
                // Whoever has it ends here.
                ended += 1;
            }
        }
        world.clock.advance(Span::MINUTE);
    }
    assert_eq!(world.app.count_jobs().await.unwrap(), 1, "dead");
    assert!((10..200).contains(&ended), "{ended}");
}

/// Red when a booking that could not be read counts as read.
#[tokio::test]
async fn what_could_not_be_read_at_calcom_is_read_later() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    world.calendar.script.always(Call::Get, Act::NotExecuted);
    let payload = serde_json::json!({ "appointment": id });
    let what = (Queue::CalcomSync, "read_booking");
    let job = Job::new(
        JobId::new(Uuid::from_u128(3)),
        what,
        payload,
        world.clock.now(),
    );
    let job = Job {
        company: Some(COMPANY),
        ..job
    };
    let store: &dyn JobQueue = &*world.store;
    assert!(store.enqueue(&job).await.unwrap());
    let report = world.app.run_due(Queue::CalcomSync).await.unwrap();
    assert_eq!((report.done, report.failed), (0, 1));
    world.calendar.script.always(Call::Get, Act::Do);
    world.clock.advance(Span::seconds(2));
    let report = world.app.run_due(Queue::CalcomSync).await.unwrap();
    assert_eq!(report.failed, 0);
    assert!(report.done >= 1);
}
