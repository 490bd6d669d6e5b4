//! Purges of the edge: a POST to an address that the operator configures.
//!
//! ```text
//! Authorization: Bearer <token>           if one is configured
//! Content-Type: application/json
//! Surrogate-Key: day-2563193-2025-10-13 day-2563194-2025-10-13
//!
//! {"surrogate_keys":["day-2563193-2025-10-13","day-2563194-2025-10-13"]}
//! ```
//!
//! The keys come twice because some read headers and others bodies. Any 2xx says that it is done.

use std::time::Duration;

use async_trait::async_trait;
use booking_domain::availability::SurrogateKey;
use booking_domain::ports::{EdgeError, EdgePurge};
use reqwest::Client;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::redirect::Policy;
use serde_json::json;
use url::Url;

/// For all requests of one purge together.
const LIMIT: Duration = Duration::from_secs(2);
/// In one request: keeps the header below the 8 KiB that servers accept, with ids of any length.
const MOST_KEYS: usize = 128;
/// Idle connections are closed before the other side may do so in the middle of a request.
const IDLE_LIMIT: Duration = Duration::from_secs(20);

/// The edge, over HTTP.
pub struct PurgeHook {
    http: Client,
    url: Url,
    token: Option<HeaderValue>,
}

/// Why purges cannot be sent as configured.
#[derive(Debug, thiserror::Error)]
pub enum PurgeHookError {
    /// The address is none.
    #[error("the address of the edge needs a form like https://edge.example/purge")]
    Address,
    /// The token does not fit a header.
    #[error("the token for the edge contains characters that cannot be sent")]
    Token,
    /// The system's certificates cannot be used.
    #[error("the HTTP client for the edge cannot be built")]
    Client(#[source] reqwest::Error),
}

impl PurgeHook {
    /// Prepares purges to `url`; connects to nobody.
    ///
    /// # Errors
    /// When they could never be sent.
    pub fn new(url: &str, token: Option<&str>) -> Result<Self, PurgeHookError> {
        let url = Url::parse(url).map_err(|_| PurgeHookError::Address)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(PurgeHookError::Address);
        }
        // One crypto provider for everything; whoever comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .user_agent(concat!("booking-gateway/", env!("CARGO_PKG_VERSION")))
            .pool_idle_timeout(IDLE_LIMIT)
            // The token goes to no address that nobody configured.
            .redirect(Policy::none())
            .build()
            .map_err(PurgeHookError::Client)?;
        let token = token.map(bearer).transpose()?;
        Ok(Self { http, url, token })
    }

    async fn post(&self, keys: &[SurrogateKey]) -> Result<(), EdgeError> {
        let keys: Vec<_> = keys.iter().map(SurrogateKey::to_string).collect();
        let mut request = self
            .http
            .post(self.url.clone())
            .header("surrogate-key", keys.join(" "))
            .json(&json!({"surrogate_keys": keys}));
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        // The address may contain a secret.
        let answer = request
            .send()
            .await
            .map_err(|error| EdgeError::Unreachable(error.without_url().into()))?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(EdgeError::Refused {
                status: answer.status().as_u16(),
            })
        }
    }
}

fn bearer(token: &str) -> Result<HeaderValue, PurgeHookError> {
    let mut value =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| PurgeHookError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

#[async_trait]
impl EdgePurge for PurgeHook {
    async fn purge(&self, keys: &[SurrogateKey]) -> Result<(), EdgeError> {
        let all = async {
            for some in keys.chunks(MOST_KEYS) {
                self.post(some).await?;
            }
            Ok(())
        };
        let late = |elapsed: tokio::time::error::Elapsed| EdgeError::Unreachable(elapsed.into());
        tokio::time::timeout(LIMIT, all).await.map_err(late)?
    }
}
