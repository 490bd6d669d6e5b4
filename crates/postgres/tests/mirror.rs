//! The version mirror: nothing acknowledged is ever missing, and an outage is told at once.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{StoreError, VersionMirror};
use booking_postgres::PgStore;
use booking_test_support::builders::{ANNA, COMPANY, STAFF_GROUP, now};
use booking_test_support::contract::steps::day;
use booking_test_support::postgres::TestDatabase;
use booking_test_support::proxy::TcpProxy;
use booking_test_support::wait::until;
use futures_util::future::join_all;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

const BUMP: &str = "INSERT INTO availability_versions (company_id, group_id, day) \
     VALUES (15, 1, '2025-10-13') ON CONFLICT (company_id, group_id, day) DO UPDATE \
     SET ver = availability_versions.ver + 1, changed_xid = pg_current_xact_id()";

/// When a mirror's statement began last, in microseconds.
const LAST_ASKED: &str = "SELECT max(extract(epoch FROM query_start) * 1000000)::bigint \
     FROM pg_stat_activity WHERE datname = current_database() \
     AND query LIKE '%pg_current_snapshot%' AND pid <> pg_backend_pid()";

async fn sum(store: &PgStore) -> i64 {
    store.refresh().await.expect("the mirror refreshes");
    known(store)
}

fn known(store: &PgStore) -> i64 {
    store.stamp(COMPANY, STAFF_GROUP, day("2025-10-13")).sum
}

/// A store whose line can be cut and held.
async fn proxied(database: &TestDatabase) -> (TcpProxy, Arc<PgStore>) {
    let url: PgConnectOptions = database.url().parse().expect("an address");
    let server = format!("{}:{}", url.get_host(), url.get_port());
    let proxy = TcpProxy::start(server).await.expect("a proxy");
    let url = url.host("127.0.0.1").port(proxy.port());
    let store = common::store_at(url.to_url_lossy().as_str(), 2).await;
    (proxy, store)
}

async fn connect(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(database.superuser_url())
        .await
        .expect("connects")
}

async fn run(conn: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(conn)
        .await
        .expect("the SQL is right");
}

/// Red when only those are asked for that began after the last snapshot: the one that began first
/// commits last, and would never be seen.
#[tokio::test]
async fn commits_out_of_order_are_all_seen() {
    let (database, store, _shop) = common::shop(4).await;
    let (mut first, mut second) = (connect(&database).await, connect(&database).await);
    let before = sum(&store).await;
    run(&mut first, "BEGIN").await;
    // Has its number now, and its row; the other day, so that nobody waits.
    run(&mut first, &BUMP.replace("2025-10-13", "2025-10-14")).await;
    run(&mut second, BUMP).await;
    let two_days = |store: &PgStore| {
        let days = booking_test_support::contract::steps::days("2025-10-13", "2025-10-14");
        store.stamp(COMPANY, STAFF_GROUP, days).sum
    };
    assert_eq!(sum(&store).await, before + 1, "the second has committed");
    let without_first = two_days(&store);
    run(&mut first, "COMMIT").await;
    store.refresh().await.expect("refreshes");
    assert_eq!(two_days(&store), without_first + 1, "and now the first");
}

/// An old transaction that stays open keeps nothing from being seen.
#[tokio::test]
async fn a_long_transaction_hides_nothing() {
    let (database, store, shop) = common::shop(4).await;
    let mut old = connect(&database).await;
    run(&mut old, "BEGIN; SELECT pg_current_xact_id()").await;
    let before = sum(&store).await;
    for n in 1..=5 {
        let slot = booking_test_support::builders::monday(&format!("{:02}:00", 8 + n), 60);
        shop.held(shop.booking(n).range(slot), ANNA).await;
        assert_eq!(sum(&store).await, before + n.cast_signed());
    }
    run(&mut old, "ROLLBACK").await;
    assert_eq!(sum(&store).await, before + 5);
}

/// Writers and readers at full speed: a reader sees at least what was acknowledged when it asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_is_seen() {
    let (database, store, _shop) = common::shop(4).await;
    let before = sum(&store).await;
    let acknowledged = Arc::new(AtomicI64::new(0));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (acknowledged, url) = (
                Arc::clone(&acknowledged),
                database.superuser_url().to_owned(),
            );
            tokio::spawn(async move {
                let mut conn = PgConnection::connect(&url).await.expect("connects");
                for _ in 0..250 {
                    run(&mut conn, BUMP).await;
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let began = Instant::now();
    let readers = (0..64).map(|_| {
        let (store, acknowledged) = (Arc::clone(&store), Arc::clone(&acknowledged));
        tokio::spawn(async move {
            let mut reads = 0;
            loop {
                let least = before + acknowledged.load(Ordering::SeqCst);
                let seen = sum(&store).await;
                assert!(seen >= least, "saw {seen}, {least} were acknowledged");
                reads += 1;
                if least == before + 1_000 {
                    return reads;
                }
            }
        })
    });
    let reads: u64 = join_all(readers)
        .await
        .into_iter()
        .map(|it| it.expect("fresh"))
        .sum();
    join_all(writers).await;
    println!(
        "{reads} fresh reads beside 1000 commits in {:?}",
        began.elapsed()
    );
}

/// Through a proxy that can be cut and stopped: readers hear of it within two seconds, all of them,
/// and afterwards the mirror knows what happened meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_told_and_mended() {
    let (database, direct, _shop) = common::shop(4).await;
    let (proxy, store) = proxied(&database).await;
    let mut before = sum(&store).await;
    let mut conn = connect(&database).await;
    let faults: [fn(&TcpProxy); 3] = [TcpProxy::cut, TcpProxy::pause, TcpProxy::hold_answers];
    for fault in faults {
        fault(&proxy);
        // A statement that was on its way when the line broke may still get through.
        until(Duration::from_secs(10), "the fault is felt", || async {
            match store.refresh().await {
                Err(_) => Ok(()),
                Ok(()) => Err("a statement got through"),
            }
        })
        .await
        .expect("felt");
        let asked = Instant::now();
        let readers = (0..50).map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.refresh().await })
        });
        for answer in join_all(readers).await {
            let answer = answer.expect("no panic");
            assert!(
                matches!(answer, Err(StoreError::Unavailable { .. })),
                "{answer:?}"
            );
        }
        assert!(
            asked.elapsed() < Duration::from_secs(2),
            "{:?}",
            asked.elapsed()
        );
        run(&mut conn, BUMP).await;
        proxy.restore();
        until(Duration::from_secs(40), "the mirror", || store.refresh())
            .await
            .expect("mended");
        let after = sum(&store).await;
        assert_eq!(after, before + 1);
        assert_eq!(sum(&direct).await, after);
        before = after;
    }
}

/// The line breaks while readers wait for a statement that has run: whoever is answered has what was
/// acknowledged before, and afterwards the mirror has all.
///
/// Red when the batch of a broken connection is answered as if its statement had come through.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_breaks_while_readers_wait_loses_nothing() {
    let (database, _direct, _shop) = common::shop(4).await;
    let (proxy, store) = proxied(&database).await;
    let before = sum(&store).await;
    let mut conn = connect(&database).await;
    for n in 1..=10 {
        let asked = common::count(&database, LAST_ASKED).await;
        proxy.hold_answers();
        run(&mut conn, BUMP).await;
        let readers: Vec<_> = (0..50)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.refresh().await.map(|()| known(&store)) })
            })
            .collect();
        let is_held = || async { common::count(&database, LAST_ASKED).await > asked };
        let limit = Duration::from_secs(10);
        until(limit, "the statement", is_held).await.expect("run");
        proxy.cut();
        let answers = join_all(readers).await;
        proxy.restore();
        for answer in answers {
            match answer.expect("no panic") {
                Ok(sum) => assert_eq!(sum, before + n),
                Err(error) => assert!(matches!(error, StoreError::Unavailable { .. })),
            }
        }
        let limit = Duration::from_secs(40);
        let mended = until(limit, "the mirror", || store.refresh()).await;
        mended.expect("mended");
        assert_eq!(known(&store), before + n);
    }
}

/// An instance that comes later reads what the others were told of, dates included.
///
/// Red when dates are only taken from changes, or not kept by the next one.
#[tokio::test]
async fn a_late_instance_knows_the_same() {
    let (database, store, shop) = common::shop(4).await;
    let mut refused = shop.held(shop.booking(1), ANNA).await;
    let _ = refused.reject("no", SyncOrigin::Api, now());
    shop.save(&mut refused).await;
    shop.held(shop.booking(2), ANNA).await;
    let late = common::store_at(database.url(), 2).await;
    let monday = day("2025-10-13");
    for it in [&store, &late] {
        it.refresh().await.expect("refreshes");
        assert_eq!(it.freed_at(COMPANY, STAFF_GROUP, monday), Some(now()));
    }
    let stamps = [&store, &late].map(|it| it.stamp(COMPANY, STAFF_GROUP, monday));
    assert_eq!(stamps[0], stamps[1]);
}

/// A new epoch voids every stamp, and the numbers are read anew, even if they went back.
#[tokio::test]
async fn a_new_epoch_reads_everything_anew() {
    let (database, store, _shop) = common::shop(4).await;
    let mut conn = connect(&database).await;
    run(&mut conn, BUMP).await;
    run(&mut conn, BUMP).await;
    store.refresh().await.expect("refreshes");
    let monday = day("2025-10-13");
    let old = store.stamp(COMPANY, STAFF_GROUP, monday);
    run(
        &mut conn,
        "UPDATE cache_epoch SET epoch = gen_random_uuid(); \
         UPDATE availability_versions SET ver = 1, changed_xid = '1'",
    )
    .await;
    store.refresh().await.expect("refreshes");
    let new = store.stamp(COMPANY, STAFF_GROUP, monday);
    assert_ne!(new.epoch, old.epoch);
    assert!(new.sum < old.sum, "{old:?} {new:?}");
}

/// The server closed the connection while nobody asked: the next reader does not notice.
#[tokio::test]
async fn a_connection_closed_meanwhile_is_replaced() {
    let (database, store, _shop) = common::shop(4).await;
    let before = sum(&store).await;
    let hang_up = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
         WHERE datname = current_database() AND query LIKE '%pg_current_snapshot%' \
         AND pid <> pg_backend_pid()";
    assert_eq!(common::count(&database, hang_up).await, 1);
    run(&mut connect(&database).await, BUMP).await;
    assert_eq!(sum(&store).await, before + 1);
}
