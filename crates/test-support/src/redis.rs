//! Redis for tests: a server of one's own, to kill, restart and pause; or a corner of the shared one.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::ports::{free_port, unique_name};
use crate::wait::until;
use crate::{servers, signal};

const START_LIMIT: Duration = Duration::from_secs(15);

/// Address of the server all tests share. Keep to keys under [`unique_prefix`], and never flush it.
///
/// # Errors
/// When there is no Redis server and none can be started; the message says how to install it.
pub async fn shared_url() -> anyhow::Result<String> {
    Ok(servers::redis().await?.url)
}

/// A key prefix no other test uses, ending in a colon.
pub fn unique_prefix() -> String {
    format!("test:{}:", unique_name())
}

/// A Redis server of one test, killed with this value. It keeps its port over every restart.
#[derive(Debug)]
pub struct TestRedis {
    port: u16,
    directory: TempDir,
    running: Option<Child>,
}

impl TestRedis {
    /// Starts an empty server without persistence and waits until it answers.
    ///
    /// # Errors
    /// When `redis-server` is missing or does not start; the message says how to install it.
    pub async fn start() -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("booking-redis.")
            .tempdir()?;
        let mut redis = Self {
            port: free_port(),
            directory,
            running: None,
        };
        redis.launch().await?;
        Ok(redis)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server as a power cut would; connections break, later ones are refused.
    ///
    /// # Errors
    /// When the process cannot be killed.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.running.take() {
            child.kill().await.context("killing redis-server")?;
        }
        Ok(())
    }

    /// Kills the server if it runs and starts it again with nothing in it.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn restart_empty(&mut self) -> anyhow::Result<()> {
        self.kill().await?;
        match std::fs::remove_file(self.snapshot_file()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => self.launch().await,
        }
    }

    /// Keeps the present content for [`restart_old`](Self::restart_old).
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn snapshot(&self) -> anyhow::Result<()> {
        match self.ask("SAVE").await?.as_str() {
            "+OK" => Ok(()),
            other => bail!("redis answered SAVE with {other}"),
        }
    }

    /// Kills the server if it runs and starts it again with the content of the last
    /// [`snapshot`](Self::snapshot): what came later is forgotten.
    ///
    /// # Errors
    /// As [`start`](Self::start), and when there is no snapshot.
    pub async fn restart_old(&mut self) -> anyhow::Result<()> {
        self.kill().await?;
        anyhow::ensure!(self.snapshot_file().exists(), "no snapshot was taken");
        self.launch().await
    }

    /// Stops the server without ending it: connections stay open and nothing answers.
    ///
    /// # Errors
    /// When the server does not run.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.signal("STOP")
    }

    /// Ends a [`pause`](Self::pause); what was sent meanwhile is answered now.
    ///
    /// # Errors
    /// When the server does not run.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self
            .running
            .as_ref()
            .and_then(Child::id)
            .context("redis-server does not run")?;
        signal::send(name, pid)
    }

    fn snapshot_file(&self) -> PathBuf {
        self.directory.path().join("dump.rdb")
    }

    async fn launch(&mut self) -> anyhow::Result<()> {
        let program = std::env::var("BOOKING_TEST_REDIS_SERVER");
        let log = std::fs::File::create(self.directory.path().join("redis.log"))?;
        let child = Command::new(program.as_deref().unwrap_or("redis-server"))
            .args([
                "--port",
                &self.port.to_string(),
                "--bind",
                "127.0.0.1",
                "--appendonly",
                "no",
            ])
            .args(["--save", ""])
            .arg("--dir")
            .arg(self.directory.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("starting redis-server (Debian: apt-get install redis-server)")?;
        self.running = Some(child);
        let answers = || async {
            self.ask("PING").await.and_then(|said| {
                anyhow::ensure!(said == "+PONG", "it said {said}");
                Ok(())
            })
        };
        let answered = until(START_LIMIT, "redis-server to answer", answers).await;
        answered.with_context(|| {
            std::fs::read_to_string(self.directory.path().join("redis.log")).unwrap_or_default()
        })
    }

    /// Sends one inline command and returns the first line of the answer.
    async fn ask(&self, command: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream
            .write_all(format!("{command}\r\n").as_bytes())
            .await?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).await?;
        anyhow::ensure!(!answer.is_empty(), "redis ended the connection");
        Ok(answer.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn killed_restarted_empty_and_restarted_old() {
        let mut redis = TestRedis::start().await.unwrap();
        assert_eq!(redis.ask("SET k old").await.unwrap(), "+OK");
        redis.snapshot().await.unwrap();
        redis.ask("SET k new-value").await.unwrap();
        redis.kill().await.unwrap();
        assert!(redis.ask("PING").await.is_err());
        redis.restart_old().await.unwrap();
        assert_eq!(redis.ask("STRLEN k").await.unwrap(), ":3");
        redis.restart_empty().await.unwrap();
        assert_eq!(redis.ask("EXISTS k").await.unwrap(), ":0");
        assert!(redis.restart_old().await.is_err());
    }

    #[tokio::test]
    async fn paused_it_is_silent_and_resumed_it_answers() {
        let redis = TestRedis::start().await.unwrap();
        redis.pause().unwrap();
        assert!(
            timeout(Duration::from_millis(100), redis.ask("PING"))
                .await
                .is_err()
        );
        redis.resume().unwrap();
        assert_eq!(redis.ask("PING").await.unwrap(), "+PONG");
    }

    #[tokio::test]
    async fn the_shared_server_has_an_address() {
        assert!(shared_url().await.unwrap().starts_with("redis://"));
        assert_ne!(unique_prefix(), unique_prefix());
    }
}
