//! The names of all configuration keys.

/// What becomes of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Use {
    /// It is used.
    Now,
    /// It is part of the contract, but nothing in this version uses it: said at the start.
    Later,
}

/// Every key, in the form of the file.
pub(super) const KEYS: &[(&str, Use)] = &[
    ("listen", Use::Now),
    ("public_url", Use::Now),
    ("database_url", Use::Now),
    ("database_replica_url", Use::Now),
    ("redis_url", Use::Now),
    ("redis_prefix", Use::Now),
    ("calcom.base_url", Use::Now),
    ("calcom.api_key", Use::Now),
    ("calcom.webhook_secret", Use::Now),
    ("calcom.webhook_secret_previous", Use::Now),
    ("calcom.requests_per_minute", Use::Now),
    ("retell.api_key", Use::Now),
    ("cache.ttl_seconds", Use::Now),
    ("cache.in_process", Use::Now),
    ("edge.purge_url", Use::Now),
    ("edge.purge_token", Use::Now),
    ("breaker.failures", Use::Now),
    ("breaker.open_seconds", Use::Now),
    ("breaker.successes", Use::Now),
    ("sync.backoff_seconds", Use::Now),
    ("sync.call_timeout_seconds", Use::Now),
    ("sync.give_up_hours", Use::Now),
    ("sync.quiesce_seconds", Use::Now),
    ("deadline.http_seconds", Use::Now),
    ("deadline.voice_seconds", Use::Now),
    ("reconcile.interval_seconds", Use::Later),
    ("workers.calcom_sync", Use::Now),
    ("workers.notifications", Use::Now),
    ("rate_limit.per_second", Use::Now),
    ("smtp.url", Use::Now),
    ("smtp.from", Use::Now),
    ("sms.url", Use::Now),
    ("sms.token", Use::Now),
    ("nats_url", Use::Later),
    ("log", Use::Now),
    ("log_format", Use::Now),
    ("otlp_endpoint", Use::Later),
    ("encryption_key", Use::Now),
];

/// Keys of which there is one per listener.
pub(super) const LISTENERS: &str = "listeners.";

/// The name in the environment.
pub(super) fn environment_name(key: &str) -> String {
    format!("BOOKING__{}", key.replace('.', "__").to_uppercase())
}

/// What becomes of this key; `None` for a key that nobody knows.
pub(super) fn look_up(key: &str) -> Option<Use> {
    if key.starts_with(LISTENERS) {
        return Some(Use::Now);
    }
    KEYS.iter()
        .find(|(known, _)| *known == key)
        .map(|(_, usage)| *usage)
}

/// The known key that is most like this one.
pub(super) fn most_like(key: &str) -> &'static str {
    let nearest = KEYS.iter().min_by_key(|(known, _)| distance(known, key));
    nearest.map_or("listen", |(known, _)| known)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_are_recognised() {
        assert_eq!(most_like("lsten"), "listen");
        assert_eq!(most_like("cache.tll_seconds"), "cache.ttl_seconds");
        assert_eq!(
            environment_name("cache.ttl_seconds"),
            "BOOKING__CACHE__TTL_SECONDS"
        );
        assert_eq!(look_up("listeners.invalidate_caches"), Some(Use::Now));
        assert_eq!(look_up("nonsense"), None);
    }
}
