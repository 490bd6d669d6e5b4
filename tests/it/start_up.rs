//! Starting and stopping: what keeps `serve` from starting is said in words, and a stop that is
//! asked for loses nobody's booking.

use std::time::Duration;

use anyhow::Context;
use booking_test_support::http;
use booking_test_support::postgres::TestDatabase;
use booking_test_support::redis::TestRedis;
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, cold_day, working_day};
use crate::installation::{Installation, KEY_15, Options, client, setup_file};
use crate::run::{Home, failure, gateway, output, says};

const SOON: Duration = Duration::from_secs(20);

/// Turns red when an unknown key is ignored, or named without a suggestion.
#[tokio::test]
async fn an_unknown_key_is_named_with_a_suggestion() -> anyhow::Result<()> {
    let home = Home::new()?;
    let typo = home
        .command(&["serve"])
        .env("BOOKING__CACHE__TTL_SECOND", "5");
    let said = failure(typo).await?;
    says(
        &said,
        &[
            "cache.ttl_second ",
            "Did you mean cache.ttl_seconds",
            "BOOKING__CACHE__TTL_SECONDS",
        ],
    );
    for (toml, named, meant) in [
        (
            "databse_url = \"sqlite://x\"",
            "databse_url",
            "database_url",
        ),
        (
            "[deadline]\nhttps_seconds = 3",
            "deadline.https_seconds",
            "deadline.http_seconds",
        ),
        (
            "redis_prefix = { text = 1 }",
            "redis_prefix.text",
            "redis_prefix",
        ),
    ] {
        let file = home.file("gateway.toml", toml)?;
        let said = failure(home.command(&["--config", &file, "serve"])).await?;
        says(
            &said,
            &[
                "no configuration key",
                named,
                &format!("Did you mean {meant}"),
            ],
        );
    }
    let nobody = home
        .command(&["serve"])
        .env("BOOKING__LISTENERS__CACHES", "off");
    says(
        &failure(nobody).await?,
        &["listeners.caches", "invalidate_caches"],
    );
    Ok(())
}

/// Turns red when a value that cannot be read is replaced by the default.
#[tokio::test]
async fn wrong_values_are_named() -> anyhow::Result<()> {
    let home = Home::new()?;
    for (name, value, needles) in [
        ("BOOKING__CACHE__TTL_SECONDS", "soon", "cache.ttl_seconds"),
        ("BOOKING__CACHE__TTL_SECONDS", "-1", "cache.ttl_seconds"),
        (
            "BOOKING__DEADLINE__HTTP_SECONDS",
            "1.5",
            "deadline.http_seconds",
        ),
        (
            "BOOKING__SYNC__BACKOFF_SECONDS",
            "1,x",
            "BOOKING__SYNC__BACKOFF_SECONDS",
        ),
        (
            "BOOKING__LISTENERS__INVALIDATE_CACHES",
            "maybe",
            "on or off",
        ),
        ("BOOKING__LISTEN", "8080", "an address like 127.0.0.1:8080"),
        ("BOOKING__LOG_FORMAT", "xml", "json, pretty or auto"),
        ("BOOKING__LOG", "info,=", "BOOKING__LOG"),
        ("BOOKING__ENCRYPTION_KEY", "abc", "32 bytes in base64"),
        (
            "BOOKING__DATABASE_URL",
            "mysql://x",
            "postgres:// or sqlite://",
        ),
        ("BOOKING__REDIS_URL", "http://x", "BOOKING__REDIS_URL"),
    ] {
        let said = failure(home.command(&["serve"]).env(name, value)).await?;
        says(&said, &[needles]);
    }
    let said = failure(home.command(&["--config", "nowhere.toml", "serve"])).await?;
    says(&said, &["nowhere.toml", "cannot be read"]);
    let file = home.file("gateway.toml", "listen = ")?;
    let said = failure(home.command(&["--config", &file, "serve"])).await?;
    says(&said, &[&file]);
    Ok(())
}

/// Turns red when the file wins over the environment, or reserved keys are swallowed in silence.
#[tokio::test]
async fn the_environment_goes_over_the_file_and_reserved_keys_are_told() -> anyhow::Result<()> {
    let home = Home::new()?;
    let url = format!("sqlite://{}", home.text_path("from-file.db")?);
    let toml = format!("database_url = \"{url}\"\nlisten = \"nowhere\"\nnats_url = \"nats://x\"\n");
    let file = home.file("gateway.toml", &toml)?;
    let mut serving = gateway(&["--config", &file, "serve"]).start().await?;
    serving.wait_ready().await?;
    assert!(home.path("from-file.db").exists(), "the file's database");
    let line = serving.wait_for_line("BOOKING__NATS_URL", SOON).await?;
    says(&line, &["does not use this setting"]);
    assert_eq!(serving.terminate().await?.code(), Some(0));
    Ok(())
}

/// Turns red when the error of a port in use does not name the address, or the exit code is 0.
#[tokio::test]
async fn a_port_in_use_is_said() -> anyhow::Result<()> {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    let address = taken.local_addr()?.to_string();
    let home = Home::new()?;
    let said = failure(home.command(&["serve"]).env("BOOKING__LISTEN", &address)).await?;
    says(
        &said,
        &[
            &format!("cannot listen on {address}"),
            "BOOKING__LISTEN",
            "in use",
        ],
    );
    let said = failure(gateway(&["simulate-calcom", "--listen", &address])).await?;
    says(&said, &[&address]);
    let demo = gateway(&["demo", "--listen", &address, "--scenario", "none"]);
    says(&failure(demo).await?, &[&address, "--listen"]);
    Ok(())
}

/// Turns red when `serve` starts without its database, or migrates unasked.
#[tokio::test]
async fn a_database_that_cannot_be_used_is_said() -> anyhow::Result<()> {
    let serve = |url: &str| gateway(&["serve"]).env("BOOKING__DATABASE_URL", url);
    let said = failure(serve("postgres://nobody@127.0.0.1:1/booking")).await?;
    says(
        &said,
        &[
            "cannot connect",
            "127.0.0.1:1",
            "check that the server runs",
        ],
    );
    let database = TestDatabase::create().await?;
    let said = failure(serve(database.url())).await?;
    says(&said, &["not fit for use", "run migrate"]);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.sql(tables).await?, "0", "nothing was made");
    let said = failure(serve("sqlite:///nowhere/at/all.db")).await?;
    says(&said, &["/nowhere/at/all.db", "folder exists"]);
    Ok(())
}

/// Turns red when a dead Redis keeps `serve` from starting or requests from being answered.
#[tokio::test]
async fn without_redis_it_serves_with_misses() -> anyhow::Result<()> {
    let mut redis = TestRedis::start().await?;
    redis.kill().await?;
    let options = Options {
        settings: vec![("BOOKING__REDIS_URL", redis.url())],
        ..Options::default()
    };
    let it = Installation::start(options).await?;
    let day = cold_day(3);
    let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
    let (status, body) = it.ask(Method::GET, &path, Value::Null).await?;
    assert_eq!(
        (status, &body["source"]),
        (200, &json!("upstream")),
        "{body}"
    );
    let (status, health) = it.ask(Method::GET, "/health", Value::Null).await?;
    assert_eq!(
        (status, &health["status"]),
        (200, &json!("degraded")),
        "{health}"
    );
    assert_eq!(
        health["components"]["shared_cache"]["status"], "down",
        "{health}"
    );
    redis.restart_empty().await?;
    until(SOON, "the shared cache is up again", || async {
        let asked = it.ask(Method::GET, "/health", Value::Null).await;
        asked.is_ok_and(|(_, health)| health["status"] == "ok")
    })
    .await
}

/// Turns red when two processes may write the same file.
#[tokio::test]
async fn a_database_file_belongs_to_one_process() -> anyhow::Result<()> {
    let home = Home::new()?;
    home.import(&setup_file("http://127.0.0.1:1", 2)).await?;
    let mut first = home.command(&["serve"]).start().await?;
    first.wait_ready().await?;
    for args in [&["serve"][..], &["api-key", "list", "--company=15"]] {
        let said = failure(home.command(args)).await?;
        says(&said, &["gateway.db", "another process"]);
    }
    let response = client()?
        .get(first.url("/api/v1/bookings"))
        .bearer_auth(KEY_15)
        .send()
        .await?;
    assert_eq!(response.status(), 200, "the first goes on");
    first.kill9().await?;
    let listed = output(home.command(&["api-key", "list", "--company=15"])).await?;
    says(&listed, &["valid"]);
    Ok(())
}

/// An installation in which a booking is on its way to a slow Cal.com.
async fn with_a_slow_booking(
    latency_ms: u32,
) -> anyhow::Result<(
    Installation,
    tokio::task::JoinHandle<reqwest::Result<reqwest::Response>>,
)> {
    let it = Installation::start(Options::default()).await?;
    it.faults(json!([{"route": "POST /v2/bookings", "latency_ms": latency_ms}]))
        .await?;
    let wish = json!({"service_id": 1, "start": at(working_day(3), 8),
                      "customer": {"name": "Erika Muster", "email": "erika@mail.example"}});
    let request = it
        .http
        .post(it.gateways[0].url("/api/v1/bookings"))
        .bearer_auth(KEY_15)
        .json(&wish);
    let booking = tokio::spawn(request.send());
    until(SOON, "the booking is under way", || async {
        let held = it.database.sql("SELECT count(*) FROM appointments").await;
        held.is_ok_and(|count| count == "1")
    })
    .await?;
    Ok((it, booking))
}

/// Turns red when a stop cuts requests off, when readiness stays on meanwhile, or when the listener
/// goes away before a load balancer could read `draining`.
#[tokio::test]
async fn a_stop_lets_a_slow_booking_finish() -> anyhow::Result<()> {
    let (mut it, booking) = with_a_slow_booking(4_000).await?;
    it.gateways[0].signal("TERM")?;
    it.gateways[0].wait_for_line("asked to stop", SOON).await?;
    // Each on a connection of its own, as load balancers ask: the second one comes when the stop
    // has taken effect for certain.
    for _ in 0..2 {
        let told = until(SOON, "readyz says draining", || async {
            let (status, answer) = http::get(it.gateways[0].port(), "/readyz").await?;
            anyhow::ensure!(status == 503, "{status}");
            anyhow::Ok(answer)
        })
        .await?;
        says(
            &told,
            &["\"code\":\"not_ready\"", "\"missing\":[\"draining\"]"],
        );
    }
    assert!(
        !booking.is_finished(),
        "while the booking is still under way"
    );
    let booked = booking.await??;
    assert_eq!(booked.status(), 201);
    let booked: Value = booked.json().await?;
    assert_eq!(booked["status"], "confirmed", "{booked}");
    let ended = it.gateways[0].wait(SOON).await?;
    assert_eq!(ended.code(), Some(0), "{:#?}", it.gateways[0].log());
    Ok(())
}

/// Turns red when the second signal waits like the first.
#[tokio::test]
async fn asked_twice_it_stops_at_once() -> anyhow::Result<()> {
    let (mut it, booking) = with_a_slow_booking(30_000).await?;
    it.gateways[0].signal("TERM")?;
    it.gateways[0].wait_for_line("asked to stop", SOON).await?;
    assert!(
        it.gateways[0].ended()?.is_none(),
        "it waits for the booking"
    );
    it.gateways[0].signal("INT")?;
    let ended = it.gateways[0].wait(Duration::from_secs(5)).await?;
    assert_eq!(ended.code(), Some(130));
    assert!(booking.await?.is_err(), "the request was cut off");
    Ok(())
}

/// Turns red when a stop without work waits for its whole grace time.
#[tokio::test]
async fn an_idle_gateway_stops_quickly() -> anyhow::Result<()> {
    let home = Home::new()?;
    for role in ["all", "web", "worker"] {
        let mut serving = home.command(&["serve", "--role", role]).start().await?;
        serving.wait_ready().await?;
        serving.signal("TERM")?;
        let ended = serving.wait(Duration::from_secs(5)).await;
        let code = ended.with_context(|| format!("role {role}"))?.code();
        assert_eq!(code, Some(0), "role {role}: {:#?}", serving.log());
    }
    Ok(())
}

/// Turns red when the metrics of the work cannot be scraped, or a worker answers requests.
#[tokio::test]
async fn a_worker_answers_for_its_health_and_metrics_only() -> anyhow::Result<()> {
    let home = Home::new()?;
    let mut serving = home.command(&["serve", "--role", "worker"]).start().await?;
    serving.wait_ready().await?;
    let (status, page) = http::get(serving.port(), "/metrics").await?;
    assert_eq!(status, 200);
    for queue in ["calcom_sync", "notifications", "listeners", "maintenance"] {
        let dead = format!("booking_jobs_dead{{queue=\"{queue}\"}} 0");
        assert!(page.contains(&dead), "{dead} is missing");
    }
    for path in ["/api/v1/bookings", "/openapi.json"] {
        let (status, _) = http::get(serving.port(), path).await?;
        assert_eq!(status, 404, "{path}");
    }
    Ok(())
}
