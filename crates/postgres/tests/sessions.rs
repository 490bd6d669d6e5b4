//! Transactions under ill treatment: cut off, cancelled, failed and carried on with.

mod common;

use std::sync::Arc;
use std::time::Duration;

use booking_domain::availability::Resource;
use booking_domain::contact::{Contact, PersonName};
use booking_domain::ids::{SagaId, StaffId};
use booking_domain::person::Evidence;
use booking_domain::ports::{
    HoldOutcome, Outbox, SagaQueue, SetupStore, StoreError, UnitOfWorkFactory,
};
use booking_domain::saga::{Saga, SagaKind};
use booking_domain::time::Span;
use booking_test_support::builders::{
    ANNA, BEN, COMPANY, CONSULTATION, appointment_id, demo_setup, email, nine, now, phone,
};
use booking_test_support::contract::steps::{REACH, claim, digest};
use booking_test_support::postgres::TestDatabase;
use booking_test_support::wait::until;
use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

const LIMIT: Duration = Duration::from_secs(10);

async fn open_transactions(database: &TestDatabase) -> i64 {
    common::count(
        database,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = 'booking-gateway' AND state LIKE 'idle in transaction%'",
    )
    .await
}

/// Returns when one transaction waits for another.
async fn somebody_waits(database: &TestDatabase) {
    let waits = || async {
        let sql = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
        common::count(database, sql).await == 1
    };
    until(LIMIT, "somebody to wait", waits)
        .await
        .expect("somebody waits");
}

/// Turns red when a cancelled or failed `begin` leaves an open transaction in the pool.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_units_of_work_leave_nothing_open() {
    let (database, store, _shop) = common::shop(4).await;
    for round in 0..200_u32 {
        let store = Arc::clone(&store);
        let task = tokio::spawn(async move {
            let mut unit = store.begin(COMPANY).await?;
            unit.find(appointment_id(1)).await.map(drop)
        });
        for _ in 0..round % 40 {
            tokio::task::yield_now().await;
        }
        task.abort();
        let _ = task.await;
    }
    let all_closed = || async { open_transactions(&database).await == 0 };
    until(LIMIT, "all transactions to end", all_closed)
        .await
        .expect("nothing stays open");
    // Every connection of the pool is good.
    let units = join_all((0..4).map(|_| store.begin(COMPANY))).await;
    for unit in units {
        let mut unit = unit.expect("begins");
        assert_eq!(unit.find(appointment_id(1)).await.expect("answers"), None);
        unit.commit().await.expect("commits");
    }
}

/// `COMMIT` after a failed statement is a rollback that looks like success: here it is an error.
#[tokio::test]
async fn a_commit_after_a_failure_is_an_error() {
    let (database, store, shop) = common::shop(4).await;
    let held = shop.held(shop.booking(1), ANNA).await;
    let mut unit = store.begin(COMPANY).await.expect("begins");
    let whose = (COMPANY, held.id());
    let saga = Saga::calling(
        SagaId::new(held.id().get()),
        whose,
        SagaKind::Create,
        None,
        now(),
    );
    unit.start_saga(&saga, None).await.expect("started");
    let again = unit.start_saga(&saga, None).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let committed = unit.commit().await;
    assert!(
        matches!(committed, Err(StoreError::Unavailable { .. })),
        "{committed:?}"
    );
    assert_eq!(
        common::count(&database, "SELECT count(*) FROM sagas").await,
        0
    );
}

/// The server hangs up on every idle connection: the next unit of work begins all the same.
#[tokio::test]
async fn dead_connections_are_replaced() {
    let (database, store, _shop) = common::shop(4).await;
    let units = join_all((0..4).map(|_| store.begin(COMPANY))).await;
    for unit in units {
        unit.expect("begins").commit().await.expect("commits");
    }
    let hang_up = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(common::count(&database, hang_up).await >= 4);
    for _ in 0..8 {
        let unit = store.begin(COMPANY).await.expect("begins");
        unit.commit().await.expect("commits");
    }
}

/// An import waits for the units of work under way, and later ones see what it has changed: a
/// booking never commits under a group that has just changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_waits_for_units_of_work() {
    let (database, store, shop) = common::shop(4).await;
    let mut unit = store.begin(COMPANY).await.expect("begins");
    let mut appointment = shop.booking(1).begun();
    let outcome = unit
        .hold(&mut appointment, &claim(nine(), &[ANNA]), REACH)
        .await;
    let _ = outcome.expect("answers");
    let mut file = demo_setup();
    // Anna's services part: the second gets a group of its own.
    file.companies[0].services[0].staff_ids = vec![ANNA];
    file.companies[0].services[1].staff_ids = vec![BEN];
    let importing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.import(&file, &digest).await }
    });
    somebody_waits(&database).await;
    assert!(!importing.is_finished());
    unit.commit().await.expect("commits");
    importing.await.expect("no panic").expect("imported");
    let setup = store.load(COMPANY).await.expect("answers").expect("there");
    assert_ne!(
        setup.group_of(CONSULTATION),
        setup.group_of(booking_test_support::builders::SHORT)
    );
}

/// A person known by an address is given a number while the same person, known by another address, is
/// given the same: it stays with whoever came first, and the other's unit of work goes on as if nothing
/// had happened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_given_twice_at_once_stays_with_the_first() {
    let (database, store, _shop) = common::shop(4).await;
    let person = |number: Option<&str>, address: &str| Contact {
        name: PersonName::parse("Uta").expect("a name"),
        email: Some(email(address)),
        phone: number.map(phone),
        locale: None,
    };
    const NUMBER: Option<&str> = Some("+491711111111");
    for address in ["one@mail.example", "two@mail.example"] {
        let mut unit = store.begin(COMPANY).await.expect("begins");
        let uta = person(None, address);
        let uta = unit.customer_for(&uta, Evidence::Records);
        assert!(uta.await.is_ok());
        unit.commit().await.expect("commits");
    }
    let mut first = store.begin(COMPANY).await.expect("begins");
    let one = person(NUMBER, "one@mail.example");
    let one = first
        .customer_for(&one, Evidence::Records)
        .await
        .expect("answers");
    let second = tokio::spawn({
        let (store, two) = (Arc::clone(&store), person(NUMBER, "two@mail.example"));
        async move {
            let mut second = store.begin(COMPANY).await?;
            let id = second.customer_for(&two, Evidence::Records).await?;
            second.commit().await.map(|_| id)
        }
    });
    somebody_waits(&database).await;
    first.commit().await.expect("commits");
    let two = second.await.expect("no panic").expect("no error");
    assert_ne!(one, two);
    let owner = "SELECT id FROM customers WHERE phone = '+491711111111'";
    assert_eq!(common::count(&database, owner).await, one.get());
}

/// Whoever waits for a slot that is just being taken gets the next choice if the other commits, and
/// the slot itself if the other gives up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_race_goes_on_to_the_next_choice() {
    let (database, store, shop) = common::shop(4).await;
    for (n, first_commits, expected) in [(1, false, ANNA), (3, true, BEN)] {
        let mut first = store.begin(COMPANY).await.expect("begins");
        let mut taken = shop.booking(n).begun();
        let outcome = first.hold(&mut taken, &claim(nine(), &[ANNA]), REACH).await;
        assert_eq!(
            outcome.expect("answers"),
            HoldOutcome::Held(Resource::Staff(ANNA))
        );
        let second = tokio::spawn({
            let (store, mut appointment) = (Arc::clone(&store), shop.booking(n + 1).begun());
            async move {
                let mut unit = store.begin(COMPANY).await?;
                // Given up again, so that the next round finds everything free.
                unit.hold(&mut appointment, &claim(nine(), &[ANNA, BEN]), REACH)
                    .await
            }
        });
        somebody_waits(&database).await;
        if first_commits {
            first.commit().await.expect("commits");
        } else {
            drop(first);
        }
        let outcome = second.await.expect("no panic").expect("no error");
        assert_eq!(outcome, HoldOutcome::Held(Resource::Staff(expected)));
    }
}

/// Whichever of the two is to move, the claim on the first person is locked first: while somebody
/// has that, the other one is free. That is why assignments that cross cannot deadlock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn assignments_lock_in_one_order() {
    let (database, store, shop) = common::shop(4).await;
    let annas = shop.held(shop.booking(1), ANNA).await;
    let bens = shop.held(shop.booking(2), BEN).await;
    let lock = |who: StaffId, how: &str| {
        let sql = "BEGIN; SELECT FROM live_claims WHERE resource_id =";
        sqlx::raw_sql(AssertSqlSafe(format!("{sql} {who} FOR UPDATE {how}")))
    };
    for round in 0..6 {
        let mut first = PgConnection::connect(database.superuser_url())
            .await
            .expect("connects");
        let mut second = PgConnection::connect(database.superuser_url())
            .await
            .expect("connects");
        let locked = lock(ANNA, "").execute(&mut first).await;
        locked.expect("locked");
        let (who, to) = if round % 2 == 0 {
            (&annas, BEN)
        } else {
            (&bens, ANNA)
        };
        let assigning = tokio::spawn({
            let (store, who) = (Arc::clone(&store), who.clone());
            async move {
                let mut unit = store.begin(COMPANY).await?;
                unit.assign(&who, nine(), to).await
            }
        });
        somebody_waits(&database).await;
        let locked = lock(BEN, "NOWAIT").execute(&mut second).await;
        locked.expect("nobody has it");
        first.close().await.expect("closes");
        second.close().await.expect("closes");
        assert!(assigning.await.expect("no panic").expect("no error"));
    }
}

/// Workers take what is free and do not wait for what somebody else has in hand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_pass_over_what_is_locked() {
    let (database, store, shop) = common::shop(4).await;
    for (n, who) in [(1, ANNA), (2, BEN)] {
        let held = shop.held(shop.booking(n), who).await;
        let mut unit = store.begin(COMPANY).await.expect("begins");
        let whose = (COMPANY, held.id());
        let id = SagaId::new(held.id().get());
        let saga = Saga::calling(id, whose, SagaKind::Create, None, now());
        unit.start_saga(&saga, Some(now())).await.expect("started");
        unit.commit().await.expect("commits");
    }
    let mut other = PgConnection::connect(database.superuser_url())
        .await
        .expect("connects");
    let first = appointment_id(1);
    let lock = format!(
        "BEGIN; SELECT FROM sagas WHERE appointment_id = '{first}' FOR UPDATE; \
         SELECT FROM outbox WHERE appointment_id = '{first}' FOR UPDATE"
    );
    let lock = sqlx::raw_sql(AssertSqlSafe(lock));
    lock.execute(&mut other).await.expect("locked");
    let sagas = SagaQueue::lease_due(&*store, now(), now() + Span::HOUR, 9).await;
    let sagas: Vec<_> = sagas.expect("does not wait");
    assert_eq!(sagas.len(), 1);
    assert_eq!(sagas[0].saga.appointment, appointment_id(2));
    let events = Outbox::lease_due(&*store, now(), now() + Span::HOUR, 9).await;
    let events = events.expect("does not wait");
    assert!(!events.is_empty());
    assert!(
        events
            .iter()
            .all(|it| it.event.appointment == appointment_id(2))
    );
}
