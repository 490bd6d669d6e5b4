//! What tests of several crates share. Dev only: no production crate depends on it.
//!
//! * [`postgres`], [`redis`]: private servers. Nothing already running on the machine is touched.
//! * [`process`]: the real binary as a child process, with its log.
//! * [`http`]: one GET, for readiness checks.
//! * [`proxy`]: a TCP connection that can be cut, paused and slowed down.
//! * [`wait`], [`ports`]: waiting for a condition instead of sleeping; ports nobody uses.

pub mod builders;
pub mod clock;
pub mod contract;
pub mod http;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod redis;
pub mod wait;

mod output;
mod servers;
mod signal;
