//! Messages to telephones: a POST to an address that the operator configures.
//!
//! ```text
//! Authorization: Bearer <token>           if one is configured
//! Content-Type: application/json
//! Idempotency-Key: 0199d8f0-0000-7000-8000-000000000001
//!
//! {"to":"+491713920042","text":"…","reference":"0199d8f0-0000-7000-8000-000000000001"}
//! ```
//!
//! Any 2xx says that it is taken; an `id` in its JSON body is kept.

use std::time::Duration;

use async_trait::async_trait;
use booking_domain::ports::{BoxError, CarrierError, Channel, CustomerMessage, MessageCarrier};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;
use url::Url;

use crate::words::short;

/// Idle connections are closed before the other side may do so in the middle of a request.
const IDLE_LIMIT: Duration = Duration::from_secs(20);
/// More of an answer is not read.
const MOST_BYTES: usize = 64 * 1_024;
/// A longer id is none.
const MOST_ID_CHARS: usize = 200;

/// Hands messages to a gateway for text messages.
pub struct SmsCarrier {
    http: Client,
    url: Url,
    token: Option<HeaderValue>,
    limit: Duration,
}

/// Why text messages could never be sent as configured.
#[derive(Debug, thiserror::Error)]
pub enum SmsSettingsError {
    /// The address is none.
    #[error("an address like https://sms.example/messages")]
    Address,
    /// The token does not fit a header.
    #[error("one line of plain characters")]
    Token,
    /// A token without encryption.
    #[error("an address with https: the token would travel unencrypted")]
    TokenInTheClear,
    /// The system's certificates cannot be used.
    #[error("the HTTP client for text messages cannot be built")]
    Client(#[source] reqwest::Error),
}

/// Why a text message could not be handed over now.
#[derive(Debug, thiserror::Error)]
pub enum SmsTrouble {
    /// It will take it later, perhaps.
    #[error("the gateway for text messages answers {0}")]
    Answer(StatusCode),
    /// The token is wrong, or it wants one.
    #[error("the gateway for text messages does not let us in: it answers {0}")]
    Login(StatusCode),
    /// Whether it has taken the message is unknown.
    #[error("the gateway for text messages did not finish within {} seconds", .0.as_secs_f32())]
    Late(Duration),
    /// No connection, or it broke.
    #[error("no answer from the gateway for text messages: {0}")]
    Connection(BoxError),
}

impl SmsCarrier {
    /// For one message, from the connection to the end of the answer.
    pub const LIMIT: Duration = Duration::from_secs(15);

    /// Prepares messages to `url`; connects to nobody.
    ///
    /// # Errors
    /// When they could never be sent.
    pub fn new(url: &str, token: Option<&str>) -> Result<Self, SmsSettingsError> {
        let url = Url::parse(url).map_err(|_| SmsSettingsError::Address)?;
        match url.scheme() {
            "https" => {}
            "http" if token.is_none() || is_this_machine(&url) => {}
            "http" => return Err(SmsSettingsError::TokenInTheClear),
            _ => return Err(SmsSettingsError::Address),
        }
        // One crypto provider for everything; whoever comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .user_agent(concat!("booking-gateway/", env!("CARGO_PKG_VERSION")))
            .pool_idle_timeout(IDLE_LIMIT)
            // Messages and the token go to no address that nobody configured.
            .redirect(Policy::none())
            .build()
            .map_err(SmsSettingsError::Client)?;
        let token = token.map(bearer).transpose()?;
        Ok(Self {
            http,
            url,
            token,
            limit: Self::LIMIT,
        })
    }

    /// With another limit for one message.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn send(&self, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), CarrierError> {
        let request = match &self.token {
            Some(token) => request.header(AUTHORIZATION, token.clone()),
            None => request,
        };
        let answered = timeout(self.limit, async {
            let answer = request.send().await?;
            Ok((answer.status(), beginning(answer).await))
        });
        let connection = |error: reqwest::Error| {
            // The address may contain a secret.
            SmsTrouble::Connection(error.without_url().into())
        };
        match answered.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(unavailable(connection(error))),
            Err(_) => Err(unavailable(SmsTrouble::Late(self.limit))),
        }
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn bearer(token: &str) -> Result<HeaderValue, SmsSettingsError> {
    let mut value =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| SmsSettingsError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

fn unavailable(trouble: SmsTrouble) -> CarrierError {
    CarrierError::Unavailable(Box::new(trouble))
}

/// The body, up to a limit. That it breaks off does not undo what the status said.
async fn beginning(mut answer: Response) -> Vec<u8> {
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        if read.len() + chunk.len() > MOST_BYTES {
            return Vec::new();
        }
        read.extend_from_slice(&chunk);
    }
    read
}

/// What the gateway calls the message, where it says so.
fn id_of(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let id = match body.get("id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let fits = (1..=MOST_ID_CHARS).contains(&id.chars().count());
    (fits && !id.chars().any(char::is_control)).then_some(id)
}

/// Only what is about the message itself is final; everything else may pass or be mended.
fn sorted(status: StatusCode) -> CarrierError {
    match status {
        StatusCode::UNAUTHORIZED => unavailable(SmsTrouble::Login(status)),
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::CONFLICT
        | StatusCode::TOO_EARLY
        | StatusCode::TOO_MANY_REQUESTS => unavailable(SmsTrouble::Answer(status)),
        _ if status.is_client_error() => {
            CarrierError::Refused(format!("the gateway for text messages answers {status}"))
        }
        _ => unavailable(SmsTrouble::Answer(status)),
    }
}

#[async_trait]
impl MessageCarrier for SmsCarrier {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    async fn carry(&self, message: &CustomerMessage) -> Result<Option<String>, CarrierError> {
        let Some(phone) = &message.to.phone else {
            let reason = "the customer has no telephone number";
            return Err(CarrierError::Refused(reason.to_owned()));
        };
        let (text, reference) = (short(message)?, message.id.to_string());
        let request = self
            .http
            .post(self.url.clone())
            .header("idempotency-key", &reference)
            .json(&json!({"to": phone.expose(), "text": text, "reference": reference}));
        match self.send(request).await? {
            (status, body) if status.is_success() => Ok(id_of(&body)),
            (status, _) => Err(sorted(status)),
        }
    }

    /// A GET, which sends nothing: whether somebody answers, and does not mind the token.
    async fn check(&self) -> Result<(), CarrierError> {
        let (status, _) = self.send(self.http.get(self.url.clone())).await?;
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(unavailable(SmsTrouble::Login(status)))
            }
            _ if status.is_redirection() || status.is_server_error() => {
                Err(unavailable(SmsTrouble::Answer(status)))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when an id is kept that is none, or one that is a number is lost.
    #[test]
    fn ids_are_words_or_numbers() {
        for (body, id) in [
            (r#"{"id":"sms_1"}"#, Some("sms_1")),
            (r#"{"id":17,"status":"queued"}"#, Some("17")),
            (r#"{"id":null}"#, None),
            (r#"{"id":"a\nb"}"#, None),
            (r#"{"id":""}"#, None),
            ("queued", None),
            ("", None),
        ] {
            assert_eq!(id_of(body.as_bytes()).as_deref(), id, "{body}");
        }
    }
}
