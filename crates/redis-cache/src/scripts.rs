//! The scripts, and the arguments they take.

use std::sync::LazyLock;

use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::{Deleted, FillLease};
use redis::{Script, ScriptInvocation};

use crate::filing::{Filing, lease_name};

static PUT: LazyLock<Script> = LazyLock::new(|| filing(include_str!("scripts/put.lua")));
static BEGIN: LazyLock<Script> = LazyLock::new(|| filing(include_str!("scripts/begin.lua")));
static COMMIT: LazyLock<Script> = LazyLock::new(|| filing(include_str!("scripts/commit.lua")));
static ABANDON: LazyLock<Script> = LazyLock::new(|| filing(include_str!("scripts/abandon.lua")));
static FORGET: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/forget.lua")));

/// How many milliseconds longer a set lives than what is filed in it.
const SET_MARGIN: u64 = 60_000;

/// Layer 1, layer 2, names tried.
pub(crate) type Counts = (u64, u64, u64);

/// Keeps the bytes, and files them.
pub(crate) fn put(prefix: &str, filing: &Filing, bytes: &[u8]) -> ScriptInvocation<'static> {
    let mut call = prepare(&PUT, prefix, filing);
    call.arg(bytes);
    call
}

/// Takes the lease and files it.
pub(crate) fn begin(prefix: &str, key: &CacheKey, lease: &FillLease) -> ScriptInvocation<'static> {
    let mut call = prepare(&BEGIN, prefix, &Filing::of_lease(key, lease));
    call.arg(lease.token.to_string());
    call
}

/// As [`put`], under the lease.
pub(crate) fn commit(
    prefix: &str,
    filing: &Filing,
    bytes: &[u8],
    lease: &FillLease,
) -> ScriptInvocation<'static> {
    let mut call = prepare(&COMMIT, prefix, filing);
    call.arg(bytes).arg(lease_name(&filing.name));
    call.arg(lease.token.to_string());
    call
}

/// Gives the lease back.
pub(crate) fn abandon(
    prefix: &str,
    key: &CacheKey,
    lease: &FillLease,
) -> ScriptInvocation<'static> {
    let mut call = prepare(&ABANDON, prefix, &Filing::of_lease(key, lease));
    call.arg(lease.token.to_string());
    call
}

/// Removes what is filed under the tags.
pub(crate) fn forget(prefix: &str, tags: &[Tag]) -> ScriptInvocation<'static> {
    let mut call = FORGET.prepare_invoke();
    for tag in tags {
        call.key(format!("{prefix}{tag}"));
    }
    call.arg(prefix).arg("tags");
    call
}

/// Removes what is filed under any tag of the event type.
pub(crate) fn forget_all(prefix: &str, event_type: EventTypeId) -> ScriptInvocation<'static> {
    let mut call = FORGET.prepare_invoke();
    call.key(index(prefix, event_type));
    call.arg(prefix).arg("index");
    call
}

pub(crate) fn deleted((layer1, layer2, total_keys): Counts) -> Deleted {
    Deleted {
        layer1,
        layer2,
        total_keys,
    }
}

/// The set of an event type's tags.
pub(crate) fn index(prefix: &str, event_type: EventTypeId) -> String {
    format!("{prefix}calcom:tag:{event_type}:all")
}

fn filing(script: &str) -> Script {
    Script::new(&[include_str!("scripts/filing.lua"), script].concat())
}

fn prepare(script: &'static Script, prefix: &str, filing: &Filing) -> ScriptInvocation<'static> {
    let mut call = script.prepare_invoke();
    call.key(format!("{prefix}{}", filing.name));
    call.key(index(prefix, filing.event_type));
    for tag in &filing.tags {
        call.key(format!("{prefix}{tag}"));
    }
    call.arg(prefix).arg(&filing.name);
    call.arg(filing.life).arg(filing.life + SET_MARGIN);
    call
}

#[cfg(test)]
mod tests {
    use booking_domain::cache_key::{DayRangeKey, HourWindowKey};

    /// The script tells the layers apart by the beginning of a name.
    #[test]
    fn the_script_knows_the_names_of_the_domain() {
        let script = include_str!("scripts/forget.lua");
        for begin in [DayRangeKey::PREFIX, HourWindowKey::PREFIX] {
            let test = format!("string.sub(name, 1, {}) == '{begin}'", begin.len());
            assert!(script.contains(&test), "{test}");
        }
    }
}
