//! One pool: takes work of its queue, never more than it has permits for, and does each piece on a
//! task of its own, so that a slow one holds up nobody.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use booking_application::Application;
use booking_application::jobs::Work;
use booking_domain::ports::Queue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::LOOK_EVERY;

/// How many pieces of work are done side by side, for every queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pools {
    /// What is said to Cal.com.
    pub calcom_sync: NonZeroU32,
    /// Messages.
    pub notifications: NonZeroU32,
    /// Listeners that are told later.
    pub listeners: NonZeroU32,
    /// Upkeep.
    pub maintenance: NonZeroU32,
}

impl Default for Pools {
    fn default() -> Self {
        const fn permits(n: u32) -> NonZeroU32 {
            NonZeroU32::new(n).expect("not zero")
        }
        Self {
            calcom_sync: permits(5),
            notifications: permits(3),
            listeners: permits(2),
            maintenance: permits(1),
        }
    }
}

impl Pools {
    pub(crate) const fn of(&self, queue: Queue) -> u32 {
        match queue {
            Queue::CalcomSync => self.calcom_sync.get(),
            Queue::Notifications => self.notifications.get(),
            Queue::Listeners => self.listeners.get(),
            Queue::Maintenance => self.maintenance.get(),
        }
    }
}

/// The worker's pool for one queue.
pub(crate) struct Pool {
    pub(crate) app: Arc<Application>,
    pub(crate) queue: Queue,
    pub(crate) permits: u32,
    /// What is begun, so that the end can wait for it.
    pub(crate) tasks: TaskTracker,
}

impl Pool {
    /// Takes work until it is to stop. What has begun goes on.
    pub(crate) async fn run(self, stop: CancellationToken) {
        self.count_failures(0);
        let permits = Arc::new(Semaphore::new(self.permits as usize));
        while let Some(free) = free(&permits, &stop).await {
            let wanted = free.num_permits() as u32;
            let taken = self.take(free, &stop).await;
            if taken == wanted {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.app.work_filed(self.queue) => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Takes as much work as there are permits, and begins it; how much there was.
    async fn take(&self, mut free: OwnedSemaphorePermit, stop: &CancellationToken) -> u32 {
        let work = match self
            .app
            .take_work(self.queue, free.num_permits() as u32)
            .await
        {
            Ok(work) => work,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, queue = self.queue.as_str(), "no work could be taken");
                self.count_failures(1);
                return 0;
            }
        };
        let taken = work.len() as u32;
        for one in work {
            if stop.is_cancelled() {
                self.hand_back(one).await;
            } else if let Some(permit) = free.split(1) {
                self.begin(one, permit);
            }
        }
        taken
    }

    fn begin(&self, work: Work, permit: OwnedSemaphorePermit) {
        let (app, queue) = (self.app.clone(), self.queue);
        self.tasks.spawn(async move {
            // On a task of its own, so that a panic gives its permit back all the same.
            let done = tokio::spawn(async move { app.do_work(work).await }).await;
            if let Err(panic) = done {
                tracing::error!(%panic, queue = queue.as_str(), "a piece of work ended badly");
            }
            drop(permit);
        });
    }

    async fn hand_back(&self, work: Work) {
        if let Err(error) = self.app.hand_back(work).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "work that was not begun comes again after its lease");
        }
    }

    fn count_failures(&self, failures: u64) {
        let name = self.queue.as_str();
        metrics::counter!("booking_worker_failures_total", "loop" => name).increment(failures);
    }
}

/// All permits that are free, at least one; none when it is to stop.
async fn free(permits: &Arc<Semaphore>, stop: &CancellationToken) -> Option<OwnedSemaphorePermit> {
    let mut free = tokio::select! {
        biased;
        () = stop.cancelled() => return None,
        free = permits.clone().acquire_owned() => free.ok()?,
    };
    while let Ok(more) = permits.clone().try_acquire_owned() {
        free.merge(more);
    }
    Some(free)
}

/// So often what should not be there is counted.
const COUNT_EVERY: Duration = Duration::from_secs(15);

/// Keeps `booking_jobs_dead` and its like up to date.
pub(crate) async fn count_jobs(app: Arc<Application>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = app.count_jobs().await {
            tracing::debug!(%error, "the jobs could not be counted");
        }
        if let Err(error) = app.count_backlog().await {
            tracing::debug!(%error, "what should not be there could not be counted");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(COUNT_EVERY) => {}
        }
    }
}
