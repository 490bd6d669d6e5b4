//! `GET /api/v1/campaigns/{id}`

use axum::Json;
use axum::extract::State;

use crate::dto::CampaignJson;
use crate::extract::{Admin, Caller, CampaignPath, NoParams, campaign_not_found};
use crate::openapi::{ReadErrors, UnknownCampaign};
use crate::problem::Problem;
use crate::state::ApiState;

/// A campaign, and how its messages stand.
#[utoipa::path(
    get,
    path = "/api/v1/campaigns/{id}",
    operation_id = "get_campaign",
    tag = "campaigns",
    security(("api_key" = ["admin"])),
    params(("id" = uuid::Uuid, Path, description = "The campaign")),
    responses(
        (status = 200, body = CampaignJson, description = "The campaign"),
        UnknownCampaign,
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    CampaignPath(id): CampaignPath,
    _: NoParams,
) -> Result<Json<CampaignJson>, Problem> {
    let found = state.app.campaign(caller.principal.company, id).await;
    let view = found
        .map_err(Problem::store)?
        .ok_or_else(campaign_not_found)?;
    Ok(Json(CampaignJson::from(&view)))
}
