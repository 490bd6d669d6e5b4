//! What the calendar is told to do, call by call.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use booking_domain::appointment::RemoteBooking;
use booking_domain::ports::CalendarError;
use booking_domain::saga::Refusal;
use booking_domain::time::Instant;
use tokio::sync::Semaphore;

/// A method of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Call {
    Slots,
    Create,
    Reschedule,
    Cancel,
    Get,
    Find,
}

/// What a call does.
#[derive(Clone)]
pub(crate) enum Act {
    /// What it should.
    Do,
    /// Nothing, and says so.
    Refuse(Refusal),
    /// Nothing: it was never reached.
    NotExecuted,
    /// Nothing: Cal.com is to be left alone until then.
    HeldBack(Instant),
    /// Does it, and the answer is lost.
    DoUnheard,
    /// Does nothing, and the answer is lost.
    Lost,
    /// Does it, and says that it refuses.
    DoRefused(Refusal),
    /// Does it and tells the application by webhook, and says that it refuses.
    TellThenRefuse(Refusal),
    /// A move calls the old booking off and makes no new one, and the answer is lost.
    LoseIt,
    /// Does it and tells the application by webhook before it answers.
    TellFirst,
    /// Waits at the gate, then does it.
    HangThenDo(Gate),
    /// Waits at the gate, then was never reached.
    HangThenFail(Gate),
    /// Waits at the gate, then does nothing and says so.
    HangThenRefuse(Gate, Refusal),
    /// Does it (or reads), then waits at the gate before it answers.
    DoThenHang(Gate),
    /// Reads as if nothing had been booked yet.
    Lag,
    /// Makes nothing, and answers with this older booking.
    Answer(Box<RemoteBooking>),
}

/// A place where a call waits until the test lets it through.
#[derive(Clone)]
pub(crate) struct Gate(Arc<(Semaphore, Semaphore)>);

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Arc::new((Semaphore::new(0), Semaphore::new(0))))
    }

    /// Ends when a call waits here.
    pub(crate) async fn reached(&self) {
        let limit = Duration::from_secs(30);
        let waits = tokio::time::timeout(limit, self.0.0.acquire()).await;
        waits.expect("a call comes to the gate").unwrap().forget();
    }

    /// Lets one call through.
    pub(crate) fn open(&self) {
        self.0.1.add_permits(1);
    }

    pub(crate) async fn pass(&self) {
        self.0.0.add_permits(1);
        self.0.1.acquire().await.unwrap().forget();
    }
}

#[derive(Default)]
struct Lines {
    next: BTreeMap<Call, VecDeque<Act>>,
    always: BTreeMap<Call, Act>,
    calls: BTreeMap<Call, u32>,
}

/// The script, and how often each method was called.
#[derive(Default)]
pub(crate) struct Script(Mutex<Lines>);

impl Script {
    fn lines(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next call does this.
    pub(crate) fn next(&self, call: Call, act: Act) {
        self.lines().next.entry(call).or_default().push_back(act);
    }

    /// From now on every call for which nothing else is written does this.
    pub(crate) fn always(&self, call: Call, act: Act) {
        self.lines().always.insert(call, act);
    }

    /// How often it was called.
    pub(crate) fn calls(&self, call: Call) -> u32 {
        self.lines().calls.get(&call).copied().unwrap_or_default()
    }

    pub(crate) fn take(&self, call: Call) -> Act {
        let mut lines = self.lines();
        *lines.calls.entry(call).or_default() += 1;
        let next = lines.next.get_mut(&call).and_then(VecDeque::pop_front);
        next.or_else(|| lines.always.get(&call).cloned())
            .unwrap_or(Act::Do)
    }
}

pub(crate) fn not_executed() -> CalendarError {
    CalendarError::NotExecuted {
        reason: "connect",
        retry_at: None,
        tried: true,
    }
}

pub(crate) fn held_back(until: Instant) -> CalendarError {
    CalendarError::NotExecuted {
        reason: "self_limited",
        retry_at: Some(until),
        tried: false,
    }
}

pub(crate) fn ambiguous() -> CalendarError {
    CalendarError::Ambiguous {
        source: "the connection was cut".into(),
    }
}
