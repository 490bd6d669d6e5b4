//! The port, put together: names and bytes on one side, the connection on the other.

use std::time::Duration;

use async_trait::async_trait;
use booking_domain::availability::AvailabilityEntry;
use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::{AvailabilityCache, CacheError, CacheOverview, Deleted};
use booking_domain::time::Instant;
use redis::Client;

use crate::admin::Admin;
use crate::link::{Link, Request};
use crate::settings::{RedisCacheError, RedisSettings};
use crate::{envelope, scripts};

/// Both availability cache layers in Redis.
pub struct RedisCache {
    prefix: String,
    link: Link,
    admin: Admin,
}

impl RedisCache {
    /// Begins to connect. That Redis does not answer is no error: reads are misses until it does,
    /// and connecting goes on in the background.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub async fn connect(settings: RedisSettings) -> Result<Self, RedisCacheError> {
        // One crypto provider for everything; whoever comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let info = settings.connection_info()?;
        let client = Client::open(info.clone()).map_err(RedisCacheError::Url)?;
        let admin = Admin::new(info)?;
        Ok(Self {
            prefix: settings.prefix,
            link: Link::open(client, settings.timeout).await,
            admin,
        })
    }

    /// Whether Redis answers at all; for readiness pages.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), CacheError> {
        let ping = Request::Command(redis::cmd("PING"));
        self.admin.ask(&ping).await.map_err(failed("answer a ping"))
    }
}

#[async_trait]
impl AvailabilityCache for RedisCache {
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<AvailabilityEntry>>, CacheError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = redis::cmd("MGET");
        for key in keys {
            command.arg(format!("{}{key}", self.prefix));
        }
        let values = self.link.ask(&Request::Command(command)).await;
        let values: Vec<Option<Vec<u8>>> = values.map_err(failed("answer a read"))?;
        let entry = |bytes: &Vec<u8>| envelope::decode(bytes);
        Ok(values
            .iter()
            .map(|value| value.as_ref().and_then(entry))
            .collect())
    }

    async fn put(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        now: Instant,
    ) -> Result<(), CacheError> {
        const ACTION: &str = "keep an entry";
        let request = match life(entry, now) {
            Some(life) => {
                let bytes = envelope::encode(entry).map_err(failed(ACTION))?;
                let tags = tags(key, entry);
                Request::Script(scripts::put(&self.prefix, key, &tags, &bytes, life))
            }
            // Its time is over, and what was there before it is older still.
            None => {
                let mut unlink = redis::cmd("UNLINK");
                unlink.arg(format!("{}{key}", self.prefix));
                Request::Command(unlink)
            }
        };
        let kept: Result<(), _> = self.link.ask(&request).await;
        kept.map_err(failed(ACTION))
    }

    async fn invalidate(&self, tags: &[Tag]) -> Result<Deleted, CacheError> {
        if tags.is_empty() {
            return Ok(Deleted::default());
        }
        let script = Request::Script(scripts::forget(&self.prefix, tags));
        let counts = self.link.ask(&script).await;
        counts
            .map(scripts::deleted)
            .map_err(failed("forget the entries of a change"))
    }

    async fn clear(&self, event_type: EventTypeId) -> Result<Deleted, CacheError> {
        let script = Request::Script(scripts::forget_all(&self.prefix, event_type));
        let counts = self.admin.ask(&script).await;
        counts
            .map(scripts::deleted)
            .map_err(failed("forget the entries of an event type"))
    }

    async fn overview(&self) -> Result<CacheOverview, CacheError> {
        let overview = self.admin.overview(&self.prefix).await;
        overview.map_err(failed("count its entries"))
    }
}

/// How long the entry may stay; `None` when its time is over.
fn life(entry: &AvailabilityEntry, now: Instant) -> Option<Duration> {
    let micros = entry.expires_at.since(now).as_micros();
    let millis = u64::try_from(micros / 1_000).ok()?;
    (millis > 0).then(|| Duration::from_millis(millis))
}

/// The days that the entry's name or its content covers.
fn tags(key: &CacheKey, entry: &AvailabilityEntry) -> Vec<Tag> {
    let mut tags = Tag::of_window(key.event_type(), &key.window());
    tags.extend(Tag::of_window(key.event_type(), &entry.scope.window));
    tags.sort_unstable();
    tags.dedup();
    tags
}

fn failed<E>(action: &'static str) -> impl FnOnce(E) -> CacheError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |error| CacheError {
        action,
        source: error.into(),
    }
}
