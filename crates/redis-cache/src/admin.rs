//! The rare work for people: counting, clearing, pinging. Over a small pool, with limits of its own.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use booking_domain::cache_key::{DayRangeKey, HourWindowKey};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::CacheOverview;
use deadpool_redis::{Connection, Manager, Pool, PoolError, Runtime};
use redis::{AsyncConnectionConfig, Cmd, ConnectionInfo, FromRedisValue, RedisError};
use tokio::time::timeout;

use crate::link::Request;
use crate::scripts;
use crate::settings::RedisCacheError;

/// The longest that a person waits.
const LIMIT: Duration = Duration::from_secs(5);
/// How long one command of it may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 2;
/// How many entries one step of a count looks at: Redis serves others between the steps.
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

    /// Counts the entries of these event types by walking over their sets, in small steps.
    pub(crate) async fn overview(
        &self,
        prefix: &str,
        event_types: &[EventTypeId],
    ) -> Result<CacheOverview, AdminError> {
        within_limit(async {
            let mut connection = self.connection().await?;
            let mut names = BTreeSet::new();
            for event_type in event_types {
                names.extend(filed(&mut connection, prefix, *event_type).await?);
            }
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            Ok(CacheOverview {
                layer1_entries: living(&mut connection, prefix, DayRangeKey::PREFIX, &names)
                    .await?,
                layer2_entries: living(&mut connection, prefix, HourWindowKey::PREFIX, &names)
                    .await?,
            })
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

/// The names filed under any tag of the event type.
async fn filed(
    connection: &mut Connection,
    prefix: &str,
    event_type: EventTypeId,
) -> Result<Vec<String>, AdminError> {
    let mut tags = redis::cmd("SMEMBERS");
    tags.arg(scripts::index(prefix, event_type));
    let tags: Vec<String> = ask(connection, &tags).await?;
    let mut names = Vec::new();
    for tag in tags {
        let mut members = redis::cmd("SMEMBERS");
        members.arg(format!("{prefix}{tag}"));
        names.extend(ask::<Vec<String>>(connection, &members).await?);
    }
    Ok(names)
}

/// How many of those names that begin like this have a value.
async fn living(
    connection: &mut Connection,
    prefix: &str,
    begin: &str,
    names: &[&str],
) -> Result<u64, AdminError> {
    let of_layer = names.iter().filter(|name| name.starts_with(begin));
    let keys: Vec<_> = of_layer.map(|name| format!("{prefix}{name}")).collect();
    let mut count = 0;
    for step in keys.chunks(STEP) {
        count += ask::<u64>(connection, redis::cmd("EXISTS").arg(step)).await?;
    }
    Ok(count)
}

async fn ask<T: FromRedisValue>(
    connection: &mut Connection,
    command: &Cmd,
) -> Result<T, AdminError> {
    let answer = command.query_async(connection).await;
    answer.map_err(AdminError::Redis)
}
