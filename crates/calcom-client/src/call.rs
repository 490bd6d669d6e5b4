//! One call: what is asked, over which path, and the plain answer.

use std::time::Instant as Stopwatch;

use booking_domain::ids::BookingUid;
use booking_domain::ports::CalendarError;
use booking_domain::saga::Refusal;
use booking_domain::tenant::CalcomAccount;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use tracing::Instrument;
use tracing::field::Empty;
use url::Url;

use crate::client::CalcomClient;
use crate::rate::{RateBudget, retry_after, retry_at};
use crate::settings::ApiVersions;
use crate::verdict::Problem;

/// The longest answer that is read, in bytes.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// What Cal.com can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    Slots,
    Create,
    Reschedule,
    Cancel,
    Get,
    Find,
}

impl Operation {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Slots => "slots",
            Self::Create => "create",
            Self::Reschedule => "reschedule",
            Self::Cancel => "cancel",
            Self::Get => "get",
            Self::Find => "find",
        }
    }

    pub(crate) const fn is_write(self) -> bool {
        matches!(self, Self::Create | Self::Reschedule | Self::Cancel)
    }

    pub(crate) const fn takes_a_slot(self) -> bool {
        matches!(self, Self::Create | Self::Reschedule)
    }

    pub(crate) const fn names_a_booking(self) -> bool {
        matches!(self, Self::Reschedule | Self::Cancel | Self::Get)
    }

    fn version(self, versions: &ApiVersions) -> &str {
        match self {
            Self::Slots => &versions.slots,
            Self::Find => &versions.list,
            Self::Create | Self::Reschedule | Self::Cancel | Self::Get => &versions.bookings,
        }
    }

    fn path(self, uid: Option<&BookingUid>) -> Vec<&str> {
        let mut path = match self {
            Self::Slots => vec!["v2", "slots"],
            _ => vec!["v2", "bookings"],
        };
        path.extend(uid.map(BookingUid::expose));
        match self {
            Self::Reschedule => path.push("reschedule"),
            Self::Cancel => path.push("cancel"),
            _ => {}
        }
        path
    }
}

/// One question.
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) uid: Option<&'a BookingUid>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Value>,
    /// Values that must not come back in an error.
    pub(crate) private: Vec<&'a str>,
}

impl<'a> Call<'a> {
    pub(crate) const fn new(operation: Operation) -> Self {
        Self {
            operation,
            uid: None,
            query: Vec::new(),
            body: None,
            private: Vec::new(),
        }
    }

    pub(crate) const fn about(operation: Operation, uid: &'a BookingUid) -> Self {
        let mut call = Self::new(operation);
        call.uid = Some(uid);
        call
    }
}

impl CalcomClient {
    /// The body of a 2xx answer; everything else as what it means for the caller.
    pub(crate) async fn ask(
        &self,
        account: &CalcomAccount,
        call: &Call<'_>,
    ) -> Result<Vec<u8>, CalendarError> {
        let operation = call.operation;
        let request = self.request(account, call).map_err(refuse_account)?;
        let span = tracing::debug_span!(
            "calcom",
            operation = operation.name(),
            status = Empty,
            ms = Empty
        );
        let stopwatch = Stopwatch::now();
        let outcome = self
            .exchange(account, call, request)
            .instrument(span.clone())
            .await;
        span.record("ms", stopwatch.elapsed().as_millis() as u64);
        let ok = outcome.is_ok();
        span.in_scope(|| tracing::debug!(ok, "asked Cal.com"));
        outcome
    }

    async fn exchange(
        &self,
        account: &CalcomAccount,
        call: &Call<'_>,
        request: RequestBuilder,
    ) -> Result<Vec<u8>, CalendarError> {
        let operation = call.operation;
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(no_answer(operation, error)),
        };
        let now = self.clock.now();
        let status = response.status().as_u16();
        tracing::Span::current().record("status", status);
        if let Some(budget) = RateBudget::read(response.headers(), now) {
            self.note(account, budget);
        }
        if status == 429 {
            return Err(CalendarError::NotExecuted {
                reason: "rate_limited",
                retry_at: Some(retry_at(response.headers(), now)),
            });
        }
        let wait = retry_after(response.headers(), now);
        let body = match read(response).await {
            Ok(body) => body,
            Err(problem) => return Err(operation.unknown(problem)),
        };
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let mut private = call.private.clone();
        private.push(&account.api_key);
        Err(operation.not_done(status, &body, wait, &private))
    }

    fn request(
        &self,
        account: &CalcomAccount,
        call: &Call<'_>,
    ) -> Result<RequestBuilder, &'static str> {
        let url = self.url(account, call)?;
        let (method, limit) = if call.operation.is_write() {
            (Method::POST, self.settings.write_timeout)
        } else {
            (Method::GET, self.settings.read_timeout)
        };
        let mut key = HeaderValue::from_str(&format!("Bearer {}", account.api_key))
            .map_err(|_| "the API key contains characters that cannot be sent")?;
        key.set_sensitive(true);
        let version = call.operation.version(&self.settings.versions);
        let request = self
            .http
            .request(method, url)
            .timeout(limit)
            .header(AUTHORIZATION, key)
            .header("cal-api-version", version);
        Ok(match &call.body {
            Some(body) => request.json(body),
            None => request,
        })
    }

    fn url(&self, account: &CalcomAccount, call: &Call<'_>) -> Result<Url, &'static str> {
        const NO_ADDRESS: &str = "Cal.com's address needs a form like https://api.cal.com";
        let mut url = Url::parse(&account.base_url).map_err(|_| NO_ADDRESS)?;
        let host = url.host_str().ok_or(NO_ADDRESS)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(NO_ADDRESS);
        }
        let allowed = &self.settings.allowed_hosts;
        if !allowed.is_empty() && !allowed.iter().any(|it| it.eq_ignore_ascii_case(host)) {
            return Err("Cal.com's address is not among the hosts that may be asked");
        }
        url.set_query(None);
        url.set_fragment(None);
        url.path_segments_mut()
            .map_err(|()| NO_ADDRESS)?
            .pop_if_empty()
            .extend(call.operation.path(call.uid));
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        Ok(url)
    }
}

fn refuse_account(text: &'static str) -> CalendarError {
    CalendarError::Refused(Refusal::Account(text.to_owned()))
}

/// Only without a connection is it certain that nothing was done.
fn no_answer(operation: Operation, error: reqwest::Error) -> CalendarError {
    // The address contains the booking's uid.
    let error = error.without_url();
    if error.is_connect() {
        let operation = operation.name();
        tracing::debug!(operation, %error, "no connection to Cal.com");
        return CalendarError::NotExecuted {
            reason: "connect",
            retry_at: None,
        };
    }
    operation.unknown(Problem::Connection(error))
}

async fn read(mut response: Response) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| Problem::Connection(error.without_url()))?
    {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Problem::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
