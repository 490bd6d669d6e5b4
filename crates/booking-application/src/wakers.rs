//! Waking the relay and the pools: of this process at once, of others over the line.

use std::sync::Arc;

use booking_domain::ports::{Queue, Wakeup, Wakeups};
use tokio::sync::Notify;

/// One waker for the relay and for each pool.
pub(crate) struct Wakers {
    outbox: Notify,
    queues: [Notify; Queue::ALL.len()],
    /// To other processes, where there may be any.
    line: Option<Arc<dyn Wakeups>>,
}

impl Wakers {
    pub(crate) fn new(line: Option<Arc<dyn Wakeups>>) -> Self {
        Self {
            outbox: Notify::new(),
            queues: Default::default(),
            line,
        }
    }

    /// There is work in a queue.
    pub(crate) fn wake(&self, queue: Queue) {
        self.tell(Wakeup::Queue(queue));
    }

    /// There are events in the outbox.
    pub(crate) fn wake_relay(&self) {
        self.tell(Wakeup::Outbox);
    }

    /// Ends when something was told to this one.
    pub(crate) async fn woken(&self, what: Wakeup) {
        self.of(what).notified().await;
    }

    /// Passes on what others tell, for ever.
    pub(crate) async fn pass_on(&self) {
        let Some(line) = &self.line else {
            return std::future::pending().await;
        };
        loop {
            self.of(line.heard().await).notify_one();
        }
    }

    fn tell(&self, what: Wakeup) {
        self.of(what).notify_one();
        if let Some(line) = &self.line {
            line.tell(what);
        }
    }

    const fn of(&self, what: Wakeup) -> &Notify {
        match what {
            Wakeup::Outbox => &self.outbox,
            Wakeup::Queue(queue) => &self.queues[queue as usize],
        }
    }
}
