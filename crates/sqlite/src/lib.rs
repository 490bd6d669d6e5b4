//! The embedded store: every port of the domain over one SQLite file, or over memory.
//!
//! * One process per file: a lock file keeps a second one out, with an error that says what to do.
//! * One writer: units of work queue up, first come first served, behind an asynchronous lock, so
//!   nothing ever meets `SQLITE_BUSY`. Readers have connections of their own and wait for nobody.
//! * What `commit` acknowledged survives a crash: `synchronous = FULL`.
//!
//! # Why statements run where they are called
//!
//! SQLite calls are synchronous. Each statement here touches a few indexed rows, almost always in
//! the page cache: microseconds, less than handing it to another thread and back would cost. The
//! one slow thing is the commit, which waits for the disk; that is moved to a blocking thread.
//!
//! # Where to look
//!
//! [`SqliteStore`] is the whole public API; `transaction` says what a commit does, `claims` how a
//! slot is taken, `versions` how the cache's truth line is kept.

mod api_keys;
mod appointments;
mod calls;
mod campaigns;
mod claims;
mod consents;
mod customers;
mod delivery_log;
mod error;
mod history;
mod housekeeping;
mod idempotency;
mod import;
mod inbox;
mod job_admin;
mod jobs;
mod lock_file;
mod migrations;
mod outbox;
mod queries;
mod readers;
mod records;
mod reviews;
mod rows;
mod sagas;
mod schedules;
mod setup;
mod statements;
mod store;
mod transaction;
mod unit_of_work;
mod versions;

pub use error::SqliteError;
pub use store::{SqliteStore, SqliteTarget};
