//! Configuration: defaults, then the file, then the environment.
//!
//! Every key is named in [`keys`], so that a key nobody knows is refused by name instead of being
//! quietly ignored.

mod breaker;
mod keys;
mod load;
mod messages;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use booking_application::listeners::CATALOGUE;
use booking_domain::retry::{Ladder, RetryPolicy};
use booking_domain::saga::SagaPolicy;
use booking_domain::time::Span;
use booking_worker::Pools;
use secrecy::SecretString;
use serde::Deserialize;

pub(crate) use breaker::BreakerConfig;
pub(crate) use load::{ConfigError, load};
pub(crate) use messages::{SmsConfig, SmtpConfig};

/// Everything that can be configured. The names are those of the contract; see
/// `docs/configuration.md`.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    pub(crate) listen: String,
    pub(crate) public_url: Option<String>,
    pub(crate) database_url: Option<SecretString>,
    pub(crate) database_replica_url: Option<SecretString>,
    pub(crate) redis_url: Option<SecretString>,
    pub(crate) redis_prefix: String,
    pub(crate) calcom: CalcomConfig,
    pub(crate) retell: RetellConfig,
    pub(crate) cache: CacheConfig,
    pub(crate) edge: EdgeConfig,
    pub(crate) breaker: BreakerConfig,
    pub(crate) sync: SyncConfig,
    pub(crate) deadline: DeadlineConfig,
    pub(crate) workers: WorkersConfig,
    pub(crate) listeners: BTreeMap<String, String>,
    pub(crate) rate_limit: RateLimitConfig,
    pub(crate) smtp: SmtpConfig,
    pub(crate) sms: SmsConfig,
    pub(crate) log: String,
    pub(crate) log_format: String,
    pub(crate) encryption_key: Option<SecretString>,
    /// Settings that are known and do nothing in this version.
    #[serde(skip)]
    pub(crate) without_effect: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct CalcomConfig {
    pub(crate) base_url: String,
    pub(crate) api_key: Option<SecretString>,
    pub(crate) webhook_secret: Option<SecretString>,
    pub(crate) webhook_secret_previous: Option<SecretString>,
    pub(crate) requests_per_minute: NonZeroU32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RetellConfig {
    pub(crate) api_key: Option<SecretString>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct CacheConfig {
    pub(crate) ttl_seconds: u32,
    pub(crate) in_process: Switch,
}

/// `on` or `off`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct EdgeConfig {
    /// Secret like the token: hooks often have their secret in the address.
    pub(crate) purge_url: Option<SecretString>,
    pub(crate) purge_token: Option<SecretString>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct SyncConfig {
    pub(crate) backoff_seconds: String,
    pub(crate) give_up_hours: u32,
    pub(crate) quiesce_seconds: u32,
    pub(crate) call_timeout_seconds: NonZeroU32,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct DeadlineConfig {
    pub(crate) http_seconds: u32,
    pub(crate) voice_seconds: u32,
}

/// So many pieces of work side by side.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct WorkersConfig {
    pub(crate) calcom_sync: NonZeroU32,
    pub(crate) notifications: NonZeroU32,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct RateLimitConfig {
    pub(crate) per_second: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: None,
            database_url: None,
            database_replica_url: None,
            redis_url: None,
            redis_prefix: String::new(),
            calcom: CalcomConfig::default(),
            retell: RetellConfig::default(),
            cache: CacheConfig::default(),
            edge: EdgeConfig::default(),
            breaker: BreakerConfig::default(),
            sync: SyncConfig::default(),
            deadline: DeadlineConfig::default(),
            workers: WorkersConfig::default(),
            listeners: BTreeMap::new(),
            rate_limit: RateLimitConfig::default(),
            smtp: SmtpConfig::default(),
            sms: SmsConfig::default(),
            log: "info".to_owned(),
            log_format: "auto".to_owned(),
            encryption_key: None,
            without_effect: Vec::new(),
        }
    }
}

impl Default for CalcomConfig {
    fn default() -> Self {
        let base_url = "https://api.cal.com".to_owned();
        Self {
            base_url,
            api_key: None,
            webhook_secret: None,
            webhook_secret_previous: None,
            requests_per_minute: const { NonZeroU32::new(100).unwrap() },
        }
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            ttl_seconds: 60,
            in_process: Switch::On,
        }
    }
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            backoff_seconds: "1,5,30,120,600".to_owned(),
            give_up_hours: 24,
            quiesce_seconds: 120,
            call_timeout_seconds: const { NonZeroU32::new(30).unwrap() },
        }
    }
}

impl Default for DeadlineConfig {
    fn default() -> Self {
        Self {
            http_seconds: 8,
            voice_seconds: 2,
        }
    }
}

impl Default for WorkersConfig {
    fn default() -> Self {
        let usual = Pools::default();
        Self {
            calcom_sync: usual.calcom_sync,
            notifications: usual.notifications,
        }
    }
}

impl Default for RateLimitConfig {
    fn default() -> Self {
        Self { per_second: 100 }
    }
}

impl Config {
    /// How long jobs are tried: as long as sagas.
    pub(crate) fn retry_policy(&self) -> Result<RetryPolicy, ConfigError> {
        Ok(RetryPolicy {
            backoff: self.backoff()?,
            give_up_after: Span::hours(i64::from(self.sync.give_up_hours)),
        })
    }

    fn backoff(&self) -> Result<Ladder, ConfigError> {
        let parse = |text: &str| text.trim().parse::<u32>().ok();
        let steps: Option<Vec<_>> = self
            .sync
            .backoff_seconds
            .split(',')
            .map(|step| parse(step).map(|seconds| Span::seconds(i64::from(seconds))))
            .collect();
        steps.and_then(Ladder::new).ok_or_else(|| {
            ConfigError::value(
                "BOOKING__SYNC__BACKOFF_SECONDS",
                &self.sync.backoff_seconds,
                "a list of seconds like 1,5,30,120,600",
            )
        })
    }

    /// The times of the sagas.
    pub(crate) fn saga_policy(&self) -> Result<SagaPolicy, ConfigError> {
        Ok(SagaPolicy {
            backoff: self.backoff()?,
            give_up_after: Span::hours(i64::from(self.sync.give_up_hours)),
            quiet_time: Span::seconds(i64::from(self.sync.quiesce_seconds)),
            // Twice what a call may take: whoever made it has given up by then.
            call_limit: Span::seconds(2 * i64::from(self.sync.call_timeout_seconds.get())),
            call_timeout: Span::seconds(i64::from(self.sync.call_timeout_seconds.get())),
            ..SagaPolicy::default()
        })
    }

    /// Where customers reach this installation; an empty one is none.
    pub(crate) fn public_url(&self) -> Result<Option<String>, ConfigError> {
        let given = self.public_url.as_deref().map(str::trim);
        let Some(url) = given.filter(|url| !url.is_empty()) else {
            return Ok(None);
        };
        let rest = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"));
        let is_odd = |it: char| it.is_whitespace() || it.is_control() || "?#<>\"".contains(it);
        match rest {
            Some(rest) if !rest.trim_matches('/').is_empty() && !rest.contains(is_odd) => {
                Ok(Some(url.trim_end_matches('/').to_owned()))
            }
            _ => Err(ConfigError::value(
                "BOOKING__PUBLIC_URL",
                url,
                "an address like https://booking.example",
            )),
        }
    }

    /// How much is done side by side.
    pub(crate) fn pools(&self) -> Pools {
        Pools {
            calcom_sync: self.workers.calcom_sync,
            notifications: self.workers.notifications,
            ..Pools::default()
        }
    }

    /// The listeners that are switched off.
    pub(crate) fn listeners_off(&self) -> Result<BTreeSet<String>, ConfigError> {
        let mut off = BTreeSet::new();
        for (name, switch) in &self.listeners {
            if !CATALOGUE.iter().any(|(known, _)| known == name) {
                return Err(ConfigError::unknown_listener(name));
            }
            match switch.as_str() {
                "on" | "true" => {}
                "off" | "false" => {
                    off.insert(name.clone());
                }
                other => {
                    let key = format!("BOOKING__LISTENERS__{}", name.to_uppercase());
                    return Err(ConfigError::value(&key, other, "on or off"));
                }
            }
        }
        Ok(off)
    }
}
