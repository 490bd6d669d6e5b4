//! One loop: pass, then on at once or wait.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// What a pass found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pass {
    /// Work: there may be more.
    Busy,
    /// Nothing.
    Idle,
}

impl Pass {
    pub(crate) const fn from_count(done: u32) -> Self {
        if done == 0 { Self::Idle } else { Self::Busy }
    }
}

pub(crate) type PassError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct Loop<W, P> {
    pub(crate) name: &'static str,
    pub(crate) every: Duration,
    pub(crate) woken: W,
    pub(crate) pass: P,
}

impl<W, WF, P, PF> Loop<W, P>
where
    W: Fn() -> WF + Send + 'static,
    WF: Future<Output = ()> + Send,
    P: Fn() -> PF + Send + 'static,
    PF: Future<Output = Result<Pass, PassError>> + Send + 'static,
{
    pub(crate) async fn run(self, stop: CancellationToken) {
        // Seen as 0 from the start.
        self.count_failures(0);
        while !stop.is_cancelled() {
            // On a task of its own, so that a panic ends the pass and not the loop.
            let pass = tokio::spawn((self.pass)()).await;
            let found = match pass {
                Ok(Ok(found)) => found,
                Ok(Err(error)) => {
                    self.failed(&*error);
                    Pass::Idle
                }
                Err(panic) => {
                    self.failed(&panic);
                    Pass::Idle
                }
            };
            if found == Pass::Idle {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = (self.woken)() => {}
                    () = tokio::time::sleep(self.every) => {}
                }
            }
        }
    }

    fn count_failures(&self, failures: u64) {
        metrics::counter!("booking_worker_failures_total", "loop" => self.name).increment(failures);
    }

    fn failed(&self, error: &(dyn std::error::Error + 'static)) {
        self.count_failures(1);
        tracing::error!(error, worker = self.name, "a pass failed; the loop goes on");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_panic_or_an_error_does_not_end_the_loop() {
        let stop = CancellationToken::new();
        let passes = Arc::new(AtomicU32::new(0));
        let (counted, stopping) = (passes.clone(), stop.clone());
        let looping = Loop {
            name: "test",
            every: Duration::from_secs(1),
            woken: std::future::pending,
            pass: move || {
                let (pass, stop) = (counted.fetch_add(1, Ordering::SeqCst), stopping.clone());
                async move {
                    match pass {
                        0 => panic!("on purpose"),
                        1 => Err("on purpose".into()),
                        2 => Ok(Pass::Busy),
                        _ => {
                            stop.cancel();
                            Ok(Pass::Idle)
                        }
                    }
                }
            },
        };
        looping.run(stop).await;
        assert_eq!(passes.load(Ordering::SeqCst), 4);
    }
}
