//! Contract suites: every promise of the domain's ports, checked against any adapter.
//!
//! An adapter's test file says how to make one, and every promise becomes a test of its own:
//!
//! ```ignore
//! async fn make() -> StoreUnderTest {
//!     under_test(MyStore::open())
//! }
//! booking_test_support::store_contract!(make);
//! ```
//!
//! Each test gets a store of its own, empty but migrated. A promise holds two units of work open
//! at once only in tasks of their own, so that a store with a single writer can keep it.

pub mod api_keys;
pub mod appointments;
pub mod backlog;
pub mod budget;
pub mod cache;
pub mod calls;
pub mod campaigns;
pub mod carriers;
pub mod customers;
pub mod deliveries;
pub mod history;
pub mod idempotency;
pub mod inbox;
pub mod jobs;
pub mod outbox;
pub mod queries;
pub mod raised;
pub mod records;
pub mod regrouping;
pub mod reviews;
pub mod sagas;
pub mod schedules;
pub mod setup;
pub mod steps;
pub mod versions;

mod promises;

use std::any::Any;
use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;

use booking_domain::ports::{AvailabilityCache, CallBudget, StorePorts};

/// A store, through all of its ports.
pub struct StoreUnderTest {
    pub ports: StorePorts,
    /// Whether units of work queue up: then a second one cannot go on while one is open.
    pub single_writer: bool,
    /// Whatever must live as long as the test: a folder, a server.
    pub keep: Box<dyn Any + Send + Sync>,
}

impl Deref for StoreUnderTest {
    type Target = StorePorts;

    fn deref(&self) -> &StorePorts {
        &self.ports
    }
}

/// An availability cache.
pub struct CacheUnderTest {
    pub cache: Arc<dyn AvailabilityCache>,
    /// Whatever must live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// Budgets of a hundred calls a minute.
pub struct BudgetUnderTest {
    pub budget: Arc<dyn CallBudget>,
    /// Whatever must live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// Runs one promise on a runtime with several threads.
///
/// # Panics
/// When the promise is broken, or no runtime can be made.
pub fn run(promise: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be made")
        .block_on(promise);
}
