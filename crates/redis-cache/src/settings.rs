//! Where Redis is and how long it may take.

use std::fmt;
use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::{ConnectionInfo, IntoConnectionInfo};

/// Where Redis is and how long it may take.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisSettings {
    /// Such as `redis://127.0.0.1:6379/0` or `rediss://user:password@cache.example:6380`.
    pub url: String,
    /// Put before every name, so that installations can share a server. Two Cal.com accounts never
    /// share a prefix: names of day ranges carry no company.
    pub prefix: String,
    /// The longest that a read, a write or an invalidation may take.
    pub timeout: Duration,
}

impl RedisSettings {
    /// What [`timeout`](Self::timeout) usually is: a miss is cheaper than a longer wait.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_millis(50);

    /// The default timeout.
    pub fn new(url: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            prefix: prefix.into(),
            timeout: Self::DEFAULT_TIMEOUT,
        }
    }

    pub(crate) fn connection_info(&self) -> Result<ConnectionInfo, RedisCacheError> {
        let info = self.url.as_str().into_connection_info();
        let info = info.map_err(RedisCacheError::Url)?;
        // Small writes must not wait for the answer to earlier ones.
        Ok(info.set_tcp_settings(TcpSettings::default().set_nodelay(true)))
    }
}

impl fmt::Debug for RedisSettings {
    /// Without the address: it may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            prefix, timeout, ..
        } = self;
        write!(f, "RedisSettings(prefix: {prefix:?}, timeout: {timeout:?})")
    }
}

/// Why the settings cannot be used. That Redis does not answer is no reason.
#[derive(Debug, thiserror::Error)]
pub enum RedisCacheError {
    /// Not an address.
    #[error("the Redis address needs a form like redis://127.0.0.1:6379/0")]
    Url(#[source] redis::RedisError),
    /// The pool for maintenance refuses its settings.
    #[error("the connections for maintenance cannot be prepared")]
    Pool(#[source] deadpool_redis::BuildError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_printed() {
        let settings = RedisSettings::new("redis://me:s3cret@127.0.0.1/", "p:");
        assert!(!format!("{settings:?}").contains("s3cret"));
        let bad = RedisSettings::new("mysql://me:s3cret@127.0.0.1/", "p:");
        let error = bad.connection_info().expect_err("not redis");
        assert!(!format!("{error:?} {error}").contains("s3cret"));
    }
}
