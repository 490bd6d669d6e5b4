//! One file per command.

pub(crate) mod api_key;
pub(crate) mod cache_keys;
pub(crate) mod check_config;
pub(crate) mod events;
pub(crate) mod migrate;
pub(crate) mod output;
pub(crate) mod print;
pub(crate) mod serve;
pub(crate) mod shutdown;
pub(crate) mod simulate_calcom;
pub(crate) mod tenant;

use std::path::Path;

use crate::config::{Config, load};

/// Configuration and logging for a command that works with either.
pub(crate) fn prepare(file: Option<&Path>) -> anyhow::Result<Config> {
    let config = load(file)?;
    start_log(&config)?;
    for key in &config.without_effect {
        tracing::warn!(key, "this version does not use this setting");
    }
    Ok(config)
}

/// Log lines from now on, as configured.
fn start_log(config: &Config) -> anyhow::Result<()> {
    let format = config.log_format.parse()?;
    let filter = config.log.clone();
    booking_telemetry::init(booking_telemetry::LogSettings { filter, format })?;
    Ok(())
}
