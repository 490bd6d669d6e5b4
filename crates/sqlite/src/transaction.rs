//! One transaction on the one connection that writes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use booking_domain::availability::Raised;
use booking_domain::ports::StoreError;
use rusqlite::Connection;
use rusqlite::backup::Backup;
use tokio::sync::OwnedMutexGuard;

use crate::error::failed;
use crate::lock_file::LockFile;
use crate::readers::locked;
use crate::versions::{Bumps, Versions, raised};

/// The connection that writes.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    /// What readers of a store in memory see.
    pub(crate) copy: Option<Arc<Mutex<Connection>>>,
    /// Dropped after the connection: nobody else opens the file before it is closed.
    pub(crate) _lock: Option<LockFile>,
}

/// A transaction: it has the writer for itself until it ends. Dropping it undoes everything.
pub(crate) struct Transaction {
    writer: OwnedMutexGuard<Writer>,
    versions: Arc<Versions>,
    /// What the commit will bump.
    pub(crate) bumps: Bumps,
}

impl Transaction {
    pub(crate) fn begin(
        writer: OwnedMutexGuard<Writer>,
        versions: Arc<Versions>,
    ) -> Result<Self, StoreError> {
        undo(&writer.connection);
        writer
            .connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(failed("begin a unit of work"))?;
        Ok(Self {
            writer,
            versions,
            bumps: Bumps::default(),
        })
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.writer.connection
    }

    /// Makes everything permanent and visible. Waiting for the disk happens on a blocking thread;
    /// whoever stops waiting for the answer does not stop the commit.
    pub(crate) async fn commit(self) -> Result<Raised, StoreError> {
        if self.writer.copy.is_some() {
            return self.commit_here();
        }
        let committed = tokio::task::spawn_blocking(move || self.commit_here()).await;
        committed.unwrap_or_else(|error| {
            Err(StoreError::Unavailable {
                action: "commit",
                source: error.into(),
            })
        })
    }

    fn commit_here(self) -> Result<Raised, StoreError> {
        let connection = &self.writer.connection;
        let bumped = self.bumps.write(connection)?;
        if let Err(error) = connection.execute_batch("COMMIT") {
            // It may have happened: the mirror must not stay behind.
            undo(connection);
            self.versions.reload(connection)?;
            return Err(failed("commit")(error));
        }
        if let Some(copy) = &self.writer.copy {
            show(connection, &mut locked(copy)).map_err(failed("show a commit to readers"))?;
        }
        self.versions.apply(&bumped);
        Ok(raised(&bumped))
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        undo(&self.writer.connection);
    }
}

/// Rolls back what is open. If that fails, the next transaction tries again before it begins.
fn undo(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "a unit of work could not be undone");
    }
}

/// Copies the database for its readers.
pub(crate) fn show(from: &Connection, copy: &mut Connection) -> rusqlite::Result<()> {
    let all_pages = std::ffi::c_int::MAX;
    Backup::new(from, copy)?.run_to_completion(all_pages, Duration::ZERO, None)
}
