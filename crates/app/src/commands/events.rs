//! `events list`: which listener hears of which event.

use std::path::Path;

use booking_application::listeners::CATALOGUE;
use booking_domain::events::EventKind;
use serde_json::json;

use super::output;
use crate::config::load;

pub(crate) fn run(file: Option<&Path>, as_json: bool) -> anyhow::Result<()> {
    let off = load(file)?.listeners_off()?;
    let mut rows = Vec::new();
    for kind in EventKind::ALL {
        let hearing = CATALOGUE.iter().filter(|(_, wants)| wants.contains(&kind));
        let names: Vec<_> = hearing
            .map(|(name, _)| (*name, !off.contains(*name)))
            .collect();
        rows.push((kind.as_str(), names));
    }
    if as_json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(event, names)| {
                let listeners: Vec<_> = names
                    .iter()
                    .map(|(name, on)| json!({"name": name, "on": on}))
                    .collect();
                json!({"event": event, "listeners": listeners})
            })
            .collect();
        output::json(&json!(rows));
        return Ok(());
    }
    output::line(format!("{:<24} {:<20} SWITCH", "EVENT", "LISTENER"));
    for (event, names) in rows {
        if names.is_empty() {
            output::line(format!("{event:<24} -"));
        }
        for (name, on) in names {
            output::line(format!(
                "{event:<24} {name:<20} {}",
                if on { "on" } else { "off" }
            ));
        }
    }
    Ok(())
}
