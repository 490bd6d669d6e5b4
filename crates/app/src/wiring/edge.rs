//! What stores answers in front of the gateway.

use std::sync::Arc;

use booking_domain::ports::EdgePurge;
use booking_notifier::{PurgeHook, PurgeHookError};
use secrecy::ExposeSecret;

use crate::config::{Config, ConfigError};

/// Tells the edge what to forget, where one is configured.
pub(crate) fn edge(config: &Config) -> anyhow::Result<Option<Arc<dyn EdgePurge>>> {
    let Some(url) = &config.edge.purge_url else {
        return Ok(None);
    };
    let token = config
        .edge
        .purge_token
        .as_ref()
        .map(|it| it.expose_secret());
    match PurgeHook::new(url.expose_secret(), token) {
        Ok(hook) => Ok(Some(Arc::new(hook))),
        Err(PurgeHookError::Address) => {
            let expected = "an address like https://edge.example/purge";
            Err(ConfigError::value("BOOKING__EDGE__PURGE_URL", "…", expected).into())
        }
        Err(PurgeHookError::Token) => {
            let expected = "one line of plain characters";
            Err(ConfigError::value("BOOKING__EDGE__PURGE_TOKEN", "…", expected).into())
        }
        Err(error @ PurgeHookError::Client(_)) => Err(error.into()),
    }
}
