//! Which failures an operation can have: sets that handlers name in their description.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

type Responses = BTreeMap<String, RefOr<Response>>;

/// Each status with what it means here; the codes are listed in `docs/errors.md`.
fn problems(which: &[(u16, &str)]) -> Responses {
    which
        .iter()
        .map(|(status, description)| {
            let schema = Ref::from_schema_name("Problem");
            let content = ContentBuilder::new().schema(Some(schema)).build();
            let response = ResponseBuilder::new()
                .description(*description)
                .content("application/problem+json", content);
            (status.to_string(), RefOr::T(response.build()))
        })
        .collect()
}

const EVERYWHERE: [(u16, &str); 5] = [
    (401, "`unauthorized`: no valid API key"),
    (403, "`forbidden`: the key does not cover this"),
    (429, "`rate_limited`: too many requests from this address"),
    (500, "`internal_error`: a defect of ours"),
    (
        503,
        "`store_unavailable`, `availability_unavailable`, `timeout`: see `Retry-After`",
    ),
];

macro_rules! failures {
    ($($(#[$doc:meta])* $name:ident = $list:expr;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> Responses {
                problems(&$list)
            }
        }
    )+};
}

failures! {
    /// What a path or a body may name and we do not have.
    UnknownIds = [(404, "`service_not_found`, `branch_not_found`, `staff_not_found`")];
    /// The event type of a body.
    UnknownEventType = [(404, "`event_type_not_found`: also for another company's")];
    /// The job of the path.
    JobErrors = [
        (404, "`job_not_found`: also for a malformed id or another company's"),
        (409, "`job_running`, `job_not_discardable`"),
    ];
    /// A campaign to be started.
    CampaignErrors = [
        (404, "`service_not_found`: the one of the segment"),
        (
            409,
            "`campaigns_not_set_up`, `campaign_exists` (another of this name), \
             `idempotency_conflict`",
        ),
    ];
    /// The campaign of the path.
    UnknownCampaign = [(404, "`campaign_not_found`: also for a malformed id or another company's")];
    /// The customer of the path.
    UnknownCustomer = [(404, "`customer_not_found`: also for a malformed id or another company's")];
    /// The kind of problem of the path.
    UnknownProblem = [(404, "`not_found`")];
    /// The question of the path.
    UnknownReview = [
        (404, "`review_not_found`: also for a malformed id or another company's"),
        (409, "`already_resolved`, or `changed_meanwhile`"),
    ];
    /// The call of the path.
    UnknownCall = [(404, "`call_not_found`: also for another company's, or when it is kept no more")];
    /// The appointment of the path.
    UnknownAppointment = [(404, "`appointment_not_found`: also for a malformed id or another company's")];
}

/// Of an operation that looks.
pub(crate) struct ReadErrors;

impl IntoResponses for ReadErrors {
    fn responses() -> Responses {
        let mut all = problems(&EVERYWHERE);
        all.extend(problems(&[(422, "`validation_failed`, `invalid_range`")]));
        all
    }
}

/// Of an operation that changes something.
pub(crate) struct CommandErrors;

impl IntoResponses for CommandErrors {
    fn responses() -> Responses {
        let mut all = problems(&EVERYWHERE);
        all.extend(problems(&[
            (400, "`malformed_json`"),
            (
                409,
                "`slot_taken` (with `alternatives`), `appointment_not_active`, \
                 `booking_in_progress`, `idempotency_conflict`, `request_in_progress`",
            ),
            (413, "`payload_too_large`"),
            (415, "`unsupported_media_type`"),
            (
                422,
                "`validation_failed`, `slot_in_past`, `outside_opening_hours`, `calendar_refused`",
            ),
        ]));
        all
    }
}

/// Of an operation that changes an appointment.
pub(crate) struct ChangeErrors;

impl IntoResponses for ChangeErrors {
    fn responses() -> Responses {
        problems(&[(
            412,
            "`precondition_failed`: it has changed since you read it",
        )])
    }
}

/// Of an operation that steers the gateway itself.
pub(crate) struct OperationErrors;

impl IntoResponses for OperationErrors {
    fn responses() -> Responses {
        let mut all = problems(&EVERYWHERE);
        all.extend(problems(&[
            (400, "`malformed_json`"),
            (413, "`payload_too_large`"),
            (415, "`unsupported_media_type`"),
            (422, "`validation_failed`"),
        ]));
        all
    }
}

/// Of a webhook.
pub(crate) struct WebhookErrors;

impl IntoResponses for WebhookErrors {
    fn responses() -> Responses {
        problems(&[
            (400, "`malformed_json`"),
            (401, "`invalid_signature`: nothing was stored"),
            (404, "`not_found`: a malformed company id"),
            (413, "`payload_too_large`"),
            (429, "`rate_limited`: too many requests from this address"),
            (500, "`internal_error`: a defect of ours"),
            (503, "`store_unavailable`: nothing was stored"),
        ])
    }
}
