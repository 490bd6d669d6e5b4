//! Cal.com.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use booking_calcom_client::{CalcomClient, CalcomSettings};
use booking_domain::ports::CallBudget;
use booking_redis_cache::RedisCache;

use super::clock;
use crate::config::Config;

/// Cal.com over HTTP. With Redis all instances count their calls together.
pub(crate) fn calendar(
    config: &Config,
    redis: Option<&RedisCache>,
) -> anyhow::Result<Arc<CalcomClient>> {
    let per_minute = config.calcom.requests_per_minute.get();
    let budget = redis.map(|redis| Arc::new(redis.budget(per_minute)) as Arc<dyn CallBudget>);
    let settings = CalcomSettings {
        write_timeout: Duration::from_secs(config.sync.call_timeout_seconds.get().into()),
        breaker: config.breaker.policy(),
        per_minute,
        shared_budget: budget,
        ..CalcomSettings::new(clock())
    };
    let client = CalcomClient::new(settings).context("the Cal.com client could not be built")?;
    Ok(Arc::new(client))
}
