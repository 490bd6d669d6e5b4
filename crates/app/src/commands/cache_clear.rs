//! `cache clear`: forget what is free of an event type.

use std::path::Path;

use anyhow::bail;
use booking_domain::ids::EventTypeId;
use booking_domain::ports::Deleted;
use serde_json::json;

use super::{output, prepare};
use crate::wiring::build_for_command;

pub(crate) async fn run(file: Option<&Path>, event_type: i64, as_json: bool) -> anyhow::Result<()> {
    let app = build_for_command(&prepare(file)?).await?;
    let id = EventTypeId::new(event_type);
    let companies = app.companies_with(id).await?;
    if companies.is_empty() {
        bail!(
            "no company has a service with event type {event_type}: nothing was cleared (the set-up \
             says which there are, as `calcom_event_type_id`)"
        );
    }
    let mut all = Deleted::default();
    for setup in &companies {
        let deleted = app.invalidate_event_type(setup.company.id, id).await?;
        all.layer1 += deleted.layer1;
        all.layer2 += deleted.layer2;
    }
    if as_json {
        let layers = json!({"calcom_slots": all.layer1, "alternative_slots": all.layer2});
        output::json(&json!({ "layers": layers }));
        return Ok(());
    }
    output::line(format!(
        "Event type {event_type} is outdated everywhere. Removed: {} of calcom_slots, {} of \
         alternative_slots.",
        all.layer1, all.layer2
    ));
    Ok(())
}
