//! All seven entry points, each followed by a look into Redis: both layers have forgotten the days
//! it touched, other days and other companies are as they were, and the next answer is right.
//!
//! Mutations that turn it red: not calling `forget_availability` in one of the use cases together
//! with `BOOKING__LISTENERS__INVALIDATE_CACHES=off` (keys stay); dropping the stamp comparison in
//! `AvailabilityEntry::check` while invalidation is off (the next answer is wrong).

use std::collections::BTreeSet;

use booking_domain::cache_key::CacheKey;
use booking_domain::time::{Day, TimeRange};
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_20, Options};
use crate::telephone::Telephone;

struct Walk {
    installation: Installation,
    day: Day,
    other_day: Day,
}

impl Walk {
    /// Fills both layers for the day, another day and the other company.
    async fn fill(&self) -> anyhow::Result<BTreeSet<Name>> {
        for day in [self.day, self.other_day] {
            self.is_offered(day, 13).await?;
            let start = query(&at(day, 13));
            let path = format!("/api/v1/availability/alternatives?service_id=1&start={start}");
            let (status, _) = self
                .installation
                .ask(Method::GET, &path, Value::Null)
                .await?;
            assert_eq!(status, 200);
        }
        let path = format!(
            "/api/v1/availability?service_id=3&start={0}&end={0}",
            self.day
        );
        let request = (Method::GET, path.as_str());
        let (status, _) = self
            .installation
            .ask_as(KEY_20, 0, request, Value::Null)
            .await?;
        assert_eq!(status, 200);
        let keys = self.keys().await?;
        let on = |day| {
            keys.iter()
                .filter(move |key| key.touches(day))
                .collect::<Vec<_>>()
        };
        for (what, day) in [("the day", self.day), ("the other day", self.other_day)] {
            let layers: BTreeSet<_> = on(day).iter().map(|key| key.layer()).collect();
            assert_eq!(
                layers.len(),
                2,
                "both layers must be filled for {what}: {keys:#?}"
            );
        }
        assert!(
            keys.iter().any(Name::is_other_company),
            "company 20 must be filled: {keys:#?}"
        );
        Ok(keys)
    }

    async fn keys(&self) -> anyhow::Result<BTreeSet<Name>> {
        let mut keys = self.installation.redis_keys("calcom:slots:").await?;
        keys.extend(self.installation.redis_keys("cal_slots_").await?);
        keys.iter().map(|key| Ok(Name(key.parse()?))).collect()
    }

    /// Both layers have forgotten the day, and nothing else.
    async fn forgotten(&self, before: &BTreeSet<Name>, after: &str) -> anyhow::Result<()> {
        let left = self.keys().await?;
        for key in before {
            let must_go = key.touches(self.day) && !key.is_other_company();
            let went = !left.contains(key);
            assert_eq!(
                went, must_go,
                "after {after}: {key:?} went: {went}, must go: {must_go}"
            );
        }
        Ok(())
    }

    async fn is_offered(&self, day: Day, hour: u8) -> anyhow::Result<bool> {
        let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
        let (status, body) = self
            .installation
            .ask(Method::GET, &path, Value::Null)
            .await?;
        assert_eq!(status, 200, "{body}");
        let slots = body["slots"].as_array().expect("slots");
        Ok(slots
            .iter()
            .any(|slot| slot["start"] == at(day, hour).as_str()))
    }

    async fn offered(
        &self,
        filled: &BTreeSet<Name>,
        (hour, expected): (u8, bool),
        after: &str,
    ) -> anyhow::Result<()> {
        self.forgotten(filled, after).await?;
        assert_eq!(
            self.is_offered(self.day, hour).await?,
            expected,
            "{hour}:00 after {after}"
        );
        Ok(())
    }

    async fn book(&self, hour: u8, name: &str) -> anyhow::Result<String> {
        let body = json!({"service_id": 1, "start": at(self.day, hour),
                          "customer": {"name": name, "email": "kundin@mail.example"}});
        let (status, body) = self
            .installation
            .ask(Method::POST, "/api/v1/bookings", body)
            .await?;
        assert_eq!(status, 201, "{body}");
        assert_eq!(body["status"], "confirmed", "{body}");
        Ok(body["id"].as_str().expect("id").to_owned())
    }

    async fn outsider(&self, path: &str, body: Value) -> anyhow::Result<String> {
        let path = format!("/_sim/outsider/bookings{path}");
        let booked = self
            .installation
            .simulate(Method::POST, &path, body)
            .await?;
        Ok(booked["booking"]["uid"].as_str().expect("uid").to_owned())
    }

    /// A voice agent books for a caller; signed as Retell signs.
    async fn voice_books(&self, hour: u8) -> anyhow::Result<Value> {
        let it = &self.installation;
        let who = ("+491701234567", "call_852");
        let args = json!({"dienstleistung": "Beratung", "datum": self.day.to_string(),
                          "uhrzeit": format!("{hour} Uhr"), "name": "Jörg Müßig"});
        Telephone::new(&it.http, it.gateways[0].url(""), who)
            .ask("book_appointment", "tool_852", args)
            .await
    }
}

/// The name of an entry in Redis.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Name(CacheKey);

impl Name {
    fn touches(&self, day: Day) -> bool {
        let noon = at(day, 12).parse().expect("an instant");
        self.0.window().overlaps(&TimeRange::lasting(noon, 1))
    }

    fn layer(&self) -> u8 {
        match self.0 {
            CacheKey::Layer1(_) => 1,
            CacheKey::Layer2(_) => 2,
        }
    }

    fn is_other_company(&self) -> bool {
        self.0.event_type().get() == 2_563_299
    }
}

fn query(instant: &str) -> String {
    instant.replace('+', "%2B")
}

async fn by_webhook(walk: &Walk) -> anyhow::Result<()> {
    let filled = walk.fill().await?;
    let wish = json!({"event_type_id": 2_563_193, "start": at(walk.day, 9)});
    let uid = walk.outsider("", wish).await?;
    walk.offered(&filled, (9, false), "2 a webhook: created")
        .await?;

    let filled = walk.fill().await?;
    let uid = walk
        .outsider(
            &format!("/{uid}/reschedule"),
            json!({"start": at(walk.day, 10)}),
        )
        .await?;
    walk.offered(&filled, (10, false), "3 a webhook: rescheduled")
        .await?;
    assert!(
        walk.is_offered(walk.day, 9).await?,
        "the old time is free again"
    );

    let filled = walk.fill().await?;
    walk.outsider(&format!("/{uid}/cancel"), json!({})).await?;
    walk.offered(&filled, (10, true), "4 a webhook: cancelled")
        .await?;
    Ok(())
}

async fn by_api(walk: &Walk) -> anyhow::Result<()> {
    let filled = walk.fill().await?;
    let id = walk.book(11, "Erika Muster").await?;
    walk.offered(&filled, (11, false), "5 a booking over the API")
        .await?;

    let filled = walk.fill().await?;
    let path = format!("/api/v1/bookings/{id}/reschedule");
    let body = json!({"start": at(walk.day, 14)});
    let (status, moved) = walk.installation.ask(Method::POST, &path, body).await?;
    assert_eq!(
        (status, &moved["starts_at"]),
        (200, &json!(at(walk.day, 14))),
        "{moved}"
    );
    walk.offered(&filled, (14, false), "6 a move over the API")
        .await?;
    assert!(
        walk.is_offered(walk.day, 11).await?,
        "the old time is free again"
    );

    let filled = walk.fill().await?;
    let path = format!("/api/v1/bookings/{id}/cancel");
    let (status, gone) = walk
        .installation
        .ask(Method::POST, &path, json!({}))
        .await?;
    assert_eq!(
        (status, &gone["status"]),
        (200, &json!("cancelled")),
        "{gone}"
    );
    walk.offered(&filled, (14, true), "7 a cancellation over the API")
        .await?;
    Ok(())
}

/// One host, so that one booking decides whether a slot is offered.
#[tokio::test]
async fn every_entry_point_is_forgotten_by_both_layers() -> anyhow::Result<()> {
    let options = Options {
        hosts: 1,
        ..Options::default()
    };
    let installation = Installation::start(options).await?;
    let walk = Walk {
        installation,
        day: working_day(3),
        other_day: working_day(5),
    };

    let filled = walk.fill().await?;
    let booked = walk.voice_books(8).await?;
    assert_eq!(booked["code"], "booked", "{booked}");
    walk.offered(&filled, (8, false), "1 a voice function call")
        .await?;

    by_webhook(&walk).await?;
    by_api(&walk).await?;

    let left = walk.installation.calcom_bookings().await?;
    assert_eq!(
        left.len(),
        1,
        "only the caller's booking stands at Cal.com: {left:#?}"
    );
    Ok(())
}
