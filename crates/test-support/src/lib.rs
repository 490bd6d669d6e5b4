//! What tests of several crates share. Dev only: no production crate depends on it.
//!
//! * [`postgres`], [`redis`]: private servers. Nothing already running on the machine is touched.
//! * [`postgres_server`]: a Postgres of one test, to restart and to fail over.
//! * [`process`]: the real binary as a child process, with its log.
//! * [`health`]: a calendar that is always well.
//! * [`http`]: one GET, for readiness checks.
//! * [`proxy`]: a TCP connection that can be cut, paused and slowed down.
//! * [`dice`]: chance that a seed repeats.
//! * [`journal`], [`oracle`]: what clients were promised, and whether it was kept.
//! * [`messages`]: a mail server and a gateway for text messages that keep what they get.
//! * [`wait`], [`ports`]: waiting for a condition instead of sleeping; ports nobody uses.

pub mod builders;
pub mod clock;
pub mod contract;
pub mod dice;
pub mod health;
pub mod http;
pub mod journal;
pub mod messages;
pub mod oracle;
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
