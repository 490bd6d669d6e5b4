//! One fresh database per test on the private Postgres server.
//!
//! Tests get addresses for `booking_owner`, a role that owns its databases and is *not* a superuser:
//! row-level security does not apply to superusers, so a test run as one would prove nothing.

use std::collections::HashSet;
use std::future::Future;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, ensure};
use tokio::process::Command;
use tokio::sync::{Mutex, OnceCell};
use url::Url;

use crate::ports::unique_name;
use crate::postgres_server::TestPostgres;
use crate::servers::{self, Server};

/// The role that owns every test database.
pub const OWNER: &str = "booking_owner";

/// Creates the role once, whichever of several test processes comes first.
const CREATE_OWNER: &str = "DO $$ BEGIN CREATE ROLE booking_owner LOGIN CREATEDB; \
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";

/// A database of its own, dropped (best effort) with this value.
#[derive(Debug)]
pub struct TestDatabase {
    server: Psql,
    name: String,
    url: String,
    superuser_url: String,
}

impl TestDatabase {
    /// An empty database.
    ///
    /// # Errors
    /// When there is no Postgres server and none can be started; the message says how to install it.
    pub async fn create() -> anyhow::Result<Self> {
        let server = server().await?;
        Self::cloned_from(server, "template1").await
    }

    /// An empty database on a server of the test's own.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn on(server: &TestPostgres) -> anyhow::Result<Self> {
        let server = server.psql();
        server.run(CREATE_OWNER).await?;
        Self::cloned_from(&server, "template1").await
    }

    /// A database made by `prepare` (which migrates, say). The work is done once per server and
    /// `key`; every later call copies the result, which takes some 30 ms.
    ///
    /// `prepare` is given the address of an empty database and must close its connections. Put into
    /// `key` what the result depends on, such as a hash of the migrations.
    ///
    /// # Errors
    /// As [`create`](Self::create), and when `prepare` fails.
    pub async fn from_template<F, Fut>(key: &str, prepare: F) -> anyhow::Result<Self>
    where
        F: FnOnce(String) -> Fut,
        Fut: Future<Output = anyhow::Result<()>>,
    {
        static READY: Mutex<Option<HashSet<String>>> = Mutex::const_new(None);
        let server = server().await?;
        let template = template_name(key);
        let mut ready = READY.lock().await;
        let ready_here = ready.get_or_insert_default();
        if !ready_here.contains(&template) {
            if !server.exists(&template).await? {
                let draft = Self::create().await?;
                prepare(draft.url.clone())
                    .await
                    .context("preparing the template database")?;
                draft.become_template(&template).await?;
            }
            ready_here.insert(template.clone());
        }
        drop(ready);
        Self::cloned_from(server, &template).await
    }

    async fn cloned_from(server: &Psql, template: &str) -> anyhow::Result<Self> {
        let name = format!("test_{}", unique_name());
        server
            .run(&format!(
                "CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}"
            ))
            .await
            .with_context(|| format!("creating a test database from {template}"))?;
        let mut superuser: Url = server
            .url
            .parse()
            .context("the server's address is a URL")?;
        superuser.set_path(&name);
        let mut owner = superuser.clone();
        let renamed = owner
            .set_username(OWNER)
            .and_then(|()| owner.set_password(None));
        ensure!(renamed.is_ok(), "{superuser} cannot carry a user name");
        let server = server.clone();
        Ok(Self {
            server,
            name,
            url: owner.into(),
            superuser_url: superuser.into(),
        })
    }

    /// Renaming is the atomic step: another process either sees the whole template or none.
    async fn become_template(&self, template: &str) -> anyhow::Result<()> {
        let Self { name, .. } = self;
        self.server
            .run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            .await?;
        self.server
            .run(&format!(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
            ))
            .await?;
        let renamed = self
            .server
            .run(&format!("ALTER DATABASE {name} RENAME TO {template}"))
            .await;
        match renamed {
            Err(_) if self.server.exists(template).await? => Ok(()),
            other => other.map(drop).context("naming the template database"),
        }
    }

    /// For the owner, who is not a superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// For checks from outside, past row-level security. Never the address under test.
    pub fn superuser_url(&self) -> &str {
        &self.superuser_url
    }

    /// Runs SQL as the superuser and returns what `psql` prints: a row a line, columns between `|`.
    ///
    /// # Errors
    /// When the SQL fails; the message is Postgres's own.
    pub async fn sql(&self, sql: &str) -> anyhow::Result<String> {
        Psql {
            url: self.superuser_url.clone(),
            ..self.server.clone()
        }
        .run(sql)
        .await
    }

    /// One of Postgres's own programs, of the server's version, such as `pg_dump`.
    pub fn program(&self, name: &str) -> Command {
        Command::new(Path::new(&self.server.program).with_file_name(name))
    }
}

impl Drop for TestDatabase {
    /// Does not wait: the test goes on, or its process ends, while the server drops the database.
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let mut command = self.server.command(&sql).into_std();
        if let Ok(mut child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
            std::thread::spawn(move || child.wait());
        }
    }
}

/// The server's superuser, by way of `psql`: this crate must not depend on the adapter it tests.
#[derive(Debug, Clone)]
pub(crate) struct Psql {
    pub(crate) program: String,
    pub(crate) url: String,
}

impl Psql {
    fn command(&self, sql: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                &self.url,
            ])
            .args(["-c", sql])
            .stdin(Stdio::null());
        command
    }

    pub(crate) async fn run(&self, sql: &str) -> anyhow::Result<String> {
        let output = self.command(sql).output().await.with_context(|| {
            format!(
                "running {} (Debian: apt-get install postgresql)",
                self.program
            )
        })?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}", said.trim());
        Ok(String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned())
    }

    async fn exists(&self, database: &str) -> anyhow::Result<bool> {
        let found = format!("SELECT count(*) FROM pg_database WHERE datname = '{database}'");
        Ok(self.run(&found).await? == "1")
    }
}

async fn server() -> anyhow::Result<&'static Psql> {
    static SERVER: OnceCell<Psql> = OnceCell::const_new();
    SERVER
        .get_or_try_init(|| async {
            let Server { url, program } = servers::postgres().await?;
            let server = Psql { program, url };
            server
                .run(CREATE_OWNER)
                .await
                .context("creating the role that owns test databases")?;
            Ok(server)
        })
        .await
}

/// An identifier for any key, within Postgres's 63 bytes.
fn template_name(key: &str) -> String {
    let readable: String = key
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .take(30)
        .collect();
    // FNV-1a: the same in every process of a run, which the standard hasher does not promise.
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("template_{readable}_{hash:016x}")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn each_database_is_empty_and_owned_by_a_role_that_is_not_a_superuser() {
        let database = TestDatabase::create().await.unwrap();
        let owner = Psql {
            url: database.url().to_owned(),
            ..database.server.clone()
        };
        assert_eq!(owner.run("SHOW is_superuser").await.unwrap(), "off");
        owner.run("CREATE EXTENSION btree_gist").await.unwrap();
        owner.run("CREATE TABLE t (id int)").await.unwrap();
        assert_eq!(database.sql("SHOW is_superuser").await.unwrap(), "on");
        assert_eq!(database.sql("SELECT count(*) FROM t").await.unwrap(), "0");
        let other = TestDatabase::create().await.unwrap();
        assert!(other.sql("SELECT 1 FROM t").await.is_err());
    }

    #[tokio::test]
    async fn a_template_is_prepared_once_and_copied() {
        let server = server().await.unwrap().clone();
        let prepared = AtomicU32::new(0);
        let key = unique_name();
        for row in ["1", "2"] {
            let database = TestDatabase::from_template(&key, |url| {
                prepared.fetch_add(1, Ordering::SeqCst);
                let psql = Psql {
                    url,
                    ..server.clone()
                };
                async move { psql.run("CREATE TABLE t (id int)").await.map(drop) }
            });
            let database = database.await.unwrap();
            let owner = Psql {
                url: database.url().to_owned(),
                ..server.clone()
            };
            owner
                .run(&format!("INSERT INTO t VALUES ({row})"))
                .await
                .unwrap();
            assert_eq!(owner.run("SELECT id FROM t").await.unwrap(), row);
        }
        assert_eq!(prepared.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_dropped_database_goes_away() {
        let database = TestDatabase::create().await.unwrap();
        let (server, name) = (database.server.clone(), database.name.clone());
        drop(database);
        let gone = || async { !server.exists(&name).await.unwrap() };
        crate::wait::until(std::time::Duration::from_secs(10), "the drop", gone)
            .await
            .unwrap();
    }

    #[test]
    fn template_names_are_identifiers_and_tell_keys_apart() {
        let (a, b) = (
            template_name("Schema 1 of the booking gateway's store"),
            template_name("1"),
        );
        assert!(
            a.len() <= 63 && a.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
            "{a}"
        );
        assert_ne!(a, b);
        assert_ne!(template_name("a b"), template_name("a_b"));
    }
}
