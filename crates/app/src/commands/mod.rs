//! One file per command.

pub(crate) mod api_key;
pub(crate) mod cache_clear;
pub(crate) mod cache_inspect;
pub(crate) mod cache_keys;
pub(crate) mod cache_warm;
pub(crate) mod check_config;
pub(crate) mod events;
pub(crate) mod jobs;
pub(crate) mod migrate;
pub(crate) mod output;
pub(crate) mod print;
pub(crate) mod reviews;
pub(crate) mod serve;
pub(crate) mod shutdown;
pub(crate) mod simulate_calcom;
pub(crate) mod simulate_call;
pub(crate) mod tenant;

use std::path::Path;

use anyhow::bail;

use crate::cli::CacheCommand;
use crate::config::{Config, load};
use crate::wiring::{DatabaseUrl, database_url};

/// `cache …`.
pub(crate) async fn cache(file: Option<&Path>, command: CacheCommand) -> anyhow::Result<()> {
    match command {
        CacheCommand::Keys(args) => cache_keys::run(&args),
        CacheCommand::Inspect(args) => cache_inspect::run(file, &args).await,
        CacheCommand::Clear { event_type, json } => cache_clear::run(file, event_type, json).await,
        CacheCommand::Warm { days, company } => cache_warm::run(file, days, company).await,
    }
}

/// Refuses what would look for entries, or file them, where no other process believes them.
fn needs_shared_caches(config: &Config, instead: &str) -> anyhow::Result<()> {
    if config.redis_url.is_none() {
        bail!(
            "BOOKING__REDIS_URL is not set: the cache lives in the server's process, out of reach of \
             this one. {instead}"
        );
    }
    if let DatabaseUrl::Sqlite(_) = database_url(config)? {
        bail!(
            "BOOKING__DATABASE_URL is an embedded database: whoever opens it believes only what \
             they have cached themselves. {instead}"
        );
    }
    Ok(())
}

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
