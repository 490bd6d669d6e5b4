//! The sockets of the domain: what the outside must offer, as small traits.
//!
//! # How to add a port
//!
//! 1. Write the trait in a file of its own here: at most seven methods (twelve if it must be), each documented with what
//!    it promises, whether it may be repeated, and what a failure means for the caller.
//! 2. Give it an error enum by *what the caller can do about it*, or use [`StoreError`].
//! 3. Write its contract suite in `test-support/src/contract/`: a function that takes the adapter
//!    and checks every promise of step 1.
//! 4. Implement it in every adapter crate that should have it, each with a test that runs the
//!    suite.
//! 5. Add it to `booking_application::Deps` and wire it in `app/src/wiring`.
//!
//! Ports are stored as trait objects, hence `async_trait`. Every method takes what it needs to
//! know of time and ids as an argument; only [`Clock`] and [`IdSource`] make them.

mod api_keys;
mod appointments;
mod budget;
mod cache;
mod calendar;
mod calendar_health;
mod calls;
mod campaigns;
mod clock;
mod consents;
mod delivery_log;
mod edge;
mod history;
mod idempotency;
mod inbox;
mod jobs;
mod messages;
mod outbox;
mod probe;
mod queries;
mod records;
mod reviews;
mod sagas;
mod schedules;
mod setup;
mod store_ports;
mod unit_of_work;
mod versions;
mod wakeups;

pub use api_keys::{ApiKeyRecord, ApiKeyStore, Scope};
pub use appointments::{AppointmentRepository, ClaimRequest, CustomerRepository, HoldOutcome};
pub use budget::{CallBudget, NotTaken};
pub use cache::{AvailabilityCache, CacheError, CacheOverview, Deleted, FillLease};
pub use calendar::{
    CalendarError, CalendarPort, CreateBooking, FindBookings, MoveBooking, OUR_APPOINTMENT,
    SlotQuery,
};
pub use calendar_health::CalendarHealth;
pub use calls::{CallCursor, CallFilter, CallLog, CallPage, CallView};
pub use campaigns::{
    Campaign, CampaignCounts, CampaignLog, CampaignView, Campaigns, FiledCampaign, Recipients,
};
pub use clock::{Clock, IdSource};
pub use consents::{Consents, SaidBy};
pub use delivery_log::{
    About, Addressee, DeliveryLog, LoggedMessage, NewMessage, NotificationStatus, Outcome,
};
pub use edge::{EdgeError, EdgePurge};
pub use history::{History, HistoryEntry, HistoryKind};
pub use idempotency::IdempotencyStore;
pub use inbox::{
    Delivery, DeliveryStatus, DueBooking, Filed, Judge, Quarantined, Settlement, SharedInbox,
    WebhookInbox,
};
pub use jobs::{
    Backlog, Job, JobAdmin, JobChange, JobFilter, JobLog, JobOrder, JobQueue, JobState, JobView,
    LeasedJob, Queue, QueueCount,
};
pub use messages::{
    AppointmentFacts, CarrierError, Channel, CustomerMessage, MessageCarrier, MessageContent,
};
pub use outbox::{Outbox, OutboxEntry};
pub use probe::{NoProbe, PLACES, Probe};
pub use queries::{
    AppointmentFilter, AppointmentPage, AppointmentQueries, AppointmentView, PageCursor,
};
pub use records::{EventRecords, Housekeeping, Retention};
pub use reviews::{Resolution, ReviewAction, ReviewFilter, ReviewItem, ReviewLog, ReviewQueries};
pub use sagas::{LeasedSaga, SagaAttempt, SagaLog, SagaQueue};
pub use schedules::{Firing, ScheduleStore};
pub use setup::SetupStore;
pub use store_ports::StorePorts;
pub use unit_of_work::{UnitOfWork, UnitOfWorkFactory};
pub use versions::{AvailabilityVersions, VersionMirror};
pub use wakeups::{Wakeup, Wakeups};

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or is overloaded; nothing is known to have changed.
    #[error("the store did not answer while it was asked to {action}")]
    Unavailable {
        /// What was tried.
        action: &'static str,
        /// What went wrong.
        #[source]
        source: BoxError,
    },
    /// Somebody else changed the appointment in between: read again and decide anew.
    #[error("the appointment was changed by somebody else in between")]
    Changed,
    /// The write contradicts what is stored already, in a way that repeats will not mend.
    #[error("the store refuses: {0}")]
    Conflict(String),
    /// The store holds something that this program could not have written.
    #[error("the store holds something unreadable in {place}")]
    Corrupt {
        /// Table, column, id.
        place: String,
        /// What is wrong with it.
        #[source]
        source: BoxError,
    },
}

/// Any error, as a source.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
