//! Log lines on their way out: one alone is written at once, and those that follow within
//! milliseconds are gathered, so that thousands a second are a few writes.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long a line may be gathered before it is written.
const PAUSE: Duration = Duration::from_millis(5);
/// So much is written before that.
const FULL: usize = 64 * 1024;

/// Where the lines of a process go. Cheap to clone; what is gathered is written when the last one
/// is dropped, or by [`flush`](Self::flush).
#[derive(Clone)]
pub(crate) struct Lines(Arc<Shared>);

struct Shared {
    gathered: Mutex<Gathered>,
    some: Condvar,
}

struct Gathered {
    bytes: Vec<u8>,
    written_at: Option<Instant>,
    to: Box<dyn Write + Send>,
}

/// For one line.
pub(crate) struct Line<'a> {
    lines: &'a Lines,
    at_once: bool,
}

impl Lines {
    /// Begins to write to `to`.
    ///
    /// # Errors
    /// When the thread that writes what is gathered cannot be started.
    pub(crate) fn new(to: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            gathered: Mutex::new(Gathered {
                bytes: Vec::new(),
                written_at: None,
                to: Box::new(to),
            }),
            some: Condvar::new(),
        });
        let gathering = Arc::downgrade(&shared);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write_what_is_gathered(&gathering))?;
        Ok(Self(shared))
    }

    /// Writes what is gathered.
    pub(crate) fn flush(&self) {
        self.0.locked().write();
    }
}

/// Ends when the lines are gone.
fn write_what_is_gathered(lines: &Weak<Shared>) {
    while let Some(shared) = lines.upgrade() {
        let waiting = shared.some.wait_timeout(shared.locked(), PAUSE * 100);
        let (gathered, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        if gathered.bytes.is_empty() {
            continue;
        }
        drop(gathered);
        thread::sleep(PAUSE);
        shared.locked().write();
    }
}

impl Shared {
    fn locked(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, line: &[u8], at_once: bool) {
        let mut gathered = self.locked();
        let is_first = gathered.bytes.is_empty();
        gathered.bytes.extend_from_slice(line);
        let is_alone = is_first && gathered.written_at.is_none_or(|at| at.elapsed() >= PAUSE);
        if at_once || is_alone || gathered.bytes.len() >= FULL {
            gathered.write();
        } else if is_first {
            self.some.notify_one();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let gathered = self.gathered.get_mut();
        gathered.unwrap_or_else(PoisonError::into_inner).write();
    }
}

impl Gathered {
    fn write(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        // A log that nobody can read is no reason to stop.
        let _ = self.to.write_all(&self.bytes);
        let _ = self.to.flush();
        self.bytes.clear();
        self.written_at = Some(Instant::now());
    }
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lines.0.take(bytes, self.at_once);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lines.flush();
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            lines: self,
            at_once: true,
        }
    }

    /// A warning may be the last that is heard of a process.
    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line<'a> {
        Line {
            lines: self,
            at_once: *meta.level() <= Level::WARN,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    struct Written(mpsc::Sender<String>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines() -> (Lines, mpsc::Receiver<String>) {
        let (to, written) = mpsc::channel();
        (Lines::new(Written(to)).unwrap(), written)
    }

    fn soon(written: &mpsc::Receiver<String>) -> String {
        written.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    /// Red when the first line waits for others, or those after it are forgotten or out of order.
    #[test]
    fn the_first_line_goes_out_and_the_others_follow_together() {
        let (lines, written) = lines();
        let text: String = (0..1_000).map(|n| format!("{n}\n")).collect();
        for line in text.split_inclusive('\n') {
            lines.0.take(line.as_bytes(), false);
        }
        assert_eq!(written.try_recv().unwrap(), "0\n");
        let mut all = "0\n".to_owned();
        let mut writes = 1;
        while all.len() < text.len() {
            all.push_str(&soon(&written));
            writes += 1;
        }
        assert_eq!(all, text);
        assert!(writes < 500, "{writes}");
    }

    /// Red when a warning is gathered, or overtakes what was gathered before it.
    #[test]
    fn what_is_urgent_takes_the_others_along() {
        let (lines, written) = lines();
        lines.0.take(b"first\n", false);
        lines.0.take(b"second\n", false);
        lines.0.take(b"warning\n", true);
        let all: String = written.try_iter().collect();
        assert_eq!(all, "first\nsecond\nwarning\n");
    }

    /// Red when what was gathered is lost at the end.
    #[test]
    fn nothing_is_lost_at_the_end() {
        for end in [drop, |lines: Lines| lines.flush()] {
            let (lines, written) = lines();
            lines.0.take(b"first\n", false);
            lines.0.take(b"last\n", false);
            end(lines);
            let mut all = String::new();
            while all != "first\nlast\n" {
                all.push_str(&soon(&written));
            }
        }
    }
}
