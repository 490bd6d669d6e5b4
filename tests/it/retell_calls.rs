//! A call from its ringing to its end, through the real binary: greeted, booked in, told of, linked,
//! and kept as far as the company's rules and the caller's consent go.

use std::time::Duration;

use anyhow::{Context, ensure};
use booking_domain::time::Day;
use booking_test_support::wait::until;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::days::cold_day;
use crate::installation::{Installation, KEY_15, KEY_20, Options, RETELL_KEY_15, setup_file};
use crate::telephone::Telephone;

const SOON: Duration = Duration::from_secs(60);
const NUMBER: &str = "+491713920042";
const CANARY: &str = "Zitronenfalter";

/// Milliseconds, for Retell's clock.
fn millis() -> u128 {
    std::time::UNIX_EPOCH
        .elapsed()
        .expect("after 1970")
        .as_millis()
}

/// Signs as Retell does.
fn sign(key: &str, body: &str) -> String {
    let digits = millis().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key");
    mac.update(body.as_bytes());
    mac.update(digits.as_bytes());
    format!("v={digits},d={}", hex::encode(mac.finalize().into_bytes()))
}

impl Installation {
    /// A request signed with `key`: status and body.
    async fn retell(&self, key: &str, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
        let body = body.to_string();
        let request = self
            .http
            .post(self.gateways[0].url(&format!("/api/retell/{path}")))
            .header("x-retell-signature", sign(key, &body))
            .body(body);
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    /// What happens to a call, told as Retell tells it.
    async fn tell(&self, event: &str, call: &Value) -> anyhow::Result<()> {
        let body = json!({"event": event, "call": call});
        let (status, answer) = self.retell(RETELL_KEY_15, "webhook", &body).await?;
        ensure!(status == 204, "{status} {answer}");
        Ok(())
    }

    async fn greeting(&self, number: &str) -> anyhow::Result<Value> {
        let body = json!({"event": "call_inbound", "call_inbound": {
            "agent_id": "agent_15", "from_number": number, "to_number": "+493012345678"}});
        let (status, answer) = self.retell(RETELL_KEY_15, "inbound", &body).await?;
        ensure!(status == 200, "{status} {answer}");
        Ok(answer["call_inbound"]["dynamic_variables"].clone())
    }

    /// The function call of an agent in this call.
    async fn voice_books(&self, call: &str, day: Day) -> anyhow::Result<Value> {
        let gateway = self.gateways[0].url("");
        let telephone = Telephone::new(&self.http, gateway, (NUMBER, call));
        let wish = json!({"datum": day.to_string(), "uhrzeit": "10:00",
            "dienstleistung": "Beratung", "name": "Erika Muster"});
        let tool = format!("tool_{call}");
        let answer = telephone.ask("book_appointment", &tool, wish).await?;
        ensure!(answer["code"] == "booked", "{answer}");
        Ok(answer)
    }

    async fn get(&self, key: &str, path: &str) -> anyhow::Result<(u16, Value)> {
        self.ask_as(key, 0, (Method::GET, path), Value::Null).await
    }

    /// Everything that the database holds, as text.
    async fn dump(&self) -> anyhow::Result<String> {
        let tables = "SELECT table_name FROM information_schema.tables
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
        let mut all = String::new();
        for table in self.database.sql(tables).await?.lines() {
            all += &self.database.sql(&format!("SELECT * FROM {table}")).await?;
        }
        Ok(all)
    }

    /// What company 15 keeps of its calls from now on.
    async fn keep_transcripts(&self, rule: &str) -> anyhow::Result<()> {
        let mut setup = setup_file(&self.simulator.url(""), 2);
        setup["companies"][0]["calls"] = json!({"transcripts": rule, "keep_days": 14});
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), setup.to_string())?;
        let path = file.path().to_str().context("the path is text")?;
        let output = self.command(&["tenant", "import", path]).output().await?;
        ensure!(output.status.success(), "the import failed");
        Ok(())
    }
}

fn told(call: &str, consent: Option<&str>) -> Value {
    let began = millis() as i64 - 90_000;
    json!({
        "call_id": call, "agent_id": "agent_15", "call_type": "phone_call", "direction": "inbound",
        "from_number": NUMBER, "to_number": "+493012345678", "call_status": "ended",
        "start_timestamp": began, "end_timestamp": began + 80_000, "duration_ms": 80_000,
        "disconnection_reason": "user_hangup", "transcript": format!("User: {CANARY}\n"),
        "recording_url": format!("https://recordings.example/{CANARY}.wav"),
        "collected_dynamic_variables": consent.map(|it| json!({"transcript_consent": it})),
        "call_analysis": {"call_summary": CANARY, "user_sentiment": "Positive",
            "call_successful": true, "custom_analysis_data": {"said": CANARY}},
    })
}

/// Red when the function call does not name its call, the webhook is not stored, the link or the
/// history line is missing, or anybody else may tell or read.
#[tokio::test]
async fn a_call_is_greeted_booked_in_told_of_and_linked() -> anyhow::Result<()> {
    let it = Installation::start(Options::default()).await?;
    let stranger = it.greeting(NUMBER).await?;
    assert_eq!(stranger["caller_known"], "false", "{stranger}");
    let day = cold_day(0);
    it.tell(
        "call_started",
        &json!({"call_id": "call_a", "agent_id": "agent_15"}),
    )
    .await?;
    let booked = it.voice_books("call_a", day).await?;
    let id = booked["data"]["id"].as_str().context("an id")?.to_owned();
    let call = told("call_a", None);
    for event in [
        "call_analyzed",
        "call_ended",
        "call_started",
        "call_analyzed",
    ] {
        it.tell(event, &call).await?;
    }
    for event in ["transfer_started", "call_paused", "transcript_updated"] {
        it.tell(event, &call).await?;
    }

    let (status, found) = it.get(KEY_15, "/api/v1/calls/call_a").await?;
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["appointment_ids"], json!([id]));
    assert_eq!(found["disconnection_reason"], "user_hangup");
    assert_eq!(
        (&found["sentiment"], &found["successful"]),
        (&json!("positive"), &json!(true))
    );
    assert_eq!(found["caller_number"], NUMBER);
    let (_, list) = it
        .get(KEY_15, &format!("/api/v1/calls?appointment_id={id}"))
        .await?;
    assert_eq!(list["data"][0]["id"], "call_a", "{list}");
    let (_, history) = it
        .get(KEY_15, &format!("/api/v1/bookings/{id}/history"))
        .await?;
    let lines = history["data"].as_array().context("lines")?;
    let of_call: Vec<_> = lines.iter().filter(|line| line["type"] == "call").collect();
    assert_eq!(of_call.len(), 2, "{history}");
    assert_eq!(of_call[1]["detail"], "user_hangup; successful; positive");
    assert_eq!(of_call[0]["actor"], "call call_a");
    assert_eq!(it.get(KEY_20, "/api/v1/calls/call_a").await?.0, 404);

    // Whoever did not sign it is not heard, and nothing of it is stored.
    let forged = json!({"event": "call_ended", "call": told("call_forged", None)});
    for (key, path) in [
        ("key_20", "webhook"),
        ("", "webhook/15"),
        (RETELL_KEY_15, "webhook/20"),
    ] {
        assert_eq!(it.retell(key, path, &forged).await?.0, 401, "{path}");
    }
    assert_eq!(it.get(KEY_15, "/api/v1/calls/call_forged").await?.0, 404);

    let known = it.greeting(NUMBER).await?;
    assert_eq!(
        (&known["caller_known"], &known["first_name"]),
        (&json!("true"), &json!("Erika"))
    );
    let next = known["next_appointment"].as_str().unwrap_or_default();
    assert!(next.ends_with("um zehn Uhr"), "{known}");
    assert_eq!(it.greeting("anonymous").await?["caller_known"], "false");
    Ok(())
}

/// Red when anything that was said is stored or logged without the rule, without consent, or after
/// it was taken back.
#[tokio::test]
async fn what_was_said_is_kept_with_consent_only() -> anyhow::Result<()> {
    let it = Installation::start(Options::default()).await?;
    for event in ["call_ended", "call_analyzed"] {
        it.tell(event, &told("off", Some("ja"))).await?;
    }
    assert!(!it.dump().await?.contains(CANARY), "the rule is off");
    it.keep_transcripts("with_consent").await?;
    let agreed = || async {
        it.tell("call_analyzed", &told("agreed", Some("ja")))
            .await?;
        let (_, found) = it.get(KEY_15, "/api/v1/calls/agreed").await?;
        ensure!(found["transcript"].is_string(), "{found}");
        anyhow::Ok(())
    };
    // Until the gateway has heard of the new rule.
    until(SOON, "the transcript is kept", agreed).await?;
    let (_, found) = it.get(KEY_15, "/api/v1/calls/agreed").await?;
    assert_eq!(found["transcript"], format!("User: {CANARY}\n"));
    assert_eq!(found["transcript_consent"], "given");
    it.tell("transcript_updated", &told("silent", None)).await?;
    it.tell("call_ended", &told("silent", Some("vielleicht")))
        .await?;
    let mut closed = told("closed", Some("ja"));
    closed["data_storage_setting"] = json!("everything_except_pii");
    it.tell("call_analyzed", &closed).await?;
    let (_, basics) = it.get(KEY_15, "/api/v1/calls/closed").await?;
    assert_eq!(basics.get("caller_number"), None, "{basics}");
    assert!(it.dump().await?.contains(CANARY), "one of them has agreed");
    it.tell("call_analyzed", &told("agreed", Some("nein")))
        .await?;
    assert!(!it.dump().await?.contains(CANARY), "taken back");
    assert!(!it.dump().await?.contains("recordings.example"));
    let log = it.gateways[0].log().join("\n");
    for canary in [CANARY, "3920042", "recordings.example"] {
        assert!(!log.contains(canary), "{canary} is in the log");
    }
    assert!(log.contains("a call was told of"));
    Ok(())
}

/// Red when ringing warms nothing.
#[tokio::test]
async fn the_days_are_warm_when_the_caller_asks() -> anyhow::Result<()> {
    let it = Installation::start(Options::default()).await?;
    let forget = json!({"event_type_id": 2_563_193});
    let (status, removed) = it
        .ask(Method::POST, "/api/v1/ops/cache/invalidate", forget)
        .await?;
    assert_eq!(status, 200, "{removed}");
    let warmed = || async {
        let metrics = it.metrics_of(0).await?;
        let line = "booking_cache_warmed_total{result=\"ok\"} ";
        let count = metrics.lines().find_map(|it| it.strip_prefix(line));
        anyhow::Ok(count.unwrap_or("0").parse::<u64>()?)
    };
    let begun = || async {
        let count = warmed().await?;
        ensure!(count >= 3, "{count}");
        anyhow::Ok(())
    };
    until(SOON, "the start's windows to be warm", begun).await?;
    let before = warmed().await?;
    it.greeting("anonymous").await?;
    let more = || async {
        let count = warmed().await?;
        ensure!(count > before, "{count}");
        anyhow::Ok(())
    };
    until(SOON, "the company's days to be warm", more).await?;
    let day = crate::days::working_day(3);
    let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
    let (_, answer) = it.ask(Method::GET, &path, Value::Null).await?;
    assert_eq!(answer["source"], "cache", "{answer}");
    Ok(())
}
