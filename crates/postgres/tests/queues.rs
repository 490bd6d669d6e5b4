//! What only a server shows of the queues: rows that nobody can read, and wake-ups.

mod common;

use std::time::Duration;

use booking_domain::ports::{
    JobAdmin, JobFilter, JobState, Outbox, Queue, SagaQueue, Wakeup, Wakeups,
};
use booking_domain::time::Span;
use booking_test_support::builders::{ANNA, BEN, now};

/// Red when one unreadable row stops the relay or the sagas, or is lost without a word.
#[tokio::test]
async fn what_cannot_be_read_holds_nobody_up() {
    let (database, store, shop) = common::shop(4).await;
    let broken = shop.held(shop.booking(1), ANNA).await;
    shop.held(shop.booking(2), BEN).await;
    let id = broken.id();
    let spoil = format!("UPDATE outbox SET event = '{{}}' WHERE appointment_id = '{id}'");
    database.sql(&spoil).await.expect("spoiled");
    let saga =
        "INSERT INTO sagas (company_id, id, appointment_id, kind, phase, saga, due_at, fence)
        SELECT company_id, id, id, 'create', 'ready', '{}', now() - interval '20 years', 1
        FROM appointments LIMIT 1";
    database.sql(saga).await.expect("spoiled");

    let (at, until) = (now() + Span::HOUR, now() + Span::DAY);
    let events = Outbox::lease_due(&*store, at, until, 10).await;
    let events = events.expect("the others");
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|it| it.event.appointment != id));
    for _ in 0..2 {
        let sagas = SagaQueue::lease_due(&*store, at, until, 10).await;
        assert_eq!(sagas.expect("none is readable"), []);
    }
    let dead = JobFilter {
        state: Some(JobState::Dead),
        ..JobFilter::default()
    };
    let dead = store.jobs(&dead, (at, 10)).await.expect("listed");
    let mut kinds: Vec<_> = dead.iter().map(|job| job.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["event", "event", "saga.create"]);
}

/// Red when a wake-up stays in its process, or the line does not come back after it was cut.
#[tokio::test]
async fn a_wake_up_reaches_other_processes() {
    let (database, store, _shop) = common::shop(2).await;
    let other = common::store_at(database.url(), 2).await;
    let what = Wakeup::Queue(Queue::Listeners);
    for round in 0..2 {
        let hearing = async {
            // What is told before anybody listens is lost: it is told until it is heard.
            let telling = async {
                loop {
                    store.tell(what);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            tokio::select! {
                heard = other.heard() => heard,
                () = telling => unreachable!("it never ends"),
            }
        };
        let heard = tokio::time::timeout(Duration::from_secs(20), hearing).await;
        assert_eq!(heard.expect("heard in time"), what, "round {round}");
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE query LIKE 'LISTEN%'";
        database.sql(cut).await.expect("cut");
    }
}
