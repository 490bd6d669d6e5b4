//! Connections for reading: they wait for no unit of work, and see what was committed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use booking_domain::ports::StoreError;
use rusqlite::{Connection, OpenFlags};

use crate::error::failed;
use crate::statements::KEPT_STATEMENTS;

/// More than this many idle connections are closed again.
const MOST_IDLE: usize = 8;
/// With one process per file nobody is in the way for long.
pub(crate) const BUSY_LIMIT: Duration = Duration::from_secs(5);

/// Where readers read.
pub(crate) enum Readers {
    /// From the file, each on a connection of its own: the write-ahead log shows every reader the
    /// last commit.
    File {
        path: PathBuf,
        idle: Mutex<Vec<Connection>>,
    },
    /// From a copy of the database in memory, renewed by every commit. A connection to the database
    /// itself would see what is not committed, or wait for it.
    Copy(Arc<Mutex<Connection>>),
}

impl Readers {
    pub(crate) fn of_file(path: &Path) -> Self {
        Self::File {
            path: path.to_owned(),
            idle: Mutex::default(),
        }
    }

    /// Reads one consistent picture.
    pub(crate) fn read<T>(
        &self,
        action: &'static str,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::File { path, idle } => {
                let kept = locked(idle).pop();
                let connection = match kept {
                    Some(connection) => connection,
                    None => open(path).map_err(failed(action))?,
                };
                let answer = one_picture(&connection, action, read);
                let mut idle = locked(idle);
                if idle.len() < MOST_IDLE {
                    idle.push(connection);
                }
                answer
            }
            Self::Copy(connection) => one_picture(&locked(connection), action, read),
        }
    }
}

fn one_picture<T>(
    connection: &Connection,
    action: &'static str,
    read: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let picture = connection.unchecked_transaction().map_err(failed(action))?;
    let answer = read(&picture)?;
    picture.commit().map_err(failed(action))?;
    Ok(answer)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_LIMIT)?;
    connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// A panic while reading leaves nothing half done.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
