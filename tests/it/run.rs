//! Commands that end by themselves: how they ended and what they printed. And a home on SQLite, for
//! what needs no server.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use booking_test_support::process::GatewayCommand;
use serde_json::Value;

use crate::installation::ENCRYPTION_KEY;

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// `booking-gateway` with these arguments and no settings.
pub(crate) fn gateway(args: &[&str]) -> GatewayCommand {
    GatewayCommand::new(args.iter().copied())
}

/// Runs it to its end.
pub(crate) async fn run(command: GatewayCommand) -> anyhow::Result<Ran> {
    let output = command.output().await?;
    Ok(Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).context("standard output is text")?,
        err: String::from_utf8(output.stderr).context("standard error is text")?,
    })
}

/// Runs a command that must succeed; what it printed.
pub(crate) async fn output(command: GatewayCommand) -> anyhow::Result<String> {
    let ran = run(command).await?;
    ensure!(ran.code == Some(0), "{ran:#?}");
    Ok(ran.out)
}

/// Runs a command that must fail (exit code 1); what it said on standard error.
pub(crate) async fn failure(command: GatewayCommand) -> anyhow::Result<String> {
    let ran = run(command).await?;
    ensure!(ran.code == Some(1), "{ran:#?}");
    ensure!(
        !ran.err.contains("panicked") && !ran.err.contains("RUST_BACKTRACE"),
        "a panic is no error message: {}",
        ran.err
    );
    Ok(ran.err)
}

/// Every needle is in the text.
#[track_caller]
pub(crate) fn says(text: &str, needles: &[&str]) {
    for needle in needles {
        assert!(text.contains(needle), "{needle:?} is missing in:\n{text}");
    }
}

/// JSON that a command printed.
pub(crate) fn json_of(text: &str) -> anyhow::Result<Value> {
    serde_json::from_str(text).with_context(|| format!("no JSON: {text}"))
}

/// A folder with a database file of its own.
pub(crate) struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            dir: tempfile::tempdir()?,
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file; its path as text.
    pub(crate) fn file(&self, name: &str, text: &str) -> anyhow::Result<String> {
        std::fs::write(self.path(name), text)?;
        self.text_path(name)
    }

    pub(crate) fn text_path(&self, name: &str) -> anyhow::Result<String> {
        let path = self.path(name);
        Ok(path.to_str().context("the path is text")?.to_owned())
    }

    /// A command on the database file, without an encryption key.
    pub(crate) fn keyless(&self, args: &[&str]) -> GatewayCommand {
        let url = format!("sqlite://{}", self.path("gateway.db").display());
        gateway(args)
            .env("BOOKING__DATABASE_URL", url)
            .env("BOOKING__RATE_LIMIT__PER_SECOND", "0")
            .env("BOOKING__LOG_FORMAT", "json")
    }

    /// A command on the database file.
    pub(crate) fn command(&self, args: &[&str]) -> GatewayCommand {
        self.keyless(args)
            .env("BOOKING__ENCRYPTION_KEY", ENCRYPTION_KEY)
    }

    /// Imports this set-up.
    pub(crate) async fn import(&self, setup: &Value) -> anyhow::Result<String> {
        let file = self.file("setup.json", &setup.to_string())?;
        output(self.command(&["tenant", "import", &file])).await
    }
}
