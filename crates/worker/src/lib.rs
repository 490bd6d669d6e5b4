//! Loops around the application's one-pass jobs, and their orderly end.
//!
//! A job is a function that does one pass and reports; here it becomes a loop that goes on at once
//! while there is work, waits to be woken or for the next look otherwise, and stops between two
//! passes. A pass that fails or panics is logged and counted, and the loop goes on.

mod looping;
mod warming;

use std::sync::Arc;
use std::time::Duration;

use booking_application::Application;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use warming::keep_caches_warm;

use crate::looping::{Loop, Pass};

/// How often each loop looks by itself. Wake-ups make it quicker; this is the safety net.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The running loops.
pub struct Worker {
    stop: CancellationToken,
    loops: TaskTracker,
}

impl Worker {
    /// Starts all loops.
    pub fn start(app: &Arc<Application>) -> Self {
        let worker = Self {
            stop: CancellationToken::new(),
            loops: TaskTracker::new(),
        };
        worker.relay_events(app.clone());
        worker.drive_sagas(app.clone());
        worker.loops.close();
        worker
    }

    /// Lets every loop finish its pass. `false` when some were still busy at the limit: what they
    /// had leased comes back by itself.
    pub async fn stop(self, limit: Duration) -> bool {
        self.stop.cancel();
        tokio::time::timeout(limit, self.loops.wait()).await.is_ok()
    }

    fn relay_events(&self, app: Arc<Application>) {
        let waker = app.clone();
        let looping = Loop {
            name: "relay_events",
            every: LOOK_EVERY,
            woken: move || {
                let app = waker.clone();
                async move { app.outbox_filled().await }
            },
            pass: move || {
                let app = app.clone();
                async move {
                    let report = app.relay_events().await?;
                    Ok(Pass::from_count(report.delivered))
                }
            },
        };
        self.loops.spawn(looping.run(self.stop.clone()));
    }

    fn drive_sagas(&self, app: Arc<Application>) {
        let looping = Loop {
            name: "drive_sagas",
            every: LOOK_EVERY,
            woken: std::future::pending,
            pass: move || {
                let app = app.clone();
                async move {
                    let report = app.drive_sagas().await?;
                    Ok(Pass::from_count(report.driven))
                }
            },
        };
        self.loops.spawn(looping.run(self.stop.clone()));
    }
}

/// Keeps the version mirror young, so that what is judged by it without asking (keys, set-up) is
/// at most about a second old. Runs wherever requests are answered.
pub async fn keep_mirror_young(app: Arc<Application>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {
                // A store that does not answer shows in readiness; here it is no news.
                let _ = app.is_ready().await;
            }
        }
    }
}
