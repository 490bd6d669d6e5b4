//! Was an answer right? Only what the log decides is judged: where an operation ran at the same
//! time, either answer is allowed.

use std::time::Duration;

use super::log::{DayLog, Host, Moment, Quarters, Standing};

/// What a read said about one day of one service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) begin: Moment,
    pub(super) end: Moment,
    /// How long a slot is, in quarters of an hour.
    pub(super) length: u8,
    /// Starts of slots inside the opening hours about which the answer says whether they are free.
    pub(super) told: Quarters,
    /// Those it offers.
    pub(super) offered: Quarters,
}

/// What a team can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capacity<'a> {
    pub(super) hosts: &'a [Host],
    /// Cal.com's list shows changes late: a freed slot may be missing.
    pub(super) lags: bool,
}

/// The judgement of one answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Verdict {
    /// Slots for which one answer alone is right, because of an operation of ours.
    pub(super) decided: Quarters,
    /// Of these, by an operation that was acknowledged less than [`JUST`] before the read began.
    pub(super) just_decided: Quarters,
    /// Offered, and sold.
    pub(super) stale_free: Quarters,
    /// Free again, and not offered.
    pub(super) stale_busy: Quarters,
}

impl Verdict {
    pub(super) fn is_stale(&self) -> bool {
        self.stale_free.0 | self.stale_busy.0 != 0
    }
}

/// How short a time ago a change is the hard case.
pub(super) const JUST: Duration = Duration::from_millis(250);

/// What is known about a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Truth {
    /// Nobody has time, since then.
    Sold(Moment),
    /// Somebody has time: the last change was then, if there was any.
    Free(Option<Moment>),
    /// Something happened meanwhile.
    Open,
}

/// Holds an answer against the log.
pub(super) fn judge(log: &DayLog, team: Capacity<'_>, answer: &Answer) -> Verdict {
    let mut verdict = Verdict::default();
    let standings: Vec<_> = log
        .claims()
        .iter()
        .map(|claim| (claim.takes, claim.during(answer.begin, answer.end)))
        .collect();
    for start in (0..96).filter(|start| answer.told.has(*start)) {
        let slot = Quarters::from(start, answer.length);
        let over = standings.iter().filter(|(takes, _)| takes.overlaps(slot));
        let offered = answer.offered.has(start);
        let since = match truth(over.map(|(_, standing)| *standing), team.hosts) {
            Truth::Sold(since) => {
                if offered {
                    verdict.stale_free.add(start);
                }
                since
            }
            Truth::Free(Some(since)) if !team.lags => {
                if !offered {
                    verdict.stale_busy.add(start);
                }
                since
            }
            Truth::Free(_) | Truth::Open => continue,
        };
        verdict.decided.add(start);
        if since + JUST > answer.begin {
            verdict.just_decided.add(start);
        }
    }
    verdict
}

/// A slot is sold when everybody is certainly taken, and free when somebody certainly is not.
fn truth(over: impl Iterator<Item = Standing>, hosts: &[Host]) -> Truth {
    let (mut sold, mut last_sold) = (Vec::new(), Moment::ZERO);
    let (mut perhaps, mut strangers, mut last_gone) = (Vec::new(), 0, None);
    for standing in over {
        match standing {
            Standing::Certain(since, host) => {
                sold.push(host);
                last_sold = last_sold.max(since);
            }
            Standing::Possible(Some(host)) => perhaps.push(host),
            Standing::Possible(None) => strangers += 1,
            Standing::Absent(gone) => last_gone = last_gone.max(gone),
        }
    }
    let is_sold = |host: &&Host| sold.contains(*host);
    if hosts.iter().all(|host| is_sold(&host)) {
        return Truth::Sold(last_sold);
    }
    let is_idle = |host: &&Host| !sold.contains(*host) && !perhaps.contains(*host);
    if hosts.iter().filter(is_idle).count() > strangers {
        return Truth::Free(last_gone);
    }
    Truth::Open
}
