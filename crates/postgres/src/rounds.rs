//! Rounds of shared work: whoever joins waits for a round that begins after they came, and those
//! who come while one runs share the next.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// To join rounds. Cheap to clone; the runner is told when the last one is gone.
#[derive(Clone)]
pub(crate) struct Rounds(Arc<Handle>);

struct Handle(Arc<Shared>);

/// To run rounds. Once it is gone, whoever joins is refused.
pub(crate) struct Runner(Arc<Shared>);

struct Shared {
    /// The round that begins next: the one to wait for.
    next: AtomicU64,
    finished: AtomicU64,
    succeeded: AtomicU64,
    /// Why the last failure was one.
    failure: Mutex<String>,
    somebody_waits: AtomicBool,
    over: AtomicBool,
    asked: Notify,
    done: Notify,
}

impl Rounds {
    pub(crate) fn new() -> (Self, Runner) {
        let shared = Arc::new(Shared {
            next: AtomicU64::new(1),
            finished: AtomicU64::new(0),
            succeeded: AtomicU64::new(0),
            failure: Mutex::default(),
            somebody_waits: AtomicBool::new(false),
            over: AtomicBool::new(false),
            asked: Notify::new(),
            done: Notify::new(),
        });
        (Self(Arc::new(Handle(shared.clone()))), Runner(shared))
    }

    /// Waits for the end of a round that begins after this call.
    pub(crate) async fn join(&self) -> Result<(), String> {
        let shared = &*self.0.0;
        // Read before the runner is told: the round it begins then is this one or a later one.
        let mine = shared.next.load(SeqCst);
        if !shared.somebody_waits.swap(true, SeqCst) {
            shared.asked.notify_one();
        }
        loop {
            let done = shared.done.notified();
            if shared.succeeded.load(SeqCst) >= mine {
                return Ok(());
            }
            if shared.finished.load(SeqCst) >= mine {
                let failure = shared.failure.lock();
                return Err(failure.unwrap_or_else(PoisonError::into_inner).clone());
            }
            if shared.over.load(SeqCst) {
                return Err("it has stopped".to_owned());
            }
            done.await;
        }
    }
}

impl Runner {
    /// Waits until somebody joins, and begins a round; false once nobody can join any more.
    pub(crate) async fn begin(&mut self) -> bool {
        while !self.0.somebody_waits.swap(false, SeqCst) {
            if self.0.over.load(SeqCst) {
                return false;
            }
            self.0.asked.notified().await;
        }
        self.0.next.fetch_add(1, SeqCst);
        true
    }

    /// Ends the round that was begun.
    pub(crate) fn end(&mut self, outcome: Result<(), String>) {
        let round = self.0.next.load(SeqCst) - 1;
        match outcome {
            Ok(()) => self.0.succeeded.store(round, SeqCst),
            Err(why) => {
                *self
                    .0
                    .failure
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = why;
            }
        }
        self.0.finished.store(round, SeqCst);
        self.0.done.notify_waiters();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.over.store(true, SeqCst);
        self.0.asked.notify_one();
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.0.over.store(true, SeqCst);
        self.0.done.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use super::*;

    async fn is_pending(future: &mut (impl Future + Unpin)) -> bool {
        poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx).is_pending())).await
    }

    /// Red when who comes while a round runs is served by its end.
    #[tokio::test]
    async fn who_comes_while_a_round_runs_waits_for_the_next() {
        let (rounds, mut runner) = Rounds::new();
        let mut early = pin!(rounds.join());
        assert!(is_pending(&mut early).await);
        assert!(runner.begin().await);
        let mut late = pin!(rounds.join());
        assert!(is_pending(&mut late).await);
        runner.end(Ok(()));
        assert_eq!(early.await, Ok(()));
        assert!(is_pending(&mut late).await);
        assert!(runner.begin().await);
        runner.end(Ok(()));
        assert_eq!(late.await, Ok(()));
    }

    /// Red when a failure is kept from those who waited for it, or outlives its round.
    #[tokio::test]
    async fn a_failure_is_that_of_its_round() {
        let (rounds, mut runner) = Rounds::new();
        for outcome in [Err("no answer".to_owned()), Ok(())] {
            let mut reader = pin!(rounds.join());
            assert!(is_pending(&mut reader).await);
            assert!(runner.begin().await);
            runner.end(outcome.clone());
            assert_eq!(reader.await, outcome);
        }
    }

    /// Red when a runner goes on without readers, or readers wait for a runner that is gone.
    #[tokio::test]
    async fn each_side_hears_that_the_other_is_gone() {
        let (rounds, mut runner) = Rounds::new();
        let other = rounds.clone();
        drop(rounds);
        let mut reader = pin!(other.join());
        assert!(is_pending(&mut reader).await);
        assert!(runner.begin().await);
        drop(runner);
        assert_eq!(reader.await, Err("it has stopped".to_owned()));

        let (rounds, mut runner) = Rounds::new();
        drop(rounds);
        assert!(!runner.begin().await);
    }

    /// Thousands of readers on several threads, each of which saw a number before it joined: the
    /// round that served it has seen at least that number.
    ///
    /// Red when a round is begun before its number is taken, or a reader is forgotten.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_round_sees_what_happened_before_its_readers_came() {
        let (rounds, mut runner) = Rounds::new();
        let (truth, seen) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let run = {
            let (truth, seen) = (truth.clone(), seen.clone());
            tokio::spawn(async move {
                while runner.begin().await {
                    seen.store(truth.load(SeqCst), SeqCst);
                    tokio::task::yield_now().await;
                    runner.end(Ok(()));
                }
            })
        };
        let readers = (0..16).map(|_| {
            let (rounds, truth, seen) = (rounds.clone(), truth.clone(), seen.clone());
            tokio::spawn(async move {
                for _ in 0..500 {
                    let before = truth.fetch_add(1, SeqCst) + 1;
                    rounds.join().await.unwrap();
                    assert!(seen.load(SeqCst) >= before);
                }
            })
        });
        for reader in readers.collect::<Vec<_>>() {
            reader.await.unwrap();
        }
        drop(rounds);
        run.await.unwrap();
    }
}
