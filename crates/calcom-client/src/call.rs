//! One call: what is asked, over which path, and the plain answer.

use std::time::Instant as Stopwatch;

use booking_domain::breaker::CallOutcome;
use booking_domain::budget::Priority;
use booking_domain::ids::BookingUid;
use booking_domain::ports::CalendarError;
use booking_domain::saga::Refusal;
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::Instant;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use tracing::Instrument;
use tracing::field::Empty;
use url::Url;

use crate::client::CalcomClient;
use crate::guard::Pass;
use crate::rate::{remaining, retry_after, retry_at};
use crate::settings::ApiVersions;
use crate::verdict::{Problem, says};

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

    /// How urgent it is; of slots the asker knows better.
    const fn priority(self) -> Priority {
        match self {
            Self::Create | Self::Reschedule | Self::Cancel => Priority::Booking,
            Self::Get | Self::Find => Priority::LookUp,
            Self::Slots => Priority::Read,
        }
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
    pub(crate) priority: Priority,
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
            priority: operation.priority(),
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

/// What an answer says about Cal.com, and what it is for the caller.
type Answer<T> = (CallOutcome, Result<T, CalendarError>);

impl CalcomClient {
    /// What `read` finds in the body of a 2xx answer; everything else as what it means for the
    /// caller. Not asked at all while the account is to be left alone.
    pub(crate) async fn ask<T>(
        &self,
        account: &CalcomAccount,
        call: &Call<'_>,
        read: impl FnOnce(&[u8]) -> Result<T, Problem>,
    ) -> Result<T, CalendarError> {
        let operation = call.operation;
        let request = self.request(account, call).map_err(refuse_account)?;
        let admitted = self.guard.admit(account, call.priority, self.clock.now());
        let pass = admitted.await?;
        let span = tracing::debug_span!(
            "calcom",
            operation = operation.name(),
            status = Empty,
            ms = Empty
        );
        let stopwatch = Stopwatch::now();
        let exchange = self.exchange((&pass, account), call, request, read);
        let (outcome, answer) = exchange.instrument(span.clone()).await;
        pass.settle(outcome, self.clock.now());
        span.record("ms", stopwatch.elapsed().as_millis() as u64);
        let ok = answer.is_ok();
        span.in_scope(|| tracing::debug!(ok, "asked Cal.com"));
        answer
    }

    async fn exchange<T>(
        &self,
        (pass, account): (&Pass<'_>, &CalcomAccount),
        call: &Call<'_>,
        request: RequestBuilder,
        read: impl FnOnce(&[u8]) -> Result<T, Problem>,
    ) -> Answer<T> {
        let operation = call.operation;
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return (CallOutcome::Failure, Err(no_answer(operation, error))),
        };
        let now = self.clock.now();
        let status = response.status().as_u16();
        tracing::Span::current().record("status", status);
        if status == 429 {
            let until = retry_at(response.headers(), now);
            pass.pause(until, now).await;
            return (says(status), Err(too_often(until)));
        }
        if let Some(said) = remaining(response.headers(), now) {
            pass.lower(said, now).await;
        }
        let wait = retry_after(response.headers(), now);
        let unknown = |problem: Problem| (problem.says(), Err(operation.unknown(problem)));
        let body = match whole(response).await {
            Ok(body) => body,
            Err(problem) => return unknown(problem),
        };
        if (200..300).contains(&status) {
            return match read(&body) {
                Ok(found) => (CallOutcome::Success, Ok(found)),
                Err(problem) => unknown(problem),
            };
        }
        let mut private = call.private.clone();
        private.push(&account.api_key);
        let refused = operation.not_done(status, &body, wait, &private);
        (says(status), Err(refused))
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

fn too_often(until: Instant) -> CalendarError {
    CalendarError::NotExecuted {
        reason: "rate_limited",
        retry_at: Some(until),
        tried: true,
    }
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
            tried: true,
        };
    }
    operation.unknown(Problem::Connection(error))
}

async fn whole(mut response: Response) -> Result<Vec<u8>, Problem> {
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
