//! The headers for caches, described once for all operations that answer with them.

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OpenApi, RefOr};

const OPERATIONS: [&str; 2] = ["/api/v1/availability", "/api/v1/availability/alternatives"];
const STATUSES: [&str; 2] = ["200", "304"];

const HEADERS: [(&str, Type, &str); 6] = [
    ("ETag", Type::String, "Validator of this answer"),
    (
        "Cache-Control",
        Type::String,
        "`private, no-cache` unless staleness was allowed",
    ),
    ("Vary", Type::String, "`authorization`"),
    (
        "Age",
        Type::Integer,
        "Whole seconds since the slots were fetched",
    ),
    (
        "Cache-Status",
        Type::String,
        "How the gateway came by it (RFC 9211): `hit; ttl=42`, `fwd=miss; stored`, `fwd=bypass`, \
         or `fwd=stale` for an old answer that was allowed",
    ),
    (
        "Surrogate-Key",
        Type::String,
        "What a cache in front of the gateway may file it under, separated by blanks",
    ),
];

/// Adds the headers to the operations.
pub(super) fn describe(api: &mut OpenApi) {
    for path in OPERATIONS {
        let item = api.paths.paths.get_mut(path);
        let Some(operation) = item.and_then(|item| item.get.as_mut()) else {
            continue;
        };
        for status in STATUSES {
            let response = operation.responses.responses.get_mut(status);
            if let Some(RefOr::T(response)) = response {
                let headers = HEADERS.map(|it| (it.0.to_owned(), RefOr::T(header(it.1, it.2))));
                response.headers.extend(headers);
            }
        }
    }
}

fn header(kind: Type, description: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(kind).build();
    let header = HeaderBuilder::new().schema(Some(schema));
    header.description(Some(description)).build()
}
