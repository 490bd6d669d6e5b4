//! Bringing the schema up to date: every step once, in order, each in a transaction of its own.

use rusqlite::Connection;

use crate::error::{SqliteError, cannot};

/// All steps; the number of those done is the database's `user_version`.
const STEPS: [&str; 15] = [
    include_str!("../../../migrations/sqlite/0001_companies.sql"),
    include_str!("../../../migrations/sqlite/0002_appointments.sql"),
    include_str!("../../../migrations/sqlite/0003_versions.sql"),
    include_str!("../../../migrations/sqlite/0004_work.sql"),
    include_str!("../../../migrations/sqlite/0005_freed.sql"),
    include_str!("../../../migrations/sqlite/0006_jobs.sql"),
    include_str!("../../../migrations/sqlite/0007_saga_attempts_and_reviews.sql"),
    include_str!("../../../migrations/sqlite/0008_inbox.sql"),
    include_str!("../../../migrations/sqlite/0009_history.sql"),
    include_str!("../../../migrations/sqlite/0010_rules.sql"),
    include_str!("../../../migrations/sqlite/0011_calls.sql"),
    include_str!("../../../migrations/sqlite/0012_customers.sql"),
    include_str!("../../../migrations/sqlite/0013_messages.sql"),
    include_str!("../../../migrations/sqlite/0014_required_contact.sql"),
    include_str!("../../../migrations/sqlite/0015_addresses.sql"),
];

/// Takes the steps that are missing.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), SqliteError> {
    let known = STEPS.len() as i64;
    let found: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(cannot("read the schema's version"))?;
    if found > known {
        return Err(SqliteError::NewerSchema { found, known });
    }
    if found == 0 && has_tables(connection)? {
        return Err(SqliteError::NotOurs);
    }
    let done = usize::try_from(found).map_err(|_| SqliteError::NotOurs)?;
    for (number, step) in (1i64..).zip(STEPS).skip(done) {
        take(connection, number, step).map_err(cannot("bring the schema up to date"))?;
    }
    Ok(())
}

fn take(connection: &mut Connection, number: i64, step: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(step)?;
    transaction.pragma_update(None, "user_version", number)?;
    transaction.commit()
}

fn has_tables(connection: &Connection) -> Result<bool, SqliteError> {
    connection
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| {
            row.get(0)
        })
        .map_err(cannot("read the schema"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(connection: &Connection) -> i64 {
        connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn steps_are_taken_once_and_go_on_where_they_stopped() {
        let mut connection = Connection::open_in_memory().unwrap();
        take(&mut connection, 1, STEPS[0]).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection), STEPS.len() as i64);
        migrate(&mut connection).unwrap();
    }

    #[test]
    fn a_step_that_fails_leaves_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = "CREATE TABLE half (x INTEGER); CREATE TABLE oops (";
        assert!(take(&mut connection, 1, broken).is_err());
        assert_eq!(version(&connection), 0);
        assert!(!has_tables(&connection).unwrap());
    }

    #[test]
    fn a_newer_or_foreign_database_is_left_alone() {
        let mut newer = Connection::open_in_memory().unwrap();
        newer.pragma_update(None, "user_version", 99).unwrap();
        let refused = migrate(&mut newer).unwrap_err();
        assert!(refused.to_string().contains("newer version"), "{refused}");
        let mut foreign = Connection::open_in_memory().unwrap();
        foreign.execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert!(matches!(migrate(&mut foreign), Err(SqliteError::NotOurs)));
    }

    /// Every file says what it is for, and none is forgotten in the list above.
    #[test]
    fn every_file_is_a_step_with_a_header() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/sqlite");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let texts: Vec<_> = files
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect();
        assert_eq!(texts, STEPS);
        assert!(STEPS.iter().all(|step| step.starts_with("-- ")));
    }
}
