//! The edge: a cache in front of the gateway that stored answers of ours.

use async_trait::async_trait;

use super::BoxError;
use crate::availability::SurrogateKey;

/// Why the edge was not told. Tell it again later: what it stored may be out of date until then.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// Nobody answered in time.
    #[error("the edge did not take the purge")]
    Unreachable(#[source] BoxError),
    /// It answered, but not that it did it.
    #[error("the edge answered the purge with {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
}

/// Tells the edge what to forget.
#[async_trait]
pub trait EdgePurge: Send + Sync {
    /// Forgets every answer filed under any of these keys. Repeating it is harmless. Ends within a
    /// few seconds, whatever the edge does.
    async fn purge(&self, keys: &[SurrogateKey]) -> Result<(), EdgeError>;
}
