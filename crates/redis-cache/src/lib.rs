//! Driven adapter: both availability cache layers in Redis.
//!
//! Redis is advice here. A cache that is down, slow, restarted empty or restored from an old copy
//! costs a fetch and nothing else: what an entry is worth is decided by the stamp inside it. So
//! every call is bounded by [`RedisSettings::timeout`], and every failure is a [`CacheError`] that
//! callers treat as a miss.
//!
//! | what | name, after the prefix | value |
//! |---|---|---|
//! | entry | the domain's [`CacheKey`], either layer | version byte, then the entry as JSON; expires with the entry |
//! | tag | `calcom:tag:{eventType}:{day}` | set of the entries that cover the UTC day |
//! | index | `calcom:tag:{eventType}:all` | set of the event type's tags |
//!
//! Sets name entries without the prefix, so nothing filed under one prefix can reach a key of
//! another. They live a minute longer than the longest-lived entry filed under them.
//!
//! Reads, writes and invalidations share one multiplexed connection that a task in the background
//! keeps open. Counting, clearing and pinging are rare and for people; they use a small pool of
//! their own, so that a long count never stands in the way of a read.
//!
//! The scripts reach keys that their call does not name, so this needs one primary, not a cluster.
//!
//! [`CacheKey`]: booking_domain::cache_key::CacheKey
//! [`CacheError`]: booking_domain::ports::CacheError

mod admin;
mod cache;
mod envelope;
mod link;
mod scripts;
mod settings;

pub use cache::RedisCache;
pub use settings::{RedisCacheError, RedisSettings};
