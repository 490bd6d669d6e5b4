//! Whether the database is fit for use: what `check-config` prints.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use crate::error::PgError;
use crate::pool::connect_once;
use crate::{MIGRATIONS, PgStore};

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// Worth knowing.
    Fine,
    /// Works, but not as safely as it should.
    Warning,
    /// Does not work.
    Error,
}

/// One thing that was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was found, and how to mend it if it is bad.
    pub text: String,
}

impl Finding {
    fn new(severity: Severity, text: impl Into<String>) -> Self {
        Self {
            severity,
            text: text.into(),
        }
    }
}

/// Postgres 15.
const OLDEST: i32 = 150_000;

impl PgStore {
    /// Looks at version, extension, schema and role, changing nothing.
    ///
    /// # Errors
    /// [`PgError::Unreachable`] or [`PgError::Query`] when the database does not answer.
    pub async fn check(&self) -> Result<Vec<Finding>, PgError> {
        let options = self.settings.system_options()?;
        let mut conn = connect_once(&options, self.settings.acquire_timeout).await?;
        let findings = look(&mut conn).await.map_err(|source| PgError::Query {
            action: "check the database",
            source,
        });
        conn.close().await.ok();
        let mut findings = findings?;
        if let Some(replica) = self.settings.replica_options()? {
            findings.push(look_at_replica(&replica, self.settings.acquire_timeout).await);
        }
        Ok(findings)
    }
}

async fn look_at_replica(options: &PgConnectOptions, limit: Duration) -> Finding {
    match connect_once(options, limit).await {
        Ok(conn) => {
            conn.close().await.ok();
            Finding::new(Severity::Fine, "the replica answers")
        }
        Err(error) => Finding::new(Severity::Error, format!("the replica: {error}")),
    }
}

async fn look(conn: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let server = sqlx::query!(
        r#"
        SELECT current_setting('server_version_num')::integer AS "number!",
               current_setting('server_version') AS "name!",
               current_setting('is_superuser') = 'on' AS "superuser!",
               pg_is_in_recovery() AS "standby!",
               coalesce(current_setting('app.scope', true), '') = 'system' AS "scoped!",
               EXISTS (SELECT FROM pg_available_extensions WHERE name = 'btree_gist')
                   AS "extension!",
               to_regclass('_sqlx_migrations') IS NOT NULL AS "migrated!""#
    )
    .fetch_one(&mut *conn)
    .await?;
    let mut findings = vec![
        if server.number >= OLDEST {
            Finding::new(Severity::Fine, format!("Postgres {}", server.name))
        } else {
            let text = format!("Postgres {} is too old; 15 or newer is needed", server.name);
            Finding::new(Severity::Error, text)
        },
        if server.extension {
            Finding::new(Severity::Fine, "the extension btree_gist is there")
        } else {
            Finding::new(
                Severity::Error,
                "the extension btree_gist is missing; install Postgres's contrib modules \
                 (Debian: part of the package postgresql)",
            )
        },
    ];
    if server.standby {
        findings.push(Finding::new(
            Severity::Error,
            "the server is a standby, which lags; give the primary's address",
        ));
    }
    if server.superuser {
        findings.push(Finding::new(
            Severity::Warning,
            "connected as a superuser: row-level security does not apply; use a role that only \
             owns the database",
        ));
    }
    if !server.scoped {
        findings.push(Finding::new(
            Severity::Error,
            "the connection lost its start-up option app.scope; connect directly, not through a \
             pooler that drops start-up options",
        ));
    }
    findings.push(schema(conn, server.migrated).await?);
    Ok(findings)
}

async fn schema(conn: &mut PgConnection, migrated: bool) -> Result<Finding, sqlx::Error> {
    let applied: Vec<i64> = if migrated {
        // Checked at run time: the table is made by the migrator, not by a migration.
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
            .fetch_all(conn)
            .await?
    } else {
        Vec::new()
    };
    let missing = MIGRATIONS
        .iter()
        .filter(|known| !applied.contains(&known.version))
        .count();
    let unknown = applied
        .iter()
        .filter(|version| MIGRATIONS.iter().all(|known| known.version != **version))
        .count();
    Ok(match (missing, unknown) {
        (0, 0) => Finding::new(Severity::Fine, "the schema is up to date"),
        (0, _) => Finding::new(
            Severity::Error,
            "the schema was made by a newer version of this program; use that version",
        ),
        (missing, _) => Finding::new(
            Severity::Error,
            format!("{missing} migrations are not applied; run migrate"),
        ),
    })
}
