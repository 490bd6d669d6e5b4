//! `GET /api/v1/bookings`

use axum::Json;
use axum::extract::State;
use booking_domain::appointment::{Status, SyncStatus};
use booking_domain::contact::Email;
use booking_domain::ids::{ServiceId, StaffId};
use booking_domain::ports::{AppointmentFilter, PageCursor};
use booking_domain::time::ZoneName;

use crate::dto::{PageJson, read_cursor, read_phone};
use crate::extract::{Bound, Caller, Params, Read};
use crate::openapi::ReadErrors;
use crate::problem::Problem;
use crate::state::ApiState;

const AN_ID: &str = "an id (a positive whole number)";

/// Appointments, in the order of their beginning.
///
/// Every parameter narrows the list. Dates are local to the company and inclusive.
#[utoipa::path(
    get,
    path = "/api/v1/bookings",
    operation_id = "list_bookings",
    tag = "bookings",
    security(("api_key" = ["read"])),
    params(
        ("status" = Option<String>, Query, description = "`pending`, `scheduled`, `confirmed`, \
         `cancelled`, `completed` or `no_show`"),
        ("from" = Option<String>, Query, description = "Over after this date or instant"),
        ("to" = Option<String>, Query, description = "Begun before the end of this date, or before \
         this instant"),
        ("service_id" = Option<i64>, Query),
        ("staff_id" = Option<i64>, Query),
        ("customer_phone" = Option<String>, Query),
        ("customer_email" = Option<String>, Query),
        ("sync_status" = Option<String>, Query, description = "`pending`, `synced`, `failed` or \
         `not_required`"),
        ("requires_review" = Option<bool>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 if absent"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = PageJson, description = "A page"),
        ReadErrors,
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller<Read>,
    params: Params,
) -> Result<Json<PageJson>, Problem> {
    let setup = state.setup_of(&caller.principal).await?;
    let (filter, after, limit) = read(params, setup.company.time_zone)?;
    let page = state
        .app
        .appointments(setup.company.id, &filter, after, limit)
        .await;
    Ok(Json(PageJson::from(&page.map_err(Problem::store)?)))
}

fn read(
    mut params: Params,
    zone: ZoneName,
) -> Result<(AppointmentFilter, Option<PageCursor>, u32), Problem> {
    let from = params
        .read("from", Bound::parse)
        .map(|bound| bound.start(zone));
    let to = params.read("to", Bound::parse).map(|bound| bound.end(zone));
    let filter = AppointmentFilter {
        status: params.word("status", Status::parse, &Status::ALL.map(Status::as_str)),
        sync_status: params.word(
            "sync_status",
            SyncStatus::parse,
            &SyncStatus::ALL.map(SyncStatus::as_str),
        ),
        from,
        to,
        service: params.parse::<ServiceId>("service_id", AN_ID),
        staff: params.parse::<StaffId>("staff_id", AN_ID),
        customer_phone: params.read("customer_phone", |text| {
            // A `+` that was not encoded arrives as a blank.
            let plus = text.strip_prefix(' ').map(|rest| format!("+{rest}"));
            read_phone(plus.as_deref().unwrap_or(text), zone)
        }),
        customer_email: params.read("customer_email", Email::parse),
        requires_review: params.flag("requires_review"),
    };
    let limit = params.page_size();
    let no_cursor = "is not a next_cursor of this list";
    let after = params.read("cursor", |text| read_cursor(text).ok_or(no_cursor));
    params.finish()?;
    match (from, to) {
        (Some(from), Some(to)) if to <= from => {
            Err(Problem::new("invalid_range", "`to` must lie after `from`"))
        }
        _ => Ok((filter, after, limit)),
    }
}
