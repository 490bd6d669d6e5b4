//! What came of a day.

use std::collections::HashMap;
use std::fmt;

use booking_domain::ids::EventTypeId;
use booking_domain::time::{Instant, Span};

use crate::calls::Causes;

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Outcome {
    lifetime: Span,
    reads: u64,
    hits: u64,
    /// Calls that nobody who keeps an answer no longer than that could do without.
    fewest: u64,
    /// When the last of these would have been made.
    renewed: HashMap<EventTypeId, Instant>,
    pub(crate) changes: u64,
    /// How often Cal.com was asked for slots, by readers and to warm the cache.
    pub(crate) calls: Causes,
}

impl Outcome {
    pub(crate) fn new(lifetime: Span) -> Self {
        Self {
            lifetime,
            reads: 0,
            hits: 0,
            fewest: 0,
            renewed: HashMap::new(),
            changes: 0,
            calls: Causes::default(),
        }
    }

    pub(crate) fn read(&mut self, event_type: EventTypeId, now: Instant, hit: bool) {
        self.reads += 1;
        self.hits += u64::from(hit);
        let last = self.renewed.get(&event_type);
        if last.is_none_or(|last| now >= *last + self.lifetime) {
            self.renewed.insert(event_type, now);
            self.fewest += 1;
        }
    }

    pub(crate) fn hit_ratio(&self) -> f64 {
        self.hits as f64 / self.reads as f64
    }

    pub(crate) fn calls_per_thousand(&self) -> f64 {
        self.per_thousand(self.calls.sum())
    }

    pub(crate) fn fewest_per_thousand(&self) -> f64 {
        self.per_thousand(self.fewest)
    }

    fn per_thousand(&self, calls: u64) -> f64 {
        1_000.0 * calls as f64 / self.reads as f64
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reads, changes, .. } = self;
        let (all, fewest) = (self.calls_per_thousand(), self.fewest_per_thousand());
        let Causes {
            unseen,
            expired,
            changed,
            warmed,
        } = self.calls;
        let [unseen, expired, changed, warmed] =
            [unseen, expired, changed, warmed].map(|calls| self.per_thousand(calls));
        write!(
            f,
            "{reads:>7} reads, {changes} changes: {:.3} from the cache; slot calls at Cal.com per \
             1000 reads {all:>5.1} (at least {fewest:.1}): expired {expired:.1}, changed \
             {changed:.1}, unseen {unseen:.1}, to warm {warmed:.1}",
            self.hit_ratio()
        )
    }
}
