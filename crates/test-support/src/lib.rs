//! What tests of several crates share. Dev only: no production crate depends on it.
//!
//! * [`postgres`], [`redis`]: private servers. Nothing already running on the machine is touched.
//! * [`postgres_server`]: a Postgres of one test, to restart and to fail over.
//! * [`process`]: the real binary as a child process, with its log.
//! * [`http`]: one GET, for readiness checks.
//! * [`proxy`]: a TCP connection that can be cut, paused and slowed down.
//! * [`dice`]: chance that a seed repeats.
//! * [`wait`], [`ports`]: waiting for a condition instead of sleeping; ports nobody uses.

pub mod builders;
pub mod clock;
pub mod contract;
pub mod dice;
pub mod http;
pub mod ports;
pub mod postgres;
pub mod postgres_server;
pub mod process;
pub mod proxy;
pub mod redis;
pub mod wait;

mod output;
mod servers;
mod signal;
