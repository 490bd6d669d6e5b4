//! One store behind all the ports that it fills. To add a port that stores implement: a field, its
//! trait in [`StorePorts::of`], and a module in the contract suite.

use std::sync::Arc;

use super::{
    ApiKeyStore, AppointmentQueries, CallLog, Campaigns, DeliveryLog, EventRecords, History,
    Housekeeping, JobAdmin, JobQueue, Outbox, ReviewQueries, SagaQueue, ScheduleStore, SetupStore,
    SharedInbox, UnitOfWorkFactory, VersionMirror,
};

/// The ports of a store. Cheap to clone.
#[derive(Clone)]
pub struct StorePorts {
    /// Transactions.
    pub units: Arc<dyn UnitOfWorkFactory>,
    /// Reading appointments.
    pub queries: Arc<dyn AppointmentQueries>,
    /// Companies.
    pub setup: Arc<dyn SetupStore>,
    /// API keys.
    pub keys: Arc<dyn ApiKeyStore>,
    /// Sagas that are due.
    pub sagas: Arc<dyn SagaQueue>,
    /// Events that are due.
    pub outbox: Arc<dyn Outbox>,
    /// Bookings at Cal.com that are to be read, since news came about them.
    pub news: Arc<dyn SharedInbox>,
    /// Jobs that are due.
    pub jobs: Arc<dyn JobQueue>,
    /// The queues as people see them.
    pub job_admin: Arc<dyn JobAdmin>,
    /// What recurs.
    pub schedules: Arc<dyn ScheduleStore>,
    /// The books that listeners keep.
    pub records: Arc<dyn EventRecords>,
    /// Messages to customers, and what became of them.
    pub deliveries: Arc<dyn DeliveryLog>,
    /// What companies tell many.
    pub campaigns: Arc<dyn Campaigns>,
    /// What keeps the store small.
    pub housekeeping: Arc<dyn Housekeeping>,
    /// Questions to people.
    pub reviews: Arc<dyn ReviewQueries>,
    /// What happened to one appointment.
    pub history: Arc<dyn History>,
    /// Calls of voice agents.
    pub calls: Arc<dyn CallLog>,
    /// The truth line of the cache.
    pub versions: Arc<dyn VersionMirror>,
}

impl StorePorts {
    /// All of them filled by one store.
    pub fn of<S>(store: Arc<S>) -> Self
    where
        S: UnitOfWorkFactory
            + AppointmentQueries
            + SetupStore
            + ApiKeyStore
            + SagaQueue
            + Outbox
            + SharedInbox
            + JobQueue
            + JobAdmin
            + ScheduleStore
            + EventRecords
            + DeliveryLog
            + Campaigns
            + Housekeeping
            + ReviewQueries
            + History
            + CallLog
            + VersionMirror
            + 'static,
    {
        Self {
            units: store.clone(),
            queries: store.clone(),
            setup: store.clone(),
            keys: store.clone(),
            sagas: store.clone(),
            outbox: store.clone(),
            news: store.clone(),
            jobs: store.clone(),
            job_admin: store.clone(),
            schedules: store.clone(),
            records: store.clone(),
            deliveries: store.clone(),
            campaigns: store.clone(),
            housekeeping: store.clone(),
            reviews: store.clone(),
            history: store.clone(),
            calls: store.clone(),
            versions: store,
        }
    }
}
