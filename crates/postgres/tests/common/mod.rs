//! A migrated database of its own for every test.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "every test file uses a part of this"
)]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use booking_domain::ports::StorePorts;
use booking_postgres::{PgSettings, PgStore};
use booking_test_support::contract::StoreUnderTest;
use booking_test_support::contract::steps::Shop;
use booking_test_support::postgres::TestDatabase;

/// A migrated database; copies are made from one that is migrated once per schema.
pub async fn database() -> TestDatabase {
    let key = format!("booking schema {:x}", schema_hash());
    TestDatabase::from_template(&key, |url| async move {
        let store = PgStore::connect(PgSettings::new(url)).await?;
        store.migrate().await?;
        store.close().await;
        Ok(())
    })
    .await
    .expect("a private Postgres server")
}

/// A store on it.
pub async fn store_at(url: &str, max_connections: u32) -> Arc<PgStore> {
    let settings = PgSettings {
        max_connections,
        ..PgSettings::new(url)
    };
    Arc::new(PgStore::connect(settings).await.expect("a store"))
}

/// The store as the contract suites know it.
pub fn under_test(store: &Arc<PgStore>) -> StoreUnderTest {
    StoreUnderTest {
        ports: StorePorts::of(store.clone()),
        single_writer: false,
        keep: Box::new(()),
    }
}

/// A database with a company ready for booking, and this many connections for it.
pub async fn shop(max_connections: u32) -> (TestDatabase, Arc<PgStore>, Arc<Shop>) {
    let database = database().await;
    let store = store_at(database.url(), max_connections).await;
    let shop = Arc::new(Shop::open(under_test(&store)).await);
    (database, store, shop)
}

/// What the superuser reads, as a number.
pub async fn count(database: &TestDatabase, sql: &str) -> i64 {
    let text = database.sql(sql).await.expect("the SQL is right");
    text.parse().expect("a number")
}

/// How many deadlocks the server has broken up in this database.
pub async fn deadlocks(database: &TestDatabase) -> i64 {
    let sql = "SELECT pg_stat_force_next_flush(); \
               SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let text = database.sql(sql).await.expect("the SQL is right");
    let last = text.lines().last().expect("a line");
    last.parse().expect("a number")
}

/// Pairs of claims of different appointments on one resource that overlap: there must be none.
pub async fn overlaps(database: &TestDatabase) -> i64 {
    count(
        database,
        "SELECT count(*) FROM live_claims a JOIN live_claims b ON a.claim_id < b.claim_id \
         AND a.company_id = b.company_id AND a.resource_kind = b.resource_kind \
         AND a.resource_id = b.resource_id AND a.unit = b.unit AND a.family <> b.family \
         AND a.during && b.during",
    )
    .await
}

fn schema_hash() -> u64 {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/postgres");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the migrations")
        .map(|file| file.expect("readable").path())
        .collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        std::fs::read(file).expect("readable").hash(&mut hasher);
    }
    hasher.finish()
}
