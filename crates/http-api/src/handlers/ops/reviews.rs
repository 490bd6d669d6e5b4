//! `GET /api/v1/ops/reviews`

use axum::Json;
use axum::extract::State;
use booking_domain::ids::ReviewId;
use booking_domain::ports::ReviewFilter;

use crate::dto::{ReviewPageJson, read_cursor};
use crate::extract::{Admin, Caller, Params};
use crate::openapi::ReadErrors;
use crate::problem::Problem;
use crate::state::ApiState;

/// What waits for a person.
///
/// The open questions about the company's appointments, oldest first. An appointment with
/// `requires_manual_review` has at least one.
#[utoipa::path(
    get,
    path = "/api/v1/ops/reviews",
    operation_id = "list_reviews",
    tag = "operations",
    security(("api_key" = ["admin"])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 if absent"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = ReviewPageJson, description = "A page"),
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    mut params: Params,
) -> Result<Json<ReviewPageJson>, Problem> {
    let limit = params.page_size();
    let no_cursor = "is not a next_cursor of this list";
    let after = params.read("cursor", |text| read_cursor(text).ok_or(no_cursor));
    params.finish()?;
    let filter = ReviewFilter {
        resolved_too: false,
        after: after.map(|place| (place.starts_at, ReviewId::new(place.id.get()))),
    };
    let company = caller.principal.company;
    let found = state.app.reviews(company, filter, limit).await;
    let (reviews, more) = found.map_err(Problem::store)?;
    Ok(Json(ReviewPageJson::new(&reviews, more)))
}
