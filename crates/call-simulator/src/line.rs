//! The function calls over HTTP: the neutral door, with the call in headers.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Map, Value};

/// Longer than the gateway ever takes.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where a call is made to, and who makes it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The gateway's address.
    pub url: String,
    /// An API key of the company, scope `book`.
    pub api_key: String,
    /// The number of the caller.
    pub from: String,
    /// What the platform calls the call.
    pub call_id: String,
}

/// Why a function call came to nothing.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LineError {
    #[error(
        "the gateway at {url} cannot be reached: start it (booking-gateway demo), or say where it is with --url"
    )]
    Unreachable { url: String, source: reqwest::Error },
    #[error(
        "the gateway refuses the API key: give one of scope `book` with --api-key (booking-gateway api-key create)"
    )]
    Refused,
    #[error("{url} answers {status}: is a booking-gateway there?")]
    Odd { url: String, status: StatusCode },
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
}

pub(crate) struct Door<'a> {
    line: &'a Line,
    http: reqwest::Client,
}

impl<'a> Door<'a> {
    pub(crate) fn new(line: &'a Line) -> Result<Self, LineError> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build();
        Ok(Self {
            line,
            http: http.map_err(LineError::Client)?,
        })
    }

    /// Calls a function; `number` tells this invocation from the others of the call.
    pub(crate) async fn ask(
        &self,
        function: &str,
        args: &Map<String, Value>,
        number: usize,
    ) -> Result<Value, LineError> {
        let line = self.line;
        let url = format!(
            "{}/api/voice/functions/{function}",
            line.url.trim_end_matches('/')
        );
        let request = self
            .http
            .post(&url)
            .bearer_auth(&line.api_key)
            .header("x-call-id", &line.call_id)
            .header("x-caller-number", &line.from)
            .header("x-invocation-id", number.to_string())
            .json(args);
        let unreachable = |source| LineError::Unreachable {
            url: line.url.clone(),
            source,
        };
        let response = request.send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::OK => {
                let odd = |_| LineError::Odd {
                    url: url.clone(),
                    status: StatusCode::OK,
                };
                response.json().await.map_err(odd)
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(LineError::Refused),
            status => Err(LineError::Odd { url, status }),
        }
    }
}
