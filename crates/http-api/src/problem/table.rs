//! The one table from error codes to problem documents. `docs/errors.md` explains each code.

use axum::http::StatusCode;
use booking_domain::error::ErrorKind;

/// A row: the code clients rely on, its status, and a title that never changes with the occasion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
}

const fn row(code: &'static str, status: StatusCode, title: &'static str) -> Row {
    Row {
        code,
        status,
        title,
    }
}

/// Every code that the HTTP API can answer with.
pub(crate) const TABLE: &[Row] = &[
    row(
        "bad_request",
        StatusCode::BAD_REQUEST,
        "The request cannot be understood",
    ),
    row(
        "malformed_json",
        StatusCode::BAD_REQUEST,
        "The body is not JSON",
    ),
    row(
        "unauthorized",
        StatusCode::UNAUTHORIZED,
        "A valid API key is needed",
    ),
    row(
        "invalid_signature",
        StatusCode::UNAUTHORIZED,
        "The signature does not fit",
    ),
    row(
        "forbidden",
        StatusCode::FORBIDDEN,
        "The API key does not allow this",
    ),
    row("not_found", StatusCode::NOT_FOUND, "There is nothing here"),
    row(
        "appointment_not_found",
        StatusCode::NOT_FOUND,
        "There is no such appointment",
    ),
    row(
        "service_not_found",
        StatusCode::NOT_FOUND,
        "There is no such service",
    ),
    row(
        "branch_not_found",
        StatusCode::NOT_FOUND,
        "There is no such branch",
    ),
    row(
        "staff_not_found",
        StatusCode::NOT_FOUND,
        "There is no such member of staff",
    ),
    row(
        "review_not_found",
        StatusCode::NOT_FOUND,
        "There is no such question",
    ),
    row(
        "call_not_found",
        StatusCode::NOT_FOUND,
        "There is no such call",
    ),
    row(
        "event_type_not_found",
        StatusCode::NOT_FOUND,
        "There is no such event type",
    ),
    row(
        "campaign_not_found",
        StatusCode::NOT_FOUND,
        "There is no such campaign",
    ),
    row(
        "customer_not_found",
        StatusCode::NOT_FOUND,
        "There is no such customer",
    ),
    row(
        "company_not_found",
        StatusCode::NOT_FOUND,
        "There is no such company",
    ),
    row(
        "job_not_found",
        StatusCode::NOT_FOUND,
        "There is no such job",
    ),
    row(
        "method_not_allowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "Another method is needed",
    ),
    row(
        "already_resolved",
        StatusCode::CONFLICT,
        "The question was answered before",
    ),
    row("slot_taken", StatusCode::CONFLICT, "The slot is taken"),
    row(
        "appointment_not_active",
        StatusCode::CONFLICT,
        "The appointment is over or cancelled",
    ),
    row(
        "booking_in_progress",
        StatusCode::CONFLICT,
        "Another change is under way",
    ),
    row(
        "idempotency_conflict",
        StatusCode::CONFLICT,
        "The idempotency key was used before",
    ),
    row(
        "request_in_progress",
        StatusCode::CONFLICT,
        "The first request is still running",
    ),
    row(
        "job_running",
        StatusCode::CONFLICT,
        "Somebody works on the job",
    ),
    row(
        "job_not_discardable",
        StatusCode::CONFLICT,
        "The job cannot be thrown away",
    ),
    row(
        "campaign_exists",
        StatusCode::CONFLICT,
        "There is another campaign of this name",
    ),
    row(
        "campaigns_not_set_up",
        StatusCode::CONFLICT,
        "Campaigns cannot be sent here",
    ),
    row(
        "changed_meanwhile",
        StatusCode::CONFLICT,
        "Somebody else changed it meanwhile",
    ),
    row(
        "precondition_failed",
        StatusCode::PRECONDITION_FAILED,
        "It is not as you know it",
    ),
    row(
        "payload_too_large",
        StatusCode::PAYLOAD_TOO_LARGE,
        "The body is too large",
    ),
    row(
        "unsupported_media_type",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "Send JSON",
    ),
    row(
        "validation_failed",
        StatusCode::UNPROCESSABLE_ENTITY,
        "Some values are not valid",
    ),
    row(
        "invalid_range",
        StatusCode::UNPROCESSABLE_ENTITY,
        "The period is not valid",
    ),
    row(
        "slot_in_past",
        StatusCode::UNPROCESSABLE_ENTITY,
        "The slot lies in the past",
    ),
    row(
        "outside_opening_hours",
        StatusCode::UNPROCESSABLE_ENTITY,
        "Closed at that time",
    ),
    row(
        "calendar_refused",
        StatusCode::UNPROCESSABLE_ENTITY,
        "Cal.com refuses",
    ),
    row(
        "rate_limited",
        StatusCode::TOO_MANY_REQUESTS,
        "Too many requests",
    ),
    row(
        "internal_error",
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something broke on our side",
    ),
    row(
        "unavailable",
        StatusCode::SERVICE_UNAVAILABLE,
        "Not possible at the moment",
    ),
    row(
        "availability_unavailable",
        StatusCode::SERVICE_UNAVAILABLE,
        "Free slots are not known",
    ),
    row(
        "store_unavailable",
        StatusCode::SERVICE_UNAVAILABLE,
        "The database does not answer",
    ),
    row(
        "not_ready",
        StatusCode::SERVICE_UNAVAILABLE,
        "Not ready for requests",
    ),
    row(
        "timeout",
        StatusCode::SERVICE_UNAVAILABLE,
        "The request took too long",
    ),
];

/// The row of a code; a code nobody has written down yet gets the words of its kind.
pub(crate) fn lookup(code: &'static str, kind: ErrorKind) -> Row {
    let known = TABLE.iter().find(|row| row.code == code);
    known.copied().unwrap_or_else(|| Row {
        code,
        ..general(kind)
    })
}

/// The row of an answer that some library made with a bare status.
pub(crate) fn of_status(status: StatusCode) -> Row {
    let known = TABLE.iter().find(|row| row.status == status);
    known.copied().unwrap_or_else(|| {
        let kind = if status.is_server_error() {
            ErrorKind::Internal
        } else {
            ErrorKind::Invalid
        };
        let code = if status.is_server_error() {
            "internal_error"
        } else {
            "bad_request"
        };
        Row {
            code,
            status,
            ..general(kind)
        }
    })
}

fn general(kind: ErrorKind) -> Row {
    let code = match kind {
        ErrorKind::Invalid => "validation_failed",
        ErrorKind::Unauthenticated => "unauthorized",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::NotFound => "not_found",
        ErrorKind::Conflict => "changed_meanwhile",
        ErrorKind::RateLimited => "rate_limited",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Internal => "internal_error",
    };
    let known = TABLE.iter().find(|row| row.code == code);
    known.copied().unwrap_or(TABLE[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_every_kind_has_words() {
        for (at, row) in TABLE.iter().enumerate() {
            assert!(
                TABLE[..at].iter().all(|it| it.code != row.code),
                "{}",
                row.code
            );
        }
        let kinds = [
            (ErrorKind::Invalid, 422),
            (ErrorKind::Unauthenticated, 401),
            (ErrorKind::Forbidden, 403),
            (ErrorKind::NotFound, 404),
            (ErrorKind::Conflict, 409),
            (ErrorKind::RateLimited, 429),
            (ErrorKind::Unavailable, 503),
            (ErrorKind::Internal, 500),
        ];
        for (kind, status) in kinds {
            let row = lookup("never_written_down", kind);
            assert_eq!(
                (row.code, row.status.as_u16()),
                ("never_written_down", status)
            );
        }
    }

    /// Turns red when a code is added here and not explained there, or the other way round.
    #[test]
    fn the_catalogue_page_explains_every_code() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
        let page = std::fs::read_to_string(page).expect("docs/errors.md is readable");
        let explained: Vec<_> = page
            .lines()
            .filter_map(|it| it.strip_prefix("### "))
            .collect();
        for row in TABLE {
            assert!(
                explained.contains(&row.code),
                "docs/errors.md lacks {}",
                row.code
            );
        }
        for code in explained {
            assert!(
                TABLE.iter().any(|row| row.code == code),
                "nothing answers {code}"
            );
        }
    }
}
