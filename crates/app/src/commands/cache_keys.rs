//! `cache keys`: what a window is called in both layers. Needs no server.

use booking_domain::cache_key::{DayRangeKey, HourWindowKey};
use booking_domain::ids::{BranchId, CompanyId, EventTypeId};
use booking_domain::time::TimeRange;
use serde_json::json;

use super::output;
use crate::cli::CacheKeysArgs;

/// Layer-1 windows up to so many days are listed by `--overlapping`.
const LISTED_DAYS: u32 = 31;

pub(crate) fn run(args: &CacheKeysArgs) -> anyhow::Result<()> {
    let window = TimeRange::new(args.start, args.end)?;
    let event_type = EventTypeId::new(args.event_type);
    let company = CompanyId::new(args.company);
    let branch = Some(args.branch).filter(|id| *id != 0).map(BranchId::new);
    let (layer1, layer2): (Vec<String>, Vec<String>) = if args.overlapping {
        let hours = HourWindowKey::MAX_HOURS;
        (
            DayRangeKey::touched_by(event_type, &window, LISTED_DAYS)
                .map(|key| key.to_string())
                .collect(),
            HourWindowKey::touched_by(company, branch, event_type, &window, hours)
                .map(|key| key.to_string())
                .collect(),
        )
    } else {
        (
            vec![DayRangeKey::covering(event_type, &window).to_string()],
            vec![HourWindowKey::covering(company, branch, event_type, &window).to_string()],
        )
    };
    if args.json {
        output::json(&json!({ "layer1": layer1, "layer2": layer2 }));
    } else {
        for key in layer1.iter().chain(&layer2) {
            output::line(key);
        }
    }
    Ok(())
}
