//! `GET /health`

use axum::Json;
use axum::extract::State;
use booking_application::Application;
use booking_domain::cache_key::{CacheKey, DayRangeKey};
use booking_domain::ids::EventTypeId;
use booking_domain::time::{TimeRange, zone_data_version};

use super::{PATIENCE, store_is_up};
use crate::dto::{ComponentJson, ComponentsJson, HealthJson};
use crate::state::ApiState;

/// How the parts are. Always 200 while the process is alive: `/readyz` is for load balancers.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "health",
    tag = "operations",
    responses((status = 200, body = HealthJson, description = "How the parts are"))
)]
pub(crate) async fn handler(State(state): State<ApiState>) -> Json<HealthJson> {
    let (store_up, shared_cache, calendar) = tokio::join!(
        store_is_up(&state.app),
        shared_cache(&state.app),
        calendar(&state.app)
    );
    let store = if store_up { "up" } else { "down" };
    let degraded = !store_up || shared_cache == "down";
    let component = |status| ComponentJson { status };
    Json(HealthJson {
        status: if degraded { "degraded" } else { "ok" },
        version: env!("CARGO_PKG_VERSION"),
        zone_data_version: zone_data_version(),
        components: ComponentsJson {
            store: component(store),
            shared_cache: component(shared_cache),
            calendar: component(calendar),
        },
    })
}

/// One look-up of a name that nobody fills.
async fn shared_cache(app: &Application) -> &'static str {
    let Some(cache) = app.shared_cache() else {
        return "not_configured";
    };
    let now = TimeRange::lasting(app.now(), 1);
    let key = CacheKey::Layer1(DayRangeKey::covering(EventTypeId::new(0), &now));
    match tokio::time::timeout(PATIENCE, cache.get(&[key])).await {
        Ok(Ok(_)) => "up",
        Ok(Err(_)) | Err(_) => "down",
    }
}

/// Whether any company has a Cal.com account. Cal.com itself is not asked: its state is no part of
/// ours, and asking would use up the account's limit.
async fn calendar(app: &Application) -> &'static str {
    match tokio::time::timeout(PATIENCE, app.companies()).await {
        Ok(Ok(companies)) if companies.iter().any(|it| it.calcom.is_some()) => "configured",
        Ok(Ok(_)) => "not_configured",
        Ok(Err(_)) | Err(_) => "unknown",
    }
}
