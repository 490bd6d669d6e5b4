//! What is begun in a trace stays in it: through news, listeners and workers.

use booking_application::{NewsKind, trace};
use booking_domain::ports::{Clock, JobQueue, Outbox, Queue};
use booking_domain::time::Span;
use booking_domain::trace::TraceParent;
use booking_test_support::builders::nine;
use uuid::Uuid;

use crate::script::{Act, Call};
use crate::world::{World, two};

fn made(n: u64) -> TraceParent {
    TraceParent::begun(Uuid::from_u64_pair(n, n))
}

/// Red when the events of a webhook, or of a saga that a worker drives, have another trace or none.
#[tokio::test]
async fn news_and_workers_keep_it() {
    let world = World::new().await;
    let stranger = world.calendar.stranger(two(), 502);
    trace::scope(Some(made(1)), world.tell(NewsKind::Created, &stranger)).await;
    world.calendar.script.next(Call::Create, Act::NotExecuted);
    let booked = trace::scope(Some(made(2)), world.book(nine())).await;
    booked.unwrap();
    world.seconds(1).await;
    let now = world.clock.now();
    let until = now + Span::seconds(1);
    let outbox: &dyn Outbox = &*world.store;
    let events = outbox.lease_due(now, until, 100).await.unwrap();
    let of = |it: Option<TraceParent>| it.expect("a trace").trace_id().to_string();
    let traces: Vec<_> = events.iter().map(|it| of(it.event.trace_parent)).collect();
    let [first, second] = [1, 2].map(|n| made(n).trace_id().to_string());
    let mut expected = vec![first.clone()];
    expected.resize(4, second.clone());
    assert_eq!(traces, expected, "one of the news; held, asked for, booked");
    assert_ne!(
        events[3].event.trace_parent,
        Some(made(2)),
        "the worker's span"
    );
}

/// Everybody is taken, and Cal.com has a booking more: a person is asked, and a job reads it again.
///
/// Red when the job that a listener files has no trace.
#[tokio::test]
async fn a_job_of_a_listener_keeps_it() {
    let world = World::new().await;
    world.booked(nine()).await;
    world.booked(nine()).await;
    let stranger = world.calendar.stranger(nine(), 502);
    trace::scope(Some(made(1)), world.tell(NewsKind::Created, &stranger)).await;
    world.app.relay_events().await.unwrap();
    let now = world.clock.now() + Span::MINUTE;
    let times = (now, now + Span::MINUTE);
    let store: &dyn JobQueue = &*world.store;
    let jobs = store.lease(Queue::CalcomSync, 9, times).await.unwrap();
    let traces: Vec<_> = jobs.iter().map(|it| it.job.trace_parent).collect();
    assert_eq!(traces, [Some(made(1))]);
}
