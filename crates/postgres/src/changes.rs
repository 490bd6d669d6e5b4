//! What changed since the version mirror last looked, and to which past the numbers belong.
//!
//! A statement gives the rows of the transactions that the one before did not see: it names that
//! one's snapshot. So it finds each change once, in whatever order commits come, and one transaction
//! that stays open for long does not bring back all that was changed meanwhile.
//!
//! The epoch is a digest of what cannot stay the same when the past becomes another one:
//!
//! | what | is another one after |
//! |---|---|
//! | the row of `cache_epoch`: its table and the transaction that wrote it | a dump restored over it, or into a new database |
//! | its uuid | an operator's word: `UPDATE cache_epoch SET epoch = gen_random_uuid()` |
//! | the start of the server | a failover, a recovery to a point in time, old files put back |
//!
//! All instances see the same, every statement brings it along, and an ordinary role may read it.

use booking_domain::time::{Day, Instant};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::{Builder, Uuid};

/// The snapshot of somebody who saw no transaction.
const NOTHING: &str = "1:1:";

/// One version.
pub(crate) struct Row {
    pub(crate) company: i64,
    pub(crate) group: i64,
    pub(crate) day: Day,
    pub(crate) ver: i64,
    pub(crate) freed_at: Option<Instant>,
}

/// What a statement found.
pub(crate) struct Changes {
    /// Its snapshot, for the next one.
    pub(crate) seen: String,
    pub(crate) epoch: Uuid,
    pub(crate) rows: Vec<Row>,
}

/// All versions there are.
pub(crate) async fn read_all(conn: &mut PgConnection) -> Result<Changes, sqlx::Error> {
    read(conn, NOTHING, true).await
}

/// What transactions have written that `seen` did not see.
pub(crate) async fn read_since(
    conn: &mut PgConnection,
    seen: &str,
) -> Result<Changes, sqlx::Error> {
    read(conn, seen, false).await
}

/// Rows that were restored from another server may carry numbers that here are still to come: they
/// count only when all are asked for. Snapshots travel as text: the driver does not know the type.
async fn read(conn: &mut PgConnection, seen: &str, all: bool) -> Result<Changes, sqlx::Error> {
    let found = sqlx::query!(
        r#"
        WITH past AS MATERIALIZED (
            SELECT substring(sha256(convert_to(concat_ws(' ',
                epoch, tableoid, xmin, extract(epoch FROM pg_postmaster_start_time())
            ), 'UTF8')) FOR 16) AS digest
            FROM cache_epoch WHERE NOT pg_is_in_recovery()
        )
        SELECT pg_current_snapshot()::text AS "seen!", past.digest AS "digest!",
               v.company_id AS "company?", v.group_id AS "group?",
               v.day - DATE '1970-01-01' AS "day?", v.ver AS "ver?", v.freed_at AS "freed_at?"
        FROM past
        LEFT JOIN availability_versions v
               ON v.changed_xid >= pg_snapshot_xmin($1::text::pg_snapshot)
              AND NOT pg_visible_in_snapshot(v.changed_xid, $1::text::pg_snapshot)
              AND v.changed_xid < CASE WHEN $2 THEN '18446744073709551615'::xid8
                                       ELSE pg_snapshot_xmax(pg_current_snapshot()) END"#,
        seen,
        all
    )
    .fetch_all(conn)
    .await?;
    let Some(first) = found.first() else {
        let text = "the server is a standby, or the table cache_epoch is empty";
        return Err(sqlx::Error::Configuration(text.into()));
    };
    let mut changes = Changes {
        seen: first.seen.clone(),
        epoch: epoch(&first.digest)?,
        rows: Vec::with_capacity(found.len()),
    };
    for row in found {
        if let (Some(company), Some(group), Some(day), Some(ver)) =
            (row.company, row.group, row.day, row.ver)
        {
            changes.rows.push(Row {
                company,
                group,
                day: Day::from_epoch_days(day),
                ver,
                freed_at: row.freed_at.map(moment).transpose()?,
            });
        }
    }
    Ok(changes)
}

fn epoch(digest: &[u8]) -> Result<Uuid, sqlx::Error> {
    let bytes = digest.try_into();
    let bytes = bytes.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(Builder::from_custom_bytes(bytes).into_uuid())
}

fn moment(at: DateTime<Utc>) -> Result<Instant, sqlx::Error> {
    Instant::from_unix_micros(at.timestamp_micros())
        .map_err(|error| sqlx::Error::Decode(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PgSettings, PgStore};
    use booking_test_support::postgres::TestDatabase;
    use sqlx::{AssertSqlSafe, Connection};

    async fn migrated() -> (TestDatabase, PgConnection) {
        let database = TestDatabase::create().await.unwrap();
        let store = PgStore::connect(PgSettings::new(database.url()));
        store.await.unwrap().migrate().await.unwrap();
        let conn = connect(&database).await;
        (database, conn)
    }

    async fn connect(database: &TestDatabase) -> PgConnection {
        PgConnection::connect(database.superuser_url())
            .await
            .unwrap()
    }

    async fn run(conn: &mut PgConnection, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(conn)
            .await
            .unwrap();
    }

    async fn versions(conn: &mut PgConnection, seen: &mut String) -> Vec<i64> {
        let changes = read_since(conn, seen).await.unwrap();
        *seen = changes.seen;
        changes.rows.iter().map(|row| row.ver).collect()
    }

    /// Red when rows are asked for from the oldest open transaction on: all come again and again.
    #[tokio::test]
    async fn a_change_is_found_once_beside_an_old_transaction() {
        let (database, mut conn) = migrated().await;
        let mut seen = read_all(&mut conn).await.unwrap().seen;
        let mut old = connect(&database).await;
        let insert = "INSERT INTO availability_versions (company_id, group_id, day, ver) VALUES";
        run(
            &mut old,
            &format!("BEGIN; {insert} (15, 1, '2025-10-13', 7)"),
        )
        .await;
        for n in 1..=3 {
            run(&mut conn, &format!("{insert} (15, 2, '2025-10-{n}', {n})")).await;
            assert_eq!(versions(&mut conn, &mut seen).await, [n]);
            assert_eq!(versions(&mut conn, &mut seen).await, [0; 0]);
        }
        run(&mut old, "COMMIT").await;
        assert_eq!(versions(&mut conn, &mut seen).await, [7]);
        assert_eq!(versions(&mut conn, &mut seen).await, [0; 0]);
    }

    /// Red when numbers that are still to come are asked for, or left out where all are.
    #[tokio::test]
    async fn rows_with_numbers_of_another_server_are_found_once() {
        let (_database, mut conn) = migrated().await;
        let foreign = "INSERT INTO availability_versions (company_id, group_id, day, ver, changed_xid) \
             SELECT 15, 1, '2025-10-13', 7, '999999999'";
        run(&mut conn, foreign).await;
        let all = read_all(&mut conn).await.unwrap();
        assert_eq!(all.rows.len(), 1);
        let mut seen = all.seen;
        assert_eq!(versions(&mut conn, &mut seen).await, [0; 0]);
        let bump = "UPDATE availability_versions SET ver = 8, changed_xid = pg_current_xact_id()";
        run(&mut conn, bump).await;
        assert_eq!(versions(&mut conn, &mut seen).await, [8]);
    }

    /// Red when only the uuid, or not even that, is in the epoch.
    #[tokio::test]
    async fn another_row_is_another_epoch() {
        let (_database, mut conn) = migrated().await;
        let mut epochs = vec![read_all(&mut conn).await.unwrap().epoch];
        let same = read_all(&mut conn).await.unwrap().epoch;
        assert_eq!(same, epochs[0]);
        for other in [
            "UPDATE cache_epoch SET epoch = gen_random_uuid()",
            "UPDATE cache_epoch SET epoch = epoch",
            "CREATE TABLE t AS TABLE cache_epoch; TRUNCATE cache_epoch; \
             INSERT INTO cache_epoch TABLE t",
        ] {
            run(&mut conn, other).await;
            epochs.push(read_all(&mut conn).await.unwrap().epoch);
        }
        epochs.sort_unstable();
        epochs.dedup();
        assert_eq!(epochs.len(), 4, "{epochs:?}");
        run(&mut conn, "DELETE FROM cache_epoch").await;
        assert!(read_all(&mut conn).await.is_err());
    }
}
