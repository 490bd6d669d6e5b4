//! What is offered and what can be booked are one story, with the real binary: a company whose hours
//! are not its calendar's, a service that can be had at any time, and a wish between two slots.

use anyhow::{Context, ensure};
use booking_domain::time::Day;
use booking_test_support::process::GatewayProcess;
use reqwest::Client;
use serde_json::{Value, json};

use crate::days::working_day;
use crate::installation::{KEY_15, client, setup_file, start_simulator};
use crate::run::Home;
use crate::telephone::Telephone;

struct Scene {
    http: Client,
    gateway: GatewayProcess,
    _simulator: GatewayProcess,
    _home: Home,
}

impl Scene {
    /// Company 15 lives in London by the hours of its calendar, which lives in Berlin; its trial
    /// lesson is unknown to the calendar and has no hours.
    async fn start() -> anyhow::Result<Self> {
        let http = client()?;
        let simulator = start_simulator(&http).await?;
        let home = Home::new()?;
        let mut setup = setup_file(&simulator.url(""), 2);
        let company = &mut setup["companies"][0];
        company["time_zone"] = json!("Europe/London");
        let trial = json!({"id": 32, "name": "Probestunde", "duration_minutes": 60,
                           "calcom_event_type_id": null});
        let services = company["services"].as_array_mut();
        services.context("services")?.push(trial);
        home.import(&setup).await?;
        let mut gateway = home.command(&["serve"]).start().await?;
        gateway.wait_ready().await?;
        Ok(Self {
            http,
            gateway,
            _simulator: simulator,
            _home: home,
        })
    }

    fn caller(&self, number: &str) -> Telephone {
        let call = format!("call_{number}");
        Telephone::new(&self.http, self.gateway.url(""), (number, &call))
    }

    /// The starts that are free on a day, as a clock in London shows them.
    async fn free(&self, service: i64, day: Day) -> anyhow::Result<Vec<String>> {
        let path = format!("/api/v1/availability?service_id={service}&start={day}&end={day}");
        let asked = self.http.get(self.gateway.url(&path)).bearer_auth(KEY_15);
        let answer: Value = asked.send().await?.error_for_status()?.json().await?;
        let slots = answer["slots"].as_array().context("slots")?;
        let clock = |slot: &Value| Some(slot["start"].as_str()?.get(11..16)?.to_owned());
        slots.iter().map(|it| clock(it).context("start")).collect()
    }
}

fn options(answer: &Value) -> Vec<String> {
    let starts = (1..=3).filter_map(|n| answer[format!("option_{n}_start")].as_str());
    starts.map(|it| it[11..16].to_owned()).collect()
}

fn ensure_code(answer: &Value, code: &str) -> anyhow::Result<()> {
    ensure!(answer["code"] == code, "{code}, not {answer}");
    Ok(())
}

/// Red when a time outside the company's hours is offered because the calendar lists it.
#[tokio::test(flavor = "multi_thread")]
async fn who_takes_what_is_offered_is_booked() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let (day, phone) = (working_day(3), scene.caller("+491713920042"));
    let hours: Vec<_> = (8..17).map(|hour| format!("{hour:02}:00")).collect();
    assert_eq!(scene.free(1, day).await?, hours);
    let seven = json!({"service": "Beratung", "date": day.to_string(), "time": "07:00"});
    let answer = phone.ask("check_availability", "c1", seven).await?;
    ensure_code(&answer, "outside_opening_hours")?;
    assert_eq!(options(&answer)[0], "08:00");
    let morning = json!({"service": "Beratung", "date": day.to_string(), "time": "morgens"});
    let answer = phone.ask("check_availability", "c2", morning).await?;
    ensure_code(&answer, "available")?;
    assert_eq!(options(&answer)[0], "08:00");
    let taken = json!({"option": answer["option_1"], "name": "Erika Muster"});
    let answer = phone.ask("book_appointment", "b1", taken).await?;
    ensure_code(&answer, "booked")
}

/// Red when a service without hours has no slots, or only by day.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_hours_is_to_be_had_at_any_time() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let (day, phone) = (working_day(3), scene.caller("+491713920042"));
    let all: Vec<_> = (0..24).map(|hour| format!("{hour:02}:00")).collect();
    assert_eq!(scene.free(32, day).await?, all);
    let wish = json!({"service": "Probestunde", "date": day.to_string(), "time": "03:00"});
    let answer = phone.ask("check_availability", "c1", wish).await?;
    ensure_code(&answer, "available")?;
    let taken = json!({"option": answer["option_1"], "name": "Erika Muster"});
    let answer = phone.ask("book_appointment", "b1", taken).await?;
    ensure_code(&answer, "booked")?;
    assert_eq!(scene.free(32, day).await?.len(), 23);
    Ok(())
}

/// Red when a time at which no slot begins is said to be taken before somebody has it.
#[tokio::test(flavor = "multi_thread")]
async fn a_wish_between_two_slots_is_taken_when_all_are_busy() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let day = working_day(4).to_string();
    let wish = json!({"service": "Beratung", "date": day, "time": "09:20"});
    for (number, said) in [
        ("+491713920042", "bietet der Kalender keinen Termin an"),
        ("+491713920043", "bietet der Kalender keinen Termin an"),
        ("+491713920044", "ist leider schon belegt"),
    ] {
        let phone = scene.caller(number);
        let answer = phone.ask("check_availability", "c1", wish.clone()).await?;
        ensure_code(&answer, "alternatives")?;
        let say = answer["say"].as_str().context("say")?;
        ensure!(say.contains(said), "{said}, not {say}");
        let mut order = wish.clone();
        order["name"] = json!("Erika Muster");
        let answer = phone.ask("book_appointment", "b1", order).await?;
        let is_taken = said.contains("belegt");
        ensure_code(&answer, if is_taken { "slot_taken" } else { "booked" })?;
    }
    Ok(())
}
