//! `cache inspect`, `cache clear`, `cache warm`: what they print, and how they fail.

use anyhow::Context;
use booking_domain::time::Day;
use booking_test_support::process::GatewayCommand;
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_15, Options, setup_file};
use crate::run::{Home, failure, gateway, json_of, output, run, says};

const INVALIDATE: [&str; 4] = ["cache", "clear", "--event-type=2563193", "--json"];
const UNKNOWN: &str = "calcom:slots:2563193:2025-10-13:2025-10-13";

/// Red when a malformed name ends with another code, or the error does not show a right one.
#[tokio::test]
async fn a_malformed_name_is_told_what_a_name_looks_like() -> anyhow::Result<()> {
    for (key, problem) in [
        ("nonsense", "it must begin with calcom:slots:"),
        (
            "calcom:slots:7:2025-10-13:13.10.2025",
            "'13.10.2025' must be a UTC day",
        ),
        (
            "cal_slots_15_9_7_2025-10-13-08_2025-10-13-08",
            "its end must come after",
        ),
        (
            "other:calcom:slots:7:2025-10-13:2025-10-13",
            "it must begin with",
        ),
    ] {
        let said = failure(gateway(&["cache", "inspect", key])).await?;
        says(&said, &[problem, UNKNOWN, "cal_slots_15_9_2563193_"]);
    }
    Ok(())
}

/// Red when a command looks into a cache that dies with it, or does not say what to do instead.
#[tokio::test]
async fn without_redis_the_server_is_to_be_asked() -> anyhow::Result<()> {
    let home = Home::new()?;
    home.import(&setup_file("http://127.0.0.1:1", 2)).await?;
    for (command, instead) in [
        (&["cache", "inspect", UNKNOWN][..], "GET /api/v1/ops/cache"),
        (&["cache", "warm"], "POST /api/v1/ops/cache/warm"),
    ] {
        let said = failure(home.command(command)).await?;
        says(&said, &["BOOKING__REDIS_URL is not set", instead]);
        let nowhere = "redis://127.0.0.1:1";
        let embedded = home.command(command).env("BOOKING__REDIS_URL", nowhere);
        says(&failure(embedded).await?, &["embedded database", instead]);
    }
    let cleared = output(home.command(&["cache", "clear", "--event-type=2563193"])).await?;
    let said = ["2563193 is outdated everywhere", "0 of calcom_slots"];
    says(&cleared, &said);
    let said = failure(home.command(&["cache", "clear", "--event-type=1"])).await?;
    says(&said, &["no company has a service with event type 1"]);
    Ok(())
}

/// Red when every window is tried although Redis does not answer, or an entry that cannot be read
/// is told as absent.
#[tokio::test]
async fn a_redis_that_does_not_answer_is_told_as_such() -> anyhow::Result<()> {
    let it = installation().await?;
    let gone = |args: &[&str]| {
        let command = it.command(args);
        command.env("BOOKING__REDIS_URL", "redis://127.0.0.1:1")
    };
    let said = failure(gone(&["cache", "warm"])).await?;
    says(&said, &["nothing to warm", "does it run?"]);
    let said = failure(gone(&["cache", "inspect", UNKNOWN])).await?;
    says(&said, &["the cache cannot be looked at"]);
    // The versions are raised all the same.
    let cleared = output(gone(&["cache", "clear", "--event-type=2563193"])).await?;
    says(&cleared, &["2563193 is outdated everywhere"]);
    Ok(())
}

const PREFIX: &str = "shop:";

async fn installation() -> anyhow::Result<Installation> {
    Installation::start(Options {
        settings: vec![
            ("BOOKING__CACHE__TTL_SECONDS", "600".to_owned()),
            ("BOOKING__CALCOM__REQUESTS_PER_MINUTE", "60000".to_owned()),
            ("BOOKING__REDIS_PREFIX", PREFIX.to_owned()),
        ],
        ..Options::default()
    })
    .await
}

impl Installation {
    /// The only key in Redis that begins like this, without the prefix.
    async fn key(&self, beginning: &str) -> anyhow::Result<String> {
        let keys = self.redis_keys(&format!("{PREFIX}{beginning}")).await?;
        let [key] = &keys[..] else {
            anyhow::bail!("not one: {keys:?}")
        };
        Ok(key.strip_prefix(PREFIX).context("the prefix")?.to_owned())
    }

    /// Copies an entry, life and all, to another name.
    async fn copy(&self, from: &str, to: &str) -> anyhow::Result<()> {
        let client = redis::Client::open(self.redis.url())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let names = [from, to].map(|name| format!("{PREFIX}{name}"));
        let mut copy = redis::cmd("COPY");
        let copied: bool = copy
            .arg(&names)
            .arg("REPLACE")
            .query_async(&mut connection)
            .await?;
        anyhow::ensure!(copied, "there is no {from}");
        Ok(())
    }

    fn inspecting(&self, key: &str) -> GatewayCommand {
        self.command(&["cache", "inspect", key])
    }

    async fn inspected(&self, key: &str) -> anyhow::Result<Value> {
        json_of(&output(self.command(&["cache", "inspect", "--json", key])).await?)
    }
}

fn codes(inspected: &Value) -> Vec<&str> {
    let reasons = inspected["reasons"].as_array().into_iter().flatten();
    reasons.filter_map(|it| it["code"].as_str()).collect()
}

/// Red when what `serve` would believe is called invalid, or the other way round; when a copy under
/// another name is believed; when a prefix is not taken off.
#[tokio::test]
async fn an_entry_is_explained() -> anyhow::Result<()> {
    let it = installation().await?;
    let day = working_day(40);
    let near = at(day, 9).replace('+', "%2B");
    for path in [
        format!("/api/v1/availability/alternatives?service_id=1&start={near}"),
        format!("/api/v1/availability?service_id=1&start={day}T06:00:00Z&end={day}T18:00:00Z"),
    ] {
        let (status, answer) = it.ask(Method::GET, &path, Value::Null).await?;
        assert_eq!(status, 200, "{answer}");
    }
    let days = format!("calcom:slots:2563193:{day}:{day}");
    let hours = it.key("cal_slots_15_9_2563193_").await?;
    for_people(&it, &hours).await?;
    for_programs(&it, &days).await?;
    it.copy(&days, "kept").await?;
    under_other_names(&it, day, &hours).await?;

    let booking = json!({"service_id": 1, "start": at(day, 9),
                         "customer": {"name": "Erika Muster", "phone": "+491713920042"}});
    let (status, booked) = it.ask(Method::POST, "/api/v1/bookings", booking).await?;
    assert_eq!(status, 201, "{booked}");
    let found = it.inspected(&days).await?;
    assert_eq!(codes(&found), ["absent"], "{found}");
    it.copy("kept", &days).await?;
    let printed = output(it.inspecting(&days)).await?;
    // The hold and the outcome.
    let verdict = "valid       no: 2 changes of its days since it was fetched\n";
    says(&printed, &[verdict]);
    Ok(())
}

async fn for_people(it: &Installation, hours: &str) -> anyhow::Result<()> {
    let printed = output(it.inspecting(hours)).await?;
    says(
        &printed,
        &[
            "layer       2, hour window (alternative_slots)\n",
            "company     15\n",
            "branch      9\n",
            "(Europe/Berlin)\n",
            "asked by    service 1 \"Beratung\" of company 15 \"Praxis Sonnenschein\"\n",
            "account     the company's\n",
            "valid       yes\n",
        ],
    );
    let prefixed = output(it.inspecting(&format!("{PREFIX}{hours}"))).await?;
    assert_eq!(prefixed.lines().next(), Some(hours));
    Ok(())
}

async fn for_programs(it: &Installation, days: &str) -> anyhow::Result<()> {
    let found = it.inspected(days).await?;
    assert_eq!(found["valid"], true, "{found}");
    assert_eq!(codes(&found), [""; 0], "{found}");
    let entry = &found["entry"];
    assert_eq!(entry["account_matches"], true);
    assert!(entry["slots"].as_u64() > Some(5), "{found}");
    assert!(entry["life_left_seconds"].as_u64() > Some(0), "{found}");
    assert_eq!(entry["stamp"], found["current_stamp"]);
    Ok(())
}

async fn under_other_names(it: &Installation, day: Day, hours: &str) -> anyhow::Result<()> {
    let of = |event_type: i64| format!("calcom:slots:{event_type}:{day}:{day}");
    for (name, reasons) in [
        (of(2_563_194), vec!["scope"; 2]),
        (of(2_563_299), vec!["scope"; 5]),
        (of(1), vec!["unasked"]),
        (hours.to_owned(), vec!["scope"]),
        (hours.replace("_15_9_", "_15_0_"), vec!["unasked"]),
    ] {
        it.copy("kept", &name).await?;
        let found = it.inspected(&name).await?;
        assert_eq!(found["valid"], false, "{found}");
        assert_eq!(codes(&found), reasons, "{found}");
    }
    let printed = output(it.inspecting(&of(2_563_299))).await?;
    says(
        &printed,
        &[
            "valid       no: it is of company 15;",
            "account     another\n",
        ],
    );
    Ok(())
}

/// Red when the versions are not raised (the server goes on believing its copies), when keys stay,
/// or others go too.
#[tokio::test]
async fn what_is_cleared_is_gone_for_the_server_too() -> anyhow::Result<()> {
    let it = installation().await?;
    let day = working_day(40);
    let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
    let source = async || {
        let (status, answer) = it
            .ask_as(KEY_15, 0, (Method::GET, &path), Value::Null)
            .await?;
        assert_eq!(status, 200, "{answer}");
        anyhow::Ok(answer["source"].as_str().context("a source")?.to_owned())
    };
    assert_eq!(source().await?, "upstream");
    assert_eq!(source().await?, "cache");
    let warmed = output(it.command(&["cache", "warm", "--days=2"])).await?;
    says(
        &warmed,
        &["3 of 3 windows\n", "3 windows are warm, 0 failed.\n"],
    );
    let beginning = format!("{PREFIX}calcom:slots:2563193:");
    let before = it.redis_keys(&beginning).await?;
    assert!(before.len() >= 2, "{before:?}");
    let cleared = json_of(&output(it.command(&INVALIDATE)).await?)?;
    let layers = json!({"calcom_slots": before.len(), "alternative_slots": 0});
    assert_eq!(cleared, json!({ "layers": layers }));
    assert_eq!(it.redis_keys(&beginning).await?, Vec::<String>::new());
    let others = it
        .redis_keys(&format!("{PREFIX}calcom:slots:2563299:"))
        .await?;
    assert!(!others.is_empty());
    assert_eq!(source().await?, "upstream");
    Ok(())
}

/// Red when a window that could not be fetched is counted as warm, or ends with 0.
#[tokio::test]
async fn what_cannot_be_warmed_is_a_failure() -> anyhow::Result<()> {
    let it = installation().await?;
    it.faults(json!([{"route": "GET /v2/slots", "fail": 503}]))
        .await?;
    // Longer than what the server has warmed at the start.
    let warm = it.command(&["cache", "warm", "--days=62", "--company=15"]);
    let ran = run(warm).await?;
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    says(
        &ran.out,
        &["2 of 2 windows\n", "0 windows are warm, 2 failed.\n"],
    );
    says(&ran.err, &["2 failed", "not warmed"]);
    let said = failure(it.command(&["cache", "warm", "--company=99"])).await?;
    says(&said, &["there is no company 99", "tenant list"]);
    it.faults(json!([])).await?;
    let warm = it.command(&["cache", "warm", "--days=62", "--company=15"]);
    says(&output(warm).await?, &["2 windows are warm, 0 failed.\n"]);
    let day = working_day(40);
    let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
    let (_, answer) = it.ask(Method::GET, &path, Value::Null).await?;
    assert_eq!(
        answer["source"], "cache",
        "what another process fetched: {answer}"
    );
    Ok(())
}
