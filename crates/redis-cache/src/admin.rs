//! The rare work for people: counting, clearing, pinging. Over a small pool, with limits of its own.

use std::future::Future;
use std::time::Duration;

use booking_domain::cache_key::{DayRangeKey, HourWindowKey};
use booking_domain::ports::CacheOverview;
use deadpool_redis::{Connection, Manager, Pool, PoolError, Runtime};
use redis::{AsyncConnectionConfig, ConnectionInfo, FromRedisValue, RedisError};
use tokio::time::timeout;

use crate::link::Request;
use crate::settings::RedisCacheError;

/// The longest that a person waits.
const LIMIT: Duration = Duration::from_secs(5);
/// How long one command of it may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 2;
/// How many names one step of a count looks at: Redis serves others between the steps.
const STEP: usize = 1_000;

#[derive(Debug, thiserror::Error)]
pub(crate) enum AdminError {
    #[error("no connection to Redis")]
    Connect(#[source] PoolError),
    #[error("Redis answered with an error")]
    Redis(#[source] RedisError),
    #[error("it took longer than {LIMIT:?}")]
    Late,
}

pub(crate) struct Admin {
    pool: Pool,
}

impl Admin {
    /// Connects when it is first used.
    pub(crate) fn new(info: ConnectionInfo) -> Result<Self, RedisCacheError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(COMMAND_LIMIT))
            .set_response_timeout(Some(COMMAND_LIMIT));
        let manager = Manager::new_with_config(info, config).map_err(RedisCacheError::Url)?;
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1);
        Ok(Self {
            pool: pool.build().map_err(RedisCacheError::Pool)?,
        })
    }

    pub(crate) async fn ask<T: FromRedisValue>(&self, request: &Request) -> Result<T, AdminError> {
        within_limit(async {
            let mut connection = self.connection().await?;
            let answer = request.send(&mut connection).await;
            answer.map_err(AdminError::Redis)
        })
        .await
    }

    /// Counts the entries under the prefix by walking over every name on the server, in small
    /// steps. A name may be counted twice while Redis rearranges its table.
    pub(crate) async fn overview(&self, prefix: &str) -> Result<CacheOverview, AdminError> {
        within_limit(async {
            let mut connection = self.connection().await?;
            let pattern = format!("{}cal*", literal(prefix));
            let mut overview = CacheOverview::default();
            let mut cursor = 0;
            loop {
                let mut step = redis::cmd("SCAN");
                step.arg(cursor).arg("MATCH").arg(&pattern);
                step.arg("COUNT").arg(STEP);
                let found: Result<(u64, Vec<String>), _> = step.query_async(&mut connection).await;
                let (next, names) = found.map_err(AdminError::Redis)?;
                for name in names.iter().filter_map(|name| name.strip_prefix(prefix)) {
                    overview.layer1_entries += u64::from(name.starts_with(DayRangeKey::PREFIX));
                    overview.layer2_entries += u64::from(name.starts_with(HourWindowKey::PREFIX));
                }
                if next == 0 {
                    return Ok(overview);
                }
                cursor = next;
            }
        })
        .await
    }

    async fn connection(&self) -> Result<Connection, AdminError> {
        self.pool.get().await.map_err(AdminError::Connect)
    }
}

async fn within_limit<T>(
    work: impl Future<Output = Result<T, AdminError>>,
) -> Result<T, AdminError> {
    timeout(LIMIT, work).await.unwrap_or(Err(AdminError::Late))
}

/// The text as a pattern that matches nothing else.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '^') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
