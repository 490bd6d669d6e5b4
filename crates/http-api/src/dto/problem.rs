//! The problem document (RFC 9457).

use serde::Serialize;
use utoipa::ToSchema;

use super::SlotJson;

/// One value that is not valid.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Which, such as `customer.email`.
    #[schema(example = "customer.email")]
    pub(crate) field: String,
    /// What is wrong with it.
    pub(crate) message: String,
}

/// Why a request failed (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// Names the kind of problem: `/problems/` and the code.
    #[serde(rename = "type")]
    #[schema(example = "/problems/validation_failed")]
    pub(crate) kind: String,
    /// The same for every problem of this kind.
    pub(crate) title: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What is wrong this time.
    pub(crate) detail: String,
    /// The stable machine-readable code.
    #[schema(example = "validation_failed")]
    pub(crate) code: &'static str,
    /// The id of the request, as in the header `x-request-id` and in the log.
    pub(crate) request_id: String,
    /// Every value that is not valid (`validation_failed`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) errors: Vec<FieldError>,
    /// Free slots near the one that was asked for (`slot_taken`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alternatives: Option<Vec<SlotJson>>,
    /// What is not there (`not_ready`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) missing: Option<Vec<&'static str>>,
    /// Seconds to wait before the next try, as in the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after: Option<u64>,
}

/// A kind of problem: what all documents with its `type` have in common.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemKind)]
pub(crate) struct ProblemKindJson {
    #[serde(rename = "type")]
    #[schema(example = "/problems/slot_taken")]
    pub(crate) kind: String,
    pub(crate) title: &'static str,
    pub(crate) status: u16,
    pub(crate) code: &'static str,
}
