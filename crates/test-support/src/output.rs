//! What a child process writes, kept line by line.

use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A child of the child may hold the output open for longer than anybody wants to wait.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);
const LINES_AT_THE_END: usize = 40;

/// Lines of several outputs, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    readers: Mutex<Vec<JoinHandle<()>>>,
}

impl Log {
    /// Collects from this output, too, until it ends.
    pub(crate) fn follow(&self, output: impl AsyncRead + Send + Unpin + 'static) {
        let lines = Arc::clone(&self.lines);
        let reader = tokio::spawn(async move {
            let mut output = BufReader::new(output).lines();
            while let Ok(Some(line)) = output.next_line().await {
                locked(&lines).push(line);
            }
        });
        locked(&self.readers).push(reader);
    }

    /// Waits until every output has ended. To be called after the process has, so that its last
    /// words are here.
    pub(crate) async fn drained(&self) {
        let readers = take(&mut *locked(&self.readers));
        for reader in readers {
            let _ = timeout(DRAIN_LIMIT, reader).await;
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        locked(&self.lines).clone()
    }

    /// The last lines, for an error message.
    pub(crate) fn end(&self) -> String {
        let lines = self.lines();
        lines[lines.len().saturating_sub(LINES_AT_THE_END)..].join("\n")
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn keeps_the_lines_of_all_outputs_and_shows_the_end() {
        let log = Log::default();
        log.follow(&b"one\ntwo\n"[..]);
        log.drained().await;
        log.follow(&b"three"[..]);
        log.drained().await;
        assert_eq!(log.lines(), ["one", "two", "three"]);
        assert_eq!(log.end(), "one\ntwo\nthree");
    }
}
