//! What clients were told, counted, and how long they waited for it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What clients were told.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// How long each answer took, by what was asked and answered.
    told: Mutex<BTreeMap<String, Vec<Duration>>>,
    unexpected: Mutex<Vec<String>>,
    over: AtomicBool,
}

impl Answers {
    pub(super) fn stop(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    pub(super) fn count(&self, what: &str, took: Duration) {
        let mut told = self.told();
        told.entry(what.to_owned()).or_default().push(took);
    }

    pub(super) fn was_unexpected(&self, text: String) {
        let mut all = self
            .unexpected
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.push(text);
    }

    /// Answers of any kind.
    pub(crate) fn total(&self) -> usize {
        self.told().values().map(Vec::len).sum()
    }

    /// Answers like `book 201` or ` 503`.
    pub(crate) fn like(&self, part: &str) -> usize {
        let told = self.told();
        let like = told.iter().filter(|(what, _)| what.contains(part));
        like.map(|(_, took)| took.len()).sum()
    }

    /// How long so many of a hundred answers like this took at most.
    pub(crate) fn percentile(&self, part: &str, hundredth: usize) -> Duration {
        let told = self.told();
        let like = told.iter().filter(|(what, _)| what.contains(part));
        let mut all: Vec<_> = like.flat_map(|(_, took)| took).copied().collect();
        all.sort_unstable();
        let at = (all.len() * hundredth / 100).min(all.len().saturating_sub(1));
        all.get(at).copied().unwrap_or_default()
    }

    pub(crate) fn nothing_unexpected(&self) -> anyhow::Result<()> {
        let unexpected = self
            .unexpected
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        anyhow::ensure!(unexpected.is_empty(), "unexpected answers: {unexpected:#?}");
        Ok(())
    }

    fn told(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Duration>>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answers:")?;
        let told = self.told();
        let counts = told.iter().map(|(what, took)| (what, took.len()));
        counts
            .into_iter()
            .try_for_each(|(what, n)| write!(f, " [{what}] {n}"))
    }
}
