//! How often Cal.com was asked for slots, and why.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use booking_domain::ids::EventTypeId;
use booking_domain::ports::{Clock, SlotQuery};
use booking_domain::time::{Instant, Span, TimeRange};
use booking_test_support::clock::FixedClock;

/// How many calls there were, by what made them necessary.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Causes {
    /// Nothing fetched before covers the window.
    pub(crate) unseen: u64,
    /// What covers it is older than entries live.
    pub(crate) expired: u64,
    /// It is younger, and something has changed since.
    pub(crate) changed: u64,
    /// Nobody asked: an entry was to be warm.
    pub(crate) warmed: u64,
}

impl Causes {
    pub(crate) const fn sum(&self) -> u64 {
        self.unseen + self.expired + self.changed + self.warmed
    }
}

/// What was asked.
pub(crate) struct Calls {
    clock: Arc<FixedClock>,
    lifetime: Span,
    is_warming: AtomicBool,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// When each window was fetched last.
    fetched: HashMap<(EventTypeId, TimeRange), Instant>,
    causes: Causes,
}

impl Calls {
    pub(crate) fn new(clock: Arc<FixedClock>, lifetime: Span) -> Self {
        Self {
            clock,
            lifetime,
            is_warming: AtomicBool::new(false),
            seen: Mutex::default(),
        }
    }

    /// Whether the calls that follow are made for nobody.
    pub(crate) fn set_warming(&self, is_warming: bool) {
        self.is_warming.store(is_warming, Ordering::Relaxed);
    }

    pub(crate) fn note(&self, query: &SlotQuery) {
        let mut seen = self.locked();
        let covers = |(event_type, window): &(EventTypeId, TimeRange)| {
            *event_type == query.event_type && window.contains(&query.window)
        };
        let before = seen.fetched.iter().filter(|(of, _)| covers(of));
        let last = before.map(|(_, fetched_at)| *fetched_at).max();
        let now = self.clock.now();
        let causes = &mut seen.causes;
        let cause = match last {
            _ if self.is_warming.load(Ordering::Relaxed) => &mut causes.warmed,
            None => &mut causes.unseen,
            Some(last) if now >= last + self.lifetime => &mut causes.expired,
            Some(_) => &mut causes.changed,
        };
        *cause += 1;
        let of = (query.event_type, query.window);
        seen.fetched.insert(of, now);
    }

    pub(crate) fn causes(&self) -> Causes {
        self.locked().causes
    }

    fn locked(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
