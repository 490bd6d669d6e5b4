//! Every promise of the storage ports, kept by Postgres.

mod common;

use booking_test_support::contract::StoreUnderTest;

async fn make() -> StoreUnderTest {
    let database = common::database().await;
    let store = common::store_at(database.url(), 24).await;
    StoreUnderTest {
        keep: Box::new(database),
        ..common::under_test(&store)
    }
}

booking_test_support::store_contract!(make);
