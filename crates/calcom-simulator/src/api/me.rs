//! `GET /v2/me`: whose key it is.

use std::sync::Arc;

use serde_json::json;

use super::{Call, Reply};
use crate::error::ApiError;
use crate::sim::Sim;

pub(super) fn get(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let key = call.account()?;
    let world = sim.world();
    let owner = world.account(key).ok_or_else(ApiError::internal)?.owner();
    Ok(Reply::ok(json!({
        "id": owner.id,
        "username": owner.username,
        "email": owner.email,
        "name": owner.name,
        "avatarUrl": null,
        "bio": null,
        "timeFormat": 24,
        "defaultScheduleId": 1,
        "weekStart": "Monday",
        "timeZone": owner.time_zone.name(),
        "organizationId": null,
    })))
}
