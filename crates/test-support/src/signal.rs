//! Signals to child processes, without unsafe code and without a `kill` program.

use std::process::Command;

use anyhow::{Context, ensure};

/// Sends a signal by name (`TERM`, `STOP`, …) to one process, with the shell's own `kill`.
pub(crate) fn send(name: &str, pid: u32) -> anyhow::Result<()> {
    let sent = Command::new("sh")
        .args(["-c", "kill -s \"$0\" \"$1\"", name, &pid.to_string()])
        .status()
        .context("sh runs")?;
    ensure!(
        sent.success(),
        "signal {name} could not be sent to process {pid}"
    );
    Ok(())
}
