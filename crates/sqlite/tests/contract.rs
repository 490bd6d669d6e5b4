//! The store keeps every promise of the ports, in a file and in memory.

use std::any::Any;
use std::sync::Arc;

use booking_domain::ports::StorePorts;
use booking_sqlite::{SqliteStore, SqliteTarget};
use booking_test_support::contract::StoreUnderTest;

fn under_test(target: SqliteTarget, keep: Box<dyn Any + Send + Sync>) -> StoreUnderTest {
    let store = Arc::new(SqliteStore::open(target).expect("the store opens"));
    StoreUnderTest {
        ports: StorePorts::of(store),
        single_writer: true,
        keep,
    }
}

mod file {
    use super::*;

    async fn make() -> StoreUnderTest {
        let folder = tempfile::tempdir().expect("a folder");
        let target = SqliteTarget::File(folder.path().join("booking.db"));
        under_test(target, Box::new(folder))
    }

    booking_test_support::store_contract!(make);
}

mod memory {
    use super::*;

    async fn make() -> StoreUnderTest {
        under_test(SqliteTarget::Memory, Box::new(()))
    }

    booking_test_support::store_contract!(make);
}
