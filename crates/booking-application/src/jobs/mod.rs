//! One-pass jobs: no arguments but a limit, a report back. The worker crate runs them in loops.

mod choose_recipients;
mod converge_news;
mod drive_sagas;
mod messages;
mod relay_events;
mod run_jobs;
mod upkeep;
mod warm_caches;
mod work;

pub(crate) use choose_recipients::CAMPAIGN;
pub use converge_news::NewsReport;
pub use drive_sagas::SagaReport;
pub(crate) use messages::{MESSAGE, announce_messages, carried, count_messages};
pub use relay_events::RelayReport;
pub use run_jobs::JobReport;
pub(crate) use run_jobs::{company, part};
pub use upkeep::{RECURRING, Recurring};
pub use warm_caches::WarmReport;
pub(crate) use work::{JobError, announce_queues};
pub use work::{Work, WorkOutcome};
