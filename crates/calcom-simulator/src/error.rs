//! Cal.com's two error shapes. "A" comes from the web framework, "B" from the booking engine.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::format::utc_ms;

/// An error as the service would answer it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    body: Body,
}

#[derive(Debug, Clone, PartialEq)]
enum Body {
    /// `{"status":"error","timestamp":…,"path":…,"error":{"code":…,"message":…,"details":…}}`
    Framework {
        code: String,
        message: String,
        details: Value,
    },
    /// `{"statusCode":…,"message":…}`
    Engine { message: String },
}

impl ApiError {
    /// Shape A with the exception class that belongs to the status.
    pub(crate) fn exception(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        let details = json!({
            "message": message,
            "error": status.canonical_reason().unwrap_or("Error"),
            "statusCode": status.as_u16(),
        });
        Self {
            status,
            body: Body::Framework {
                code: class_of(status),
                message,
                details,
            },
        }
    }

    /// Shape A with an own code and own details.
    pub(crate) fn framework(
        status: StatusCode,
        code: &str,
        message: impl Into<String>,
        details: Value,
    ) -> Self {
        let body = Body::Framework {
            code: code.to_owned(),
            message: message.into(),
            details,
        };
        Self { status, body }
    }

    /// Shape B.
    pub(crate) fn engine(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            body: Body::Engine {
                message: message.into(),
            },
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::exception(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::exception(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn internal() -> Self {
        Self::engine(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    }

    /// The JSON body; `path` is path and query of the request.
    pub(crate) fn to_json(&self, path: &str, now: DateTime<Utc>) -> Value {
        match &self.body {
            Body::Framework {
                code,
                message,
                details,
            } => json!({
                "status": "error",
                "timestamp": utc_ms(now),
                "path": path,
                "error": {"code": code, "message": message, "details": details},
            }),
            Body::Engine { message } => {
                json!({"statusCode": self.status.as_u16(), "message": message})
            }
        }
    }

    /// The text a person would read.
    pub(crate) fn message(&self) -> &str {
        match &self.body {
            Body::Framework { message, .. } | Body::Engine { message } => message,
        }
    }
}

fn class_of(status: StatusCode) -> String {
    match status {
        StatusCode::BAD_REQUEST => "BadRequestException",
        StatusCode::UNAUTHORIZED => "UnauthorizedException",
        StatusCode::FORBIDDEN => "ForbiddenException",
        StatusCode::NOT_FOUND => "NotFoundException",
        StatusCode::CONFLICT => "ConflictException",
        StatusCode::UNPROCESSABLE_ENTITY => "UnprocessableEntityException",
        StatusCode::TOO_MANY_REQUESTS => "ThrottlerException",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailableException",
        StatusCode::BAD_GATEWAY => "BadGatewayException",
        StatusCode::GATEWAY_TIMEOUT => "GatewayTimeoutException",
        _ => "InternalServerErrorException",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_shapes() {
        let now = DateTime::from_timestamp(1_900_000_000, 412_000_000).unwrap();
        let a = ApiError::bad_request("no").to_json("/v2/bookings?x=1", now);
        assert_eq!(
            a,
            json!({"status": "error", "timestamp": "2030-03-17T17:46:40.412Z",
                "path": "/v2/bookings?x=1",
                "error": {"code": "BadRequestException", "message": "no", "details":
                    {"message": "no", "error": "Bad Request", "statusCode": 400}}})
        );
        let b = ApiError::engine(StatusCode::CONFLICT, "booking_conflict_error");
        assert_eq!(
            b.to_json("/x", now),
            json!({"statusCode": 409, "message": "booking_conflict_error"})
        );
    }
}
