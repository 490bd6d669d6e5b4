//! Call #852, as it should have gone.
//!
//! At 18:36 a customer booked 08:00 on Cal.com's page. At 20:38 the voice agent told a caller
//! "08:00 ist frei", because nobody had told the cache. Here the same people do the same things
//! over the real routes, and at each step the caches are opened.

use std::sync::Arc;

use anyhow::ensure;
use axum::Router;
use booking_application::Application;
use booking_domain::cache_key::CacheKey;
use booking_domain::ids::{CompanyId, ServiceId};
use booking_domain::ports::AvailabilityCache;
use booking_domain::time::{Instant, ZoneName};
use booking_http_api::Api;
use serde_json::{Value, json};

use super::{tenant, visitor};
use crate::commands::output::line;
use crate::wiring;

const COMPANY: CompanyId = CompanyId::new(15);
const SERVICE: ServiceId = ServiceId::new(1);

struct Stage<'a> {
    app: &'a Arc<Application>,
    cache: &'a Arc<dyn AvailabilityCache>,
    api: &'a Api,
    start: Instant,
    zone: ZoneName,
}

pub(super) async fn tell(
    app: &Arc<Application>,
    cache: &Arc<dyn AvailabilityCache>,
    api: &Api,
    simulator: &Router,
) -> anyhow::Result<()> {
    let start_text = tenant::next_morning(wiring::clock().now(), 8);
    let zone: ZoneName = "Europe/Berlin".parse()?;
    let stage = Stage {
        app,
        cache,
        api,
        start: start_text.parse()?,
        zone,
    };
    let day = zone.local(stage.start).day;

    line("Call #852");
    line("=========");
    line("Praxis Sonnenschein has two people for a \"Beratung\": Anna Berg and Ben Vogt.");
    line(format!(
        "It is about 08:00 on {day}. One of the two is booked then already."
    ));
    visitor::book_at_calcom(
        simulator,
        &start_text,
        ("Max Frühaufsteher", "max@mail.example"),
    )
    .await?;

    chapter("18:30", "a caller asks the voice agent for 08:00");
    let before = stage.ask("call_851").await?;
    ensure!(
        before["code"] == "available",
        "08:00 should have been offered: {before}"
    );
    stage.show_caches(true).await?;

    chapter(
        "18:36",
        "a customer books the last 08:00 on Cal.com's own page",
    );
    let booked = visitor::book_at_calcom(
        simulator,
        &start_text,
        ("Karla Kundin", "karla@mail.example"),
    )
    .await?;
    let host = booked["booking"]["hosts"][0]["name"]
        .as_str()
        .unwrap_or("the other one")
        .to_owned();
    line(format!(
        "         Cal.com      booked with {host}; its webhook was delivered and signed"
    ));
    stage.show_caches(false).await?;

    chapter("20:38", "call #852: the next caller asks for 08:00");
    let after = stage.ask("call_852").await?;
    ensure!(
        after["code"] != "available",
        "08:00 was offered although it was sold: {after}"
    );
    ensure!(
        after["option_count"].as_u64() > Some(0),
        "nothing was offered instead: {after}"
    );
    let offered_again = after["option_1_start"].as_str() == Some(&start_text);
    ensure!(
        !offered_again,
        "the sold slot was offered as an alternative: {after}"
    );
    stage.show_caches(true).await?;

    line("");
    line("08:00 was offered while it was free, was gone from both cache layers the moment it was");
    line("sold, and the next caller heard honest alternatives. Nobody was told a lie.");
    Ok(())
}

fn chapter(time: &str, what: &str) {
    line("");
    line(format!("{time}    {what}"));
}

impl Stage<'_> {
    async fn ask(&self, call_id: &str) -> anyhow::Result<Value> {
        let day = self.zone.local(self.start).day;
        let args =
            json!({"dienstleistung": "Beratung", "datum": day.to_string(), "uhrzeit": "8 Uhr"});
        let answer = visitor::voice_call(self.api, call_id, "check_availability", args).await?;
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        line(format!(
            "         asked        check_availability, Beratung, {day}, \"8 Uhr\""
        ));
        line(format!("         caller hears \"{}\"", text("say")));
        line(format!("         agent reads  {}", text("message")));
        Ok(answer)
    }

    /// What each layer holds about the hour in question; an error if that is not as it must be.
    async fn show_caches(&self, filled: bool) -> anyhow::Result<()> {
        let keys = self.app.keys_near(COMPANY, SERVICE, self.start).await?;
        for (at, key) in keys.iter().enumerate() {
            let found = self.cache.get(std::slice::from_ref(key)).await?;
            let entry = found.into_iter().flatten().next();
            let holds = match &entry {
                Some(entry) => {
                    let offered = entry.slots.iter().any(|slot| slot.start() == self.start);
                    let eight = if offered {
                        "08:00 among them"
                    } else {
                        "08:00 not among them"
                    };
                    format!("{} free slots, {eight}", entry.slots.len())
                }
                None => "nothing: forgotten".to_owned(),
            };
            line(format!("         layer {}      {key}", at + 1));
            line(format!("                      holds {holds}"));
            ensure!(
                entry.is_some() == filled,
                "layer {} should hold otherwise",
                at + 1
            );
            debug_assert!(matches!(
                (at, key),
                (0, CacheKey::Layer1(_)) | (1, CacheKey::Layer2(_))
            ));
        }
        Ok(())
    }
}
