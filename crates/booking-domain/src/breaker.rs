//! A circuit breaker as a pure state machine: it lets calls through, or says when to ask again.
//!
//! Closed, it counts failures in a row. Enough of them open it: nothing is let through for a while.
//! Then a few probes at a time may go (half open); enough successes close it, one failure opens it
//! again. What a call brings home counts only in the state in which it was let through: a late
//! answer from before says nothing about now.

use std::collections::VecDeque;

use crate::time::{Instant, Span};

/// When it opens, for how long, and what closes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BreakerPolicy {
    /// So many failures in a row open it.
    pub failures: u32,
    /// How long nothing is let through.
    pub open_for: Span,
    /// So many successes of probes close it.
    pub successes: u32,
    /// So many probes may be under way at once.
    pub probes: u32,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures: 5,
            open_for: Span::seconds(60),
            successes: 2,
            probes: 1,
        }
    }
}

/// Whether calls are let through.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BreakerState {
    /// All are.
    Closed,
    /// A few are, to see how it goes.
    HalfOpen,
    /// None is.
    Open,
}

impl BreakerState {
    /// The word for it in answers and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

/// What a call says about whoever was called.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CallOutcome {
    /// Somebody answers, be it with a refusal.
    Success,
    /// Nobody does, or nothing that can be understood.
    Failure,
    /// Nothing: it was not made, nobody waited for its end, or it came too often.
    Neutral,
}

/// Whether a call may be made.
#[derive(PartialEq, Eq, Debug)]
pub enum Admission {
    /// It may; give the permit back with what came of it.
    Go(Permit),
    /// It may not.
    Rejected {
        /// When to ask again.
        retry_at: Instant,
    },
}

/// The right to make one call. Give it back, or a probe's place stays taken.
#[must_use]
#[derive(PartialEq, Eq, Debug)]
pub struct Permit {
    epoch: u64,
}

/// The breaker of one account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breaker {
    policy: BreakerPolicy,
    phase: Phase,
    /// Failures since the last success that counted.
    failures: u32,
    opened_at: Option<Instant>,
    /// Grows with every transition: tells late answers from those that count.
    epoch: u64,
    /// Those of the last hour, and older ones until somebody looks.
    transitions: VecDeque<Instant>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Phase {
    Closed,
    Open { until: Instant },
    HalfOpen { out: u32, successes: u32 },
}

/// Whoever finds all probes under way asks again so soon.
const NEXT_PROBE: Span = Span::seconds(1);

impl Breaker {
    /// A closed one.
    pub const fn new(policy: BreakerPolicy) -> Self {
        Self {
            policy,
            phase: Phase::Closed,
            failures: 0,
            opened_at: None,
            epoch: 0,
            transitions: VecDeque::new(),
        }
    }

    /// Asks to make a call. Half opens a breaker that has been open for long enough.
    pub fn admit(&mut self, now: Instant) -> Admission {
        if let Phase::Open { until } = self.phase {
            if now < until {
                return Admission::Rejected { retry_at: until };
            }
            let (out, successes) = (0, 0);
            self.enter(Phase::HalfOpen { out, successes }, now);
        }
        if let Phase::HalfOpen { out, .. } = &mut self.phase {
            if *out >= self.policy.probes {
                let retry_at = now + NEXT_PROBE;
                return Admission::Rejected { retry_at };
            }
            *out += 1;
        }
        Admission::Go(Permit { epoch: self.epoch })
    }

    /// Gives a permit back with what came of the call.
    pub fn settle(&mut self, permit: Permit, outcome: CallOutcome, now: Instant) {
        let Permit { epoch } = permit;
        if epoch != self.epoch {
            return;
        }
        if let Phase::HalfOpen { out, .. } = &mut self.phase {
            *out = out.saturating_sub(1);
        }
        match outcome {
            CallOutcome::Success => self.succeeded(now),
            CallOutcome::Failure => self.failed(now),
            CallOutcome::Neutral => {}
        }
    }

    /// Gives a permit back unused, or when nobody waited for the end of the call.
    pub fn abandon(&mut self, permit: Permit, now: Instant) {
        self.settle(permit, CallOutcome::Neutral, now);
    }

    fn succeeded(&mut self, now: Instant) {
        if let Phase::HalfOpen { successes, .. } = &mut self.phase {
            *successes += 1;
            if *successes < self.policy.successes {
                return;
            }
            self.opened_at = None;
            self.enter(Phase::Closed, now);
        }
        self.failures = 0;
    }

    fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        let is_probe = matches!(self.phase, Phase::HalfOpen { .. });
        if is_probe || self.failures >= self.policy.failures {
            let until = now + self.policy.open_for;
            self.opened_at = Some(now);
            self.enter(Phase::Open { until }, now);
        }
    }

    fn enter(&mut self, phase: Phase, now: Instant) {
        self.phase = phase;
        self.epoch += 1;
        self.forget_transitions(now);
        self.transitions.push_back(now);
    }

    fn forget_transitions(&mut self, now: Instant) {
        let is_old = |at: &Instant| *at <= now - Span::HOUR;
        while self.transitions.front().is_some_and(is_old) {
            self.transitions.pop_front();
        }
    }

    /// Whether calls are let through. One that is open stays so until somebody asks to call.
    pub const fn state(&self) -> BreakerState {
        match self.phase {
            Phase::Closed => BreakerState::Closed,
            Phase::Open { .. } => BreakerState::Open,
            Phase::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// How it stands, for people.
    pub fn view(&self, now: Instant) -> BreakerView {
        let recent = |at: &&Instant| **at > now - Span::HOUR;
        BreakerView {
            state: self.state(),
            failures: self.failures,
            opened_at: self.opened_at,
            transitions_last_hour: self.transitions.iter().filter(recent).count() as u32,
        }
    }
}

/// How a breaker stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BreakerView {
    /// Whether calls are let through.
    pub state: BreakerState,
    /// Failures since the last success that counted.
    pub failures: u32,
    /// When it opened last; `None` while it is closed.
    pub opened_at: Option<Instant>,
    /// How often it has opened, half opened and closed.
    pub transitions_last_hour: u32,
}

#[cfg(test)]
mod tests;
