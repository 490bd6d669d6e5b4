//! Driven adapter: both availability cache layers in Redis.
//!
//! Redis is advice here. A cache that is down, slow, restarted empty or restored from an old copy
//! costs a fetch and nothing else: what an entry is worth is decided by the stamp inside it. So
//! every call is bounded by [`RedisSettings::timeout`], and every failure is a [`CacheError`] that
//! callers treat as a miss.
//!
//! | what | name, after the prefix | value |
//! |---|---|---|
//! | entry | the domain's [`CacheKey`], either layer | a byte that says how, then the entry as JSON, compressed above 1 KiB; expires with the entry |
//! | lease | `calcom:lease:{entry}` | the token of who may fill the entry; runs out |
//! | tag | `calcom:tag:{eventType}:{day}` | set of the entries and leases that cover the UTC day |
//! | index | `calcom:tag:{eventType}:all` | set of the event type's tags |
//! | budget | `calcom:budget:{account}`, `calcom:said:{account}` | an account's calls of the last minute, and what Cal.com said of its own limit; `account` is a digest |
//!
//! Sets name keys without the prefix, so nothing filed under one prefix can reach a key of
//! another. They live a minute longer than the longest-lived key filed under them, and every filing
//! drops a few names whose key is gone.
//!
//! Everything expires, so the server may throw out what it likes (`maxmemory-policy` `allkeys-lru`
//! or `volatile-ttl`; the first is kinder to leases, which end soonest). An entry that is gone is a
//! miss, a lease that is gone a refused fill. What lost its tag or index is not found by an
//! invalidation, a clearing or a count, and stays until it expires; so does what a restart from an
//! old copy brings back. After a change neither is believed: its stamp is old.
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
mod budget;
mod cache;
mod envelope;
mod filing;
mod link;
mod scripts;
mod settings;

pub use budget::RedisBudget;
pub use cache::RedisCache;
pub use settings::{RedisCacheError, RedisSettings};
