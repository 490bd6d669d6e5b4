//! The demo's two companies, as a set-up file.

use booking_calcom_simulator::{Webhook, World};
use booking_domain::tenant::SetupFile;
use booking_domain::time::{Instant, LocalTime, Weekday, ZoneName};
use serde_json::json;

use crate::commands;

/// The key of company 15, scope admin.
pub(super) const KEY_15: &str = "bk_demo_15_admin_sonnenschein";
/// The key of company 20, scope admin.
pub(super) const KEY_20: &str = "bk_demo_20_admin_mondschein";
/// What Retell signs calls of company 15 with.
pub(super) const RETELL_KEY: &str = "key_15";

const TRIGGERS: [&str; 5] = [
    "BOOKING_CREATED",
    "BOOKING_REQUESTED",
    "BOOKING_RESCHEDULED",
    "BOOKING_CANCELLED",
    "BOOKING_REJECTED",
];

/// Both companies, their Cal.com at `calcom`.
pub(super) fn setup_file(calcom: &str) -> anyhow::Result<SetupFile> {
    let hours: serde_json::Map<String, serde_json::Value> = ["mon", "tue", "wed", "thu", "fri"]
        .map(|day| (day.to_owned(), json!([["08:00", "18:00"]])))
        .into_iter()
        .collect();
    let account = |company: i64| {
        json!({
            "base_url": calcom,
            "api_key": format!("cal_test_{company}"),
            "webhook_secret": format!("whsec_{company}")
        })
    };
    let service = |id: i64,
                   branch: i64,
                   name: &str,
                   alias: &str,
                   minutes: u32,
                   event_type: i64,
                   staff: &[i64]| {
        json!({
            "id": id, "branch_id": branch, "name": name, "aliases": [alias],
            "duration_minutes": minutes, "calcom_event_type_id": event_type,
            "staff_ids": staff, "opening_hours": hours
        })
    };
    let file = json!({"companies": [
        {
            "id": 15, "name": "Praxis Sonnenschein", "time_zone": "Europe/Berlin", "locale": "de",
            "calcom": account(15),
            "retell": {"api_key": RETELL_KEY, "agent_ids": ["agent_15"], "numbers": ["+493012345678"]},
            "branches": [{"id": 9, "name": "Mitte"}],
            "staff": [
                {"id": 1, "name": "Anna Berg", "email": "anna@praxis.example", "calcom_user_id": 501},
                {"id": 2, "name": "Ben Vogt", "email": "ben@praxis.example", "calcom_user_id": 502}
            ],
            "services": [
                service(1, 9, "Beratung", "consultation", 60, 2_563_193, &[1, 2]),
                service(2, 9, "Kurztermin", "short appointment", 15, 2_563_194, &[1, 2])
            ],
            "api_keys": [{"token": KEY_15, "scopes": ["admin"]}]
        },
        {
            "id": 20, "name": "Studio Mondschein", "time_zone": "Europe/Berlin", "locale": "de",
            "calcom": account(20),
            "retell": {"api_key": "key_20"},
            "branches": [{"id": 2, "name": "Nord"}],
            "staff": [{"id": 3, "name": "Clara Nacht", "calcom_user_id": 601}],
            "services": [service(3, 2, "Termin", "appointment", 30, 2_563_299, &[3])],
            "api_keys": [{"token": KEY_20, "scopes": ["admin"]}]
        }
    ]});
    commands::tenant::parse(&file.to_string())
}

/// Tells the simulator where to send its webhooks.
pub(super) fn subscribe(world: &mut World, gateway: &str) {
    for company in [15, 20] {
        let key = format!("cal_test_{company}");
        let accounts = world
            .accounts
            .iter_mut()
            .filter(|account| account.api_key == key);
        for account in accounts {
            account.webhooks.push(Webhook {
                url: format!("{gateway}/api/calcom/webhook/{company}"),
                secret: Some(format!("whsec_{company}")),
                triggers: TRIGGERS.map(str::to_owned).to_vec(),
            });
        }
    }
}

/// `hour` o'clock on the next working day in Berlin, as people write it.
pub(super) fn next_morning(now: Instant, hour: u8) -> String {
    let zone: ZoneName = "Europe/Berlin".parse().expect("a known zone");
    let mut day = zone.local(now).day.plus_days(1);
    while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        day = day.plus_days(1);
    }
    let time = LocalTime::new(hour, 0).expect("an hour of the day");
    zone.rfc3339(zone.resolve(day, time).lenient())
}
