//! Loops and pools around the application's one-pass jobs, and their orderly end.
//!
//! The relay, the reading of news and the mirror are loops: a pass, then on at once while there is work, else a wait.
//! Everything else is done by pools, one for each queue: so many pieces of work side by side and no
//! more, each on a task of its own. Both are woken when there is work, and look by themselves every
//! second in case nobody woke them. What fails or panics is logged and counted, and the rest goes
//! on.

mod looping;
mod pool;
mod recovery;
mod schedules;
mod warming;

use std::sync::Arc;
use std::time::Duration;

use booking_application::Application;
use booking_domain::ports::Queue;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use pool::Pools;
pub use recovery::hasten_recovered;
pub use warming::keep_caches_warm;

use crate::looping::{Loop, Pass};
use crate::pool::Pool;

/// How often everybody looks by themselves. Wake-ups make it quicker; this is the safety net.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The running loops and pools.
pub struct Worker {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Worker {
    /// Starts all loops and pools.
    pub fn start(app: &Arc<Application>, pools: Pools) -> Self {
        let worker = Self {
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        worker.relay_events(app.clone());
        worker.converge_news(app.clone());
        for queue in Queue::ALL {
            let pool = Pool {
                app: app.clone(),
                queue,
                permits: pools.of(queue),
                tasks: worker.tasks.clone(),
            };
            worker.tasks.spawn(pool.run(worker.stop.clone()));
        }
        let (app, stop) = (app.clone(), worker.stop.clone());
        worker
            .tasks
            .spawn(pool::count_jobs(app.clone(), stop.clone()));
        worker
            .tasks
            .spawn(schedules::fire(app.clone(), stop.clone()));
        worker.tasks.spawn(hear_others(app, stop));
        worker
    }

    /// Takes no more work and lets what has begun finish. `false` when some was still under way at
    /// the limit: it comes again when its lease is over.
    pub async fn stop(self, limit: Duration) -> bool {
        self.stop.cancel();
        self.tasks.close();
        tokio::time::timeout(limit, self.tasks.wait()).await.is_ok()
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
        self.tasks.spawn(looping.run(self.stop.clone()));
    }

    /// Reads at Cal.com what news came about. Nobody waits for it: it is not woken.
    fn converge_news(&self, app: Arc<Application>) {
        let looping = Loop {
            name: "converge_news",
            every: LOOK_EVERY,
            woken: std::future::pending,
            pass: move || {
                let app = app.clone();
                async move {
                    let report = app.converge_news().await?;
                    Ok(Pass::from_count(report.read))
                }
            },
        };
        self.tasks.spawn(looping.run(self.stop.clone()));
    }
}

/// Wakes the loops and pools of this process when another says that there is work.
async fn hear_others(app: Arc<Application>, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = app.pass_on_wakeups() => {}
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
