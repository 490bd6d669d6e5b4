//! `POST /api/v1/campaigns`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::dto::{CampaignStartedJson, CampaignTrialJson, NewCampaign};
use crate::extract::{Admin, Caller, JsonBody, NoParams, idempotency};
use crate::openapi::{CampaignErrors, OperationErrors};
use crate::problem::Problem;
use crate::state::ApiState;

/// Start a campaign.
///
/// A message to every customer who agreed to campaigns, has not opted out, has an address that is in
/// use, and belongs to the segment. Each gets it once. The same request again, under the same
/// `Idempotency-Key` or the same name, is the same campaign.
#[utoipa::path(
    post,
    path = "/api/v1/campaigns",
    operation_id = "create_campaign",
    tag = "campaigns",
    security(("api_key" = ["admin"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Names the wish: a repeat \
        under the same key is the same campaign")),
    request_body = NewCampaign,
    responses(
        (status = 200, body = CampaignTrialJson, description = "A dry run: how many would get it"),
        (status = 202, body = CampaignStartedJson, description = "It is under way", headers(
            ("Idempotency-Replayed" = String, description = "`true` on a repeat"),
        )),
        CampaignErrors,
        OperationErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Admin>,
    _: NoParams,
    headers: HeaderMap,
    body: JsonBody<NewCampaign>,
) -> Result<Response, Problem> {
    let setup = state.setup_of(&caller.principal).await?;
    let key = idempotency(&headers, "POST /api/v1/campaigns", &body.raw)?;
    let key = key.map(|(key, _)| key.as_str().to_owned());
    let dry_run = body.value.dry_run;
    let wish = body.value.wish(setup.company.time_zone, key)?;
    if dry_run {
        let counted = state.app.count_recipients(&setup, &wish.segment).await;
        let recipients = counted.map_err(|error| Problem::of(&error))?;
        return Ok(Json(CampaignTrialJson { recipients }).into_response());
    }
    let by = state.actor(&caller.principal).by;
    let started = state.app.start_campaign(&setup, wish, by).await;
    let started = started.map_err(|error| Problem::of(&error))?;
    let answer = Json(CampaignStartedJson::from(&started));
    let mut response = (StatusCode::ACCEPTED, answer).into_response();
    if started.replayed {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert("idempotency-replayed", yes);
    }
    Ok(response)
}
