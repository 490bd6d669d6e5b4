//! `serve`: answer requests and do the work behind them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use booking_application::Application;
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

pub(crate) async fn run(file: Option<&Path>, role: Role) -> anyhow::Result<()> {
    let config = prepare(file)?;
    let listener = match role {
        Role::Worker => None,
        Role::All | Role::Web => Some(listen(&config.listen).await?),
    };
    if listener.is_some() {
        // Before anything is counted.
        booking_telemetry::metrics::install();
    }
    let app = wiring::build(&config).await?;
    let stop = CancellationToken::new();
    let signals = shutdown::Signals::listen();
    if listener.is_some() {
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
    server: Option<tokio::task::JoinHandle<()>>,
    worker: Option<Worker>,
    readiness: Readiness,
}

impl Running {
    pub(crate) fn start(
        app: Arc<Application>,
        config: &Config,
        (listener, role): (Option<TcpListener>, Role),
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let readiness = Readiness::default();
        let server = match listener {
            Some(listener) => {
                let address = listener.local_addr()?;
                let api = api(&app, config, &readiness)?;
                let asked = stop.clone().cancelled_owned();
                let serving = booking_http_api::serve(listener, api, asked);
                tracing::info!(%address, ?role, "the gateway answers");
                Some(tokio::spawn(serving))
            }
            None => {
                tracing::info!(?role, "the gateway works, and answers nowhere");
                None
            }
        };
        tokio::spawn(booking_worker::keep_mirror_young(app.clone(), stop.clone()));
        let worker = matches!(role, Role::All | Role::Worker).then(|| Worker::start(&app));
        Ok(Self {
            server,
            worker,
            readiness,
        })
    }

    /// Readiness off, requests finish, loops finish their pass.
    pub(crate) async fn stop(self, stop: &CancellationToken) {
        self.readiness.set_draining();
        stop.cancel();
        if let Some(server) = self.server
            && tokio::time::timeout(GRACE, server).await.is_err()
        {
            tracing::warn!("requests were cut off: they took too long");
        }
        if let Some(worker) = self.worker
            && !worker.stop(GRACE).await
        {
            tracing::warn!("some work was still under way: it is taken up again after its lease");
        }
        tracing::info!("stopped");
    }
}

/// The API with everything it needs.
pub(crate) fn api(
    app: &Arc<Application>,
    config: &Config,
    readiness: &Readiness,
) -> anyhow::Result<Api> {
    let metrics = booking_telemetry::metrics::install();
    let upkeep = metrics.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(booking_telemetry::metrics::UPKEEP_INTERVAL);
        loop {
            ticks.tick().await;
            upkeep.upkeep();
        }
    });
    let seconds = |n: u32| booking_domain::time::Span::seconds(i64::from(n));
    let voice = booking_voice::router(VoiceState::new(
        app.clone(),
        VoiceSettings {
            deadline: seconds(config.deadline.voice_seconds),
            handle_key: wiring::handle_key(config),
        },
    ));
    let settings = ApiSettings {
        rate_limit_per_second: config.rate_limit.per_second,
        deadline: seconds(config.deadline.http_seconds),
        keep_answers: config.cache.in_process == Switch::On,
    };
    let state = ApiState {
        app: app.clone(),
        settings,
        metrics: Arc::new(move || metrics.render()),
        readiness: readiness.clone(),
        ids: wiring::ids(),
    };
    Ok(Api::new(state, voice))
}
