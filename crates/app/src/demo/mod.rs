//! `demo`: everything embedded. A file database, the cache in process, the Cal.com simulator on a
//! port of its own; the incident is replayed over the real routes, then the gateway stays up.

mod story;
mod tenant;
mod visitor;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use booking_application::{Application, Settings};
use booking_calcom_simulator::{Simulator, SimulatorOptions, World};
use booking_domain::ports::AvailabilityCache;
use booking_http_api::Readiness;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::{DemoArgs, Role, Scenario};
use crate::commands::output::line;
use crate::commands::serve::{Running, api, listen};
use crate::commands::shutdown;
use crate::config::Config;
use crate::wiring;

/// The key of company 15: who tries something out without naming a key means the demo.
pub(crate) const KEY: &str = tenant::KEY_15;

/// The demo's parts.
struct Demo {
    app: Arc<Application>,
    cache: Arc<dyn AvailabilityCache>,
    simulator: Simulator,
    config: Config,
    _data: Data,
}

/// Where the data lives; a directory of our own goes with it.
enum Data {
    Kept,
    Temporary { _dir: TempDir },
}

pub(crate) async fn run(args: DemoArgs) -> anyhow::Result<()> {
    // The story is the output; what goes wrong still shows.
    let filter = std::env::var("BOOKING__LOG").unwrap_or_else(|_| "warn".to_owned());
    booking_telemetry::init(booking_telemetry::LogSettings {
        filter,
        ..Default::default()
    })?;
    let listener = listen(&args.listen.to_string()).await?;
    let address = listener.local_addr()?;
    let demo = start(&args, &listener).await?;
    let stop = CancellationToken::new();
    let readiness = Readiness::default();
    let api = api(&demo.app, &demo.config, &readiness);
    let running = Running::start(demo.app.clone(), &demo.config, (listener, Role::All), &stop)?;
    let told = match args.scenario {
        Scenario::Call852 => {
            story::tell(&demo.app, &demo.cache, &api, &demo.simulator.router()).await
        }
        Scenario::None => Ok(()),
    };
    if told.is_ok() && !args.exit_after_scenario {
        invite(&format!("http://{address}"), &demo.simulator.base_url());
        shutdown::asked().await;
    }
    running.stop(&stop).await;
    demo.simulator.stop().await;
    told
}

async fn start(args: &DemoArgs, listener: &TcpListener) -> anyhow::Result<Demo> {
    let gateway = format!("http://{}", listener.local_addr()?);
    let mut world = World::demo();
    tenant::subscribe(&mut world, &gateway);
    let options = SimulatorOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        seed: 852,
        world,
        log: false,
    };
    let simulator = booking_calcom_simulator::start(options).await?;
    let (dir, data) = data_dir(args.data_dir.as_deref())?;
    let config = Config {
        encryption_key: Some(encryption_key(&dir)?),
        rate_limit: crate::config::RateLimitConfig { per_second: 0 },
        ..Config::default()
    };
    let store = wiring::open_sqlite(&dir.join("gateway.db"))?;
    let store = wiring::with_sealed_setup(store, &config)?;
    let file = tenant::setup_file(&simulator.base_url())?;
    store
        .ports
        .setup
        .import(&file, &|token| booking_application::key_digest(token))
        .await?;
    // Before anything is counted.
    booking_telemetry::metrics::install();
    let cache = wiring::memory_cache(&config);
    let caches = (cache.clone(), None);
    let outside = (wiring::calendar(&config, None)?, None, Vec::new());
    let app = wiring::assemble(&store, caches, outside, Settings::default())?;
    Ok(Demo {
        app,
        cache,
        simulator,
        config,
        _data: data,
    })
}

fn data_dir(wanted: Option<&Path>) -> anyhow::Result<(PathBuf, Data)> {
    if let Some(dir) = wanted {
        std::fs::create_dir_all(dir)
            .with_context(|| format!("the directory {} cannot be made", dir.display()))?;
        return Ok((dir.to_owned(), Data::Kept));
    }
    let dir = tempfile::tempdir().context("no temporary directory can be made")?;
    Ok((dir.path().to_owned(), Data::Temporary { _dir: dir }))
}

/// The key that seals the demo's secrets, kept beside the data so that a kept demo starts again.
fn encryption_key(dir: &Path) -> anyhow::Result<SecretString> {
    let file = dir.join("encryption.key");
    if !file.exists() {
        let key = STANDARD.encode(wiring::ids().secret_bytes());
        std::fs::write(&file, key).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let key = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    Ok(SecretString::from(key.trim().to_owned()))
}

/// What to try next.
fn invite(gateway: &str, simulator: &str) {
    let key = tenant::KEY_15;
    let start = tenant::next_morning(wiring::clock().now(), 10);
    let day = start.get(..10).unwrap_or_default();
    line("");
    line(format!(
        "The gateway stays up at {gateway} (Ctrl-C ends it)."
    ));
    line(format!("  API description      {gateway}/docs"));
    line(format!("  Cal.com's page       {simulator}/"));
    line(format!("  API key, company 15  {key}  (scope admin)"));
    line(format!(
        "  API key, company 20  {}  (scope admin)",
        tenant::KEY_20
    ));
    line("");
    line("Paste one after the other:");
    line("");
    line(format!(
        "curl -s '{gateway}/api/v1/availability?service_id=1&start={day}&end={day}' -H 'Authorization: Bearer {key}'"
    ));
    line("");
    line(format!(
        "curl -s -X POST '{gateway}/api/v1/bookings' -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{\"service_id\":1,\"start\":\"{start}\",\"customer\":{{\"name\":\"Erika Muster\",\"phone\":\"+493012345679\"}}}}'"
    ));
    line("");
    line(format!(
        "curl -s -X POST '{gateway}/api/retell/function-call' -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{\"name\":\"check_availability\",\"args\":{{\"dienstleistung\":\"Beratung\",\"datum\":\"{day}\",\"uhrzeit\":\"halb neun\"}}}}'"
    ));
}
