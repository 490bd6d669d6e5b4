//! The lock file: one process per database file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::error::SqliteError;

/// Holds the lock as long as it lives; the system lets go of it when the process ends, however.
#[derive(Debug)]
pub(crate) struct LockFile {
    _locked: File,
}

impl LockFile {
    /// Locks `<database>.lock` beside the database.
    pub(crate) fn take(database: &Path) -> Result<Self, SqliteError> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        let mut file = private_file(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                let said = file.read_to_string(&mut owner).is_ok() && !owner.trim().is_empty();
                return Err(SqliteError::InUse {
                    file: database.to_owned(),
                    owner: if said { owner.trim() } else { "unknown" }.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => {
                return Err(SqliteError::File { file: path, source });
            }
        }
        // For people only; the lock holds without it.
        let _unimportant = file
            .set_len(0)
            .and_then(|()| writeln!(file, "process {}", std::process::id()));
        Ok(Self { _locked: file })
    }
}

/// Opens the file, making it if need be, readable for nobody else: it holds personal data.
pub(crate) fn private_file(path: &Path) -> Result<File, SqliteError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|source| SqliteError::File {
        file: path.to_owned(),
        source,
    })
}
