//! `GET /problems/{code}`

use axum::Json;
use axum::extract::RawPathParams;
use axum::extract::rejection::RawPathParamsRejection;

use crate::dto::ProblemKindJson;
use crate::openapi::UnknownProblem;
use crate::problem::{Problem, TABLE, kind};

/// What the `type` of a problem document leads to.
#[utoipa::path(
    get,
    path = "/problems/{code}",
    operation_id = "get_problem_kind",
    tag = "operations",
    params(("code" = String, Path, description = "The code", example = "slot_taken")),
    responses(
        (status = 200, body = ProblemKindJson, description = "The kind of problem"),
        UnknownProblem,
    )
)]
pub(crate) async fn handler(
    params: Result<RawPathParams, RawPathParamsRejection>,
) -> Result<Json<ProblemKindJson>, Problem> {
    let params = params.ok();
    let code = params
        .as_ref()
        .and_then(|it| it.iter().next())
        .map(|(_, code)| code);
    let row = TABLE.iter().find(|row| Some(row.code) == code);
    let row = row.ok_or_else(|| Problem::new("not_found", "there is no such kind of problem"))?;
    Ok(Json(ProblemKindJson {
        kind: kind(row.code),
        title: row.title,
        status: row.status.as_u16(),
        code: row.code,
    }))
}
