//! `serve`: answer requests and do the work behind them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use booking_application::Application;
use booking_domain::time::Span;
use booking_http_api::{Api, ApiSettings, ApiState, Readiness};
use booking_voice::{VoiceSettings, VoiceState};
use booking_worker::Worker;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{prepare, shutdown};
use crate::cli::Role;
use crate::config::{Config, ConfigError, Switch};
use crate::wiring;

/// How long what is under way may take to finish after being asked to stop.
const GRACE: Duration = Duration::from_secs(10);
/// What is begun gets so long even if requests took all the rest.
const LAST_WAIT: Duration = Duration::from_secs(1);

pub(crate) async fn run(file: Option<&Path>, role: Role) -> anyhow::Result<()> {
    let config = prepare(file)?;
    let listener = listen(&config.listen).await?;
    // Before anything is counted.
    booking_telemetry::metrics::install();
    let app = wiring::build(&config).await?;
    let stop = CancellationToken::new();
    let signals = shutdown::Signals::listen();
    if role != Role::Worker {
        tokio::spawn(booking_worker::keep_caches_warm(app.clone(), stop.clone()));
    }
    let running = Running::start(app, &config, (listener, role), &stop)?;
    signals.asked().await;
    running.stop(&stop).await;
    Ok(())
}

/// Opens the port, or says who may have it.
pub(crate) async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    let address: SocketAddr = address.parse().map_err(|_| {
        ConfigError::value("BOOKING__LISTEN", address, "an address like 127.0.0.1:8080")
    })?;
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}: stop the program that uses the port, or choose another \
             (BOOKING__LISTEN, or --listen for the demo)"
        )
    })
}

/// A running gateway: its server, its loops, its readiness.
pub(crate) struct Running {
    app: Arc<Application>,
    server: tokio::task::JoinHandle<()>,
    worker: Option<Worker>,
    readiness: Readiness,
}

impl Running {
    pub(crate) fn start(
        app: Arc<Application>,
        config: &Config,
        (listener, role): (TcpListener, Role),
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let readiness = Readiness::default();
        let address = listener.local_addr()?;
        let api = match role {
            Role::Worker => Api::for_watching(state(&app, config, &readiness)),
            Role::All | Role::Web => api(&app, config, &readiness),
        };
        let asked = stop.clone().cancelled_owned();
        let server = tokio::spawn(booking_http_api::serve(listener, api, asked));
        tracing::info!(%address, ?role, "the gateway answers");
        tokio::spawn(booking_worker::keep_mirror_young(app.clone(), stop.clone()));
        tokio::spawn(booking_worker::hasten_recovered(app.clone(), stop.clone()));
        let works = matches!(role, Role::All | Role::Worker);
        let worker = works.then(|| Worker::start(&app, config.pools()));
        Ok(Self {
            app,
            server,
            worker,
            readiness,
        })
    }

    /// Readiness off, no work is taken any more; requests finish, then what has begun for their
    /// callers and in the pools.
    pub(crate) async fn stop(self, stop: &CancellationToken) {
        self.readiness.set_draining();
        stop.cancel();
        let until = Instant::now() + GRACE;
        let pools = async {
            match self.worker {
                Some(worker) => worker.stop(GRACE).await,
                None => true,
            }
        };
        let (served, worked) = tokio::join!(tokio::time::timeout(GRACE, self.server), pools);
        if served.is_err() {
            tracing::warn!("requests were cut off: they took too long");
        }
        let left = until.saturating_duration_since(Instant::now());
        if !worked || !self.app.drain(left.max(LAST_WAIT)).await {
            tracing::warn!("some work was still under way: it is taken up again after its lease");
        }
        tracing::info!("stopped");
    }
}

/// The API with everything it needs.
pub(crate) fn api(app: &Arc<Application>, config: &Config, readiness: &Readiness) -> Api {
    Api::new(state(app, config, readiness), voice(app, config))
}

/// What the handlers need.
fn state(app: &Arc<Application>, config: &Config, readiness: &Readiness) -> ApiState {
    let metrics = booking_telemetry::metrics::install();
    let upkeep = metrics.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(booking_telemetry::metrics::UPKEEP_INTERVAL);
        loop {
            ticks.tick().await;
            upkeep.upkeep();
        }
    });
    let settings = ApiSettings {
        rate_limit_per_second: config.rate_limit.per_second,
        deadline: Span::seconds(i64::from(config.deadline.http_seconds)),
        keep_answers: config.cache.in_process == Switch::On,
    };
    ApiState {
        app: app.clone(),
        settings,
        metrics: Arc::new(move || metrics.render()),
        readiness: readiness.clone(),
        ids: wiring::ids(),
    }
}

/// The routes of function calls.
fn voice(app: &Arc<Application>, config: &Config) -> axum::Router {
    booking_voice::router(VoiceState::new(
        app.clone(),
        VoiceSettings {
            deadline: Span::seconds(i64::from(config.deadline.voice_seconds)),
            handle_key: wiring::handle_key(config),
        },
    ))
}
