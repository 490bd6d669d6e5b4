//! What happened, in numbers, and the first wrong answers in full.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters, read while others count.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) reads: Count,
    pub(super) decidable: Count,
    pub(super) just_decided: Count,
    pub(super) hits: Count,
    pub(super) fetched: Count,
    pub(super) alternatives: Count,
    pub(super) no_answer: Count,
    pub(super) bookings: Count,
    pub(super) moves: Count,
    pub(super) cancellations: Count,
    pub(super) refused: Count,
    pub(super) unclear: Count,
    pub(super) faults: Count,
    pub(super) upstream: Count,
    pub(super) stale_free: Count,
    pub(super) stale_busy: Count,
    stories: Mutex<Vec<String>>,
}

#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

const MOST_STORIES: usize = 5;

impl Tally {
    pub(super) fn stale(&self) -> u64 {
        self.stale_free.get() + self.stale_busy.get()
    }

    /// Keeps the story of a wrong answer, if it is among the first.
    pub(super) fn tell(&self, story: String) {
        let mut stories = self.stories.lock().expect("nobody panics while telling");
        if stories.len() < MOST_STORIES {
            stories.push(story);
        }
    }

    pub(super) fn stories(&self) -> String {
        let stories = self.stories.lock().expect("nobody panics while telling");
        stories.join("\n\n")
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [free, busy] = [&self.stale_free, &self.stale_busy].map(Count::get);
        let [decidable, reads, just] =
            [&self.decidable, &self.reads, &self.just_decided].map(Count::get);
        write!(
            f,
            "staleness: {free} stale-free, {busy} stale-busy in {decidable} decidable of {reads} reads, \
             {just} of them decided by a change just before; "
        )?;
        let others = [
            (&self.hits, "from the cache"),
            (&self.fetched, "fetched"),
            (&self.alternatives, "alternatives"),
            (&self.no_answer, "without an answer"),
            (&self.upstream, "slot calls at Cal.com"),
            (&self.bookings, "bookings"),
            (&self.moves, "moves"),
            (&self.cancellations, "cancellations"),
            (&self.refused, "refused"),
            (&self.unclear, "unclear"),
            (&self.faults, "faults"),
        ];
        let others = others.map(|(count, what)| format!("{} {what}", count.get()));
        f.write_str(&others.join(", "))
    }
}
