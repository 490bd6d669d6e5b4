//! When the past becomes another one, every stamp does: after a dump put back, old files put back,
//! a failover. Each test lets the sums meet again with other contents, so that only the epoch tells.

mod common;

use std::process::Output;
use std::sync::Arc;

use booking_domain::availability::Stamp;
use booking_domain::ports::{StoreError, VersionMirror};
use booking_postgres::{Finding, PgStore, Severity};
use booking_test_support::builders::{ANNA, COMPANY, STAFF_GROUP, monday};
use booking_test_support::contract::steps::{Shop, day};
use booking_test_support::postgres::TestDatabase;
use booking_test_support::postgres_server::TestPostgres;

const MIRROR: &str = "FROM pg_stat_activity WHERE datname = current_database() \
     AND query LIKE '%pg_current_snapshot%' AND pid <> pg_backend_pid()";

async fn stamp(store: &PgStore) -> Stamp {
    store.refresh().await.expect("the mirror refreshes");
    store.stamp(COMPANY, STAFF_GROUP, day("2025-10-13"))
}

/// Books Anna at this hour, and says what the stamp is then.
async fn book(store: &PgStore, shop: &Shop, hour: u64) -> Stamp {
    let slot = monday(&format!("{hour:02}:00"), 60);
    shop.held(shop.booking(hour).range(slot), ANNA).await;
    stamp(store).await
}

fn assert_another_past(lost: Stamp, found: Stamp) {
    assert_eq!(found.sum, lost.sum, "or the test shows nothing");
    assert_ne!(found.epoch, lost.epoch);
}

/// Ready for booking, on a server of its own.
async fn open(server: &TestPostgres) -> (Arc<PgStore>, Shop) {
    let store = common::store_at(&server.url(), 2).await;
    store.migrate().await.expect("migrated");
    let shop = Shop::open(common::under_test(&store)).await;
    (store, shop)
}

async fn run(database: &TestDatabase, program: &str, args: &[&str]) -> Output {
    let mut command = database.program(program);
    command.args(["-d", database.superuser_url()]).args(args);
    let output = command.output().await.expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}");
    output
}

/// The mirror's connection lives on, and still it notices: by the row's table and transaction.
///
/// Red when the epoch is the uuid alone: that one is in the dump.
#[tokio::test]
async fn a_dump_put_back_is_another_past() {
    for (form, restore, options) in [
        ("custom", "pg_restore", &["--clean", "--if-exists"][..]),
        ("plain", "psql", &["-q", "-v", "ON_ERROR_STOP=1", "-f"][..]),
    ] {
        let (database, store, shop) = common::shop(4).await;
        let folder = tempfile::tempdir().expect("a folder");
        let dump = folder.path().join("dump").display().to_string();
        let args = ["--clean", "--if-exists", "-F", form, "-f", &dump];
        run(&database, "pg_dump", &args).await;
        let lost = book(&store, &shop, 9).await;
        let pid = database.sql(&format!("SELECT pid {MIRROR}")).await;
        run(&database, restore, &[options, &[&dump]].concat()).await;
        let found = book(&store, &shop, 11).await;
        assert_another_past(lost, found);
        let same = database.sql(&format!("SELECT pid {MIRROR}")).await;
        assert_eq!(same.expect("answers"), pid.expect("answers"), "{form}");
    }
}

/// Several instances agree, and go on agreeing when their connections break.
///
/// Red when the epoch has something of the connection or the instance in it.
#[tokio::test]
async fn instances_and_connections_share_a_past() {
    let (database, store, shop) = common::shop(4).await;
    let other = common::store_at(database.url(), 2).await;
    let first = book(&store, &shop, 9).await;
    assert_eq!(stamp(&other).await, first);
    let hang_up = format!("SELECT count(pg_terminate_backend(pid, 5000)) {MIRROR}");
    assert_eq!(common::count(&database, &hang_up).await, 2);
    assert_eq!((stamp(&store).await, stamp(&other).await), (first, first));
    database
        .sql("VACUUM (FULL, FREEZE) cache_epoch")
        .await
        .expect("done");
    assert_eq!(stamp(&other).await.epoch, stamp(&store).await.epoch);
}

/// Nothing in files that were put back says that they were, but the server had to be started. So an
/// ordinary start costs what was kept, too.
///
/// Red when the start of the server is not in the epoch.
#[tokio::test]
async fn old_files_put_back_are_another_past() {
    let mut server = TestPostgres::start().await.expect("a server");
    let (store, shop) = open(&server).await;
    server.keep_files().await.expect("kept");
    let lost = book(&store, &shop, 9).await;
    server.put_files_back().await.expect("put back");
    let found = book(&store, &shop, 11).await;
    assert_another_past(lost, found);
}

/// A standby is not believed while it is one, since it lags; when it takes over without the last
/// commits, its past is another one.
///
/// Red when the mirror reads from a standby, or the start of the server is not in the epoch.
#[tokio::test]
async fn a_failover_is_another_past() {
    let mut primary = TestPostgres::start().await.expect("a server");
    let (store, shop) = open(&primary).await;
    let mut standby = primary.standby().await.expect("a standby");
    let follower = common::store_at(&standby.url(), 2).await;
    let refused = follower.refresh().await;
    assert!(
        matches!(&refused, Err(StoreError::Unavailable { source, .. })
            if source.to_string().contains("standby")),
        "{refused:?}"
    );
    let findings = follower.check().await.expect("answers");
    let told = |it: &Finding| it.severity == Severity::Error && it.text.contains("standby");
    assert!(findings.iter().any(told), "{findings:?}");
    standby.stop().await.expect("stopped");
    let lost = book(&store, &shop, 9).await;
    primary.stop().await.expect("stopped");
    standby.restart().await.expect("started");
    standby.promote().await.expect("promoted");
    let shop = Shop::open(common::under_test(&follower)).await;
    let found = book(&follower, &shop, 11).await;
    assert_another_past(lost, found);
}
