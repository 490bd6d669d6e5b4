//! What went wrong, in words people can act on.

use std::path::PathBuf;

use booking_domain::ports::{BoxError, StoreError};
use rusqlite::ffi;

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SqliteError {
    /// Somebody has the file open.
    #[error(
        "{} is in use by another process ({owner}); an embedded database serves one process: stop \
         the other one, give this one a file of its own, or use Postgres to run several",
        file.display()
    )]
    InUse {
        /// Which file.
        file: PathBuf,
        /// Who, as far as it said.
        owner: String,
    },
    /// Written by a later version of this program.
    #[error(
        "the database has schema {found}, this program knows {known}: it was written by a newer \
         version; run that version, or restore a copy from before the upgrade"
    )]
    NewerSchema {
        /// The file's.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// Somebody else's database.
    #[error("the file holds another program's database; give this one a file of its own")]
    NotOurs,
    /// The file system refuses.
    #[error("cannot use {}; check that its folder exists and can be written to", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// What it said.
        #[source]
        source: std::io::Error,
    },
    /// SQLite refuses.
    #[error("cannot {action}")]
    Sqlite {
        /// What was tried.
        action: &'static str,
        /// What it said.
        #[source]
        source: rusqlite::Error,
    },
    /// What is stored cannot be read.
    #[error("the stored availability versions cannot be read")]
    Versions(#[source] StoreError),
}

/// Says what was tried when the store was opened.
pub(crate) fn cannot(action: &'static str) -> impl FnOnce(rusqlite::Error) -> SqliteError {
    move |source| SqliteError::Sqlite { action, source }
}

/// Translates an error of a statement for those who asked for it.
pub(crate) fn failed(action: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |error| match &error {
        rusqlite::Error::SqliteFailure(code, message)
            if code.code == rusqlite::ErrorCode::ConstraintViolation =>
        {
            StoreError::Conflict(conflict(code.extended_code, message.as_deref()))
        }
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => corrupt(action, error),
        _ => StoreError::Unavailable {
            action,
            source: error.into(),
        },
    }
}

fn conflict(code: i32, message: Option<&str>) -> String {
    match (code, message) {
        (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, _) => {
            "it names something that this company does not have".to_owned()
        }
        (_, Some(message)) => message.to_owned(),
        (_, None) => "it contradicts what is stored".to_owned(),
    }
}

/// Something stored that this program could not have written.
pub(crate) fn corrupt(place: impl Into<String>, source: impl Into<BoxError>) -> StoreError {
    StoreError::Corrupt {
        place: place.into(),
        source: source.into(),
    }
}
