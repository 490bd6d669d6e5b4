//! The two scripts, and the arguments they take.

use std::sync::LazyLock;
use std::time::Duration;

use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::Deleted;
use redis::{Script, ScriptInvocation};

static PUT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/put.lua")));
static FORGET: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/forget.lua")));

/// How much longer a set lives than the entries filed in it.
const SET_MARGIN: Duration = Duration::from_secs(60);

/// Layer 1, layer 2, names tried.
pub(crate) type Counts = (u64, u64, u64);

/// Keeps the bytes under the key for `life`, filed under the tags.
pub(crate) fn put(
    prefix: &str,
    key: &CacheKey,
    tags: &[Tag],
    bytes: &[u8],
    life: Duration,
) -> ScriptInvocation<'static> {
    let mut call = PUT.prepare_invoke();
    let name = key.to_string();
    call.key(format!("{prefix}{name}"))
        .key(index(prefix, key.event_type()));
    call.arg(bytes).arg(millis(life));
    call.arg(name).arg(millis(life + SET_MARGIN));
    for tag in tags {
        call.key(format!("{prefix}{tag}")).arg(tag.to_string());
    }
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

fn index(prefix: &str, event_type: EventTypeId) -> String {
    format!("{prefix}calcom:tag:{event_type}:all")
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
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
