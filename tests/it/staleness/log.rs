//! What was asked for and what was answered on one day of one team, with the times of both.

use std::time::Duration;

/// Time since the test began, on the one clock of the process that drives and records everything.
pub(super) type Moment = Duration;

/// A member of staff.
pub(super) type Host = i64;

/// Quarters of an hour of a day in local time, a bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Quarters(pub(super) u128);

impl Quarters {
    /// `length` quarters from `first` on.
    pub(super) const fn from(first: u8, length: u8) -> Self {
        Self(((1 << length) - 1) << first)
    }

    pub(super) const fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn has(self, quarter: u8) -> bool {
        self.0 >> quarter & 1 == 1
    }

    pub(super) const fn add(&mut self, quarter: u8) {
        self.0 |= 1 << quarter;
    }
}

/// A request for somebody's time: a booking, or the new time of a move.
#[derive(Debug)]
pub(super) struct Claim {
    number: usize,
    pub(super) takes: Quarters,
    asked: Moment,
    /// Acknowledged, with whom.
    granted: Option<(Moment, Host)>,
    /// Moves and cancellations that came to nothing: asked for and refused.
    doubts: Vec<(Moment, Moment)>,
    /// A move or cancellation was asked for that has not been refused.
    given_up: Option<Moment>,
    /// Never granted, or let go: acknowledged.
    pub(super) gone: Option<Moment>,
}

/// What a claim was while somebody read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// Acknowledged before, and nobody asked to end it before the answer came.
    Certain(Moment, Host),
    /// Perhaps there; with whom, if that is known.
    Possible(Option<Host>),
    /// Asked for later, or gone before; since when, if it ever was.
    Absent(Option<Moment>),
}

impl Claim {
    /// What it was to a read that began and ended then.
    pub(super) fn during(&self, begin: Moment, end: Moment) -> Standing {
        if self.asked >= end {
            return Standing::Absent(None);
        }
        if let Some(gone) = self.gone.filter(|gone| *gone < begin) {
            return Standing::Absent(Some(gone));
        }
        let doubted = |(from, to): &(Moment, Moment)| *from < end && *to > begin;
        let ending = self.given_up.is_some_and(|asked| asked < end);
        match self.granted.filter(|(at, _)| *at < begin) {
            Some((at, host)) if !ending && !self.doubts.iter().any(doubted) => {
                Standing::Certain(at, host)
            }
            known => Standing::Possible(known.map(|(_, host)| host)),
        }
    }
}

/// A day of a team.
#[derive(Debug, Default)]
pub(super) struct DayLog {
    claims: Vec<Claim>,
    asked: usize,
}

/// What has been gone for so long matters to no read any more: none lasts as long.
pub(super) const FORGET_AFTER: Duration = Duration::from_secs(20);

impl DayLog {
    pub(super) fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Somebody asks for this time. Note it before the request is sent.
    pub(super) fn ask(&mut self, takes: Quarters, now: Moment) -> usize {
        let old = |gone: Moment| gone + FORGET_AFTER < now;
        self.claims.retain(|claim| !claim.gone.is_some_and(old));
        self.asked += 1;
        self.claims.push(Claim {
            number: self.asked,
            takes,
            asked: now,
            granted: None,
            doubts: Vec::new(),
            given_up: None,
            gone: None,
        });
        self.asked
    }

    /// The request was granted. Note it after the answer has come; so with all that follow.
    pub(super) fn granted(&mut self, number: usize, host: Host, now: Moment) {
        self.change(number, |claim| claim.granted = Some((now, host)));
    }

    /// The request was refused, or what was granted has been let go.
    pub(super) fn gone(&mut self, number: usize, now: Moment) {
        self.change(number, |claim| claim.gone = Some(now));
    }

    /// Somebody asks to end it. Note it before the request is sent.
    pub(super) fn give_up(&mut self, number: usize, now: Moment) {
        self.change(number, |claim| claim.given_up = Some(now));
    }

    /// Ending it was refused.
    pub(super) fn kept(&mut self, number: usize, now: Moment) {
        self.change(number, |claim| {
            claim
                .doubts
                .extend(claim.given_up.take().map(|from| (from, now)));
        });
    }

    fn change(&mut self, number: usize, change: impl FnOnce(&mut Claim)) {
        let found = self.claims.iter_mut().find(|it| it.number == number);
        change(found.expect("whoever asked for it still has it"));
    }
}
