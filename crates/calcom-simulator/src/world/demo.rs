//! The demo tenant: two fictional practices that share nothing.

use std::collections::BTreeMap;

use chrono_tz::Europe::Berlin;

use super::{Account, EventType, Host, Scheduling, Settings, Weekday, Window, World};

pub(super) fn world() -> World {
    World {
        settings: Settings::default(),
        accounts: vec![
            Account {
                api_key: "cal_test_15".to_owned(),
                webhook_secret: Some("whsec_15".to_owned()),
                webhooks: Vec::new(),
                hosts: vec![
                    host(501, "Anna Berg", "anna@praxis.example"),
                    host(502, "Ben Vogt", "ben@praxis.example"),
                ],
                event_types: vec![
                    event_type(2_563_193, ("beratung", "Beratung"), 60, &[501, 502]),
                    event_type(2_563_194, ("kurztermin", "Kurztermin"), 15, &[501, 502]),
                ],
            },
            Account {
                api_key: "cal_test_20".to_owned(),
                webhook_secret: Some("whsec_20".to_owned()),
                webhooks: Vec::new(),
                hosts: vec![host(601, "Clara Sommer", "clara@studio.example")],
                event_types: vec![EventType {
                    scheduling: Scheduling::Personal,
                    ..event_type(2_563_299, ("erstgespraech", "Erstgespräch"), 30, &[601])
                }],
            },
        ],
    }
}

fn host(id: u64, name: &str, email: &str) -> Host {
    Host {
        id,
        name: name.to_owned(),
        email: email.to_owned(),
        username: name.to_lowercase().replace(' ', "-"),
        time_zone: Berlin,
    }
}

fn event_type(id: u64, (slug, title): (&str, &str), minutes: u32, hosts: &[u64]) -> EventType {
    EventType {
        id,
        slug: slug.to_owned(),
        title: title.to_owned(),
        length_in_minutes: minutes,
        length_options: Vec::new(),
        slot_interval: None,
        host_ids: hosts.to_vec(),
        scheduling: Scheduling::RoundRobin,
        time_zone: Berlin,
        opening_hours: weekdays("08:00", "18:00"),
        requires_confirmation: false,
        seats: None,
        minimum_booking_notice: 0,
        before_event_buffer: 0,
        after_event_buffer: 0,
    }
}

fn weekdays(from: &str, to: &str) -> BTreeMap<Weekday, Vec<Window>> {
    let window = Window::new(from, to).expect("the demo's hours are valid");
    [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
    ]
    .into_iter()
    .map(|day| (day, vec![window]))
    .collect()
}
