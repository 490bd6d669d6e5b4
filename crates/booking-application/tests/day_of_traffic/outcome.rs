//! What came of a day.

use std::fmt;

#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Outcome {
    reads: u64,
    hits: u64,
    pub(crate) changes: u64,
    /// How often Cal.com was asked for slots, by readers and to warm the cache.
    pub(crate) upstream: u64,
}

impl Outcome {
    pub(crate) fn read(&mut self, hit: bool) {
        self.reads += 1;
        self.hits += u64::from(hit);
    }

    pub(crate) fn hit_ratio(&self) -> f64 {
        self.hits as f64 / self.reads as f64
    }

    pub(crate) fn upstream_per_thousand(&self) -> f64 {
        1_000.0 * self.upstream as f64 / self.reads as f64
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ratio, upstream) = (self.hit_ratio(), self.upstream_per_thousand());
        let Self { reads, changes, .. } = self;
        write!(
            f,
            "{reads:>7} reads, {changes} changes: {ratio:.3} from the cache, \
             {upstream:>5.1} slot calls at Cal.com per 1000 reads"
        )
    }
}
