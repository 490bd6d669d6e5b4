//! One-pass jobs: no arguments but a limit, a report back. The worker crate runs them in loops.

mod drive_sagas;
mod relay_events;
mod warm_caches;

pub use drive_sagas::SagaReport;
pub use relay_events::RelayReport;
pub use warm_caches::WarmReport;
