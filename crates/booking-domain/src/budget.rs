//! How often an account may be called: a limit over any sixty seconds, of which the less urgent
//! may use less, so that a booking never waits for anything else.

use std::collections::VecDeque;

use crate::time::{Instant, Span};

/// Why a call is made, the most urgent first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Priority {
    /// To make, move or cancel a booking.
    Booking,
    /// To find out what became of one.
    LookUp,
    /// Somebody waits to hear what is free.
    Read,
    /// Nobody waits.
    Warming,
}

impl Priority {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Booking, Self::LookUp, Self::Read, Self::Warming];

    /// The word for it in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booking => "booking",
            Self::LookUp => "look_up",
            Self::Read => "read",
            Self::Warming => "warming",
        }
    }

    /// So much of a limit it may use, together with all other calls.
    pub const fn percent(self) -> u32 {
        match self {
            Self::Booking => 100,
            Self::LookUp => 90,
            Self::Read => 80,
            Self::Warming => 25,
        }
    }

    /// With so many calls made of a limit, whatever for, no other may follow.
    pub fn share_of(self, limit: u32) -> u32 {
        let share = u64::from(limit) * u64::from(self.percent()) / 100;
        u32::try_from(share).unwrap_or(limit).max(1)
    }
}

/// What the called side says about its own limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Remaining {
    /// So many more calls it will take …
    pub calls: u32,
    /// … until then.
    pub until: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Left {
    calls: u32,
    until: Instant,
    /// As many as there were when it was first heard: what the shares are of.
    of: u32,
}

/// The calls of one account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Budget {
    limit: u32,
    /// Those of the last sixty seconds, the oldest first.
    calls: VecDeque<Instant>,
    /// What the other side last said, counted down.
    remaining: Option<Left>,
    /// Nothing goes before.
    paused_until: Option<Instant>,
}

impl Budget {
    /// The length of time the limit is about.
    pub const WINDOW: Span = Span::MINUTE;

    /// So many calls in any sixty seconds.
    pub const fn new(limit: u32) -> Self {
        Self {
            limit,
            calls: VecDeque::new(),
            remaining: None,
            paused_until: None,
        }
    }

    /// Counts a call in, or says when to ask again.
    pub fn take(&mut self, priority: Priority, now: Instant) -> Result<(), Instant> {
        self.forget(now);
        if let Some(until) = self.paused_until {
            return Err(until);
        }
        let share = priority.share_of(self.limit);
        let used = self.calls.len();
        if let Some(too_many) = used.checked_sub(share as usize) {
            return Err(self.calls[too_many] + Self::WINDOW);
        }
        if let Some(remaining) = &mut self.remaining {
            let reserve = remaining.of.saturating_sub(priority.share_of(remaining.of));
            if remaining.calls <= reserve {
                return Err(remaining.until);
            }
            remaining.calls -= 1;
        }
        self.calls.push_back(now);
        Ok(())
    }

    /// Counts a call in that somebody else has allowed.
    pub fn count(&mut self, now: Instant) {
        self.forget(now);
        self.calls.push_back(now);
    }

    /// Takes in what the other side says: it can only make the budget smaller.
    pub fn lower(&mut self, said: Remaining, now: Instant) {
        self.forget(now);
        let until = said.until.min(now + Self::WINDOW);
        match &mut self.remaining {
            Some(known) => known.calls = known.calls.min(said.calls),
            None if until > now => {
                let (calls, of) = (said.calls, said.calls.min(self.limit));
                self.remaining = Some(Left { calls, until, of });
            }
            None => {}
        }
    }

    /// Lets nothing through before.
    pub fn pause(&mut self, until: Instant) {
        self.paused_until = self.paused_until.max(Some(until));
    }

    /// Drops what is over, and what cannot be: a clock that was put back must not hold up calls.
    fn forget(&mut self, now: Instant) {
        let counts = |at: &Instant| *at > now - Self::WINDOW && *at <= now + Self::WINDOW;
        self.calls.retain(counts);
        self.remaining = self.remaining.filter(|it| it.until > now);
        self.paused_until = self.paused_until.filter(|until| *until > now);
    }
}

#[cfg(test)]
mod tests;
