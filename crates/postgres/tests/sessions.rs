//! Transactions under ill treatment: cut off, cancelled, failed and carried on with.

mod common;

use std::sync::Arc;
use std::time::Duration;

use booking_domain::ids::SagaId;
use booking_domain::ports::{SetupStore, StoreError, UnitOfWorkFactory};
use booking_domain::saga::{Saga, SagaKind};
use booking_test_support::builders::{
    ANNA, COMPANY, CONSULTATION, appointment_id, demo_setup, nine, now,
};
use booking_test_support::contract::steps::{REACH, claim, digest};
use booking_test_support::postgres::TestDatabase;
use booking_test_support::wait::until;
use futures_util::future::join_all;

const LIMIT: Duration = Duration::from_secs(10);

async fn open_transactions(database: &TestDatabase) -> i64 {
    common::count(
        database,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = 'booking-gateway' AND state LIKE 'idle in transaction%'",
    )
    .await
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
    file.companies[0].services[1].staff_ids = vec![booking_test_support::builders::BEN];
    let importing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.import(&file, &digest).await }
    });
    let waits = || async {
        let sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        common::count(&database, sql).await == 1
    };
    until(LIMIT, "the import to wait", waits)
        .await
        .expect("it waits");
    assert!(!importing.is_finished());
    unit.commit().await.expect("commits");
    importing.await.expect("no panic").expect("imported");
    let setup = store.load(COMPANY).await.expect("answers").expect("there");
    assert_ne!(
        setup.group_of(CONSULTATION),
        setup.group_of(booking_test_support::builders::SHORT)
    );
}
