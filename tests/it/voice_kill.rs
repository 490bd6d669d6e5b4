//! A gateway dies between Cal.com's success and the answer to a voice agent. The same invocation,
//! sent again to the next process, comes to the same appointment and the same sentence, and there is
//! one booking at Cal.com.
//!
//! Cal.com accepts overlaps, answers no repeat with the original and tells nobody by webhook, so that
//! it covers up nothing.

use std::time::Duration;

use anyhow::{Context, ensure};
use booking_domain::time::Instant;
use booking_test_support::process::GatewayProcess;
use booking_test_support::wait::until;
use reqwest::Client;
use serde_json::{Value, json};

use crate::days::{at, working_day};
use crate::installation::{Installation, Options, client, setup_file, start_simulator};
use crate::run::Home;
use crate::telephone::Telephone;

const FAILPOINT: &str = "BOOKING_FAILPOINT";
const LIMIT: Duration = Duration::from_secs(60);
/// So that what a dead process began is soon looked up.
const CALL_TIMEOUT: (&str, &str) = ("BOOKING__SYNC__CALL_TIMEOUT_SECONDS", "1");

/// A gateway to be killed, and Cal.com.
struct Practice {
    gateway: GatewayProcess,
    calcom: String,
    http: Client,
}

impl Practice {
    async fn open(mut gateway: GatewayProcess, calcom: String) -> anyhow::Result<Self> {
        let http = client()?;
        let put = async |path: &str, body: Value| -> anyhow::Result<()> {
            let request = http.put(format!("{calcom}{path}")).json(&body);
            request.send().await?.error_for_status()?;
            Ok(())
        };
        put(
            "/_sim/settings",
            json!({"rate_limit_per_minute": 0, "same_attendee_returns_original": false}),
        )
        .await?;
        put(
            "/_sim/faults",
            json!([{"route": "POST /v2/bookings", "accept_overlaps": true},
                   {"route": "POST /v2/bookings/{uid}/reschedule", "accept_overlaps": true},
                   {"webhooks": {"drop": true}}]),
        )
        .await?;
        gateway.wait_ready().await?;
        Ok(Self {
            gateway,
            calcom,
            http,
        })
    }

    fn caller(&self, call: &str) -> Telephone {
        let gateway = self.gateway.url("");
        Telephone::new(&self.http, gateway, ("+491713920042", call))
    }

    /// The starts of what stands at Cal.com.
    async fn at_calcom(&self) -> anyhow::Result<Vec<Instant>> {
        let state = self.http.get(format!("{}/_sim/state", self.calcom));
        let state: Value = serde_json::from_str(&state.send().await?.text().await?)?;
        let bookings = state["bookings"].as_array().context("bookings")?;
        let live = bookings.iter().filter(|it| it["status"] == "accepted");
        live.map(|it| Ok(it["start"].as_str().context("a start")?.parse()?))
            .collect()
    }

    /// The invocation kills the gateway as soon as Cal.com has done it; the next process is asked
    /// the same until it is sure. Every answer before is about the same appointment.
    async fn killed_amid(
        &mut self,
        (function, wanted): (&str, &str),
        args: &Value,
    ) -> anyhow::Result<Value> {
        self.gateway
            .next_time(FAILPOINT, Some("after_call:1".to_owned()));
        self.gateway.restart().await?;
        self.gateway.wait_ready().await?;
        let (caller, tool) = (self.caller("call_1"), format!("tool_{function}"));
        let lost = caller.ask(function, &tool, args.clone()).await;
        ensure!(lost.is_err(), "it was answered: {lost:?}");
        let ended = self.gateway.wait(LIMIT).await?;
        ensure!(ended.code().is_none(), "it was not killed: {ended}");
        self.gateway.next_time(FAILPOINT, None);
        self.gateway.restart().await?;
        self.gateway.wait_ready().await?;
        let about = std::sync::Mutex::new(None);
        let mut sure = Value::Null;
        until(LIMIT, "the gateway is sure", async || {
            let answer = caller.ask(function, &tool, args.clone()).await?;
            let mut about = about.lock().unwrap_or_else(|it| it.into_inner());
            let id = about.get_or_insert_with(|| answer["data"]["id"].clone());
            ensure!(*id == answer["data"]["id"], "another one: {answer}");
            let code = answer["code"].as_str().unwrap_or_default();
            ensure!(code == wanted, "{answer}");
            Ok(())
        })
        .await?;
        for tool in [tool.as_str(), "tool_again"] {
            let answer = caller.ask(function, tool, args.clone()).await?;
            ensure!(answer["code"] == wanted, "{tool}: {answer}");
            ensure!(
                sure.is_null()
                    || (&sure["say"], &sure["data"]) == (&answer["say"], &answer["data"]),
                "{tool}: {sure} {answer}"
            );
            sure = answer;
        }
        Ok(sure)
    }

    /// Books, moves and cancels, and is killed each time; a second caller does the same an hour
    /// later in peace, and hears the same sentences.
    async fn lives_through_it(mut self) -> anyhow::Result<()> {
        let (day, next) = (working_day(3), working_day(4));
        let peace = self.caller("call_2");
        let told = |answer: &Value, hour: &str| {
            let said = answer["say"].as_str().unwrap_or_default();
            assert!(said.contains(hour), "what came of it is said: {said}");
            said.replace(hour, "neun Uhr")
        };
        let moment = |day, hour| -> anyhow::Result<Instant> { Ok(at(day, hour).parse()?) };
        let book = |hour: &str| json!({"dienstleistung": "Beratung", "datum": day.to_string(), "uhrzeit": hour, "name": "Jörg Müßig"});
        let booked = self
            .killed_amid(("book_appointment", "booked"), &book("9 Uhr"))
            .await?;
        ensure!(
            self.at_calcom().await? == [moment(day, 9)?],
            "booked once at Cal.com"
        );
        let calm = peace.ask("book_appointment", "b", book("10 Uhr")).await?;
        assert_eq!(told(&booked, "neun Uhr"), told(&calm, "zehn Uhr"));

        // After the move an appointment stands where the option is: a repeat that judges anew by how
        // things stand takes the option for that, and goes back to the old day.
        let chosen = async |who: &Telephone, hour: &str| {
            let wish =
                json!({"dienstleistung": "Beratung", "datum": next.to_string(), "uhrzeit": hour});
            let free = who.ask("check_availability", "f", wish).await?;
            ensure!(free["code"] == "available", "{free}");
            anyhow::Ok(free["option_1"].clone())
        };
        let moving = |old: &str, option: Value| json!({"datum": day.to_string(), "uhrzeit": old, "option": option, "confirm": true});
        let option = chosen(&self.caller("call_1"), "9 Uhr").await?;
        let moved = self
            .killed_amid(
                ("reschedule_appointment", "rescheduled"),
                &moving("9 Uhr", option),
            )
            .await?;
        assert_eq!(moved["data"]["id"], booked["data"]["id"]);
        let mut there = self.at_calcom().await?;
        there.sort_unstable();
        ensure!(
            there == [moment(day, 10)?, moment(next, 9)?],
            "moved once: {there:?}"
        );
        let option = chosen(&peace, "10 Uhr").await?;
        let calm = peace
            .ask("reschedule_appointment", "r", moving("10 Uhr", option))
            .await?;
        assert_eq!(told(&moved, "neun Uhr"), told(&calm, "zehn Uhr"));

        let cancelling = |hour: &str| json!({"datum": next.to_string(), "uhrzeit": hour});
        let gone = self
            .killed_amid(("cancel_appointment", "cancelled"), &cancelling("9 Uhr"))
            .await?;
        assert_eq!(gone["data"]["id"], booked["data"]["id"]);
        ensure!(
            self.at_calcom().await? == [moment(next, 10)?],
            "cancelled once"
        );
        let calm = peace
            .ask("cancel_appointment", "c", cancelling("10 Uhr"))
            .await?;
        assert_eq!(told(&gone, "neun Uhr"), told(&calm, "zehn Uhr"));
        ensure!(self.at_calcom().await?.is_empty(), "nothing is left");
        Ok(())
    }
}

/// Red when an intent has no key of its own, so that the repeat books again; when what a dead
/// process began is not looked up, but done again; when a repeat of a move or a cancellation is "not
/// found".
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_after_a_kill_is_the_same_on_postgres() -> anyhow::Result<()> {
    let (name, value) = CALL_TIMEOUT;
    let options = Options {
        settings: vec![(name, value.to_owned())],
        ..Options::default()
    };
    let mut it = Installation::start(options).await?;
    let calcom = it.simulator.url("");
    let gateway = it.gateways.remove(0);
    Practice::open(gateway, calcom)
        .await?
        .lives_through_it()
        .await
}

/// The same with everything in one file.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_after_a_kill_is_the_same_on_sqlite() -> anyhow::Result<()> {
    let simulator = start_simulator(&client()?).await?;
    let home = Home::new()?;
    home.import(&setup_file(&simulator.url(""), 2)).await?;
    let (name, value) = CALL_TIMEOUT;
    let gateway = home.command(&["serve"]).env(name, value).start().await?;
    let practice = Practice::open(gateway, simulator.url("")).await?;
    practice.lives_through_it().await
}
