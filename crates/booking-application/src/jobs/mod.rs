//! One-pass jobs: no arguments but a limit, a report back. The worker crate runs them in loops.

mod drive_sagas;
mod relay_events;

pub use drive_sagas::SagaReport;
pub use relay_events::RelayReport;
