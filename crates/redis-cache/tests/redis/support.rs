//! Entries, keys and a plain connection beside the cache.

use std::time::Duration;

use booking_domain::availability::{AvailabilityEntry, EntryScope, Stamp};
use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::{CompanyId, EpochId, EventTypeId, GroupId};
use booking_domain::time::{Instant, Span, TimeRange};
use booking_redis_cache::{RedisCache, RedisSettings};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, FromRedisValue};
use uuid::Uuid;

pub(crate) const EVENT_TYPE: EventTypeId = EventTypeId::new(2_563_193);
/// For tests that are not about time: a busy machine must not decide them.
pub(crate) const PATIENT: Duration = Duration::from_secs(10);

pub(crate) fn now() -> Instant {
    "2025-10-12T12:00:00Z".parse().unwrap()
}

pub(crate) fn key(text: &str) -> CacheKey {
    text.parse().unwrap()
}

pub(crate) fn tag(day: &str) -> Tag {
    Tag {
        event_type: EVENT_TYPE,
        day: day.parse().unwrap(),
    }
}

/// An entry for the key that lives for a minute.
pub(crate) fn entry(key: &CacheKey) -> AvailabilityEntry {
    lasting(key, Span::seconds(60))
}

pub(crate) fn lasting(key: &CacheKey, life: Span) -> AvailabilityEntry {
    let window = key.window();
    AvailabilityEntry {
        format: AvailabilityEntry::FORMAT,
        scope: EntryScope {
            company: CompanyId::new(15),
            event_type: key.event_type(),
            group: GroupId::new(1),
            account: "fictional".to_owned(),
            duration_minutes: 30,
            window,
        },
        stamp: Stamp {
            epoch: EpochId::new(Uuid::nil()),
            sum: 7,
        },
        fetched_at: now(),
        expires_at: now() + life,
        slots: vec![TimeRange::lasting(window.start(), 30)],
    }
}

pub(crate) async fn cache(url: &str, prefix: &str, timeout: Duration) -> RedisCache {
    let settings = RedisSettings {
        timeout,
        ..RedisSettings::new(url, prefix)
    };
    RedisCache::connect(settings).await.unwrap()
}

/// A connection of the test's own.
pub(crate) struct Raw(MultiplexedConnection);

impl Raw {
    pub(crate) async fn connect(url: &str) -> Self {
        let client = redis::Client::open(url).unwrap();
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(PATIENT));
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        Self(connection.await.unwrap())
    }

    pub(crate) async fn ask<T: FromRedisValue>(&mut self, words: &[&str]) -> T {
        let (name, arguments) = words.split_first().unwrap();
        let mut command = redis::cmd(name);
        for argument in arguments {
            command.arg(*argument);
        }
        command.query_async(&mut self.0).await.unwrap()
    }

    /// How often the server has carried out the command.
    pub(crate) async fn times(&mut self, command: &str) -> u64 {
        let statistics: String = self.ask(&["INFO", "commandstats"]).await;
        let line = format!("cmdstat_{command}:calls=");
        let calls = statistics.lines().find_map(|it| it.strip_prefix(&line));
        calls
            .and_then(|it| it.split(',').next())
            .map_or(0, |it| it.parse().unwrap())
    }
}
