//! Logs and metrics, set up once by the binary.
//!
//! [`init`] decides where log lines go and how they look; [`metrics::install`] makes the process's
//! counters and histograms readable. Everything else in the workspace only uses the `tracing` and
//! `metrics` macros and knows nothing of this crate.

mod causes;
mod error_chain;
mod lines;
mod log;
pub mod metrics;

pub use error_chain::error_chain;
pub use log::{LogFormat, LogSettings, TelemetryError, UnknownLogFormat, flush, init};
