//! Waking the relay and the pools: of this process at once; of others, over the line, where this
//! process has none. Were all told of everything, each would ask the database in vain for what the
//! first has taken, and that for every booking.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use booking_domain::ports::{Queue, Wakeup, Wakeups};
use tokio::sync::Notify;

/// One waker for the relay and for each pool.
pub(crate) struct Wakers {
    outbox: Notify,
    queues: [Notify; Queue::ALL.len()],
    /// To other processes, where there may be any.
    line: Option<Arc<dyn Wakeups>>,
    /// This process has a relay and pools of its own.
    works_here: AtomicBool,
}

/// While it lives, work is done in this process.
struct Working<'a>(&'a AtomicBool);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Wakers {
    pub(crate) fn new(line: Option<Arc<dyn Wakeups>>) -> Self {
        Self {
            outbox: Notify::new(),
            queues: Default::default(),
            line,
            works_here: AtomicBool::new(false),
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

    /// Passes on what others tell, for ever. For processes that do the work.
    pub(crate) async fn pass_on(&self) {
        self.works_here.store(true, Ordering::Relaxed);
        let _working = Working(&self.works_here);
        let Some(line) = &self.line else {
            return std::future::pending().await;
        };
        loop {
            self.of(line.heard().await).notify_one();
        }
    }

    fn tell(&self, what: Wakeup) {
        self.of(what).notify_one();
        if let Some(line) = &self.line
            && !self.works_here.load(Ordering::Relaxed)
        {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use async_trait::async_trait;
    use futures_util::FutureExt;

    use super::*;

    #[derive(Default)]
    struct Told(AtomicU32);

    #[async_trait]
    impl Wakeups for Told {
        fn tell(&self, _: Wakeup) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        async fn heard(&self) -> Wakeup {
            std::future::pending().await
        }
    }

    /// Red when processes that work tell each other of everything, or one that does not keeps it
    /// to itself.
    #[tokio::test]
    async fn others_are_told_by_those_who_do_no_work() {
        let line = Arc::new(Told::default());
        let wakers = Wakers::new(Some(line.clone()));
        wakers.wake_relay();
        assert_eq!(line.0.load(Ordering::Relaxed), 1);
        {
            let mut working = std::pin::pin!(wakers.pass_on());
            assert_eq!((&mut working).now_or_never(), None);
            wakers.wake_relay();
            assert_eq!(line.0.load(Ordering::Relaxed), 1);
            wakers.woken(Wakeup::Outbox).await;
        }
        wakers.wake(Queue::CalcomSync);
        assert_eq!(line.0.load(Ordering::Relaxed), 2, "it has stopped working");
    }
}
