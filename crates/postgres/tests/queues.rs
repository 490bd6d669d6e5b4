//! What only a server shows of the queues: rows that nobody can read, and wake-ups.

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use booking_domain::ids::{JobId, SagaId};
use booking_domain::ports::{
    Delivery, Job, JobAdmin, JobFilter, JobQueue, JobState, Outbox, Queue, SagaQueue, SharedInbox,
    Wakeup, Wakeups,
};
use booking_domain::saga::{Saga, SagaKind};
use booking_domain::time::Span;
use booking_test_support::builders::{ANNA, BEN, COMPANY, now};
use serde_json::json;
use sqlx::Connection;

/// Red when one unreadable row stops the relay, the sagas or the reading of news, or is lost without a word.
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

    let news =
        "INSERT INTO webhook_inbox (company_id, key, trigger, booking_uid, received_at, status,
                                           converge_at)
        SELECT 15, uid, 'BOOKING_CREATED', uid, now() - interval '20 years', 'processed',
               now() - interval '20 years'
        FROM (VALUES ('no name!'), ('abc')) AS v(uid)";
    database.sql(news).await.expect("spoiled");

    let (at, until) = (now() + Span::HOUR, now() + Span::DAY);
    let due = SharedInbox::lease_due(&*store, at, until, 10).await;
    assert_eq!(due.expect("the other").len(), 1);
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
    assert_eq!(kinds, ["event", "event", "news", "saga.create"]);
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

/// Somebody works on the first job, wish and event in a transaction that takes its time.
///
/// Red when workers wait for each other (`SKIP LOCKED`).
#[tokio::test]
async fn who_holds_a_row_holds_up_nobody() {
    let (database, store, shop) = common::shop(4).await;
    for (n, staff) in [(1, ANNA), (2, BEN)] {
        let appointment = shop.held(shop.booking(n), staff).await;
        let (id, whose) = (appointment.id().get(), (COMPANY, appointment.id()));
        let saga = Saga::ready(SagaId::new(id), whose, SagaKind::Create, None, now());
        let mut unit = shop.begin().await;
        unit.start_saga(&saga, Some(now())).await.expect("started");
        let job = Job::new(
            JobId::new(id),
            (Queue::Listeners, "greet"),
            json!({}),
            now(),
        );
        let job = Job {
            company: Some(COMPANY),
            ..job
        };
        unit.enqueue(&job).await.expect("filed");
        unit.commit().await.expect("committed");
    }
    let mut other = sqlx::PgConnection::connect(database.superuser_url())
        .await
        .expect("a connection");
    let mut busy = other.begin().await.expect("begun");
    for first in [
        "SELECT 1 FROM jobs ORDER BY id LIMIT 1 FOR UPDATE",
        "SELECT 1 FROM sagas ORDER BY id LIMIT 1 FOR UPDATE",
        "SELECT 1 FROM outbox ORDER BY id LIMIT 1 FOR UPDATE",
    ] {
        let held = sqlx::query(first).execute(&mut *busy).await;
        held.expect("held");
    }
    let (at, until) = (now() + Span::HOUR, now() + Span::DAY);
    let leasing = async {
        let jobs = JobQueue::lease(&*store, Queue::Listeners, 10, (at, until)).await;
        let sagas = SagaQueue::lease_due(&*store, at, until, 10).await;
        let events = Outbox::lease_due(&*store, at, until, 10).await;
        let events = events.expect("leased").into_iter();
        let appointments: BTreeSet<_> = events.map(|it| it.event.appointment).collect();
        (
            jobs.expect("leased").len(),
            sagas.expect("leased").len(),
            appointments.len(),
        )
    };
    let leased = tokio::time::timeout(Duration::from_secs(10), leasing).await;
    assert_eq!(leased.expect("nobody waits"), (1, 1, 1));
}

/// Red when a dropped delivery leaves no row in the audit log, or takes the number of another.
#[tokio::test]
async fn what_is_dropped_is_audited() {
    let (database, _store, shop) = common::shop(2).await;
    for n in 1..=2 {
        let delivery = Delivery {
            key: format!("k{n}"),
            trigger: "BOOKING_CREATED".to_owned(),
            uid: None,
            rescheduled_from: None,
            body: String::new(),
            sent_at: None,
            received_at: now(),
        };
        let mut unit = shop.begin().await;
        let audited = unit.audit_dropped(&delivery, (None, "foreign")).await;
        audited.expect("written");
        unit.commit().await.expect("committed");
    }
    let rows = "SELECT seq || action || detail FROM audit_log ORDER BY seq";
    let rows = database.sql(rows).await.expect("read");
    let expected =
        "1webhook_droppedBOOKING_CREATED: foreign\n2webhook_droppedBOOKING_CREATED: foreign";
    assert!(rows.contains(expected), "{rows}");
}
