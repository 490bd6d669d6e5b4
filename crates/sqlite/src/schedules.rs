//! What recurs: whoever moves the row on files the job.

use async_trait::async_trait;
use booking_domain::ports::{Firing, ScheduleStore, StoreError};
use booking_domain::time::Instant;
use rusqlite::params;

use crate::SqliteStore;
use crate::jobs::insert;
use crate::statements::{first, run};

#[async_trait]
impl ScheduleStore for SqliteStore {
    async fn fire(&self, firing: &Firing, now: Instant) -> Result<bool, StoreError> {
        const ACTION: &str = "move a schedule on";
        // Most of the time it is not time yet, and nobody need wait for the writer.
        let waits = self.readers.read(ACTION, |connection| {
            first(
                connection,
                ACTION,
                "SELECT 1 FROM schedules WHERE name = ?1 AND time_zone = ?2 AND expression = ?3
                   AND next_run_at > ?4",
                params![
                    firing.name,
                    firing.time_zone,
                    firing.expression,
                    now.unix_micros()
                ],
                |_| Ok(()),
            )
        })?;
        if waits.is_some() {
            return Ok(false);
        }
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        run(
            connection,
            ACTION,
            "INSERT INTO schedules (name, time_zone, expression, next_run_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE
             SET time_zone = excluded.time_zone, expression = excluded.expression,
                 next_run_at = excluded.next_run_at
             WHERE (time_zone, expression) <> (excluded.time_zone, excluded.expression)",
            params![
                firing.name,
                firing.time_zone,
                firing.expression,
                firing.next.unix_micros()
            ],
        )?;
        let moved = run(
            connection,
            ACTION,
            "UPDATE schedules SET next_run_at = ?2 WHERE name = ?1 AND next_run_at <= ?3",
            params![firing.name, firing.next.unix_micros(), now.unix_micros()],
        )?;
        let fires = moved == 1;
        if fires {
            insert(connection, &firing.job)?;
        }
        transaction.commit().await?;
        Ok(fires)
    }
}
