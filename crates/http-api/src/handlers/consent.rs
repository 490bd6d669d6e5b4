//! `PUT /api/v1/customers/{id}/consent`

use axum::Json;
use axum::extract::State;

use crate::dto::{ConsentBody, ConsentJson};
use crate::extract::{Book, Caller, CustomerPath, JsonBody, NoParams, customer_not_found};
use crate::openapi::{OperationErrors, UnknownCustomer};
use crate::problem::Problem;
use crate::state::ApiState;

/// Note whether a customer agrees to campaigns.
///
/// Who said so, when and from where goes into the audit log. Said again, it changes nothing.
#[utoipa::path(
    put,
    path = "/api/v1/customers/{id}/consent",
    operation_id = "set_customer_consent",
    tag = "campaigns",
    security(("api_key" = ["book"])),
    params(("id" = i64, Path, description = "The customer")),
    request_body = ConsentBody,
    responses(
        (status = 200, body = ConsentJson, description = "What holds now"),
        UnknownCustomer,
        OperationErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Book>,
    CustomerPath(id): CustomerPath,
    _: NoParams,
    body: JsonBody<ConsentBody>,
) -> Result<Json<ConsentJson>, Problem> {
    let (change, source) = body.value.read()?;
    let by = state.actor(&caller.principal).by;
    let company = caller.principal.company;
    let holds = state
        .app
        .change_consent(company, (id, change), (&by, &source));
    let holds = holds
        .await
        .map_err(Problem::store)?
        .ok_or_else(customer_not_found)?;
    Ok(Json(ConsentJson::from(holds)))
}
