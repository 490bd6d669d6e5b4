//! `GET /api/v1/campaigns`

use axum::Json;
use axum::extract::State;
use booking_domain::ids::CampaignId;

use crate::dto::{CampaignPageJson, read_cursor};
use crate::extract::{Admin, Caller, Params};
use crate::openapi::ReadErrors;
use crate::problem::Problem;
use crate::state::ApiState;

/// The campaigns of the company, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/campaigns",
    operation_id = "list_campaigns",
    tag = "campaigns",
    security(("api_key" = ["admin"])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 if absent"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = CampaignPageJson, description = "A page"),
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    mut params: Params,
) -> Result<Json<CampaignPageJson>, Problem> {
    let limit = params.page_size();
    let no_cursor = "is not a next_cursor of this list";
    let before = params.read("cursor", |text| read_cursor(text).ok_or(no_cursor));
    params.finish()?;
    let before = before.map(|place| (place.starts_at, CampaignId::new(place.id.get())));
    // One more tells whether there is a next page.
    let page = (before, limit + 1);
    let found = state.app.campaigns(caller.principal.company, page).await;
    let found = found.map_err(Problem::store)?;
    Ok(Json(CampaignPageJson::page(found, limit)))
}
