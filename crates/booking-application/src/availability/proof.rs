//! What an answer depends on: while that holds, the answer given before is still the answer, and
//! whoever kept it may give it again without making it anew.

use booking_domain::availability::Stamp;
use booking_domain::ids::{CompanyId, GroupId};
use booking_domain::time::{DayRange, Instant, Span, TimeRange};

use super::figures::Layer;
use crate::Application;

/// What an answer depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The versions it was found under.
    pub stamp: Stamp,
    company: CompanyId,
    group: GroupId,
    days: DayRange,
    setup_version: i64,
    /// The entry it was cut from expires, or its first slot begins.
    ends_at: Instant,
}

impl Proof {
    /// Of an answer cut from an entry of these days, under a set-up read after `setup_version`.
    pub(crate) fn new(
        (company, group): (CompanyId, GroupId),
        days: DayRange,
        stamp: Stamp,
        setup_version: i64,
        (expires_at, slots): (Instant, &[TimeRange]),
    ) -> Self {
        // A slot is offered up to the moment it begins.
        let first = slots
            .iter()
            .map(|slot| slot.start() + Span::MICROSECOND)
            .min();
        let ends_at = first.map_or(expires_at, |first| first.min(expires_at));
        Self {
            stamp,
            company,
            group,
            days,
            setup_version,
            ends_at,
        }
    }

    /// When it ends of itself, if nothing changes before.
    pub const fn ends_at(&self) -> Instant {
        self.ends_at
    }
}

impl Application {
    /// Whether an answer given before is still the answer for a request that begins now. Counts as
    /// a hit if it is.
    pub async fn still_holds(&self, proof: &Proof) -> bool {
        let versions = &self.deps.store.versions;
        let holds = versions.refresh().await.is_ok()
            && self.now() < proof.ends_at
            && versions.setup_version(proof.company) == proof.setup_version
            && versions.stamp(proof.company, proof.group, proof.days) == proof.stamp;
        if holds {
            self.figures.hit(proof.company, Layer::Days, self.now());
        }
        holds
    }
}
