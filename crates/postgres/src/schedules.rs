//! What recurs: whoever moves the row on files the job.

use async_trait::async_trait;
use booking_domain::ports::{Firing, ScheduleStore, StoreError};
use booking_domain::time::Instant;
use sqlx::Acquire;

use crate::PgStore;
use crate::error::failed;
use crate::jobs::insert;
use crate::rows::to_db;

#[async_trait]
impl ScheduleStore for PgStore {
    async fn fire(&self, firing: &Firing, now: Instant) -> Result<bool, StoreError> {
        const ACTION: &str = "move a schedule on";
        let mut conn = self.system.acquire().await.map_err(failed(ACTION))?;
        let mut unit = conn.begin().await.map_err(failed(ACTION))?;
        sqlx::query!(
            "INSERT INTO schedules (name, time_zone, expression, next_run_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO UPDATE
             SET time_zone = excluded.time_zone, expression = excluded.expression,
                 next_run_at = excluded.next_run_at
             WHERE (schedules.time_zone, schedules.expression)
                 <> (excluded.time_zone, excluded.expression)",
            firing.name,
            firing.time_zone,
            firing.expression,
            to_db(firing.next),
        )
        .execute(&mut *unit)
        .await
        .map_err(failed(ACTION))?;
        let moved = sqlx::query!(
            "UPDATE schedules SET next_run_at = $2 WHERE name = $1 AND next_run_at <= $3",
            firing.name,
            to_db(firing.next),
            to_db(now),
        )
        .execute(&mut *unit)
        .await
        .map_err(failed(ACTION))?;
        let fires = moved.rows_affected() == 1;
        if fires {
            insert(&mut unit, &firing.job).await?;
        }
        unit.commit().await.map_err(failed(ACTION))?;
        Ok(fires)
    }
}
