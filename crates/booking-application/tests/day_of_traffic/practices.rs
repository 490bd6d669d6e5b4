//! Three companies with two services each, open Monday to Friday from 8 to 18: a practice of two, a
//! physiotherapy of three, a hairdresser alone.

use booking_domain::ids::{CompanyId, EventTypeId, HostId, ServiceId};
use booking_domain::tenant::SetupFile;
use booking_domain::time::{Day, Instant, LocalTime, Span, TimeRange, Weekday, ZoneName};
use serde_json::{Value, json};

pub(crate) const COMPANIES: usize = 3;

/// So many people, and how long their services take, in minutes.
const ALL: [(i64, [u32; 2]); COMPANIES] = [(2, [30, 15]), (3, [60, 30]), (1, [45, 30])];
const OPENS: u8 = 8;
const OPEN_MINUTES: u32 = 600;

/// What can be booked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub(crate) id: ServiceId,
    pub(crate) event_type: EventTypeId,
    pub(crate) minutes: u32,
    pub(crate) company: CompanyId,
    people: i64,
}

impl Service {
    /// Those of a company.
    pub(crate) fn of(company: usize) -> [Self; 2] {
        let (people, minutes) = ALL[company];
        [0, 1].map(|n| {
            let id = (10 * (company + 1) + n) as i64;
            Self {
                id: ServiceId::new(id),
                event_type: EventTypeId::new(1_000 + id),
                minutes: minutes[n],
                company: CompanyId::new(company as i64 + 1),
                people,
            }
        })
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..COMPANIES).flat_map(Self::of)
    }

    pub(crate) fn named(event_type: EventTypeId) -> Self {
        Self::all().find(|it| it.event_type == event_type).unwrap()
    }

    /// Those who perform it: everybody of the company.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = HostId> + use<> {
        let company = self.company.get();
        (0..self.people).map(move |n| HostId::new(500 + 10 * company + n))
    }

    /// All its slots of a day.
    pub(crate) fn slots(&self, day: Day) -> impl Iterator<Item = TimeRange> + use<> {
        let closed = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let (first, minutes) = (at(day, OPENS), self.minutes);
        let count = if closed { 0 } else { OPEN_MINUTES / minutes };
        (0..count).map(move |n| {
            TimeRange::lasting(first + Span::minutes(i64::from(n * minutes)), minutes)
        })
    }
}

pub(crate) fn zone() -> ZoneName {
    "Europe/Berlin".parse().unwrap()
}

/// This hour of the day in Berlin.
pub(crate) fn at(day: Day, hour: u8) -> Instant {
    let time = LocalTime::new(hour, 0).unwrap();
    zone().resolve(day, time).lenient()
}

pub(crate) fn setup() -> SetupFile {
    let companies: Vec<Value> = (0..COMPANIES).map(company).collect();
    serde_json::from_value(json!({"companies": companies})).unwrap()
}

fn company(n: usize) -> Value {
    let services = Service::of(n);
    let id = services[0].company;
    let people: Vec<i64> = services[0].hosts().map(|it| it.get()).collect();
    let staff: Vec<Value> = people
        .iter()
        .map(|host| json!({"id": host, "name": format!("Person {host}"), "calcom_user_id": host}))
        .collect();
    let open = json!([["08:00", "18:00"]]);
    let hours = json!({"mon": open, "tue": open, "wed": open, "thu": open, "fri": open});
    let service = |it: Service| {
        json!({"id": it.id, "name": format!("Service {}", it.id), "duration_minutes": it.minutes,
               "calcom_event_type_id": it.event_type, "staff_ids": people, "opening_hours": hours})
    };
    json!({"id": id, "name": format!("Company {id}"), "time_zone": "Europe/Berlin",
           "calcom": {"base_url": "http://127.0.0.1:9", "api_key": format!("cal_test_{id}"),
                      "webhook_secret": "whsec"},
           "staff": staff, "services": services.map(service)})
}
