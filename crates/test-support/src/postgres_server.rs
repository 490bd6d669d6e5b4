//! A Postgres server of one test, to restart, to put old files back under, and to fail over.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::ports::free_port;
use crate::postgres::Psql;
use crate::wait::until;
use crate::{servers, signal};

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const DROP_LIMIT: Duration = Duration::from_secs(5);

/// A server with nothing in it, ended with this value. It keeps its port over every restart.
#[derive(Debug)]
pub struct TestPostgres {
    programs: Programs,
    folder: TempDir,
    port: u16,
    running: Option<Child>,
}

impl TestPostgres {
    /// Makes a server and waits until it answers.
    ///
    /// # Errors
    /// When Postgres is not installed or does not start; the message says why.
    pub async fn start() -> anyhow::Result<Self> {
        let mut server = Self::stopped().await?;
        let data = server.data();
        let initdb = [
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "-D",
        ];
        server.programs.run("initdb", &initdb, &data).await?;
        server.launch().await?;
        Ok(server)
    }

    /// Another server that follows this one, and may be read.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn standby(&self) -> anyhow::Result<Self> {
        let mut standby = Self::stopped().await?;
        let backup = [
            "-d",
            &self.url(),
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "--no-sync",
            "-D",
        ];
        let data = standby.data();
        self.programs.run("pg_basebackup", &backup, &data).await?;
        standby.launch().await?;
        Ok(standby)
    }

    async fn stopped() -> anyhow::Result<Self> {
        let programs = Programs::find().await?;
        let folder = tempfile::Builder::new().prefix("booking-pg.").tempdir()?;
        if let Some((user, group)) = programs.user {
            chown(folder.path(), Some(user), Some(group))?;
        }
        Ok(Self {
            programs,
            folder,
            port: free_port(),
            running: None,
        })
    }

    /// The address of its database `postgres`, for the superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Runs SQL as the superuser and returns what `psql` prints.
    ///
    /// # Errors
    /// When the SQL fails; the message is Postgres's own.
    pub async fn sql(&self, sql: &str) -> anyhow::Result<String> {
        self.psql().run(sql).await
    }

    pub(crate) fn psql(&self) -> Psql {
        let program = self.programs.path("psql").display().to_string();
        let url = self.url();
        Psql { program, url }
    }

    /// Stops the server as its administrator would, and starts it again.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        self.launch().await
    }

    /// Restarts the server and keeps a copy of its files as they are now.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn keep_files(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        copy(&self.data(), &self.kept()).await?;
        self.launch().await
    }

    /// Stops the server and starts it again on the files that were kept: what came later is lost.
    ///
    /// # Errors
    /// As [`start`](Self::start), and when no files were kept.
    pub async fn put_files_back(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        tokio::fs::remove_dir_all(self.data()).await?;
        copy(&self.kept(), &self.data()).await?;
        self.launch().await
    }

    /// Makes a standby a server of its own.
    ///
    /// # Errors
    /// When it is none.
    pub async fn promote(&self) -> anyhow::Result<()> {
        let promoted = self.sql("SELECT pg_promote(true, 30)").await?;
        ensure!(promoted == "t", "pg_promote said {promoted}");
        Ok(())
    }

    /// Ends the server as its administrator would: connections break, later ones are refused.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.end("INT").await
    }

    /// Ends the server at once, without a last checkpoint, and starts it again: it recovers from its
    /// log.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn crash(&mut self) -> anyhow::Result<()> {
        self.end("QUIT").await?;
        self.launch().await
    }

    async fn end(&mut self, signal: &str) -> anyhow::Result<()> {
        let Some(mut child) = self.running.take() else {
            return Ok(());
        };
        signal::send(signal, child.id().context("postgres has ended by itself")?)?;
        let ended = timeout(STOP_LIMIT, child.wait()).await;
        ended.context("postgres does not end")??;
        Ok(())
    }

    async fn launch(&mut self) -> anyhow::Result<()> {
        let log = std::fs::File::create(self.folder.path().join("log"))?;
        let child = self
            .programs
            .command("postgres")
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .args(["-c", "unix_socket_directories="])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("starting postgres")?;
        self.running = Some(child);
        let answers = || self.sql("SELECT 1");
        let answered = until(START_LIMIT, "postgres to answer", answers).await;
        answered.map(drop).with_context(|| {
            std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
        })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn kept(&self) -> PathBuf {
        self.folder.path().join("kept")
    }
}

impl Drop for TestPostgres {
    /// Killed, it would leave shared memory and processes behind that still write.
    fn drop(&mut self) {
        let Some(child) = &mut self.running else {
            return;
        };
        let asked = child.id().map(|pid| signal::send("QUIT", pid));
        let has_ended = |child: &mut Child| !matches!(child.try_wait(), Ok(None));
        let given_up = Instant::now() + DROP_LIMIT;
        while asked.is_some() && !has_ended(child) && Instant::now() < given_up {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// With owners and modes, which the server insists on.
async fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    ensure!(copied.await?.success(), "{} is not copied", from.display());
    Ok(())
}

/// Postgres's own programs, run as somebody who is not root: the server refuses to be.
#[derive(Debug)]
struct Programs {
    psql: String,
    user: Option<(u32, u32)>,
}

impl Programs {
    async fn find() -> anyhow::Result<Self> {
        let psql = servers::postgres().await?.program;
        let user = match id(&["-u"]).await? {
            0 => Some(unprivileged().await?),
            _ => None,
        };
        Ok(Self { psql, user })
    }

    fn path(&self, program: &str) -> PathBuf {
        Path::new(&self.psql).with_file_name(program)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.path(program));
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group).current_dir("/");
        }
        command
    }

    async fn run(&self, program: &str, args: &[&str], data: &Path) -> anyhow::Result<()> {
        let done = self.command(program).args(args).arg(data).output().await;
        let done = done.with_context(|| format!("running {program}"))?;
        let said = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "{program}: {}", said.trim());
        Ok(())
    }
}

async fn unprivileged() -> anyhow::Result<(u32, u32)> {
    for name in ["postgres", "nobody"] {
        if let (Ok(user), Ok(group)) = (id(&["-u", name]).await, id(&["-g", name]).await) {
            return Ok((user, group));
        }
    }
    anyhow::bail!("there is neither a user postgres nor a user nobody to run the server")
}

async fn id(args: &[&str]) -> anyhow::Result<u32> {
    let output = Command::new("id").args(args).output().await?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn restarted_set_back_and_failed_over() {
        let mut server = TestPostgres::start().await.unwrap();
        server.sql("CREATE TABLE t (n int)").await.unwrap();
        server.keep_files().await.unwrap();
        server.sql("INSERT INTO t VALUES (1)").await.unwrap();
        server.restart().await.unwrap();
        let count = "SELECT count(*) FROM t";
        assert_eq!(server.sql(count).await.unwrap(), "1");
        server.put_files_back().await.unwrap();
        assert_eq!(server.sql(count).await.unwrap(), "0");
        let standby = server.standby().await.unwrap();
        assert!(standby.sql("INSERT INTO t VALUES (1)").await.is_err());
        standby.promote().await.unwrap();
        standby.sql("INSERT INTO t VALUES (1)").await.unwrap();
        server.stop().await.unwrap();
        assert!(server.sql(count).await.is_err());
        assert_eq!(standby.sql(count).await.unwrap(), "1");
    }
}
