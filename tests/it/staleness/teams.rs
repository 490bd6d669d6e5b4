//! Who can be booked: a team of two with two services, a team of one, and a team of one whose list at
//! Cal.com lags. Three working days of each.

use std::net::Ipv4Addr;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use booking_domain::time::Day;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::judge::Capacity;
use super::log::{DayLog, Host, Moment, Quarters};
use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_15, KEY_20, setup_file};

pub(super) const DAYS: usize = 2;
/// Opening hours, in quarters of a day.
const OPENS: u8 = 8 * 4;
const CLOSES: u8 = 18 * 4;
/// Ben's own appointments, which only Cal.com knows of: hours of every day.
const BEN_IS_AWAY: [u8; 3] = [9, 12, 15];

#[derive(Debug)]
pub(super) struct Service {
    pub(super) id: i64,
    /// How long it takes, in quarters of an hour.
    pub(super) length: u8,
}

#[derive(Debug)]
pub(super) struct Team {
    pub(super) key: &'static str,
    /// What Cal.com knows the company by.
    pub(super) account: &'static str,
    pub(super) services: &'static [Service],
    hosts: &'static [Host],
    pub(super) lags: bool,
    pub(super) days: Vec<Workday>,
}

#[derive(Debug)]
pub(super) struct Workday {
    pub(super) day: Day,
    date: String,
    log: Mutex<DayLog>,
}

impl Workday {
    /// The `n`th from now.
    fn new(n: usize) -> Self {
        let day = working_day(n);
        Self {
            day,
            date: day.to_string(),
            log: Mutex::default(),
        }
    }
}

impl Team {
    fn new(key: &'static str, account: &'static str, lags: bool) -> Self {
        let (services, hosts): (&[Service], &[Host]) = match account {
            "cal_test_15" => (
                &[Service { id: 1, length: 4 }, Service { id: 2, length: 1 }],
                &[1, 2],
            ),
            "cal_test_20" => (&[Service { id: 3, length: 2 }], &[3]),
            _ => (&[Service { id: 4, length: 4 }], &[4]),
        };
        Self {
            key,
            account,
            services,
            hosts,
            lags,
            days: (3..3 + DAYS).map(Workday::new).collect(),
        }
    }

    pub(super) fn capacity(&self) -> Capacity<'_> {
        Capacity {
            hosts: self.hosts,
            lags: self.lags,
        }
    }

    /// The day with this date, if it is one of ours.
    pub(super) fn day(&self, date: &str) -> Option<usize> {
        self.days.iter().position(|it| it.date == date)
    }

    /// The log of a day; everybody else waits until the guard is dropped.
    pub(super) fn log(&self, day: usize) -> MutexGuard<'_, DayLog> {
        self.days[day]
            .log
            .lock()
            .expect("nobody panics while writing")
    }
}

impl Service {
    /// When its slots begin.
    pub(super) fn starts(&self) -> impl Iterator<Item = u8> {
        (OPENS..=CLOSES - self.length).step_by(usize::from(self.length))
    }
}

pub(super) fn teams() -> Vec<Team> {
    vec![
        Team::new(KEY_15, "cal_test_15", false),
        Team::new(KEY_20, "cal_test_20", false),
        Team::new("bk_test_25_admin_000000000000", "cal_test_25", true),
    ]
}

/// Makes the third company, at Cal.com and here, and Ben's own appointments. Webhooks come for
/// company 15 only: the others must get along without.
pub(super) async fn settle(it: &Installation, teams: &[Team]) -> anyhow::Result<()> {
    let mut world = it.simulate(Method::GET, "/_sim/world", Value::Null).await?;
    let accounts = world["accounts"].as_array_mut().expect("accounts");
    let mut third = accounts[1].clone();
    third["api_key"] = json!("cal_test_25");
    third["hosts"][0]["id"] = json!(701);
    third["event_types"][0]["id"] = json!(2_563_399);
    third["event_types"][0]["length_in_minutes"] = json!(60);
    third["event_types"][0]["host_ids"] = json!([701]);
    accounts.push(third);
    it.simulate(Method::PUT, "/_sim/world", world).await?;
    import_third(it).await?;
    it.simulate(Method::DELETE, "/_sim/webhooks", Value::Null)
        .await?;
    for url in [
        it.gateways[0].url("/api/calcom/webhook/15"),
        slow_subscriber().await?,
    ] {
        let hook = json!({"account": "cal_test_15", "secret": "whsec_15", "url": url});
        it.simulate(Method::POST, "/_sim/webhooks", hook).await?;
    }
    for n in 0..DAYS {
        for hour in BEN_IS_AWAY {
            let away = json!({"event_type_id": 2_563_193, "start": at(teams[0].days[n].day, hour),
                              "host_id": 502, "deliver": false});
            it.simulate(Method::POST, "/_sim/outsider/bookings", away)
                .await?;
            let mut log = teams[0].log(n);
            let number = log.ask(Quarters::from(4 * hour, 4), Moment::ZERO);
            log.granted(number, 2, Moment::ZERO);
        }
    }
    Ok(())
}

/// Somebody else whom Cal.com tells, and waits for, before it lets go of what is cancelled.
async fn slow_subscriber() -> anyhow::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let late = post(async || tokio::time::sleep(Duration::from_millis(60)).await);
    let router = Router::new().route("/", late);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

async fn import_third(it: &Installation) -> anyhow::Result<()> {
    let mut setup = setup_file(&it.simulator.url(""), 2);
    let mut third = setup["companies"][1].take();
    third["id"] = json!(25);
    third["calcom"]["api_key"] = json!("cal_test_25");
    third["branches"][0]["id"] = json!(3);
    third["staff"][0]["id"] = json!(4);
    third["staff"][0]["calcom_user_id"] = json!(701);
    let service = &mut third["services"][0];
    service["id"] = json!(4);
    service["branch_id"] = json!(3);
    service["duration_minutes"] = json!(60);
    service["calcom_event_type_id"] = json!(2_563_399);
    service["staff_ids"] = json!([4]);
    third["api_keys"][0]["token"] = json!("bk_test_25_admin_000000000000");
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), json!({"companies": [third]}).to_string())?;
    let path = file.path().to_string_lossy();
    crate::run::output(it.command(&["tenant", "import", &path])).await?;
    Ok(())
}
