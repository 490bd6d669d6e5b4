//! A Cal.com for tests and demonstrations: API v2 over HTTP with signed webhooks, a booking page
//! for people, and faults on demand.
//!
//! ```no_run
//! # async fn demo() -> Result<(), booking_calcom_simulator::SimulatorError> {
//! use booking_calcom_simulator::{SimulatorOptions, World, start};
//!
//! let simulator = start(SimulatorOptions {
//!     listen: ([127, 0, 0, 1], 0).into(),
//!     seed: 1,
//!     world: World::demo(),
//!     log: false,
//! })
//! .await?;
//! let _base_url = simulator.base_url();
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! It believes everyone and protects nothing: bind it to a loopback address.

mod api;
mod clock;
mod contact;
mod control;
mod engine;
mod error;
mod error_text;
mod faults;
mod format;
mod pages;
mod rate_limit;
mod serve;
mod sim;
mod slots;
mod store;
mod webhooks;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use tokio::net::TcpListener;

use sim::Sim;
pub use world::{Account, EventType, Host, Scheduling, Settings, Webhook, Weekday, Window, World};

/// How long `stop` waits for requests and deliveries that are under way.
const GRACE: Duration = Duration::from_secs(5);

/// How to start a simulator.
#[derive(Debug, Clone)]
pub struct SimulatorOptions {
    /// Address to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Same seed, same ids.
    pub seed: u64,
    /// Who and what exists.
    pub world: World,
    /// Log every call at `info` (else at `debug`).
    pub log: bool,
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}. Stop the program that uses it, or choose another \
         address (port 0 picks a free one)"
    )]
    Listen {
        /// What was tried.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The set-up contradicts itself.
    #[error("the simulator's world is not usable: {0}. Correct the set-up and start again")]
    World(String),
    /// The HTTP client for webhooks could not be made.
    #[error("cannot prepare the webhook sender: {0}")]
    Client(#[source] reqwest::Error),
}

/// A simulator that is running. Dropping it stops it at once; [`Simulator::stop`] is kinder.
#[derive(Debug)]
pub struct Simulator {
    sim: Arc<Sim>,
    address: SocketAddr,
}

/// Binds, starts serving in the background, returns when it is listening.
///
/// # Errors
/// When the address is taken or the world is not usable; the text says what to do.
pub async fn start(options: SimulatorOptions) -> Result<Simulator, SimulatorError> {
    options.world.validate().map_err(SimulatorError::World)?;
    let listen = options.listen;
    let failed = |source| SimulatorError::Listen {
        address: listen,
        source,
    };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let sim = Sim::new(options.seed, options.world, options.log).map_err(SimulatorError::Client)?;
    let router = router(&sim);
    sim.tasks
        .spawn(serve::accept(listener, router, Arc::clone(&sim)));
    tracing::info!(%address, "the Cal.com simulator is listening");
    Ok(Simulator { sim, address })
}

fn router(sim: &Arc<Sim>) -> Router {
    Router::new()
        .route("/v2/{*rest}", any(api::handle))
        .merge(control::router())
        .merge(pages::router())
        .with_state(Arc::clone(sim))
}

impl Simulator {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client is configured with, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same routes for a caller in this process, without a connection.
    pub fn router(&self) -> Router {
        router(&self.sim)
    }

    /// Stops listening, lets running requests and deliveries end (a few seconds at most).
    pub async fn stop(self) {
        self.sim.stop.cancel();
        self.sim.tasks.close();
        if tokio::time::timeout(GRACE, self.sim.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("the simulator stopped with requests still under way");
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.sim.stop.cancel();
        self.sim.tasks.close();
    }
}
