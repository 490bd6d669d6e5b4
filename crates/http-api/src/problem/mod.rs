//! Problem documents (RFC 9457): how every failure is told, and nothing else.
//!
//! Handlers return a [`Problem`]; the outermost middleware writes it out, because only it knows the
//! request id. A bare error answer of a library becomes one there too, so clients never meet a
//! failure in another form.

mod convert;
mod render;
mod table;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use booking_domain::error::ErrorKind;

use crate::dto::{FieldError, SlotJson};

pub(crate) use render::{kind, render};
pub(crate) use table::TABLE;

/// A failure on its way to the client. Boxed: results carry it through every layer.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Inside>);

#[derive(Clone, Debug)]
struct Inside {
    row: table::Row,
    detail: String,
    errors: Vec<FieldError>,
    alternatives: Option<Vec<SlotJson>>,
    missing: Option<Vec<&'static str>>,
    retry_after: Option<u64>,
    headers: HeaderMap,
}

impl Problem {
    /// The problem with this code of the table, and what is wrong this time.
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self::of_row(table::lookup(code, ErrorKind::Internal), detail)
    }

    fn of_row(row: table::Row, detail: impl Into<String>) -> Self {
        Self(Box::new(Inside {
            row,
            detail: detail.into(),
            errors: Vec::new(),
            alternatives: None,
            missing: None,
            retry_after: None,
            headers: HeaderMap::new(),
        }))
    }

    /// One value is wrong.
    pub(crate) fn field(field: &str, message: impl Into<String>) -> Self {
        let mut wrong = FieldErrors::default();
        wrong.add(field, message);
        wrong.into_problem()
    }

    /// Try again after so many seconds, in the header and in the document.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// What is free instead.
    pub(crate) fn alternatives(mut self, alternatives: Vec<SlotJson>) -> Self {
        self.0.alternatives = Some(alternatives);
        self
    }

    /// What is not there.
    pub(crate) fn missing(mut self, missing: Vec<&'static str>) -> Self {
        self.0.missing = Some(missing);
        self
    }

    /// A header that belongs to the failure.
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// The code clients rely on.
    #[cfg(test)]
    pub(crate) const fn code(&self) -> &'static str {
        self.0.row.code
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.0.row.status
    }
}

impl IntoResponse for Problem {
    /// Without a body: [`render`] writes it.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Collects everything that is wrong with a request, so that it is told at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Something is wrong with this field.
    pub(crate) fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// The value, or a note that it is wrong.
    pub(crate) fn check<T, E: ToString>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        value
            .map_err(|error| self.add(field, error.to_string()))
            .ok()
    }

    /// `validation_failed`, if anything is wrong.
    pub(crate) fn into_result(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.into_problem())
        }
    }

    pub(crate) fn into_problem(self) -> Problem {
        let fields: Vec<_> = self.0.iter().map(|it| it.field.as_str()).collect();
        let detail = format!("not valid: {}", fields.join(", "));
        let mut problem = Problem::new("validation_failed", detail);
        problem.0.errors = self.0;
        problem
    }
}
