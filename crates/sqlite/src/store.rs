//! Opening the store.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex as BlockingMutex};

use booking_domain::ports::StoreError;
use rusqlite::Connection;
use tokio::sync::Mutex;

use crate::error::{SqliteError, cannot};
use crate::lock_file::{LockFile, private_file};
use crate::migrations::migrate;
use crate::readers::{BUSY_LIMIT, Readers};
use crate::statements::KEPT_STATEMENTS;
use crate::transaction::{Transaction, Writer, show};
use crate::versions::Versions;

/// Where the data lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SqliteTarget {
    /// In this file, made if there is none; its folder must exist. For this process alone.
    File(PathBuf),
    /// In memory: gone with the store.
    Memory,
}

/// The embedded store: implements every port of the domain that a store can.
pub struct SqliteStore {
    writer: Arc<Mutex<Writer>>,
    pub(crate) readers: Readers,
    pub(crate) versions: Arc<Versions>,
}

impl SqliteStore {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// When the file cannot be used, another process uses it, or a newer version of this program
    /// wrote it.
    pub fn open(target: SqliteTarget) -> Result<Self, SqliteError> {
        let (mut connection, lock) = match &target {
            SqliteTarget::File(path) => open_file(path)?,
            SqliteTarget::Memory => {
                let opened = Connection::open_in_memory();
                (opened.map_err(cannot("open a database in memory"))?, None)
            }
        };
        prepare(&connection).map_err(cannot("set the database up"))?;
        migrate(&mut connection)?;
        let versions = Versions::load(&connection).map_err(SqliteError::Versions)?;
        let (readers, copy) = match &target {
            SqliteTarget::File(path) => (Readers::of_file(path), None),
            SqliteTarget::Memory => {
                let copy = copy_of(&connection).map_err(cannot("copy a database in memory"))?;
                (Readers::Copy(Arc::clone(&copy)), Some(copy))
            }
        };
        let writer = Writer {
            connection,
            copy,
            _lock: lock,
        };
        Ok(Self {
            writer: Arc::new(Mutex::new(writer)),
            readers,
            versions: Arc::new(versions),
        })
    }

    /// Waits for its turn and begins a transaction.
    pub(crate) async fn transaction(&self) -> Result<Transaction, StoreError> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        Transaction::begin(writer, Arc::clone(&self.versions))
    }
}

fn open_file(path: &Path) -> Result<(Connection, Option<LockFile>), SqliteError> {
    drop(private_file(path)?);
    // Two names of one file must meet at one lock.
    let path = fs::canonicalize(path).map_err(|source| SqliteError::File {
        file: path.to_owned(),
        source,
    })?;
    let lock = LockFile::take(&path)?;
    let connection = Connection::open(&path).map_err(cannot("open the database file"))?;
    connection
        .busy_timeout(BUSY_LIMIT)
        .and_then(|()| connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())))
        // Without it a commit that was acknowledged could be lost with the power.
        .and_then(|()| connection.pragma_update(None, "synchronous", "full"))
        .map_err(cannot("use the file as a database"))?;
    Ok((connection, Some(lock)))
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)
}

fn copy_of(connection: &Connection) -> rusqlite::Result<Arc<BlockingMutex<Connection>>> {
    let mut copy = Connection::open_in_memory()?;
    copy.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
    show(connection, &mut copy)?;
    Ok(Arc::new(BlockingMutex::new(copy)))
}
