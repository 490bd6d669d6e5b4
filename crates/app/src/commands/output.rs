//! Printing to standard output: the only place that does.

use std::io::Write;

/// Prints a line. A reader that has gone away (`| head`) is no error.
pub(crate) fn line(text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.as_ref());
}

/// Prints JSON, indented.
pub(crate) fn json(value: &serde_json::Value) {
    line(format!("{value:#}"));
}
