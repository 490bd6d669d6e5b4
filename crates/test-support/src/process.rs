//! The real binary as a child process: started, watched, killed and started again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::http;
use crate::output::Log;
use crate::ports::free_port;
use crate::signal;
use crate::wait::until;

const READY_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// How to start the gateway. Nothing is inherited from the environment's `BOOKING__…` settings.
#[derive(Debug, Clone)]
pub struct GatewayCommand {
    args: Vec<String>,
    settings: BTreeMap<String, String>,
    port: u16,
    binary: Option<PathBuf>,
}

impl GatewayCommand {
    /// With these arguments (`["serve", "--role", "web"]`), listening on a free port.
    pub fn new<A: Into<String>>(args: impl IntoIterator<Item = A>) -> Self {
        let port = free_port();
        let listen = ("BOOKING__LISTEN".to_owned(), format!("127.0.0.1:{port}"));
        Self {
            args: args.into_iter().map(Into::into).collect(),
            settings: BTreeMap::from([listen]),
            port,
            binary: None,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets an environment variable, such as `BOOKING__DATABASE_URL`.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.insert(name.into(), value.into());
        self
    }

    /// Another program than the gateway of this workspace: an older release, say.
    #[must_use]
    pub fn binary(mut self, path: impl Into<PathBuf>) -> Self {
        self.binary = Some(path.into());
        self
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts the process. [`GatewayProcess::wait_ready`] waits until it serves.
    ///
    /// # Errors
    /// When the binary cannot be found, built or started.
    pub async fn start(self) -> anyhow::Result<GatewayProcess> {
        let log = Log::default();
        let child = self.spawn(&log).await?;
        Ok(GatewayProcess {
            command: self,
            child,
            log,
        })
    }

    /// Runs a command that ends by itself (`migrate`, `openapi`) and returns what it printed.
    ///
    /// # Errors
    /// When it cannot be started or does not end within a minute. A failing status is no error.
    pub async fn output(self) -> anyhow::Result<std::process::Output> {
        let mut command = self.prepared().await?;
        let output = timeout(STOP_LIMIT, command.output()).await;
        Ok(output
            .with_context(|| format!("{:?} did not end within {STOP_LIMIT:?}", self.args))??)
    }

    async fn prepared(&self) -> anyhow::Result<Command> {
        let mut command = match &self.binary {
            Some(path) => Command::new(path),
            None => Command::new(gateway_binary().await?),
        };
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("BOOKING__") {
                command.env_remove(name);
            }
        }
        command
            .args(&self.args)
            .envs(&self.settings)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    async fn spawn(&self, log: &Log) -> anyhow::Result<Child> {
        let mut command = self.prepared().await?;
        let started = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = started.context("starting booking-gateway")?;
        if let Some(output) = child.stdout.take() {
            log.follow(output);
        }
        if let Some(output) = child.stderr.take() {
            log.follow(output);
        }
        Ok(child)
    }
}

/// A running gateway; killed with this value.
#[derive(Debug)]
pub struct GatewayProcess {
    command: GatewayCommand,
    child: Child,
    log: Log,
}

impl GatewayProcess {
    pub fn port(&self) -> u16 {
        self.command.port
    }

    /// `path` begins with a slash, or is empty for the base address.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.command.port)
    }

    /// Every line of standard output and standard error so far, over all restarts.
    pub fn log(&self) -> Vec<String> {
        self.log.lines()
    }

    /// Waits until `GET /readyz` answers 200.
    ///
    /// # Errors
    /// When it does not within a minute, or the process ends; the message carries the log's end.
    pub async fn wait_ready(&mut self) -> anyhow::Result<()> {
        let port = self.command.port;
        let ready = async || -> anyhow::Result<()> {
            let (status, body) = http::get(port, "/readyz").await?;
            ensure!(status == 200, "{status} {body}");
            Ok(())
        };
        let outcome = tokio::select! {
            outcome = until(READY_LIMIT, "booking-gateway to be ready", ready) => outcome,
            ended = self.child.wait() => {
                self.log.drained().await;
                Err(anyhow!("booking-gateway ended before it was ready ({})", ended?))
            }
        };
        outcome.map_err(|error| self.quoting_log(&error))
    }

    /// Waits until a line of the log contains `text` and returns the line.
    ///
    /// # Errors
    /// When none does within `limit`.
    pub async fn wait_for_line(&self, text: &str, limit: Duration) -> anyhow::Result<String> {
        let found = || async {
            self.log
                .lines()
                .into_iter()
                .find(|line| line.contains(text))
        };
        let line = until(limit, &format!("the log line {text:?}"), found).await;
        line.map_err(|error| self.quoting_log(&error))
    }

    /// Whether the process has ended, and how.
    ///
    /// # Errors
    /// When the operating system does not say.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Ends the process at once, in the middle of whatever it does.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn kill9(&mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("killing booking-gateway")?;
        self.log.drained().await;
        Ok(())
    }

    /// Asks the process to stop (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// When it does not stop within a minute.
    pub async fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        self.signal("TERM")?;
        self.wait(STOP_LIMIT).await
    }

    /// Waits until the process has ended by itself. Its whole output is in the log then.
    ///
    /// # Errors
    /// When it still runs after `limit`.
    pub async fn wait(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let Ok(status) = timeout(limit, self.child.wait()).await else {
            let error = anyhow!("booking-gateway still runs after {limit:?}");
            return Err(self.quoting_log(&error));
        };
        self.log.drained().await;
        Ok(status?)
    }

    /// Sends a signal by name (`TERM`, `INT`, `STOP`, `CONT`) without waiting for its effect.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        signal::send(name, self.child.id().context("booking-gateway has ended")?)
    }

    /// Kills the process if it still runs and starts it again: same arguments, same port.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        if self.ended()?.is_none() {
            self.kill9().await?;
        }
        self.child = self.command.spawn(&self.log).await?;
        Ok(())
    }

    /// Sets an environment variable for the next start, or takes it away.
    pub fn next_time(&mut self, name: &str, value: Option<String>) {
        match value {
            Some(value) => self.command.settings.insert(name.to_owned(), value),
            None => self.command.settings.remove(name),
        };
    }

    fn quoting_log(&self, error: &anyhow::Error) -> anyhow::Error {
        anyhow!("{error:#}; its log ends with:\n{}", self.log.end())
    }
}

/// The binary `tests/run` built, else the one cargo builds now next to this test.
async fn gateway_binary() -> anyhow::Result<&'static Path> {
    static BINARY: OnceCell<PathBuf> = OnceCell::const_new();
    let binary = BINARY.get_or_try_init(|| async {
        match std::env::var_os("BOOKING_GATEWAY_BIN") {
            Some(path) => Ok(PathBuf::from(path)),
            None => build_gateway().await,
        }
    });
    Ok(binary.await?.as_path())
}

async fn build_gateway() -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let profile = test
        .ancestors()
        .nth(2)
        .context("tests live in target/PROFILE/deps")?;
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    cargo.args(["build", "--locked", "--quiet", "-p", "booking-gateway"]);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let built = cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .await?;
    let said = String::from_utf8_lossy(&built.stderr);
    ensure!(
        built.status.success(),
        "cargo build -p booking-gateway failed:\n{said}"
    );
    let binary = profile.join("booking-gateway");
    ensure!(binary.exists(), "cargo built no {}", binary.display());
    Ok(binary)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stand-in for the gateway: says where it listens, then waits.
    fn stand_in() -> GatewayCommand {
        let script = "echo on $BOOKING__LISTEN; trap 'echo bye >&2; exit 3' TERM; \
            while :; do sleep 0.02; done";
        GatewayCommand::new(["-c", script]).binary("sh")
    }

    #[tokio::test]
    async fn started_terminated_restarted_and_killed_on_one_port() {
        let mut process = stand_in().start().await.unwrap();
        let limit = Duration::from_secs(10);
        let line = process.wait_for_line("on ", limit).await.unwrap();
        assert_eq!(line, format!("on 127.0.0.1:{}", process.port()));
        assert_eq!(process.terminate().await.unwrap().code(), Some(3));
        assert_eq!(process.log().last().unwrap(), "bye");
        process.restart().await.unwrap();
        until(limit, "the second start", || async {
            process.log().len() == 3
        })
        .await
        .unwrap();
        assert_eq!(process.log()[2], line);
        process.kill9().await.unwrap();
        assert!(process.ended().unwrap().is_some());
    }

    #[tokio::test]
    async fn ready_when_readyz_answers_200() {
        let mut process = stand_in().start().await.unwrap();
        http::tests::serve(process.port(), "HTTP/1.1 200 OK\r\n\r\n").await;
        process.wait_ready().await.unwrap();
    }

    #[tokio::test]
    async fn a_process_that_ends_is_never_ready_and_its_log_is_quoted() {
        let failing = GatewayCommand::new(["-c", "echo no database >&2; exit 1"]).binary("sh");
        let error = format!(
            "{:#}",
            failing
                .start()
                .await
                .unwrap()
                .wait_ready()
                .await
                .unwrap_err()
        );
        assert!(error.contains("booking-gateway ended"), "{error}");
        assert!(error.contains("no database"), "{error}");
    }

    #[tokio::test]
    async fn a_command_that_ends_by_itself_gives_its_output() {
        let command = GatewayCommand::new(["-c"])
            .arg("echo $WORD")
            .env("WORD", "done");
        let output = command.binary("sh").output().await.unwrap();
        assert_eq!(output.stdout, b"done\n");
    }
}
