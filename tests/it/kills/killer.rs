//! Kills a process, starts it again, and kills it again: at a moment that dice choose, or at a
//! named place.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use booking_domain::ports::PLACES;
use booking_test_support::dice::Dice;
use booking_test_support::postgres_server::TestPostgres;
use booking_test_support::process::GatewayProcess;
use booking_test_support::redis::TestRedis;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::sleep;

const FAILPOINT: &str = "BOOKING_FAILPOINT";
/// A place that is not reached in this time is never reached.
const PLACE_LIMIT: Duration = Duration::from_secs(30);

/// So often a start may fail, while Postgres is down.
const MOST_STARTS: usize = 20;

/// What was killed, and how much is still to be.
#[derive(Debug)]
pub(super) struct Kills {
    wanted: usize,
    done: Mutex<BTreeMap<&'static str, usize>>,
}

impl Kills {
    pub(super) fn new(wanted: usize) -> Self {
        let done = Mutex::default();
        Self { wanted, done }
    }

    fn count(&self, how: &'static str) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done.entry(how).or_default() += 1;
    }

    fn enough(&self) -> bool {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.values().sum::<usize>() >= self.wanted
    }
}

impl fmt::Display for Kills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "{} kills:", done.values().sum::<usize>())?;
        done.iter().try_for_each(|(how, n)| write!(f, " {how} {n}"))
    }
}

/// What is always wrong with Cal.com: it takes its time before and after, and some answers never
/// come although all is done, or nothing is.
pub(super) fn usual_faults() -> Value {
    json!([
        {"route": "POST /v2/bookings", "accept_overlaps": true},
        {"route": "POST /v2/bookings/{uid}/reschedule", "accept_overlaps": true},
        {"latency_ms": 30, "answer_latency_ms": 30},
        {"route": "POST /v2/bookings", "skip": 20, "times": 10, "commit_then_500": true},
        {"route": "POST /v2/bookings", "skip": 60, "times": 5, "timeout_without_commit": 3},
        {"route": "POST /v2/bookings/{uid}/reschedule", "skip": 5, "times": 5, "commit_then_500": true},
        {"route": "POST /v2/bookings/{uid}/cancel", "skip": 5, "times": 5, "commit_then_500": true}
    ])
}

/// Somebody who kills one process.
pub(super) struct Killer<'a> {
    gateway: &'a mut GatewayProcess,
    http: Client,
    simulator: String,
    dice: Dice,
    places: Vec<&'static str>,
}

impl<'a> Killer<'a> {
    pub(super) fn new(
        gateway: &'a mut GatewayProcess,
        (http, simulator): (Client, String),
        dice: Dice,
    ) -> Self {
        Self {
            gateway,
            http,
            simulator,
            dice,
            places: PLACES.into(),
        }
    }

    /// Until there were enough kills, and one at each place. Leaves the process running.
    pub(super) async fn kill_on(&mut self, kills: &Kills) -> anyhow::Result<()> {
        while !kills.enough() || !self.places.is_empty() {
            if self.dice.percent(35)
                && let Some(place) = self.places.pop()
            {
                self.at_place(place).await?;
                kills.count(place);
            } else {
                self.at_random().await?;
                kills.count("random");
            }
        }
        self.start_for_good().await
    }

    async fn start(&mut self, failpoint: Option<String>) -> anyhow::Result<()> {
        self.gateway.next_time(FAILPOINT, failpoint);
        self.gateway.restart().await
    }

    /// A process that finds no Postgres ends, and whoever runs it starts it again.
    async fn start_for_good(&mut self) -> anyhow::Result<()> {
        for _ in 0..MOST_STARTS {
            self.start(None).await?;
            if self.gateway.wait_ready().await.is_ok() {
                return Ok(());
            }
        }
        self.start(None).await?;
        self.gateway.wait_ready().await
    }

    /// One in ten dies while it starts.
    async fn at_random(&mut self) -> anyhow::Result<()> {
        if self.dice.percent(10) {
            self.start(None).await?;
        } else {
            self.start_for_good().await?;
        }
        sleep(Duration::from_millis(200 + self.dice.below(1_000))).await;
        match self.gateway.ended()? {
            Some(_) => Ok(()),
            None => self.gateway.kill9().await,
        }
    }

    async fn at_place(&mut self, place: &'static str) -> anyhow::Result<()> {
        let nth = if place.ends_with("look_up") {
            self.lose_answers().await?;
            1
        } else {
            1 + self.dice.below(4)
        };
        for _ in 0..MOST_STARTS {
            self.start(Some(format!("{place}:{nth}"))).await?;
            let ended = self.gateway.wait(PLACE_LIMIT).await;
            let status = ended.with_context(|| format!("{place}:{nth} was not reached"))?;
            if status.code().is_none() {
                return Ok(());
            }
        }
        anyhow::bail!(
            "{place}: it does not start: {:#?}",
            self.gateway.log().last()
        )
    }

    /// So that something has to be looked up.
    async fn lose_answers(&self) -> anyhow::Result<()> {
        let rule = json!({"route": "POST /v2/bookings", "times": 5, "commit_then_500": true});
        let url = format!("{}/_sim/faults", self.simulator);
        self.http
            .post(url)
            .json(&rule)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }
}

/// Kills Redis and Postgres every few seconds until there were enough kills of gateways.
pub(super) async fn kill_servers(
    (redis, postgres): (&mut TestRedis, &mut TestPostgres),
    kills: &Kills,
    mut dice: Dice,
) -> anyhow::Result<()> {
    while !kills.enough() {
        sleep(Duration::from_millis(2_000 + dice.below(6_000))).await;
        if dice.percent(50) {
            redis.restart_empty().await?;
            kills.count("redis");
        } else {
            postgres.crash().await?;
            kills.count("postgres");
        }
    }
    Ok(())
}
