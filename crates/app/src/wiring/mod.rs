//! Where ports meet adapters: the only place that names them.

mod cache;
mod calendar;
mod edge;
mod failpoints;
mod messages;
mod sealed_setup;
mod stores;

use std::sync::Arc;
use std::time::Duration;

use booking_application::{Application, Deps, LinkKey, Settings};
use booking_calcom_client::CalcomClient;
use booking_domain::ports::{AvailabilityCache, Clock, EdgePurge, IdSource};
use booking_domain::time::Span;
use booking_redis_cache::RedisSettings;

pub(crate) use cache::{PATIENCE, connect_redis, memory_cache};
pub(crate) use calendar::calendar;
pub(crate) use edge::edge;
pub(crate) use messages::{Carriers, carriers, sms, smtp};
pub(crate) use sealed_setup::{DefaultAccount, SealedSetup, SecretKey};
pub(crate) use stores::{
    DatabaseUrl, OpenStore, connect_postgres, database_url, open_sqlite, open_store,
};

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::system::{SystemClock, SystemIds};

/// Builds the gateway from configuration. Opens the store; caches and Cal.com connect when used.
pub(crate) async fn build(config: &Config) -> anyhow::Result<Arc<Application>> {
    build_with(config, RedisSettings::DEFAULT_TIMEOUT).await
}

/// As [`build`], for a command that a person waits for.
pub(crate) async fn build_for_command(config: &Config) -> anyhow::Result<Arc<Application>> {
    build_with(config, PATIENCE).await
}

async fn build_with(config: &Config, patience: Duration) -> anyhow::Result<Arc<Application>> {
    let store = open_store(config).await?;
    let store = with_sealed_setup(store, config)?;
    let redis = connect_redis(config, patience).await?;
    let calendar = calendar(config, redis.as_deref())?;
    let shared = redis.map(|redis| redis as Arc<dyn AvailabilityCache>);
    if shared.is_none() && store.is_shared {
        tracing::warn!(
            "no BOOKING__REDIS_URL: the cache lives in this process only, which suits a single instance"
        );
    }
    assemble(
        &store,
        (memory_cache(config), shared),
        (calendar, edge(config)?, carriers(config)?),
        settings(config)?,
    )
}

/// The store with secrets sealed and the default account filled in.
pub(crate) fn with_sealed_setup(
    mut store: OpenStore,
    config: &Config,
) -> anyhow::Result<OpenStore> {
    let key = SecretKey::from_config(config.encryption_key.as_ref())?;
    store.ports.setup = Arc::new(SealedSetup::new(
        store.ports.setup,
        key,
        DefaultAccount::of(config),
    ));
    Ok(store)
}

/// What the operator chose, for the application.
pub(crate) fn settings(config: &Config) -> anyhow::Result<Settings> {
    Ok(Settings {
        cache_ttl: Span::seconds(i64::from(config.cache.ttl_seconds)),
        saga: config.saga_policy()?,
        retry: config.retry_policy()?,
        listeners_off: config.listeners_off()?,
        public_url: config.public_url()?,
        link_key: link_key(config),
    })
}

/// Signs the handles of offered slots. Derived from the encryption key, so that every instance
/// understands the others' handles; without one, good for this process only.
pub(crate) fn handle_key(config: &Config) -> [u8; 32] {
    match &config.encryption_key {
        Some(key) => Sha256::digest(["option handles", key.expose_secret()].concat()).into(),
        None => SystemIds.secret_bytes(),
    }
}

/// Signs the links by which customers opt out. They must stay good, so there are none without an
/// encryption key.
fn link_key(config: &Config) -> Option<LinkKey> {
    let key = config.encryption_key.as_ref()?.expose_secret();
    let digest = Sha256::digest(["unsubscribe links", key].concat());
    Some(LinkKey(digest.into()))
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

pub(crate) fn ids() -> Arc<dyn IdSource> {
    Arc::new(SystemIds)
}

type Caches = (
    Arc<dyn AvailabilityCache>,
    Option<Arc<dyn AvailabilityCache>>,
);

type Outside = (Arc<CalcomClient>, Option<Arc<dyn EdgePurge>>, Carriers);

pub(crate) fn assemble(
    store: &OpenStore,
    (near_cache, shared_cache): Caches,
    (calendar, edge, carriers): Outside,
    settings: Settings,
) -> anyhow::Result<Arc<Application>> {
    let deps = Deps {
        clock: clock(),
        ids: ids(),
        store: store.ports.clone(),
        wakeups: store.wakeups.clone(),
        near_cache,
        shared_cache,
        health: calendar.clone(),
        calendar,
        edge,
        carriers,
        probe: failpoints::probe()?,
    };
    Ok(Application::new(deps, settings))
}
